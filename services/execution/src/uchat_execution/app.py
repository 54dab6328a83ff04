"""Wiring of execution, and its process: `python -m uchat_execution.app`."""

from uchat_execution.adapters.synthetic import SyntheticMarketData
from uchat_execution.handlers.grpc import REQUIRES, registration
from uchat_execution.service import MarketDataService
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
    service = MarketDataService(SyntheticMarketData(settings.market_seed, SystemClock()))
    verifier = ActorVerifier.load(settings.service_keys_file)
    async with rpc.server(
        [registration(service)], REQUIRES, verifier, settings.bind, settings.grpc_port
    ) as port:
        context.health.ready("grpc", True)
        _log.info("serving", grpc_port=port, market="synthetic")
        await context.stop.wait()
        context.health.ready("grpc", False)


def main() -> None:
    """Run the service until SIGTERM."""
    settings = ExecutionSettings()
    process.run("execution", settings, lambda context: serve(settings, context))


if __name__ == "__main__":
    main()
