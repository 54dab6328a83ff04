"""Wiring of ai-core, and its process: `python -m uchat_ai_core.app`."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Final

import aiohttp
import grpc.aio

from uchat_ai_core.adapters.brain import PydanticBrain
from uchat_ai_core.adapters.chain import Patience
from uchat_ai_core.adapters.leases import PostgresLeases
from uchat_ai_core.adapters.market_data import GrpcMarketData
from uchat_ai_core.adapters.models.openai_chat import Endpoint
from uchat_ai_core.adapters.models.profiles import load_profiles
from uchat_ai_core.adapters.outlet import BusOutlet
from uchat_ai_core.adapters.sessions import GrpcConversations, GrpcOwnLogs
from uchat_ai_core.adapters.trading import GrpcTrading
from uchat_ai_core.adapters.usage import Allowance, PostgresBudget
from uchat_ai_core.handlers.grpc import REQUIRES, MemoryHandlers
from uchat_ai_core.handlers.log import LogHandlers
from uchat_ai_core.handlers.running import RunningHandler
from uchat_ai_core.handlers.stop import StopHandler
from uchat_ai_core.service.loop import TurnLoop
from uchat_ai_core.service.memories import Memories
from uchat_ai_core.service.sweeper import Sweeper
from uchat_ai_core.service.turns import Turns
from uchat_ai_core.settings import AiCoreSettings
from uchat_contracts import subjects
from uchat_contracts.ids import new_ulid
from uchat_contracts.rpc.ai_core.v1 import memory_pb2
from uchat_contracts.rpc.ai_core.v1.memory_pb2_grpc import add_MemoryServicer_to_server
from uchat_contracts.rpc.execution.v1.alerts_pb2_grpc import AlertsStub
from uchat_contracts.rpc.execution.v1.decisions_pb2_grpc import DecisionsStub
from uchat_contracts.rpc.execution.v1.market_data_pb2_grpc import MarketDataStub
from uchat_contracts.rpc.execution.v1.portfolio_pb2_grpc import PortfoliosStub
from uchat_contracts.rpc.execution.v1.safety_pb2_grpc import SafetyStub
from uchat_contracts.rpc.execution.v1.venues_pb2_grpc import VenuesStub
from uchat_contracts.rpc.sessions.v1.sessions_pb2_grpc import SessionsStub
from uchat_platform import logging, process, rpc
from uchat_platform.auth import ActorSigner, ActorVerifier
from uchat_platform.bus import Bus
from uchat_platform.clock import SystemClock
from uchat_platform.errors import InvalidInputError
from uchat_platform.partitions import PartitionOwnership
from uchat_platform.process import ProcessContext

SERVICE: Final = "ai-core"
_MIB: Final = 1024 * 1024
_log = logging.get_logger(__name__)


async def serve(settings: AiCoreSettings, context: ProcessContext) -> None:
    """Answer conversations until the process is told to stop; then finish what runs.

    Raises:
        InvalidInputError: no key, or a model that cannot be served here.
        UnavailableError: NATS is away.
    """
    if settings.nkey_seed_file is None or settings.service_keys_file is None:
        raise InvalidInputError("UCHAT_NKEY_SEED_FILE and UCHAT_SERVICE_KEYS_FILE are needed")
    verifier = ActorVerifier.load(settings.service_keys_file)
    signer = ActorSigner.load(SERVICE, settings.nkey_seed_file)
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(_http())
        profiles = load_profiles(
            settings.ai_profiles, settings.ai_models, _endpoint(settings), http
        )
        bus = await stack.enter_async_context(await Bus.connect(settings, SERVICE, context.health))
        sessions = await stack.enter_async_context(_channel(settings.sessions_addr))
        execution = await stack.enter_async_context(_channel(settings.execution_addr))
        market = GrpcMarketData(MarketDataStub(execution), signer)
        trading = GrpcTrading(
            decisions_stub=DecisionsStub(execution),
            portfolios_stub=PortfoliosStub(execution),
            safety_stub=SafetyStub(execution),
            alerts_stub=AlertsStub(execution),
            venues_stub=VenuesStub(execution),
            signer=signer,
        )
        dsn = settings.postgres_dsn.get_secret_value()
        budget = PostgresBudget(dsn, _allowance(settings), SystemClock())
        brain = PydanticBrain(
            profiles,
            market,
            trading,
            patience=_patience(settings),
            budget=budget,
            turn_tokens=settings.ai_turn_tokens,
        )
        stub = SessionsStub(sessions)
        conversations = GrpcConversations(stub, signer)
        leases = PostgresLeases(dsn, new_ulid())
        outlet = BusOutlet(bus)
        loop = TurnLoop(
            Turns(brain, outlet, SystemClock(), {}),
            leases,
            conversations,
            most_turns=settings.ai_concurrency,
            most_logs=settings.ai_window_logs,
            most_bytes=settings.ai_window_mib * _MIB,
            guard_off=settings.unsafe_guard_off,
        )
        memories = MemoryHandlers(Memories(GrpcOwnLogs(stub, signer)))
        port = await stack.enter_async_context(_serving(memories, settings, verifier))
        _log.info("serving", grpc_port=port, models=profiles.names or ["planner"])
        await _work(
            settings,
            context,
            bus=bus,
            loop=loop,
            sweeper=Sweeper(conversations, loop),
            helpers=[leases, outlet, *([budget] if profiles.names else [])],
        )


async def _work(
    settings: AiCoreSettings,
    context: ProcessContext,
    *,
    bus: Bus,
    loop: TurnLoop,
    sweeper: Sweeper,
    helpers: Sequence[PostgresLeases | BusOutlet | PostgresBudget],
) -> None:
    handlers = LogHandlers(bus, loop, sweeper)
    ownership = PartitionOwnership(
        settings.postgres_dsn.get_secret_value(),
        SERVICE,
        on_acquire=handlers.on_acquire,
        on_release=handlers.on_release,
        health=context.health,
    )
    await bus.serve(subjects.running("*"), RunningHandler(loop).on_request)
    await bus.subscribe(subjects.stop("*"), StopHandler(loop).on_stop)
    async with asyncio.TaskGroup() as group:
        helping = [group.create_task(each.run()) for each in helpers]
        readers = [group.create_task(each.run()) for each in (handlers, ownership, sweeper)]
        turns = group.create_task(loop.run(context.stop))
        context.health.ready("turns", True)
        await context.stop.wait()
        context.health.ready("turns", False)
        for task in readers:
            task.cancel()
        await asyncio.wait([turns], timeout=settings.drain_timeout.total_seconds())
        if not turns.done():
            _log.warning("drain_timeout", active=len(loop.windows))
            turns.cancel()
            await asyncio.wait([turns])
        await asyncio.sleep(0)
        for task in helping:
            task.cancel()


def _serving(
    memories: MemoryHandlers, settings: AiCoreSettings, verifier: ActorVerifier
) -> AbstractAsyncContextManager[int]:
    registration = rpc.Registration(
        add_MemoryServicer_to_server, memories, memory_pb2.DESCRIPTOR.services_by_name["Memory"]
    )
    return rpc.server([registration], REQUIRES, verifier, settings.bind, settings.grpc_port)


@asynccontextmanager
async def _http() -> AsyncGenerator[aiohttp.ClientSession]:
    # No limit of its own: a turn that waited here for a connection would look like a slow model.
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=60)
    async with aiohttp.ClientSession(connector=connector) as session:
        yield session


@asynccontextmanager
async def _channel(target: str) -> AsyncGenerator[grpc.aio.Channel]:
    channel = rpc.channel(target)
    try:
        yield channel
    finally:
        await channel.close(grace=None)


def _endpoint(settings: AiCoreSettings) -> Endpoint:
    return Endpoint(
        base_url=settings.openai_base_url,
        api_key=settings.openai_api_key.get_secret_value(),
        connect_timeout_s=settings.ai_connect_timeout.total_seconds(),
        read_timeout_s=settings.ai_read_timeout.total_seconds(),
    )


def _patience(settings: AiCoreSettings) -> Patience:
    return Patience(
        whole=settings.ai_turn_timeout.total_seconds(),
        silence=settings.ai_read_timeout.total_seconds(),
        hedge=settings.ai_hedge_after.total_seconds(),
    )


def _allowance(settings: AiCoreSettings) -> Allowance:
    return Allowance(
        settings.ai_person_day_tokens, settings.ai_person_day_cost, settings.ai_day_cost
    )


def main() -> None:
    """Run the service until SIGTERM."""
    settings = AiCoreSettings()
    process.run(SERVICE, settings, lambda context: serve(settings, context))


if __name__ == "__main__":
    main()
