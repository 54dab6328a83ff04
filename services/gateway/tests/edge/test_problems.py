"""Whatever is wrong with a request, the answer is a problem with a stable code."""

import json
from types import SimpleNamespace
from typing import Annotated, Any, cast

import httpx
import pytest
from fastapi import APIRouter, Query, WebSocket
from fastapi.testclient import TestClient
from starlette.responses import StreamingResponse
from starlette.testclient import WebSocketDenialResponse
from structlog.testing import capture_logs

from uchat_gateway.domain.addresses import Origins, TrustedProxies
from uchat_gateway.doors.application import build_app
from uchat_gateway.doors.edge import Door, Guards
from uchat_gateway.doors.models import Body
from uchat_gateway.doors.problems import problems
from uchat_gateway.doors.security import PUBLIC, requires
from uchat_gateway.settings import GatewaySettings
from uchat_platform.errors import ConflictError, RateLimitedError, UnavailableError

CANARY = "sqlite3.OperationalError near line 7"


class Note(Body):
    """A body."""

    text: str
    tags: list[str] = []


def routes() -> APIRouter:
    router = APIRouter(dependencies=[requires(PUBLIC)])

    @router.post("/notes/{name}", responses=problems(409))
    async def add(name: str, body: Note, limit: Annotated[int, Query(ge=1)] = 1) -> Note:
        return body

    @router.get("/taken")
    async def taken() -> None:
        raise ConflictError("It is taken", code="name_taken")

    @router.get("/busy")
    async def busy() -> None:
        raise RateLimitedError("Slowly", retry_after_s=2.2)

    @router.get("/away")
    async def away() -> None:
        raise UnavailableError("The database is away")

    @router.get("/broken")
    async def broken() -> None:
        raise RuntimeError(CANARY)

    @router.get("/stream")
    async def stream() -> StreamingResponse:
        async def chunks():
            yield b"one"
            yield b"two"

        return StreamingResponse(chunks())

    @router.websocket("/ws")
    async def refuse(websocket: WebSocket) -> None:
        await busy()

    return router


@pytest.fixture
def app():
    guards = Guards(
        access=cast("Any", None),
        limiter=cast("Any", None),
        tickets=cast("Any", None),
        proxies=TrustedProxies(),
        origins=Origins(),
    )
    deps = SimpleNamespace(settings=GatewaySettings(), guards=guards)
    return build_app(cast("Any", deps), [Door("test", routes())])


@pytest.fixture
async def http(app):
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


def told(answer):
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert {"type", "title", "status", "detail", "code"} <= set(problem)
    return answer.status_code, problem["code"]


JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"text": "a"', (400, "invalid_json")),
        (b"", (422, "validation_failed")),
        (b"nonsense", (400, "invalid_json")),
        (b"[" * 50_000, (400, "invalid_json")),
        (b'{"text": 1}', (422, "validation_failed")),
        (b'{"text": "a", "role": "admin"}', (422, "validation_failed")),
        (b'{"txet": "a"}', (422, "validation_failed")),
        (b'{"text": "a\\u0000b"}', (400, "invalid_text")),
        (b'{"a\\u0000": "b"}', (400, "invalid_text")),
        (b'{"text": "a", "tags": ["\\u0000"]}', (400, "invalid_text")),
        (b'{"text": "\x00"}', (400, "invalid_text")),
        (b'{"text": "\\ud800"}', (400, "invalid_text")),
        (b'{"text": "\\uDFFF tail"}', (400, "invalid_text")),
        (b'{"text": "\\\\\\u0000"}', (400, "invalid_text")),
        (b'{"text": "\xed\xa0\x80"}', (400, "invalid_text")),
        (b'{"text": "\xff"}', (400, "invalid_text")),
        (b'{"text": "' + b"a" * 65_536 + b'"}', (413, "payload_too_large")),
    ],
)
async def test_a_bad_body(http, body, expected):
    assert told(await http.post("/notes/n", content=body, headers=JSON)) == expected


@pytest.mark.parametrize(
    "text", ["plain", "\\u0000", "😀", 'tab\tquote"', "\\ud800 spelt out", "\\\\u0000"]
)
@pytest.mark.parametrize("ascii_only", [True, False])
async def test_good_text_comes_through_as_it_is(http, text, ascii_only):
    body = json.dumps({"text": text}, ensure_ascii=ascii_only).encode()
    answer = await http.post("/notes/n", content=body, headers=JSON)
    assert (answer.status_code, answer.json()["text"]) == (200, text)


async def test_a_body_without_a_length_is_cut_off_at_the_limit(http):
    sent = 0

    async def endless():
        nonlocal sent
        while sent < 10_000_000:
            sent += 4096
            yield b"a" * 4096

    answer = await http.post("/notes/n", content=endless(), headers=JSON)
    assert told(answer) == (413, "payload_too_large")
    assert sent < 1_200_000


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_above_the_limit_is_taken_before_it_is_refused(http, declared):
    """Whoever still writes, as a proxy does, would see a broken connection and no answer."""
    sent = 0

    async def body():
        nonlocal sent
        for _ in range(50):
            sent += 4096
            yield b"a" * 4096

    length = {"Content-Length": str(50 * 4096)} if declared else {}
    answer = await http.post("/notes/n", content=body(), headers=JSON | length)
    assert told(answer) == (413, "payload_too_large")
    assert sent == 50 * 4096


async def test_a_body_far_above_the_limit_is_not_read(http):
    sent = 0

    async def body():
        nonlocal sent
        while sent < 10_000_000:
            sent += 4096
            yield b"a" * 4096

    length = {"Content-Length": "10002432"}
    answer = await http.post("/notes/n", content=body(), headers=JSON | length)
    assert told(answer) == (413, "payload_too_large")
    assert sent < 100_000


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/nowhere", (404, "not_found")),
        ("GET", "/notes/n", (405, "method_not_allowed")),
        ("DELETE", "/taken", (405, "method_not_allowed")),
        ("GET", "/taken", (409, "name_taken")),
        ("POST", "/notes/a%00b", (400, "invalid_text")),
        ("POST", "/notes/%ED%A0%80", (400, "invalid_text")),
        ("POST", "/notes/n?limit=%00", (400, "invalid_text")),
        ("POST", "/notes/n?limit=%FF", (400, "invalid_text")),
        ("POST", "/notes/n?limit=0", (422, "validation_failed")),
        ("POST", "/notes/n?limit=one", (422, "validation_failed")),
    ],
)
async def test_a_bad_address(http, method, path, expected):
    body = {"content": b'{"text": "a"}', "headers": JSON} if method == "POST" else {}
    assert told(await http.request(method, path, **body)) == expected


async def test_what_is_wrong_is_named_without_repeating_it(http):
    answer = await http.post("/notes/n", json={"text": {"secret": "hunter2"}})
    assert answer.json()["errors"] == [
        {"field": "body.text", "code": "string_type", "detail": "Input should be a valid string"}
    ]
    assert "hunter2" not in answer.text


async def test_who_has_to_wait_is_told_how_long(http):
    busy, away = await http.get("/busy"), await http.get("/away")
    assert told(busy) == (429, "rate_limited")
    assert busy.headers["retry-after"] == "3"
    assert told(away) == (503, "unavailable")
    assert away.headers["retry-after"] == "1"


async def test_a_fault_of_ours_says_nothing_of_our_insides(http):
    with capture_logs() as lines:
        answer = await http.get("/broken")
    assert [line["exc_info"] for line in lines if line["event"] == "request_crashed"] == [True]
    assert told(answer) == (500, "internal_error")
    assert "sqlite3" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_streams_pass(http):
    assert (await http.get("/stream")).content == b"onetwo"


def test_the_document_names_every_status(app):
    document = app.openapi()
    operation = document["paths"]["/notes/{name}"]["post"]
    assert set(operation["responses"]) == {"200", "400", "409", "413", "422", "500", "503"}
    for status, response in operation["responses"].items():
        if status != "200":
            assert set(response["content"]) == {"application/problem+json"}
    assert "Problem" in document["components"]["schemas"]
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_a_websocket_that_may_not_open_is_refused_with_the_same_problem(app):
    with TestClient(app) as client, pytest.raises(WebSocketDenialResponse) as refused:
        client.websocket_connect("/ws").__enter__()
    assert told(refused.value) == (429, "rate_limited")
    assert refused.value.headers["retry-after"] == "3"
