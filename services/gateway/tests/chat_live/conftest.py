"""The gateway and the sessions service as processes on real servers; a small brain answers."""

import asyncio
import base64
import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncGenerator, Iterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

import uchat_execution
import uchat_gateway
import uchat_notifier
import uchat_sessions
from uchat_contracts import ids, subjects
from uchat_contracts.events import Delta, LogEntry, ReplyProposed
from uchat_contracts.frames import SUBPROTOCOL
from uchat_contracts.parts import Part
from uchat_contracts.rpc.sessions.v1 import links_pb2, sessions_pb2
from uchat_contracts.rpc.sessions.v1.links_pb2_grpc import LinksStub
from uchat_contracts.rpc.sessions.v1.sessions_pb2_grpc import SessionsStub
from uchat_platform import rpc
from uchat_platform.auth import SERVICE_ACTOR, Actor, ActorSigner
from uchat_platform.bus import Bus, PartitionReader
from uchat_platform.clock import SystemClock
from uchat_platform.embedded.ports import free_port
from uchat_platform.testing import Servers
from uchat_platform.testing.databases import Databases
from uchat_platform.testing.fixtures import BusFor

if TYPE_CHECKING:
    from uchat_contracts.trading import PlanRequest

PREFIX = "/api/v1/unified-chat"
LIMITS = ("messages", "login", "register", "refresh", "handshake")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.integration)


@dataclass
class Service:
    """A service as a process."""

    name: str
    module: str
    env: dict[str, str]
    log: Path
    ready_url: str
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.module],
                env={"PATH": os.defpath, **self.env},
                stdout=out,
                stderr=out,
            )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with urllib.request.urlopen(self.ready_url, timeout=1):
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.03)
        self.stop()
        raise AssertionError(f"{self.name} did not start: {self.log.read_text()[-3000:]}")

    def tell(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(15)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@pytest.fixture(scope="module")
def sessions_service(
    provisioned: Servers, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    migrations = Path(uchat_sessions.__file__).parent / "migrations" / "versions"
    directory = tmp_path_factory.mktemp("sessions")
    health = free_port()
    env = _env(provisioned, "sessions") | {
        "UCHAT_POSTGRES_DSN": asyncio.run(databases.fresh("sessions", migrations)),
        "UCHAT_KEK_FILE": str(provisioned.kek_file),
        "UCHAT_GRPC_PORT": str(free_port()),
        "UCHAT_HEALTH_PORT": str(health),
    }
    service = Service(
        "sessions",
        "uchat_sessions.app",
        env,
        directory / "sessions.log",
        f"http://127.0.0.1:{health}/readyz",
    )
    service.start()
    yield service
    service.stop()


@pytest.fixture(scope="module")
def gateway_service(
    provisioned: Servers,
    databases: Databases,
    sessions_service: Service,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Service]:
    migrations = Path(uchat_gateway.__file__).parent / "migrations" / "versions"
    directory = tmp_path_factory.mktemp("gateway")
    port = free_port()
    env = _env(provisioned, "gateway") | {
        "UCHAT_POSTGRES_DSN": asyncio.run(databases.fresh("gateway", migrations)),
        "UCHAT_PORT": str(port),
        "UCHAT_SESSIONS_ADDR": f"ipv4:127.0.0.1:{sessions_service.env['UCHAT_GRPC_PORT']}",
        "UCHAT_EXECUTION_ADDR": f"ipv4:127.0.0.1:{free_port()}",
        "UCHAT_NOTIFIER_ADDR": f"ipv4:127.0.0.1:{free_port()}",
        "UCHAT_TELEGRAM_BOT": "uchat_bot",
        "UCHAT_JWT_KEYS_FILE": str(directory / "keys.json"),
        "UCHAT_WEB_DIR": str(directory),
        "UCHAT_REPLY_TIMEOUT": "PT5S",
        "UCHAT_DRAIN_PAUSE": "PT0S",
    }
    env |= {f"UCHAT_LIMIT_{name.upper()}": "100000/minute" for name in LIMITS}
    url = f"http://127.0.0.1:{port}"
    service = Service(
        "gateway", "uchat_gateway.app", env, directory / "gateway.log", f"{url}/readyz"
    )
    service.start()
    yield service
    service.stop()


@pytest.fixture(scope="module")
def exchange_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    directory, port = tmp_path_factory.mktemp("exchange"), free_port()
    env = {"UCHAT_EXCHANGE_PORT": str(port), "UCHAT_EXCHANGE_DATA": str(directory)}
    url = f"http://127.0.0.1:{port}"
    service = Service(
        "exchange", "uchat_sim_exchange.app", env, directory / "exchange.log", f"{url}/readyz"
    )
    service.start()
    yield service
    service.stop()


@pytest.fixture(scope="module")
def execution_service(
    provisioned: Servers,
    databases: Databases,
    gateway_service: Service,
    exchange_service: Service,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Service]:
    migrations = Path(uchat_execution.__file__).parent / "migrations" / "versions"
    directory, health = tmp_path_factory.mktemp("execution"), free_port()
    secret = directory / "secret"
    secret.write_text(base64.b64encode(secrets.token_bytes(32)).decode())
    secret.chmod(0o600)
    env = _env(provisioned, "execution") | {
        "UCHAT_POSTGRES_DSN": asyncio.run(databases.fresh("execution", migrations)),
        "UCHAT_GRPC_PORT": gateway_service.env["UCHAT_EXECUTION_ADDR"].rpartition(":")[2],
        "UCHAT_HEALTH_PORT": str(health),
        "UCHAT_EXCHANGE_URL": exchange_service.ready_url.removesuffix("/readyz"),
        "UCHAT_PAPER_SECRET_FILE": str(secret),
    }
    service = Service(
        "execution",
        "uchat_execution.app",
        env,
        directory / "execution.log",
        f"http://127.0.0.1:{health}/readyz",
    )
    service.start()
    yield service
    service.stop()


@pytest.fixture(scope="module")
def notifier_service(
    provisioned: Servers,
    databases: Databases,
    gateway_service: Service,
    sessions_service: Service,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Service]:
    migrations = Path(uchat_notifier.__file__).parent / "migrations" / "versions"
    directory, health = tmp_path_factory.mktemp("notifier"), free_port()
    env = _env(provisioned, "notifier") | {
        "UCHAT_POSTGRES_DSN": asyncio.run(databases.fresh("notifier", migrations)),
        "UCHAT_GRPC_PORT": gateway_service.env["UCHAT_NOTIFIER_ADDR"].rpartition(":")[2],
        "UCHAT_SESSIONS_ADDR": f"ipv4:127.0.0.1:{sessions_service.env['UCHAT_GRPC_PORT']}",
        "UCHAT_HEALTH_PORT": str(health),
    }
    service = Service(
        "notifier",
        "uchat_notifier.app",
        env,
        directory / "notifier.log",
        f"http://127.0.0.1:{health}/readyz",
    )
    service.start()
    yield service
    service.stop()


def _env(servers: Servers, service: str) -> dict[str, str]:
    return {f"UCHAT_{k.upper()}": str(v) for k, v in servers.values(service).items()}


@dataclass
class Socket:
    """A client of the live protocol that keeps what it gets."""

    ws: ClientConnection
    got: list[dict[str, Any]] = field(default_factory=list)

    async def say(self, frame: Any) -> None:
        await self.ws.send(frame if isinstance(frame, str | bytes) else json.dumps(frame))

    async def send(self, log: str, cid: str, text: str, **fields: Any) -> None:
        frame = {"t": "send", "log": log, "client_msg_id": cid, "parts": [{"text": text}]}
        await self.say(frame | fields)

    async def until(self, **fields: Any) -> dict[str, Any]:
        """Return the next frame with these fields; frames before it are kept in `got`."""
        async with asyncio.timeout(8):
            while True:
                frame = json.loads(await self.ws.recv())
                self.got.append(frame)
                if all(frame.get(key) == value for key, value in fields.items()):
                    return frame

    async def closed(self) -> int:
        """Read to the end and return the close code."""
        async with asyncio.timeout(8):
            async for raw in self.frames():
                self.got.append(json.loads(raw))
        return self.ws.close_code

    async def frames(self) -> AsyncGenerator[str | bytes]:
        with suppress(ConnectionClosed):
            while True:
                yield await self.ws.recv()


@dataclass
class Person:
    """Somebody signed in, with an HTTP client and as many sockets as they like."""

    http: httpx.AsyncClient
    token: str
    url: str
    stack: AsyncExitStack

    def as_who(self, token: str) -> "Person":
        """Return somebody else at a browser of their own; closed with this one's stack."""
        http = httpx.AsyncClient(base_url=self.url, trust_env=False, timeout=20)
        http.headers["Authorization"] = f"Bearer {token}"
        self.stack.push_async_callback(http.aclose)
        return Person(http, token, self.url, self.stack)

    async def new_session(self, **fields: Any) -> str:
        answer = await self.http.post(f"{PREFIX}/session/new", json=fields)
        assert answer.status_code == 200, answer.text
        return answer.json()["session_id"]

    async def post(self, session_id: str, message: str, **fields: Any) -> httpx.Response:
        body = {"session_id": session_id, "message": message, **fields}
        return await self.http.post(f"{PREFIX}/message", json=body)

    async def history(self, session_id: str, after: int = 0) -> list[dict[str, Any]]:
        answer = await self.http.get(
            f"{PREFIX}/history/{session_id}", params={"after": after, "limit": 1000}
        )
        assert answer.status_code == 200, answer.text
        return answer.json()["entries"]

    async def socket(self, path: str = "/ws", *, hello: bool = True, **fields: Any) -> Socket:
        address = self.url.replace("http", "ws") + PREFIX + path
        ws = await self.stack.enter_async_context(
            connect(address, subprotocols=[SUBPROTOCOL], proxy=None, max_size=None)
        )
        socket = Socket(ws)
        if hello:
            frame = {"t": "hello", "v": 1, "token": self.token, "iface": "web_chat", **fields}
            await socket.say(frame)
        return socket

    async def live(self, log: str, seq: int | None = None, epoch: str | None = None) -> Socket:
        socket = await self.socket(f"/ws/{log}", subs=[{"log": log, "seq": seq, "epoch": epoch}])
        await socket.until(t="live", log=log)
        return socket


@dataclass
class Stack:
    url: str
    stack: AsyncExitStack

    async def person(self) -> Person:
        http = await self.stack.enter_async_context(
            httpx.AsyncClient(base_url=self.url, trust_env=False, timeout=20)
        )
        answer = await http.post("/api/v1/auth/guest")
        assert answer.status_code == 200, answer.text
        token = answer.json()["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"
        return Person(http, token, self.url, self.stack)


@pytest.fixture
async def stack(gateway_service: Service) -> AsyncGenerator[Stack]:
    async with AsyncExitStack() as cleanup:
        yield Stack(gateway_service.ready_url.removesuffix("/readyz"), cleanup)


@pytest.fixture
async def person(stack: Stack) -> Person:
    return await stack.person()


@pytest.fixture
async def stranger(stack: Stack) -> Person:
    return await stack.person()


class Brain:
    """Answers every user message by an echo, in a few deltas."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.deltas = 3
        self.proposals: list[PlanRequest] = []
        self.answering = asyncio.Event()
        self.answering.set()

    async def run(self) -> None:
        reader = PartitionReader(self.bus, subjects.LOG, "uchat.log.v1.*.*.message", None)
        async with reader:
            async for batch in reader.batches(100):
                for received in batch:
                    entry = LogEntry.model_validate_json(received.payload)
                    if entry.data["role"] == "user":
                        await self.answering.wait()
                        await self.answer(entry)

    async def answer(self, entry: LogEntry) -> None:
        asked = entry.data["message_id"]
        message_id, turn = ids.derived_message_id(asked), ids.turn_id(asked)
        text = f"You said: {entry.data['parts'][0]['text']}"
        for i in range(self.deltas):
            delta = Delta(
                log=entry.log, message_id=message_id, run_id=turn, epoch=1, i=i, n=1, text=text[i]
            )
            await self.bus.publish_core(subjects.delta(entry.log), delta.json_bytes())
        reply = ReplyProposed(
            occurred_at=SystemClock().now(),
            session_id=entry.log,
            turn_id=turn,
            lease_epoch=1,
            run_id=turn,
            answers=asked,
            message_id=message_id,
            user_id=entry.data["user_id"],
            interface=entry.data["origin"]["interface"],
            proposals=self.proposals,
            parts=[Part(type="text", text=text)],
            mode="quick",
            intent="general_query",
            confidence=0.8,
            model="echo",
            processing_ms=1.0,
        )
        await self.bus.publish(
            subjects.proposed("reply", entry.log),
            reply.json_bytes(),
            stream=subjects.PROPOSED,
            msg_id=reply.nats_msg_id(),
        )


@pytest.fixture
async def brain(gateway_service: Service, bus_for: BusFor) -> AsyncGenerator[Brain]:
    brain = Brain(await bus_for("ai-core"))
    task = asyncio.create_task(brain.run())
    # The reader starts from "now": give it the time to say so before anybody writes.
    await asyncio.sleep(0.2)
    yield brain
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


class Telegram:
    """The Telegram adapter's calls."""

    def __init__(self, stubs, signer):
        self.sessions, self.links = stubs
        self.signer = signer

    async def call(self, method, request, actor=SERVICE_ACTOR):
        return await rpc.call(method, request, signer=self.signer, actor=actor)

    async def meet(self, external_id):
        return await self.call(
            self.sessions.ResolveIdentity,
            sessions_pb2.ResolveIdentityRequest(
                provider="telegram", external_id=external_id, display_name="Tess"
            ),
        )

    async def continue_code(self, person):
        actor = Actor(person, frozenset({"trader"}), "telegram")
        made = await self.call(
            self.links.CreateContinueCode, links_pb2.CreateContinueCodeRequest(), actor
        )
        return made.code

    async def claim(self, code, external_id):
        return await self.call(
            self.links.ClaimLinkCode,
            links_pb2.ClaimLinkCodeRequest(
                code=code,
                provider="telegram",
                external_id=external_id,
                display_name="Tess",
                accept=True,
            ),
        )


@pytest.fixture
async def telegram(sessions_service, servers):
    signer = ActorSigner.load("telegram", servers.seeds["telegram"])
    async with rpc.channel(f"ipv4:127.0.0.1:{sessions_service.env['UCHAT_GRPC_PORT']}") as channel:
        yield Telegram((SessionsStub(channel), LinksStub(channel)), signer)
