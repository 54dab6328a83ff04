"""How a gateway stops, and how gateways learn of each other's sign-outs."""

import asyncio
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from fastapi import APIRouter

from uchat_gateway.doors.application import build_app
from uchat_gateway.doors.edge import Door
from uchat_gateway.doors.security import PUBLIC, requires
from uchat_gateway.handlers.server import listen, make_server, serve_until
from uchat_gateway.settings import GatewaySettings
from uchat_platform.embedded.ports import free_port
from uchat_platform.errors import UnavailableError
from uchat_platform.testing import eventually


def bearer(tokens):
    return {"Authorization": f"Bearer {tokens['access_token']}"}


@pytest.mark.integration
async def test_a_sign_out_on_one_gateway_is_known_on_the_other_within_a_second(
    settings, gateway, start_gateway
):
    other = await start_gateway(settings)
    tokens = await gateway.guest()
    assert (await other.me(tokens)).status_code == 200
    signed_out = asyncio.get_running_loop().time()
    await gateway.http.post("/api/v1/auth/logout", headers=bearer(tokens))

    async def is_refused():
        return (await other.me(tokens)).status_code == 401

    await eventually(is_refused, timeout_s=1)
    assert asyncio.get_running_loop().time() - signed_out < 1


@pytest.mark.integration
async def test_it_is_known_also_when_the_bus_lost_it(
    settings, gateway, start_gateway, nats_control
):
    other = await start_gateway(settings)
    tokens = await gateway.guest()
    assert (await other.me(tokens)).status_code == 200
    nats_control.pause()
    await gateway.http.post("/api/v1/auth/logout", headers=bearer(tokens))

    async def is_refused():
        return (await other.me(tokens)).json().get("code") == "token_revoked"

    await eventually(is_refused, timeout_s=3)


@pytest.mark.integration
async def test_a_gateway_that_starts_later_knows_of_earlier_sign_outs(
    settings, gateway, start_gateway
):
    tokens = await gateway.guest()
    await gateway.http.post("/api/v1/auth/logout", headers=bearer(tokens))
    later = await start_gateway(settings)
    assert (await later.me(tokens)).json()["code"] == "token_revoked"


@pytest.mark.integration
async def test_a_gateway_told_to_stop_ends_without_an_error(gateway):
    await gateway.guest()
    await gateway.stop()
    assert gateway.task.exception() is None
    with pytest.raises(httpx.ConnectError):
        await gateway.http.get("/livez")


class Slow:
    """A door whose requests last until they are let go, and which tells that it drains."""

    def __init__(self):
        self.started, self.go, self.draining = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.drained = asyncio.Event()
        router = APIRouter(dependencies=[requires(PUBLIC)])

        @router.get("/slow")
        async def slow() -> dict[str, bool]:
            self.started.set()
            await self.go.wait()
            return {"done": True}

        self.door = Door("slow", router, drain=self.drain)

    async def drain(self) -> None:
        self.draining.set()
        await self.drained.wait()


async def run(door, stop, settings):
    deps = cast("Any", SimpleNamespace(settings=settings, guards=None))
    app = build_app(deps, [door])
    listener = listen("127.0.0.1", settings.port)
    await serve_until(make_server(app, settings), listener, stop, door.drain, settings)


async def test_a_request_in_flight_is_answered_before_the_server_ends():
    slow, stop = Slow(), asyncio.Event()
    settings = GatewaySettings(port=free_port(), drain_pause=0)
    running = asyncio.create_task(run(slow.door, stop, settings))
    async with httpx.AsyncClient(trust_env=False) as http:
        url = f"http://127.0.0.1:{settings.port}"

        async def ask():
            try:
                return await http.get(f"{url}/slow")
            except httpx.ConnectError:
                return None

        async def first():
            answer = asyncio.create_task(ask())
            await asyncio.wait(
                (answer, asyncio.ensure_future(slow.started.wait())),
                return_when=asyncio.FIRST_COMPLETED,
            )
            return answer if slow.started.is_set() else None

        answer = await eventually(first)
        stop.set()
        await slow.draining.wait()
        assert (await http.get(f"{url}/missing")).status_code == 404
        slow.drained.set()
        slow.go.set()
        assert (await answer).json() == {"done": True}
        await running


async def test_a_drain_that_hangs_is_cut_short():
    slow, stop = Slow(), asyncio.Event()
    settings = GatewaySettings(port=free_port(), drain_pause=0, drain_timeout=0.05)
    stop.set()
    await run(slow.door, stop, settings)
    assert slow.draining.is_set()


def failing_door(turns):
    @asynccontextmanager
    async def lifespan():
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(fail())
            yield

    async def fail():
        for _ in range(turns):
            await asyncio.sleep(0)
        raise RuntimeError("broken")

    return Door("broken", APIRouter(), lifespan)


@pytest.mark.parametrize("turns", [0, 1000])
async def test_background_work_that_fails_ends_the_server(turns):
    settings = GatewaySettings(port=free_port(), drain_pause=0)
    with pytest.raises(UnavailableError) as failed:
        await run(failing_door(turns), asyncio.Event(), settings)
    assert failed.value.code == "server_failed"


async def test_a_taken_port_is_said_to_be_taken():
    taken = listen("127.0.0.1", free_port())
    taken.listen()
    with pytest.raises(UnavailableError) as refused:
        listen("127.0.0.1", taken.getsockname()[1])
    assert refused.value.code == "port_taken"
    taken.close()
