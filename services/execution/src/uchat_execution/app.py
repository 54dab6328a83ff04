"""Wiring of execution, and its process: `python -m uchat_execution.app`."""

import asyncio

from uchat_execution.adapters.binance_api import binance_api
from uchat_execution.adapters.listings import Listings
from uchat_execution.adapters.market_exchange import ExchangeMarketData
from uchat_execution.handlers.grpc import REQUIRES, registration
from uchat_execution.service.quotes import MarketDataService
from uchat_execution.settings import ExecutionSettings
from uchat_platform import logging, process, rpc
from uchat_platform.auth import ActorVerifier
from uchat_platform.clock import SystemClock
from uchat_platform.errors import InvalidInputError
from uchat_platform.process import ProcessContext

_log = logging.get_logger(__name__)


async def serve(settings: ExecutionSettings, context: ProcessContext) -> None:
    """Serve gRPC until the process is told to stop.

    Raises:
        InvalidInputError: no public keys of the services that may call.
        UnavailableError: the port is taken.
    """
    if settings.service_keys_file is None:
        raise InvalidInputError("UCHAT_SERVICE_KEYS_FILE is needed to know who calls")
    verifier = ActorVerifier.load(settings.service_keys_file)
    async with binance_api(settings.exchange_url, SystemClock()) as api:
        market = ExchangeMarketData(
            api, Listings(api), context.health, source="paper", simulated=True
        )
        registrations = [registration(MarketDataService(market))]
        async with (
            rpc.server(
                registrations, REQUIRES, verifier, settings.bind, settings.grpc_port
            ) as port,
            asyncio.TaskGroup() as tasks,
        ):
            polling = tasks.create_task(market.run())
            context.health.ready("grpc", True)
            _log.info("serving", grpc_port=port, exchange=settings.exchange_url)
            await context.stop.wait()
            context.health.ready("grpc", False)
            polling.cancel()


def main() -> None:
    """Run the service until SIGTERM."""
    settings = ExecutionSettings()
    process.run("execution", settings, lambda context: serve(settings, context))


if __name__ == "__main__":
    main()
