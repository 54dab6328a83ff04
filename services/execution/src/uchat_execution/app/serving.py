"""The process of execution."""

import asyncio

from uchat_execution.adapters.binance_api import BinanceApi, binance_api
from uchat_execution.adapters.binance_statements import BinanceStatements
from uchat_execution.adapters.binance_stream import BinanceStream
from uchat_execution.adapters.circuits import Circuits
from uchat_execution.adapters.listings import Listings
from uchat_execution.adapters.market_exchange import ExchangeMarketData
from uchat_execution.adapters.paper_keys import PaperKeys
from uchat_execution.adapters.postgres.clock import PostgresClock
from uchat_execution.adapters.venue_binance import BinanceVenue
from uchat_execution.adapters.venue_clock import VenueClock
from uchat_execution.app import database
from uchat_execution.app.live import reached
from uchat_execution.app.replica import REQUIRES
from uchat_execution.app.wiring import CURRENCY, mandate_key, wire
from uchat_execution.domain.orders import TRIGGERS, Feature
from uchat_execution.handlers.bus import SERVICE, Intake
from uchat_execution.settings import ExecutionSettings
from uchat_platform import logging, process, rpc, tasks
from uchat_platform.auth import ActorVerifier
from uchat_platform.bus import Bus
from uchat_platform.clock import SystemClock
from uchat_platform.errors import InvalidInputError, UnavailableError
from uchat_platform.process import ProcessContext

_log = logging.get_logger(__name__)


async def serve(settings: ExecutionSettings, context: ProcessContext) -> None:
    """Serve until the process is told to stop.

    Raises:
        InvalidInputError: a file with keys is missing.
        UnavailableError: the port is taken, or the bus is away for too long.
    """
    if settings.service_keys_file is None or settings.paper_secret_file is None:
        raise InvalidInputError(
            "UCHAT_SERVICE_KEYS_FILE and UCHAT_PAPER_SECRET_FILE are needed", code="setting_missing"
        )
    # Before anything is connected: without it no mandate can be checked.
    mandate_key(settings)
    # Not ready until calls are answered, whatever else is there already.
    context.health.ready("grpc", False)
    verifier = ActorVerifier.load(settings.service_keys_file)
    keys = PaperKeys.load(settings.paper_secret_file)
    circuits = Circuits.of(context.health)
    async with (
        binance_api(settings.exchange_url, SystemClock(), circuits) as api,
        database.connected(settings, context) as pool,
        await Bus.connect(settings, SERVICE, context.health) as bus,
        reached(settings, pool) as live,
    ):
        without = TRIGGERS if settings.triggers_kept_here else frozenset[Feature]()
        listings = Listings(api, CURRENCY, without)
        source = await _market(api, listings, context)
        stream = BinanceStream(api, keys, CURRENCY)
        clock = VenueClock(api, PostgresClock(pool).now, context.health)
        app = wire(
            settings,
            pool,
            bus,
            source,
            BinanceVenue(api, listings, keys, clock),
            stream=stream,
            statements=BinanceStatements(api, listings, keys),
            live=live,
            circuits=circuits.states,
        )
        async with (
            asyncio.TaskGroup() as group,
            rpc.server(
                app.registrations(), REQUIRES, verifier, settings.bind, settings.grpc_port
            ) as port,
            Intake(settings, bus, app.proposing.propose).running(),
        ):
            working = [
                group.create_task(work)
                for work in (source.run(), app.run(), clock.run(), database.watch(pool, context))
            ]
            context.health.ready("grpc", True)
            _log.info("execution_ready", grpc_port=port, exchange=settings.exchange_url)
            try:
                await context.stop.wait()
                context.health.ready("grpc", False)
            finally:
                await tasks.end(working)


async def _market(
    api: BinanceApi, listings: Listings, context: ProcessContext
) -> ExchangeMarketData:
    """Prices are there before the first proposal is taken in, if the exchange is."""
    source = ExchangeMarketData(api, listings, context.health, source="paper", simulated=True)
    try:
        await listings.refresh()
        await source.refresh()
    except UnavailableError as e:
        _log.warning("starts_without_market", detail=e.detail)
    return source


def main() -> None:
    """Run the service until SIGTERM."""
    settings = ExecutionSettings()
    process.run(SERVICE, settings, lambda context: serve(settings, context))
