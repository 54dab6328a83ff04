"""The life of a service process: loop, logs, traces, signals, health, and a clean end."""

import asyncio
import gc
import resource
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

import uvloop

from uchat_platform import health as health_server
from uchat_platform import logging, telemetry
from uchat_platform.errors import UchatError
from uchat_platform.health import Health
from uchat_platform.settings import BaseServiceSettings

_NEW_OBJECTS: Final = 10_000
_OPEN_FILES: Final = 65_536
_SETTLED_S: Final = 3.0


@dataclass(frozen=True, slots=True)
class ProcessContext:
    """What a service's `serve` gets: its name, its health and the order to stop."""

    service: str
    health: Health
    stop: asyncio.Event = field(default_factory=asyncio.Event)


Serve = Callable[[ProcessContext], Awaitable[None]]


def run(service: str, settings: BaseServiceSettings, serve: Serve) -> None:
    """Run a service until SIGTERM or SIGINT; exits with 1 if it cannot go on.

    `serve` sets up, then waits for `context.stop` and drains. A health server runs beside it if the
    settings name a port for one.
    """
    logging.configure(service, settings.replica, settings.log_level)
    telemetry.configure(service, settings.replica, settings.otlp_endpoint)
    allow_open_files()
    log = logging.get_logger(service)
    try:
        uvloop.run(_serve(service, settings, serve))
    except UchatError as e:
        log.error("service_failed", code=e.code, detail=e.detail)  # noqa: TRY400 - a cause, no bug
        sys.exit(1)
    finally:
        telemetry.shutdown()
    log.info("service_stopped")


def allow_open_files() -> None:
    """Raise the limit of open files as far as this process may.

    1024 is usual for whoever asks for no more: fewer than the connections that are held here.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, _OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _settle() -> None:
    # What the start has made lives as long as the process: the collector need not look at it again,
    # and may come by less often than after every 700 new objects, which is several times a message.
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS)


async def _serve(service: str, settings: BaseServiceSettings, serve: Serve) -> None:
    context = ProcessContext(service, Health(service))
    loop = asyncio.get_running_loop()

    def order_stop() -> None:
        context.health.draining = True
        context.stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, order_stop)
    settling = loop.call_later(_SETTLED_S, _settle)
    stop_health = (
        health_server.serve(context.health, settings.bind, settings.health_port)
        if settings.health_port
        else None
    )
    try:
        await serve(context)
    finally:
        settling.cancel()
        if stop_health is not None:
            await asyncio.to_thread(stop_health)
