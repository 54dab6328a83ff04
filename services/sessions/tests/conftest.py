"""Replicas of the service in this process, on real servers."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

import uchat_sessions
from uchat_contracts import ids, subjects
from uchat_contracts.events import (
    LogEntry,
    MessageReceived,
    OutcomeProposed,
    ReplyProposed,
    Verdict,
)
from uchat_contracts.parts import Origin, Part
from uchat_contracts.trading import OPEN_STATES, Card, LegRequest, PlanRequest
from uchat_platform.auth import Actor
from uchat_platform.bus import Bus, PubAck
from uchat_platform.crypto import KeyRing
from uchat_platform.health import Health
from uchat_platform.outbox import Outbox
from uchat_platform.process import ProcessContext
from uchat_platform.testing import Servers
from uchat_platform.testing.databases import Databases
from uchat_platform.testing.fixtures import BusFor, FreshDatabase
from uchat_sessions.adapters.postgres.appending import Appending
from uchat_sessions.adapters.postgres.channels import PostgresChannels
from uchat_sessions.adapters.postgres.conversations import PostgresConversations
from uchat_sessions.adapters.postgres.epoch import PostgresEpoch
from uchat_sessions.adapters.postgres.keys import LogKeys
from uchat_sessions.adapters.postgres.links import PostgresLinks
from uchat_sessions.adapters.postgres.log import PostgresLog
from uchat_sessions.adapters.postgres.merging import PostgresMerging
from uchat_sessions.adapters.postgres.people import PostgresPeople
from uchat_sessions.adapters.postgres.purges import PostgresPurges
from uchat_sessions.adapters.postgres.reading import PostgresReader
from uchat_sessions.app import App, build_app, run_app
from uchat_sessions.domain.proposals import Proposal
from uchat_sessions.domain.views import PersonView
from uchat_sessions.ports import Appended
from uchat_sessions.service.linking import Linking
from uchat_sessions.service.proposing import from_message
from uchat_sessions.service.reading import Reading
from uchat_sessions.service.writing import Writing
from uchat_sessions.settings import SessionsSettings

MIGRATIONS = Path(uchat_sessions.__file__).parent / "migrations" / "versions"


def message(person: str, log: str, cid: str, text: str = "hello", **more: Any) -> MessageReceived:
    return MessageReceived(
        occurred_at=datetime.now(UTC),
        session_id=log,
        user_id=person,
        message_id=more.pop("message_id", ids.new_message_id()),
        client_msg_id=cid,
        parts=[Part(type="text", text=text)],
        origin=Origin(interface="web_chat"),
        **more,
    )


def reply(log: str, answers: str, text: str = "hi", **more: Any) -> ReplyProposed:
    return ReplyProposed(
        occurred_at=datetime.now(UTC),
        session_id=log,
        turn_id=more.pop("turn_id", ids.turn_id(answers)),
        lease_epoch=1,
        run_id=more.pop("run_id", "run_1"),
        answers=answers,
        message_id=ids.derived_message_id(answers),
        parts=[Part(type="text", text=text)],
        mode="quick",
        intent="chat",
        confidence=0.9,
        model="planner",
        processing_ms=1.0,
        **more,
    )


BUY = PlanRequest(legs=[LegRequest(symbol="BTC", side="buy", quantity=Decimal("0.01"))])


def outcome(
    person: PersonView, about: str, rev: int, state: str = "awaiting_approval", **more: Any
) -> OutcomeProposed:
    """An event of a decision (`about` without its prefix), in the home conversation."""
    log = more.pop("log", person.home)
    kind = more.pop("kind", "decision" if state in OPEN_STATES else "decision.resolved")
    at = datetime(2026, 11, 23, tzinfo=UTC) + timedelta(seconds=sum(about.encode()))
    card = Card(
        decision_id=about,
        rev=rev,
        version=1,
        state=state,
        session_id=person.home,
        user_id=person.person,
        interface="web_chat",
        proposed_at=at,
        updated_at=datetime.now(UTC),
        request=BUY,
    )
    return OutcomeProposed(
        occurred_at=datetime.now(UTC),
        session_id=log,
        user_id=more.pop("user_id", person.person),
        kind=kind,
        about=f"decision:{about}",
        rev=rev,
        data=more.pop("data", card.model_dump(mode="json", exclude_none=True)),
    )


def trader(person: str) -> Actor:
    return Actor(person, frozenset({"trader"}), "web_chat")


@dataclass(repr=False)
class World:
    """One database and the streams, with what a test does to them from outside."""

    servers: Servers
    settings: SessionsSettings
    owner_dsn: str
    gateway: Bus
    brain: Bus
    trading: Bus
    message = staticmethod(message)
    reply = staticmethod(reply)
    outcome = staticmethod(outcome)
    buy = BUY

    async def tell(self, event: OutcomeProposed, msg_id: str | None = None) -> PubAck:
        return await self.trading.publish(
            subjects.proposed("outcome", event.session_id),
            event.json_bytes(),
            stream=subjects.PROPOSED,
            msg_id=msg_id or event.nats_msg_id(),
        )

    async def send(self, event: MessageReceived, msg_id: str | None = None) -> PubAck:
        return await self.gateway.publish(
            subjects.proposed("message", event.session_id),
            event.json_bytes(),
            stream=subjects.PROPOSED,
            msg_id=msg_id or event.nats_msg_id(),
        )

    async def answer(self, event: ReplyProposed, msg_id: str | None = None) -> PubAck:
        return await self.brain.publish(
            subjects.proposed("reply", event.session_id),
            event.json_bytes(),
            stream=subjects.PROPOSED,
            msg_id=msg_id or event.nats_msg_id(),
        )

    async def query(self, sql: str, *arguments: object) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(
            self.owner_dsn, server_settings={"search_path": "sessions"}
        )
        try:
            return await connection.fetch(sql, *arguments)
        finally:
            await connection.close()

    @asynccontextmanager
    async def holding(self, lock: str) -> AsyncIterator[Callable[[], Awaitable[object]]]:
        """Hold a lock; gives what tells whether anybody waits for one."""
        connection = await asyncpg.connect(
            self.owner_dsn, server_settings={"search_path": "sessions"}
        )
        try:
            async with connection.transaction():
                await connection.execute(lock)
                yield lambda: self.query("SELECT 1 FROM pg_locks WHERE NOT granted")
        finally:
            await connection.close()


class Replica:
    """A running replica; `kill` ends it without any farewell."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.stop = asyncio.Event()
        self.task = asyncio.create_task(run_app(app, self.stop))

    trader = staticmethod(trader)

    async def entries(self, actor: Actor, log: str) -> list[LogEntry]:
        page = await self.app.reading.read(actor, log, 0, None, 1000)
        return [LogEntry.model_validate_json(entry) for entry in page.entries]

    async def end(self) -> None:
        self.stop.set()
        await asyncio.wait([self.task])
        if not self.task.cancelled() and (error := self.task.exception()) is not None:
            raise error


@asynccontextmanager
async def running(settings: SessionsSettings) -> AsyncIterator[Replica]:
    context = ProcessContext("sessions", Health("sessions"))
    async with build_app(settings, context) as app:
        replica = Replica(app)
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
) -> World:
    dsn = await postgres_database("sessions", MIGRATIONS)
    common = clean_streams.settings("sessions").model_dump()
    common |= {"postgres_dsn": dsn, "valkey_url": valkey_database}
    settings = SessionsSettings(**common, kek_file=clean_streams.kek_file, grpc_port=0)
    owner = databases.owner_dsn(dsn.rpartition("/")[2])
    buses = [await bus_for(service) for service in ("gateway", "ai-core", "execution")]
    return World(clean_streams, settings, owner, *buses)


class SilentAnnouncer:
    """Announces to a list."""

    def __init__(self) -> None:
        self.announced: list[Appended] = []
        self.verdicts: list[Verdict] = []

    def announce(self, appended: Sequence[Appended]) -> None:
        self.announced += appended

    async def tell(self, verdict: Verdict) -> None:
        self.verdicts.append(verdict)


class ForgetfulRing:
    """Remembers nothing."""

    def put(self, appended: Sequence[Appended]) -> None:
        """Forget at once."""

    async def latest(self, log: str, head: int, count: int) -> None:
        """Know nothing."""

    async def forget(self, log: str) -> None:
        """Know nothing of it."""


class Store:
    """The service on Postgres alone."""

    def __init__(self, pool: Any, kek: KeyRing, **options: bool) -> None:
        self.pool = pool
        self.keys = LogKeys(kek)
        self.appending = Appending(self.keys, unique=options.get("unique", True))
        self.outbox = Outbox(pool, self._publish)
        self.log = PostgresLog(
            pool, self.appending, self.outbox, cursor_safe=options.get("cursor_safe", True)
        )
        self.reader = PostgresReader(pool, self.keys)
        self.epoch = PostgresEpoch(pool)
        self.ring = ForgetfulRing()
        self.reading = Reading(self.reader, self.reader, self.ring, self.epoch)
        self.announcer = SilentAnnouncer()
        self.conversations = PostgresConversations(pool, self.appending)
        self.people = PostgresPeople(pool, self.conversations)
        self.channels = PostgresChannels(pool)
        links = PostgresLinks(pool, self.appending)
        merging = PostgresMerging(pool, links, self.conversations)
        self.linking = Linking(links, merging, self.announcer, self.ring)
        self.purged: list[str] = []
        self.writing = Writing(
            writer=self.log,
            people=self.people,
            conversations=self.conversations,
            announcer=self.announcer,
            ring=self.ring,
            purges=PostgresPurges(pool, self._purge),
        )

    message = staticmethod(message)
    reply = staticmethod(reply)
    outcome = staticmethod(outcome)
    trader = staticmethod(trader)

    def proposal(self, person: PersonView, cid: str, text: str = "hello", **more: Any) -> Proposal:
        return from_message(message(person.person, person.home, cid, text, **more))

    async def person(self, name: str = "Ada") -> PersonView:
        return await self.writing.resolve("account", ids.new_ulid(), name)

    async def entries(self, person: str, log: str) -> list[LogEntry]:
        await self.epoch.read()
        page = await self.reading.read(trader(person), log, 0, None, 1000)
        return [LogEntry.model_validate_json(entry) for entry in page.entries]

    async def _publish(self, row: Any) -> None:
        raise AssertionError("nothing is relayed here")

    async def _purge(self, log: str) -> None:
        self.purged.append(log)


@dataclass(repr=False)
class Stores:
    """Makes stores on one fresh database."""

    dsn: str
    owner_dsn: str
    kek: KeyRing
    stack: AsyncExitStack

    async def open(self, **options: Any) -> Store:
        pool = await asyncpg.create_pool(
            self.dsn,
            min_size=1,
            max_size=options.pop("connections", 8),
            connection_class=options.pop("connection_class", asyncpg.Connection),
            server_settings={"idle_in_transaction_session_timeout": "2000"},
        )
        self.stack.push_async_callback(_close, pool)
        return Store(pool, self.kek, **options)


async def _close(pool: Any) -> None:
    try:
        async with asyncio.timeout(2):
            await pool.close()
    except (TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        pool.terminate()


@pytest_asyncio.fixture
async def stores(
    servers: Servers, databases: Databases, postgres_database: FreshDatabase
) -> AsyncIterator[Stores]:
    dsn = await postgres_database("sessions", MIGRATIONS)
    owner = databases.owner_dsn(dsn.rpartition("/")[2])
    async with AsyncExitStack() as stack:
        yield Stores(dsn, owner, KeyRing.load(servers.kek_file), stack)


@pytest_asyncio.fixture
async def store(stores: Stores) -> Store:
    return await stores.open()


@pytest_asyncio.fixture
async def store_of() -> AsyncIterator[Callable[[World], Awaitable[Store]]]:
    """Opens a store on the database of a world."""
    async with AsyncExitStack() as stack:

        async def open_store(world: World) -> Store:
            dsn = world.settings.postgres_dsn.get_secret_value()
            kek = KeyRing.load(world.settings.kek_file)
            return await Stores(dsn, world.owner_dsn, kek, stack).open()

        yield open_store


@pytest.fixture
def run() -> Callable[[SessionsSettings], AbstractAsyncContextManager[Replica]]:
    return running


@pytest_asyncio.fixture
async def replica(world: World) -> AsyncIterator[Replica]:
    async with running(world.settings) as one:
        yield one


@pytest_asyncio.fixture
async def person(replica: Replica) -> PersonView:
    return await replica.app.writing.resolve("account", ids.new_ulid(), "Ada")
