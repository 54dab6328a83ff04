"""Wiring of the sessions service: the only place that names its concrete parts."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Final

import asyncpg

from uchat_contracts.rpc.sessions.v1 import links_pb2
from uchat_contracts.rpc.sessions.v1 import sessions_pb2 as pb
from uchat_contracts.rpc.sessions.v1.links_pb2_grpc import add_LinksServicer_to_server
from uchat_contracts.rpc.sessions.v1.sessions_pb2_grpc import add_SessionsServicer_to_server
from uchat_platform import db, logging, process, rpc, tasks
from uchat_platform.auth import ActorVerifier
from uchat_platform.bus import Bus
from uchat_platform.crypto import KeyRing
from uchat_platform.errors import InvalidInputError, UchatError
from uchat_platform.outbox import Outbox
from uchat_platform.partitions import PartitionOwnership
from uchat_platform.process import ProcessContext
from uchat_sessions.adapters import bus as bus_adapter
from uchat_sessions.adapters import valkey
from uchat_sessions.adapters.postgres import audit
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
from uchat_sessions.handlers.bus import PartitionIntake
from uchat_sessions.handlers.grpc import links
from uchat_sessions.handlers.grpc.sessions import REQUIRES, SessionsHandlers
from uchat_sessions.service.announcing import Recall
from uchat_sessions.service.lane import WriterLane
from uchat_sessions.service.linking import Linking
from uchat_sessions.service.reading import Reading
from uchat_sessions.service.writing import Writing
from uchat_sessions.settings import SessionsSettings

SERVICE: Final = "sessions"
LOCK_CLASS: Final = "sessions"
_DRAIN_S: Final = 8.0
_PURGE_EVERY_S: Final = 5.0
_MONTHS_EVERY_S: Final = 6 * 3600.0
_MONTHS_AHEAD: Final = 3
_DATABASE: Final = {
    # A process that is stopped in the middle of a transaction would keep its locks: whoever takes
    # its partitions over waits for this long at most (milliseconds).
    "idle_in_transaction_session_timeout": "2000",
    # All statements go by primary keys; planning each anew would take half of an append. A plan
    # made while the tables are small must not scan them when they have grown.
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
}
_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class App:
    """One replica, ready to run."""

    lane: WriterLane
    intake: PartitionIntake
    ownership: PartitionOwnership
    announcer: bus_adapter.BusAnnouncer
    outbox: Outbox
    ring: valkey.ValkeyRing
    epoch: PostgresEpoch
    reading: Reading
    writing: Writing
    handlers: SessionsHandlers
    links: links.LinksHandlers
    pool: "asyncpg.Pool[asyncpg.Record]"


@dataclass(frozen=True, slots=True)
class _Connected:
    pool: "asyncpg.Pool[asyncpg.Record]"
    bus: Bus
    epoch: PostgresEpoch
    ring: valkey.ValkeyRing
    kek: KeyRing


@asynccontextmanager
async def build_app(settings: SessionsSettings, context: ProcessContext) -> AsyncGenerator[App]:
    """Connect to everything and put the replica together."""
    client = valkey.connect(settings.valkey_url.get_secret_value())
    async with (
        db.connected(settings, context, server_settings=_DATABASE) as pool,
        await Bus.connect(settings, SERVICE, context.health) as bus,
        aclosing(client),
    ):
        epoch = PostgresEpoch(pool, context.health)
        await db.patiently(context, epoch.read)
        ring = valkey.ValkeyRing(client, epoch)
        kek = KeyRing.load(settings.kek_file)
        await PostgresReader(pool, LogKeys(kek)).check_keys()
        yield _wire(settings, context, _Connected(pool, bus, epoch, ring, kek))


def _wire(settings: SessionsSettings, context: ProcessContext, parts: _Connected) -> App:
    pool, bus, epoch, ring = parts.pool, parts.bus, parts.epoch, parts.ring
    keys = LogKeys(parts.kek)
    appending = Appending(keys, unique=not settings.unsafe_unique_off)
    reader = PostgresReader(pool, keys)
    outbox = Outbox(pool, bus_adapter.Relay(bus, epoch, Recall(reader, reader)).publish)
    log = PostgresLog(pool, appending, outbox, cursor_safe=not settings.unsafe_cursor_off)
    announcer = bus_adapter.BusAnnouncer(bus, epoch, outbox)
    intake = PartitionIntake(bus, log)
    conversations = PostgresConversations(pool, appending)
    codes = PostgresLinks(pool, appending)
    linking = Linking(codes, PostgresMerging(pool, codes, conversations), announcer, ring)
    reading = Reading(reader, reader, ring, epoch)
    writing = Writing(
        writer=log,
        people=PostgresPeople(pool, conversations),
        conversations=conversations,
        announcer=announcer,
        ring=ring,
        purges=PostgresPurges(pool, lambda name: bus_adapter.purge(bus, name)),
    )
    return App(
        lane=WriterLane(
            log,
            announcer,
            ring,
            bus_adapter.BusDeadLetters(bus, parts.kek),
            intake,
        ),
        intake=intake,
        ownership=PartitionOwnership(
            settings.postgres_dsn.get_secret_value(),
            LOCK_CLASS,
            on_acquire=intake.acquire,
            on_release=intake.release,
            health=context.health,
        ),
        announcer=announcer,
        outbox=outbox,
        ring=ring,
        epoch=epoch,
        reading=reading,
        writing=writing,
        handlers=SessionsHandlers(reading, writing, epoch),
        links=links.LinksHandlers(PostgresChannels(pool), linking),
        pool=pool,
    )


async def run_app(app: App, stop: asyncio.Event) -> None:
    """Work until told to stop; then finish the batch in hand and give the partitions back."""
    async with asyncio.TaskGroup() as group:
        background = [
            group.create_task(work)
            for work in (
                app.announcer.run(),
                app.outbox.run(),
                app.ring.run(),
                app.epoch.run(),
                app.intake.run(),
                _every(_PURGE_EVERY_S, app.writing.purge),
                _every(_MONTHS_EVERY_S, app.links.linking.forget),
                _every(_MONTHS_EVERY_S, lambda: _make_months(app)),
            )
        ]
        ownership = group.create_task(app.ownership.run())
        lane = group.create_task(app.lane.run())
        try:
            await stop.wait()
            app.intake.stop()
            await asyncio.wait([lane], timeout=_DRAIN_S)
        finally:
            await tasks.end([lane, ownership, *background])


async def serve(settings: SessionsSettings, context: ProcessContext) -> None:
    """Run one replica until told to stop."""
    if settings.service_keys_file is None:
        raise InvalidInputError("UCHAT_SERVICE_KEYS_FILE is needed", code="setting_missing")
    # Ready means that calls are answered.
    context.health.ready("grpc", False)
    async with build_app(settings, context) as app:
        verifier = ActorVerifier.load(settings.service_keys_file)
        requires = REQUIRES | links.REQUIRES
        async with (
            asyncio.TaskGroup() as group,
            rpc.server(
                registrations(app), requires, verifier, settings.bind, settings.grpc_port
            ) as port,
        ):
            context.health.ready("grpc", True)
            _log.info("sessions_ready", grpc_port=port, epoch=app.epoch.value)
            working = group.create_task(run_app(app, context.stop))
            await asyncio.wait([working])


def registrations(app: App) -> list[rpc.Registration]:
    """Return what the replica serves."""
    return [
        rpc.Registration(
            add_SessionsServicer_to_server,
            app.handlers,
            pb.DESCRIPTOR.services_by_name["Sessions"],
        ),
        rpc.Registration(
            add_LinksServicer_to_server,
            app.links,
            links_pb2.DESCRIPTOR.services_by_name["Links"],
        ),
    ]


async def verify_audit(
    settings: SessionsSettings, progress: Callable[[audit.LogAudit], None]
) -> tuple[int, int]:
    """Check every log's audit chain, reporting each; returns how many logs and how many faults."""
    pool = await db.connect_pool(settings.postgres_dsn.get_secret_value(), max_size=2)
    logs = faults = 0
    try:
        async for finding in audit.walk(pool):
            logs += 1
            faults += bool(finding.fault)
            progress(finding)
    finally:
        await pool.close()
    return logs, faults


async def _make_months(app: App) -> None:
    await app.pool.fetchval("SELECT make_months($1)", _MONTHS_AHEAD)


async def _every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await work()
        except (UchatError, asyncpg.PostgresError, *db.LOST) as e:
            _log.warning("housekeeping_waits", error=type(e).__name__)
        await asyncio.sleep(seconds)


def main() -> None:
    """Run the service."""
    settings = SessionsSettings()
    process.run(SERVICE, settings, lambda context: serve(settings, context))


if __name__ == "__main__":
    main()
