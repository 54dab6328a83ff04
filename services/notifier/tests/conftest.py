"""Replicas of the notifier in this process, on real servers, with a real sessions service."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest
import pytest_asyncio

import uchat_notifier
import uchat_sessions
from uchat_contracts import ids, subjects
from uchat_contracts.events import Delivery, MessageReceived, OutcomeProposed, ReplyProposed
from uchat_contracts.parts import Origin, Part
from uchat_contracts.trading import Card, KillSwitch, LegRequest, PlanRequest
from uchat_notifier import app as notifier_app
from uchat_notifier.settings import NotifierSettings
from uchat_platform import rpc
from uchat_platform.auth import ActorVerifier
from uchat_platform.bus import Bus, PartitionReader
from uchat_platform.health import Health
from uchat_platform.process import ProcessContext
from uchat_platform.testing import Servers
from uchat_platform.testing.databases import Databases
from uchat_platform.testing.fixtures import BusFor, FreshDatabase
from uchat_sessions import app as sessions_app
from uchat_sessions.handlers.grpc import links
from uchat_sessions.handlers.grpc.sessions import REQUIRES
from uchat_sessions.settings import SessionsSettings

NOTIFIER = Path(uchat_notifier.__file__).parent / "migrations" / "versions"
SESSIONS = Path(uchat_sessions.__file__).parent / "migrations" / "versions"
BUY = PlanRequest(legs=[LegRequest(symbol="BTC", side="buy", quantity="0.01")])


def now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def sessions_service(settings: SessionsSettings) -> AsyncIterator[tuple[Any, str]]:
    """The sessions service with its gRPC server; yields it and its address."""
    context = ProcessContext("sessions", Health("sessions"))
    assert settings.service_keys_file
    verifier = ActorVerifier.load(settings.service_keys_file)
    async with sessions_app.build_app(settings, context) as app:
        requires = REQUIRES | links.REQUIRES
        async with rpc.server(
            sessions_app.registrations(app), requires, verifier, "127.0.0.1", settings.grpc_port
        ) as port:
            working = asyncio.create_task(sessions_app.run_app(app, context.stop))
            try:
                yield app, f"ipv4:127.0.0.1:{port}"
            finally:
                context.stop.set()
                await working


class Replica:
    """A running notifier; `kill` ends it without any farewell."""

    def __init__(self, app: notifier_app.App, context: ProcessContext) -> None:
        self.app = app
        self.context = context
        self.task = asyncio.create_task(notifier_app.run_app(app, context.stop))

    async def kill(self) -> None:
        self.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.task

    async def end(self) -> None:
        self.context.stop.set()
        await asyncio.wait([self.task])


@dataclass(repr=False)
class World:
    """The streams, a sessions service, and who speaks to it."""

    settings: NotifierSettings
    sessions_settings: SessionsSettings
    sessions: Any
    owner_dsn: str
    gateway: Bus
    brain: Bus
    trading: Bus
    telegram: Bus

    async def arrive(self, number: str) -> Any:
        return await self.sessions.writing.resolve("telegram", number, "Ada")

    async def web_person(self) -> Any:
        return await self.sessions.writing.resolve("account", ids.new_ulid(), "Eve")

    async def ask(self, person: Any, cid: str, interface: str = "telegram", **more: Any) -> Any:
        """A question, and its answer once the question stands in the log."""
        log = more.pop("log", person.home)
        event = MessageReceived(
            occurred_at=now(),
            session_id=log,
            user_id=person.person,
            message_id=ids.received_message_id(person.person, log, cid),
            client_msg_id=cid,
            parts=[Part(type="text", text=f"question {cid}")],
            origin=Origin(interface=interface),
        )
        await self._propose(self.gateway, "message", event)
        await self._propose(self.brain, "reply", self.reply(event, f"answer {cid}", interface))
        return event

    def reply(self, event: MessageReceived, text: str, interface: str) -> ReplyProposed:
        return ReplyProposed(
            occurred_at=now(),
            session_id=event.session_id,
            turn_id=ids.turn_id(event.message_id),
            lease_epoch=1,
            run_id="run_1",
            answers=event.message_id,
            message_id=ids.derived_message_id(event.message_id),
            user_id=event.user_id,
            interface=interface,
            parts=[Part(type="text", text=text)],
            mode="quick",
            intent="chat",
            confidence=0.9,
            model="planner",
            processing_ms=1.0,
        )

    async def card(self, person: Any, decision: str, rev: int, state: str) -> None:
        """A card in the conversation and in the person's log, as execution tells it."""
        card = Card(
            decision_id=decision,
            rev=rev,
            version=1,
            state=state,
            session_id=person.home,
            user_id=person.person,
            interface="web_chat",
            proposed_at=now(),
            updated_at=now(),
            request=BUY,
        )
        for log in (person.home, person.person):
            await self.tell(
                person, "decision", f"decision:{decision}", rev, card.json_bytes(), log=log
            )

    async def kill_switch(self, person: Any, rev: int) -> None:
        switch = KillSwitch(on=True, rev=rev, user_id=person.person, changed_at=now())
        about = f"kill_switch:{person.person}"
        await self.tell(person, "kill_switch", about, rev, switch.json_bytes())

    async def tell(
        self, person: Any, kind: str, about: str, rev: int, data: bytes, *, log: str = ""
    ) -> None:
        event = OutcomeProposed(
            occurred_at=now(),
            session_id=log or person.person,
            user_id=person.person,
            kind=kind,
            about=about,
            rev=rev,
            data=orjson.loads(data),
        )
        await self._propose(self.trading, "outcome", event)

    async def _propose(self, bus: Bus, kind: str, event: Any) -> None:
        await bus.publish(
            subjects.proposed(kind, event.session_id),
            event.json_bytes(),
            stream=subjects.PROPOSED,
            msg_id=event.nats_msg_id(),
        )

    async def query(self, sql: str, *arguments: object) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(
            self.owner_dsn, server_settings={"search_path": "notifier"}
        )
        try:
            return await connection.fetch(sql, *arguments)
        finally:
            await connection.close()


class Inbox:
    """What lies in DELIVERIES, in order."""

    def __init__(self, bus: Bus) -> None:
        self.reader = PartitionReader(bus, subjects.DELIVERIES, "uchat.delivery.v1.*.*", 0)
        self.all: list[Delivery] = []

    def take(self) -> list[Delivery]:
        self.all += [
            Delivery.model_validate_json(received.payload) for received in self.reader.take(1000)
        ]
        return self.all

    def told(self) -> list[tuple[str, str, int]]:
        """(address, about, rev) of all, in order."""
        return [(each.address, each.about, each.rev) for each in self.take()]

    def texts(self) -> list[str]:
        return [each.data["parts"][0]["text"] for each in self.take() if each.kind == "message"]


@asynccontextmanager
async def running(
    settings: NotifierSettings, prepare: Callable[[notifier_app.App], object] | None = None
) -> AsyncIterator[Replica]:
    context = ProcessContext("notifier", Health("notifier"))
    async with notifier_app.build_app(settings, context) as app:
        if prepare:
            prepare(app)
        replica = Replica(app, context)
        try:
            yield replica
        finally:
            await replica.end()


@pytest_asyncio.fixture
async def world(
    clean_streams: Servers,
    databases: Databases,
    postgres_database: FreshDatabase,
    valkey_database: str,
    bus_for: BusFor,
) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        common = clean_streams.settings("sessions").model_dump()
        common |= {
            "postgres_dsn": await postgres_database("sessions", SESSIONS),
            "valkey_url": valkey_database,
        }
        sessions_settings = SessionsSettings(**common, kek_file=clean_streams.kek_file, grpc_port=0)
        sessions, address = await stack.enter_async_context(sessions_service(sessions_settings))
        dsn = await postgres_database("notifier", NOTIFIER)
        own = clean_streams.settings("notifier").model_dump() | {"postgres_dsn": dsn}
        settings = NotifierSettings(**own, sessions_addr=address, grpc_port=0)
        yield World(
            settings=settings,
            sessions_settings=sessions_settings,
            sessions=sessions,
            owner_dsn=databases.owner_dsn(dsn.rpartition("/")[2]),
            gateway=await bus_for("gateway"),
            brain=await bus_for("ai-core"),
            trading=await bus_for("execution"),
            telegram=await bus_for("telegram"),
        )


@pytest.fixture
def run() -> Callable[[NotifierSettings], AbstractAsyncContextManager[Replica]]:
    return running


@pytest_asyncio.fixture
async def replica(world: World) -> AsyncIterator[Replica]:
    async with running(world.settings) as one:
        yield one


@pytest_asyncio.fixture
async def inbox(bus_for: BusFor) -> AsyncIterator[Inbox]:
    found = Inbox(await bus_for("provisioner"))
    async with found.reader:
        yield found
