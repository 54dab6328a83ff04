"""Bad input gets problem JSON with a stable code, or its close code, and never a server error."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from tests.e2e.test_conversation import socket
from tests.support.api import CHAT, Api
from tests.support.live import SUBPROTOCOL, ClosedError

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]
NOBODYS = "unified_01JD0000000000000000000000"

CASES: dict[str, tuple[int, str, dict[str, Any]]] = {
    "no token": (401, "token_missing", {"token": ""}),
    "bad token": (401, "token_invalid", {"token": "abc.def.ghi"}),
    "nobody's conversation": (404, "not_found", {"session_id": NOBODYS}),
    "no such id": (422, "validation_failed", {"session_id": "../etc/passwd"}),
    "70 KB": (413, "payload_too_large", {"message": "x" * 70_000}),
    "an empty message": (422, "validation_failed", {"message": ""}),
    "an unknown field": (422, "validation_failed", {"colour": "red"}),
    "a number for text": (422, "validation_failed", {"message": 7}),
    "no JSON": (400, "invalid_json", {"raw": b'{"message": "x"'}),
    "NUL": (400, "invalid_text", {"message": "a\0b"}),
    "a lone surrogate": (400, "invalid_text", {"raw": b'{"message": "a\\ud800b"}'}),
    "no UTF-8": (400, "invalid_text", {"raw": b'{"message": "\xff\xfe"}'}),
}


@pytest.mark.parametrize("case", CASES)
async def test_a_bad_request_gets_a_problem(case: str, person: Api):
    status, code, change = CASES[case]
    body: dict[str, Any] = {"session_id": person.home, "message": "hello", "wait": False}
    body |= {k: v for k, v in change.items() if k not in ("token", "raw")}
    raw = change.get("raw", json.dumps(body).encode())
    asking = Api(person.http, person.base, change.get("token", person.token))
    headers = {"Content-Type": "application/json"}
    answer = await asking.request("POST", f"{CHAT}/message", data=raw, headers=headers)
    assert (answer.status, answer.code) == (status, code), answer.body
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert {"type", "title", "status", "detail", "code"} <= set(answer.body)
    assert await person.history(person.home, after=1) == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "history/{log}"),
        ("GET", "session/{log}"),
        ("GET", "session/{log}/events"),
        ("PATCH", "session/{log}"),
        ("DELETE", "session/{log}"),
        ("POST", "message"),
    ],
)
async def test_someone_elses_conversation_is_not_there(
    method: str, path: str, person: Api, stranger: Api
):
    body = {"title": "mine"} if method == "PATCH" else None
    if method == "POST":
        body = {"session_id": person.home, "message": "mine", "wait": False}
    url = f"{CHAT}/{path}".format(log=person.home)
    answer = await stranger.request(method, url, json=body)
    assert (answer.status, answer.code) == (404, "not_found")
    assert [e["type"] for e in await person.history(person.home)] == ["session.created"]


async def test_someone_elses_conversation_cannot_be_followed(person: Api, stranger: Api):
    spying = socket(stranger, person.home, "spy")
    frames: list[dict[str, Any]] = []
    spying.on_frame = frames.append
    try:
        await spying.connect()
        await spying.say(person.home, "c-1", "intrude")
        await spying.until(lambda: any(f["t"] in ("error", "ack") for f in frames))
    except ClosedError:
        pass
    code = await spying.wait_closed(1.0)
    errors = [f for f in frames if f["t"] == "error"]
    assert code == 4504 or any(e["code"] == "not_found" for e in errors)
    assert not any(f["t"] in ("sub_ok", "ev") and f["log"] == person.home for f in frames)
    await spying.close()
    assert [e["type"] for e in await person.history(person.home)] == ["session.created"]


async def test_a_plain_person_may_not_administrate(person: Api):
    answer = await person.request("GET", "/api/v1/admin/users")
    assert answer.status in (403, 404)


async def _closed_after(person: Api, *frames: str | bytes) -> int | None:
    url = person.base.replace("http", "ws", 1) + f"{CHAT}/ws"
    async with person.http.ws_connect(url, protocols=(SUBPROTOCOL,)) as ws:
        for frame in frames:
            if isinstance(frame, bytes):
                await ws.send_bytes(frame)
            else:
                await ws.send_str(frame)
        async with asyncio.timeout(8):
            while not ws.closed:
                message = await ws.receive()
                if message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED):
                    break
        return ws.close_code


async def test_bad_frames_close_the_socket_with_their_code(person: Api):
    hello = {"t": "hello", "v": 1, "token": person.token, "subs": []}
    said = json.dumps(hello)
    assert await _closed_after(person, "{not json") == 4500
    assert await _closed_after(person, said, "[1, 2]") == 4500
    assert await _closed_after(person, said, b"\x00\x01") == 4500
    assert await _closed_after(person, said, '{"t":"pong","x":"' + "x" * 70_000 + '"}') == 4500
    assert await _closed_after(person, json.dumps(hello | {"token": "bad"})) == 4501
    assert await _closed_after(person, json.dumps(hello | {"v": 99})) == 4506
    assert await _closed_after(person) == 4003


async def test_a_frame_that_does_not_fit_is_refused_and_an_unknown_one_ignored(person: Api):
    refused: list[dict[str, Any]] = []
    client = socket(person, person.home, "odd")
    client.on_frame = lambda frame: refused.append(frame) if frame["t"] == "error" else None
    async with client:
        await client.send({"t": "from_the_future", "x": 1})
        await client.send({"t": "send", "log": 7, "client_msg_id": "c-0"})
        await client.until(lambda: bool(refused))
        assert (refused[0]["re"], refused[0]["retryable"]) == ("c-0", False)
        await client.say(person.home, "c-1", "hello", colour="red")
        await client.until(lambda: client.views[person.home].seq >= 2)


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b"])
async def test_text_that_is_none_is_refused_on_the_socket(text: str, person: Api):
    frames: list[dict[str, Any]] = []
    client = socket(person, person.home, "odd")
    client.on_frame = frames.append
    async with client:
        frame = {"t": "send", "log": person.home, "client_msg_id": "c-1"}
        raw = json.dumps(frame | {"parts": [{"type": "text", "text": text}]})
        await client.send_raw(raw)
        await client.until(lambda: any(f["t"] in ("ack", "error") for f in frames))
        refusal = next(f for f in frames if f["t"] in ("ack", "error"))
        assert (refusal["re"], refusal["code"]) == ("c-1", "invalid_frame")
    assert [e["type"] for e in await person.history(person.home)] == ["session.created"]
