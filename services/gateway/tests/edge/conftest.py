"""The gateway's edge on real servers; people come from a small loopback sessions service."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

import uchat_gateway
from uchat_contracts.ids import new_conversation_id, new_person_id
from uchat_contracts.rpc.sessions.v1 import sessions_pb2, sessions_pb2_grpc
from uchat_gateway.app import serve
from uchat_gateway.settings import GatewaySettings
from uchat_platform import rpc
from uchat_platform.auth import ActorVerifier
from uchat_platform.embedded.ports import free_port
from uchat_platform.health import Health
from uchat_platform.process import ProcessContext
from uchat_platform.testing import Servers, eventually
from uchat_platform.testing.fixtures import FreshDatabase

MIGRATIONS = Path(uchat_gateway.__file__).parent / "migrations" / "versions"


class People(sessions_pb2_grpc.SessionsServicer):
    """Names each account's person once."""

    def __init__(self):
        self.known: dict[str, str] = {}

    async def ResolveIdentity(self, request, context):
        """Return the person behind an account."""
        person = self.known.setdefault(request.external_id, new_person_id())
        return sessions_pb2.Person(person_id=person, home_session_id=new_conversation_id())

    async def GetHeads(self, request, context):
        """Return no heads."""
        return sessions_pb2.GetHeadsResponse(epoch="e1")


@pytest.fixture
async def people_addr(servers: Servers) -> AsyncGenerator[str]:
    descriptor = sessions_pb2.DESCRIPTOR.services_by_name["Sessions"]
    names = [f"/{descriptor.full_name}/{method.name}" for method in descriptor.methods]
    requires = dict.fromkeys(names, rpc.Requires(frozenset({"gateway"}), on_own_behalf=True))
    registration = rpc.Registration(
        sessions_pb2_grpc.add_SessionsServicer_to_server, People(), descriptor
    )
    verifier = ActorVerifier.load(servers.service_keys_file)
    async with rpc.server([registration], requires, verifier, "127.0.0.1", 0) as port:
        yield f"ipv4:127.0.0.1:{port}"


@pytest.fixture
async def settings(
    provisioned: Servers,
    valkey_database: str,
    postgres_database: FreshDatabase,
    people_addr: str,
    tmp_path: Path,
) -> GatewaySettings:
    dsn = await postgres_database("gateway", MIGRATIONS)
    return GatewaySettings(
        **provisioned.values("gateway"),
        postgres_dsn=dsn,
        sessions_addr=people_addr,
        execution_addr=f"ipv4:127.0.0.1:{free_port()}",
        jwt_keys_file=tmp_path / "keys.json",
        web_dir=tmp_path / "dist",
        drain_pause=0,
        limit_login="1000/minute",
        limit_register="1000/minute",
    )


@dataclass(repr=False)
class Gateway:
    """A running gateway and a client of it."""

    url: str
    http: httpx.AsyncClient
    context: ProcessContext
    settings: GatewaySettings
    task: "asyncio.Task[None]"

    async def stop(self) -> None:
        """Order it to stop, as SIGTERM does, and wait until it has."""
        self.context.health.draining = True
        self.context.stop.set()
        await self.task

    async def register(self, email: str = "ann@example.com", **other: Any) -> httpx.Response:
        body = {"email": email, "password": "Correct1horse", "full_name": "Ann", **other}
        return await self.http.post("/api/v1/auth/register", json=body)

    async def login(self, email: str = "ann@example.com", **other: Any) -> httpx.Response:
        body = {"email": email, "password": "Correct1horse", **other}
        return await self.http.post("/api/v1/auth/login", json=body)

    async def guest(self) -> dict[str, Any]:
        answer = await self.http.post("/api/v1/auth/guest")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def me(self, tokens: dict[str, Any]) -> httpx.Response:
        return await self.http.get("/api/v1/auth/me", headers=bearer(tokens))


def bearer(tokens: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['access_token']}"}


@dataclass(repr=False)
class Starter:
    stack: AsyncExitStack
    started: list[Gateway] = field(default_factory=list)

    async def __call__(self, settings: GatewaySettings) -> Gateway:
        settings = settings.model_copy(update={"port": free_port()})
        context = ProcessContext("gateway", Health("gateway"))
        task = asyncio.create_task(serve(settings, context))
        url = f"http://127.0.0.1:{settings.port}"
        http = await self.stack.enter_async_context(
            httpx.AsyncClient(base_url=url, trust_env=False, timeout=10, verify=False)
        )
        gateway = Gateway(url, http, context, settings, task)
        self.started.append(gateway)

        async def is_up() -> bool:
            if task.done():
                task.result()
            try:
                return (await http.get("/readyz")).status_code == 200
            except httpx.TransportError:
                return False

        await eventually(is_up, timeout_s=10, every_s=0.02)
        return gateway


StartGateway = Callable[[GatewaySettings], Awaitable[Gateway]]


@pytest.fixture
async def start_gateway() -> AsyncGenerator[StartGateway]:
    async with AsyncExitStack() as stack:
        starter = Starter(stack)
        try:
            yield starter
        finally:
            for gateway in starter.started:
                if not gateway.task.done():
                    await gateway.stop()


@pytest.fixture
async def gateway(settings: GatewaySettings, start_gateway: StartGateway) -> Gateway:
    return await start_gateway(settings)
