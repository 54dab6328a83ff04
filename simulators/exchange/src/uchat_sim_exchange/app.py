"""The exchange as a process: `python -m uchat_sim_exchange.app`."""

from uchat_platform import logging, process
from uchat_platform.process import ProcessContext
from uchat_sim_exchange.application import open_exchange
from uchat_sim_exchange.serving import served
from uchat_sim_exchange.settings import ExchangeSettings

_log = logging.get_logger(__name__)


async def serve(settings: ExchangeSettings, context: ProcessContext) -> None:
    """Serve the exchange until the process is told to stop.

    Raises:
        UnavailableError: the port is taken.
        InvalidInputError: a replay has no file, or one that cannot be read.
    """
    async with (
        open_exchange(
            settings.exchange_data,
            settings.market_seed,
            rules=settings.rules(),
            choice=settings.choice(),
        ) as app,
        served(app, settings.bind, settings.exchange_port) as port,
    ):
        context.health.ready("exchange", True)
        _log.info("serving", port=port)
        await context.stop.wait()


def main() -> None:
    """Run the exchange until SIGTERM."""
    settings = ExchangeSettings()
    process.run("exchange", settings, lambda context: serve(settings, context))


if __name__ == "__main__":
    main()
