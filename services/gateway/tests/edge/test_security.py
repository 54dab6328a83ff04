"""Every route declares what it requires, and gets exactly that."""

from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from fastapi import APIRouter, FastAPI, WebSocket
from starlette.routing import Mount, Route
from structlog.testing import capture_logs

from uchat_gateway.domain.addresses import Origins, TrustedProxies
from uchat_gateway.domain.permissions import Permission, Role, may
from uchat_gateway.doors.application import build_app
from uchat_gateway.doors.edge import Deps, Door, Guards
from uchat_gateway.doors.security import (
    PUBLIC,
    CurrentActor,
    UndeclaredRouteError,
    requires,
    requires_in_hello,
)
from uchat_gateway.ports.access import Principal
from uchat_gateway.service.access import Access
from uchat_gateway.settings import GatewaySettings
from uchat_platform.auth import Actor
from uchat_platform.clock import SystemClock
from uchat_platform.errors import UnauthenticatedError
from uchat_platform.logging import hashed

FAR = 4_000_000_000


class RoleTokens:
    """Takes a role's name for a token."""

    def verify(self, token: str) -> Principal:
        if token not in [*Role]:
            raise UnauthenticatedError("The token is not valid", code="token_invalid")
        return Principal(Actor("user_1", frozenset({token})), "sid_1", FAR)


def app_of(*routers: APIRouter, **settings: Any) -> FastAPI:
    guards = Guards(
        access=Access(RoleTokens(), SystemClock()),
        limiter=cast("Any", None),
        tickets=cast("Any", None),
        proxies=TrustedProxies(),
        origins=Origins(),
    )
    deps = cast("Deps", SimpleNamespace(settings=GatewaySettings(**settings), guards=guards))
    return build_app(deps, [Door("test", router) for router in routers])


async def nothing() -> dict[str, str]:
    return {}


async def socket(websocket: WebSocket) -> None:
    await websocket.close()


def undeclared_http(router: APIRouter) -> None:
    router.get("/a")(nothing)


def undeclared_websocket(router: APIRouter) -> None:
    router.websocket("/a")(socket)


def undeclared_among_others(router: APIRouter) -> None:
    router.get("/a", dependencies=[requires(PUBLIC)])(nothing)
    inner = APIRouter()
    inner.post("/b")(nothing)
    router.include_router(inner, prefix="/deep")


def undeclared_plain_route(router: APIRouter) -> None:
    router.routes.append(Route("/a", lambda request: None))


def undeclared_mount(router: APIRouter) -> None:
    router.routes.append(Mount("/a", app=FastAPI()))


@pytest.mark.parametrize(
    "add",
    [
        undeclared_http,
        undeclared_websocket,
        undeclared_among_others,
        undeclared_plain_route,
        undeclared_mount,
    ],
)
def test_a_route_that_declares_nothing_stops_the_start(add):
    router = APIRouter()
    add(router)
    with pytest.raises(UndeclaredRouteError, match="declares nothing"):
        app_of(router)


def test_a_declaration_counts_on_the_route_its_router_or_the_router_around_it():
    router, inner = APIRouter(), APIRouter()
    router.get("/a", dependencies=[requires(PUBLIC)])(nothing)
    router.websocket("/b", dependencies=[requires_in_hello(Permission.CHAT_READ)])(socket)
    inner.get("/c")(nothing)
    inner.websocket("/d")(socket)
    router.include_router(inner, dependencies=[requires(Permission.CHAT_READ)])
    app_of(router)


@pytest.mark.parametrize("role", [*Role])
@pytest.mark.parametrize("permission", [*Permission])
async def test_a_role_reaches_the_routes_of_its_permissions_and_no_other(role, permission):
    router = APIRouter()

    @router.get("/a", dependencies=[requires(permission)])
    async def read(actor: CurrentActor) -> dict[str, str]:
        return {"person": actor.person_id}

    async with client_of(app_of(router)) as http:
        answer = await http.get("/a", headers={"Authorization": f"Bearer {role.value}"})
    if may([role], permission):
        assert (answer.status_code, answer.json()) == (200, {"person": "user_1"})
    else:
        assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "token_missing"),
        ("", "token_missing"),
        ("trader", "token_missing"),
        ("Basic trader", "token_missing"),
        ("Bearer ", "token_missing"),
        ("Bearer nobody", "token_invalid"),
    ],
)
async def test_without_a_good_token_there_is_a_challenge(header, code):
    router = APIRouter(dependencies=[requires(Permission.CHAT_READ)])
    router.get("/a")(nothing)
    async with client_of(app_of(router)) as http:
        answer = await http.get("/a", headers={} if header is None else {"Authorization": header})
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert answer.headers["www-authenticate"] == "Bearer"


def client_of(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


async def test_only_listed_origins_get_cors():
    router = APIRouter(dependencies=[requires(PUBLIC)])
    router.get("/a")(nothing)
    async with client_of(app_of(router, allowed_origins="https://app.example")) as http:
        good = await http.get("/a", headers={"Origin": "https://app.example"})
        bad = await http.get("/a", headers={"Origin": "https://evil.example"})
    assert good.headers["access-control-allow-origin"] == "https://app.example"
    assert "access-control-allow-origin" not in bad.headers


async def test_every_answer_carries_safe_headers_and_its_trace():
    router = APIRouter(dependencies=[requires(PUBLIC)])
    router.get("/a")(nothing)
    trace = "0af7651916cd43dd8448eb211c80319c"
    async with client_of(app_of(router, **PRODUCTION)) as http:
        for path in ("/a", "/missing"):
            headers = {"traceparent": f"00-{trace}-b7ad6b7169203331-01"}
            answer = await http.get(path, headers=headers)
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["x-frame-options"] == "DENY"
            assert "default-src 'none'" in answer.headers["content-security-policy"]
            assert "max-age=" in answer.headers["strict-transport-security"]
            assert answer.headers["x-request-id"] == trace
            assert "server" not in answer.headers


async def test_one_log_line_says_what_was_asked_and_repeats_nothing_secret():
    router, inner = APIRouter(prefix="/deep"), APIRouter()

    @inner.get("/{session_id}", dependencies=[requires(Permission.CHAT_READ)])
    async def read(session_id: str) -> dict[str, str]:
        return {}

    router.include_router(inner)
    with capture_logs() as lines:
        async with client_of(app_of(router)) as http:
            headers = {"Authorization": "Bearer trader"}
            await http.get("/deep/unified_1?ticket=canary", headers=headers)
    (line,) = (line for line in lines if line["event"] == "http_request")
    assert line["route"] == "/deep/{session_id}"
    assert (line["method"], line["status"], line["interface_type"]) == ("GET", 200, "api")
    assert line["session_id"] == "unified_1"
    assert line["user_id"] == hashed("user_1")
    assert line["processing_time"] > 0
    assert "canary" not in str(lines)
    assert "trader" not in str(lines)


PRODUCTION = {
    "environment": "production",
    "nkey_seed_file": "seed",
    "service_keys_file": "keys",
    "postgres_dsn": "postgresql://u:p@127.0.0.1/x",
}
