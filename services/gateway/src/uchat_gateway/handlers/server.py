"""The HTTP server's life: it stops when doors have drained, not when a signal comes."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Generator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from uchat_gateway.settings import GatewaySettings
from uchat_platform.errors import UnavailableError
from uchat_platform.logging import get_logger

# Above what a frame may have, so that the door can say what is wrong before it closes.
_MAX_WS_MESSAGE: Final = 256 * 1024
_BACKLOG: Final = 2048
_log = get_logger(__name__)


class GatewayServer(uvicorn.Server):
    """uvicorn that leaves signals to the process: by itself it cuts WebSockets within 0.1 s."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Capture nothing."""
        yield

    async def on_tick(self, counter: int) -> bool:
        """Tell whether to stop: ordered to, or a door's background work has failed."""
        return await super().on_tick(counter) or self.lifespan.error_occurred


def listen(bind: str, port: int) -> socket.socket:
    """Bind the gateway's port; 0 means any free one.

    Raises:
        UnavailableError: `port_taken`.
    """
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((bind, port))
    except OSError as e:
        listener.close()
        raise UnavailableError(f"Port {port} of {bind} is taken", code="port_taken") from e
    listener.setblocking(False)
    return listener


def make_server(app: ASGIApp, settings: GatewaySettings) -> GatewayServer:
    """Return a server for the application. Limits of frames and pings are the doors' business."""
    config = uvicorn.Config(
        app,
        http=HttpToolsProtocol,
        ws=WebSocketsSansIOProtocol,
        loop="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        backlog=_BACKLOG,
        ws_max_size=_MAX_WS_MESSAGE,
        ws_ping_interval=None,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=max(1, int(settings.drain_timeout.total_seconds())),
    )
    return GatewayServer(config)


async def serve_until(
    server: GatewayServer,
    listener: socket.socket,
    stop: asyncio.Event,
    drain: Callable[[], Awaitable[None]],
    settings: GatewaySettings,
) -> None:
    """Serve until `stop`; then let load balancers notice, drain, finish requests and return.

    Raises:
        UnavailableError: `server_failed`, it did not start, or stopped without being told to.
    """
    with closing(listener):
        async with asyncio.TaskGroup() as tasks:
            serving = tasks.create_task(_serve(server, listener))
            stopping = tasks.create_task(stop.wait())
            await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
            if not serving.done():
                await _drain(drain, settings.drain_pause, settings.drain_timeout)
                server.should_exit = True
            stopping.cancel()
    if not stop.is_set():
        raise UnavailableError("The server stopped by itself", code="server_failed")


async def _serve(server: GatewayServer, listener: socket.socket) -> None:
    try:
        await server.serve(sockets=[listener])
    except SystemExit:
        # How uvicorn says that the application did not start; why stands in the log.
        _log.error("server_failed")


async def _drain(drain: Callable[[], Awaitable[None]], pause: timedelta, limit: timedelta) -> None:
    await asyncio.sleep(pause.total_seconds())
    try:
        async with asyncio.timeout(limit.total_seconds()):
            await drain()
    except TimeoutError:
        _log.warning("drain_cut_short", limit_s=limit.total_seconds())
