"""Wiring of the simulator, and its life as a process."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from aiohttp import web

from uchat_platform import logging, process
from uchat_platform.errors import UnavailableError
from uchat_platform.process import ProcessContext
from uchat_sim_telegram.bot_api import BotApi
from uchat_sim_telegram.faults import Faults
from uchat_sim_telegram.server import Simulator
from uchat_sim_telegram.settings import SimulatorSettings
from uchat_sim_telegram.sim_api import SimApi
from uchat_sim_telegram.updates import UpdateQueue
from uchat_sim_telegram.webhook import Webhook
from uchat_sim_telegram.world import World

SERVICE: Final = "telegram-simulator"
_PAGE: Final = Path(__file__).parent / "page"
_MAX_BODY: Final = 20 * 1024 * 1024
_CLOSE_S: Final = 1.0
_POLICY: Final = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'"
_log = logging.get_logger(__name__)


def build(settings: SimulatorSettings) -> Simulator:
    """Make an empty Telegram."""
    updates = UpdateQueue()
    return Simulator(
        world=World(settings.telegram_bot),
        updates=updates,
        faults=Faults(),
        webhook=Webhook(updates),
        token=settings.telegram_token,
    )


def application(simulator: Simulator) -> web.Application:
    """Return the HTTP application: the Bot API, the test API and the page."""
    app = web.Application(client_max_size=_MAX_BODY, middlewares=[_secured])
    BotApi(simulator).add_to(app)
    SimApi(simulator).add_to(app)
    app.router.add_get("/readyz", _ready)
    app.router.add_get("/", _page)
    app.router.add_static("/page/", _PAGE)
    return app


@asynccontextmanager
async def running(
    settings: SimulatorSettings, port: int | None = None
) -> AsyncGenerator[tuple[Simulator, str]]:
    """Serve until the block ends; yields the simulator and its base URL. Port 0: any free one.

    Raises:
        UnavailableError: the port is taken.
    """
    simulator = build(settings)
    # A poller that went away must not count as a second one.
    runner = web.AppRunner(
        application(simulator),
        access_log=None,
        shutdown_timeout=_CLOSE_S,
        handler_cancellation=True,
    )
    await runner.setup()
    chosen = settings.tgsim_port if port is None else port
    try:
        try:
            await web.TCPSite(runner, settings.bind, chosen).start()
        except OSError as e:
            raise UnavailableError(f"Port {chosen} is taken", code="port_taken") from e
        bound = runner.addresses[0][1]
        async with asyncio.TaskGroup() as group:
            pushing = group.create_task(simulator.webhook.run(simulator.world.now))
            try:
                yield simulator, f"http://{settings.bind}:{bound}"
            finally:
                pushing.cancel()
    finally:
        await runner.cleanup()


async def serve(settings: SimulatorSettings, context: ProcessContext) -> None:
    """Run until told to stop."""
    async with running(settings) as (_, url):
        context.health.ready("http", True)
        _log.info("telegram_simulator_ready", url=url)
        await context.stop.wait()


@web.middleware
async def _secured(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    response = await handler(request)
    response.headers["X-Content-Type-Options"] = "nosniff"
    if response.content_type == "text/html":
        response.headers["Content-Security-Policy"] = _POLICY
        response.headers["Cache-Control"] = "no-cache"
    return response


async def _ready(request: web.Request) -> web.Response:
    del request
    return web.json_response({"service": SERVICE, "ready": True})


async def _page(request: web.Request) -> web.FileResponse:
    del request
    return web.FileResponse(_PAGE / "index.html")


def main() -> None:
    """Run the simulator."""
    settings = SimulatorSettings()
    process.run(SERVICE, settings, lambda context: serve(settings, context))


if __name__ == "__main__":
    main()
