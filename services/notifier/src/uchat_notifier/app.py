"""Wiring of the notifier, and its process: `python -m uchat_notifier.app`."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import grpc.aio

from uchat_contracts.rpc.notifier.v1 import deliveries_pb2 as pb
from uchat_contracts.rpc.notifier.v1.deliveries_pb2_grpc import add_DeliveriesServicer_to_server
from uchat_contracts.rpc.sessions.v1.links_pb2_grpc import LinksStub
from uchat_contracts.rpc.sessions.v1.sessions_pb2_grpc import SessionsStub
from uchat_notifier.adapters.bus import BusOutlet
from uchat_notifier.adapters.postgres import PostgresLedger
from uchat_notifier.adapters.sessions import GrpcChannels, GrpcLogs
from uchat_notifier.handlers.grpc import REQUIRES, DeliveriesHandlers
from uchat_notifier.handlers.log import LogHandlers
from uchat_notifier.ports import Place
from uchat_notifier.service.channels import KnownChannels
from uchat_notifier.service.following import Following
from uchat_notifier.service.reporting import Reporting
from uchat_notifier.settings import NotifierSettings
from uchat_platform import db, logging, process, rpc, tasks
from uchat_platform.auth import ActorSigner, ActorVerifier
from uchat_platform.bus import Bus
from uchat_platform.errors import InvalidInputError
from uchat_platform.partitions import PartitionOwnership
from uchat_platform.process import ProcessContext

if TYPE_CHECKING:
    import asyncpg

SERVICE: Final = "notifier"
_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class App:
    """One replica, ready to run."""

    ownership: PartitionOwnership
    handlers: LogHandlers
    deliveries: DeliveriesHandlers


@asynccontextmanager
async def build_app(settings: NotifierSettings, context: ProcessContext) -> AsyncGenerator[App]:
    """Connect to everything and put the replica together.

    Raises:
        InvalidInputError: no key.
        UnavailableError: NATS is away, or it was told to stop while the database was.
    """
    if settings.nkey_seed_file is None:
        raise InvalidInputError("UCHAT_NKEY_SEED_FILE is needed: the key of this service")
    signer = ActorSigner.load(SERVICE, settings.nkey_seed_file)
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(db.connected(settings, context))
        context.health.ready("postgres", True)
        bus = await stack.enter_async_context(await Bus.connect(settings, SERVICE, context.health))
        sessions = await stack.enter_async_context(_channel(settings.sessions_addr))
        yield _wire(settings, context, pool=pool, bus=bus, sessions=sessions, signer=signer)


def _wire(
    settings: NotifierSettings,
    context: ProcessContext,
    *,
    pool: "asyncpg.Pool[asyncpg.Record]",
    bus: Bus,
    sessions: grpc.aio.Channel,
    signer: ActorSigner,
) -> App:
    ledger = PostgresLedger(pool)
    logs = GrpcLogs(SessionsStub(sessions), signer)
    channels = KnownChannels(GrpcChannels(LinksStub(sessions), signer), settings.interfaces)
    outlet = BusOutlet(bus)

    def follow(partition: int, place: Place) -> Following:
        return Following(
            partition, place, ledger=ledger, logs=logs, channels=channels, outlet=outlet
        )

    handlers = LogHandlers(bus, ledger, settings.interfaces, follow)
    ownership = PartitionOwnership(
        settings.postgres_dsn.get_secret_value(),
        SERVICE,
        on_acquire=handlers.on_acquire,
        on_release=handlers.on_release,
        health=context.health,
    )
    return App(ownership, handlers, DeliveriesHandlers(Reporting(ledger)))


async def run_app(app: App, stop: asyncio.Event) -> None:
    """Work until told to stop; what is in hand then is found by the next owner."""
    async with asyncio.TaskGroup() as group:
        working = group.create_task(app.ownership.run())
        try:
            await stop.wait()
        finally:
            await tasks.end([working])


async def serve(settings: NotifierSettings, context: ProcessContext) -> None:
    """Run one replica until told to stop."""
    if settings.service_keys_file is None:
        raise InvalidInputError("UCHAT_SERVICE_KEYS_FILE is needed", code="setting_missing")
    verifier = ActorVerifier.load(settings.service_keys_file)
    # Ready means that calls are answered.
    context.health.ready("grpc", False)
    async with build_app(settings, context) as app:
        registration = rpc.Registration(
            add_DeliveriesServicer_to_server,
            app.deliveries,
            pb.DESCRIPTOR.services_by_name["Deliveries"],
        )
        async with rpc.server(
            [registration], REQUIRES, verifier, settings.bind, settings.grpc_port
        ) as port:
            context.health.ready("grpc", True)
            _log.info("notifier_ready", grpc_port=port, interfaces=list(settings.interfaces))
            await run_app(app, context.stop)


@asynccontextmanager
async def _channel(target: str) -> AsyncGenerator[grpc.aio.Channel]:
    channel = rpc.channel(target)
    try:
        yield channel
    finally:
        await channel.close(grace=None)


def main() -> None:
    """Run the service until SIGTERM."""
    settings = NotifierSettings()
    process.run(SERVICE, settings, lambda context: serve(settings, context))


if __name__ == "__main__":
    main()
