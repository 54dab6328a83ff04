"""The process of the venue worker."""

import asyncio
from typing import Final

import aiohttp

from uchat_execution.adapters.ccxt_api.client import CcxtClient
from uchat_execution.adapters.ccxt_api.exchange import CcxtExchange
from uchat_execution.domain.venues import BY_NAME
from uchat_execution.handlers.grpc import venue_worker
from uchat_execution.service.live.vault import Vault
from uchat_execution.worker.settings import WorkerSettings, names
from uchat_platform import logging, process, rpc
from uchat_platform.auth import ActorVerifier
from uchat_platform.clock import SystemClock
from uchat_platform.crypto import KeyRing
from uchat_platform.errors import InvalidInputError
from uchat_platform.process import ProcessContext

SERVICE: Final = "execution-venues"
# Shorter than a server keeps an idle connection: an order never goes out on one that just ends.
_KEEP_ALIVE_S: Final = 30.0
_log = logging.get_logger(__name__)


async def serve(settings: WorkerSettings, context: ProcessContext) -> None:
    """Serve until the process is told to stop.

    Raises:
        InvalidInputError: `setting_missing`, a file with keys is missing.
        SealError: the key file is not a key, or others may read it.
        UnavailableError: the port is taken.
    """
    if settings.service_keys_file is None or settings.venue_key_file is None:
        raise InvalidInputError(
            "UCHAT_SERVICE_KEYS_FILE and UCHAT_VENUE_KEY_FILE are needed", code="setting_missing"
        )
    context.health.ready("grpc", False)
    verifier = ActorVerifier.load(settings.service_keys_file)
    ring = KeyRing.load(settings.venue_key_file)
    connector = aiohttp.TCPConnector(limit=64, keepalive_timeout=_KEEP_ALIVE_S)
    async with aiohttp.ClientSession(connector=connector) as session:
        exchanges = {
            name: CcxtExchange(
                CcxtClient(BY_NAME[name], session, settings.venue_urls.get(name)),
                SystemClock(),
                context.health,
            )
            for name in names(settings.venues)
        }
        servicer = venue_worker.VenueWorkerServicer(Vault(ring, exchanges))
        async with (
            asyncio.TaskGroup() as group,
            rpc.server(
                [venue_worker.registration(servicer)],
                venue_worker.REQUIRES,
                verifier,
                settings.bind,
                settings.grpc_port,
            ) as port,
        ):
            keeping = [group.create_task(each.run()) for each in exchanges.values()]
            context.health.ready("grpc", True)
            _log.info("venues_ready", grpc_port=port, venues=sorted(exchanges))
            await context.stop.wait()
            context.health.ready("grpc", False)
            for task in keeping:
                task.cancel()


def main() -> None:
    """Run the worker until SIGTERM."""
    settings = WorkerSettings()
    process.run(SERVICE, settings, lambda context: serve(settings, context))
