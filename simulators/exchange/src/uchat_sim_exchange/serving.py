"""Serves the REST API and the user stream until it is told to stop."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from uchat_platform.errors import UnavailableError

_GRACE_S: Final = 1
# Longer than a client keeps an idle connection: a closing one makes an order's outcome unknown.
_KEEP_ALIVE_S: Final = 75


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ending = asyncio.Event()

    async def main_loop(self) -> None:
        """Wait to be ended, and not ten times a second; answers keep their date current."""
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await self.ending.wait()

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Capture nothing: signals are the process's business."""
        yield


@asynccontextmanager
async def served(app: ASGIApp, bind: str, port: int) -> AsyncGenerator[int]:
    """Serve while the block runs; yields the port, any free one for 0.

    Raises:
        UnavailableError: `port_taken`.
    """
    listener = _listen(bind, port)
    config = uvicorn.Config(
        app,
        http="httptools",
        ws="websockets-sansio",
        loop="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_GRACE_S,
    )
    server = _Server(config)
    with listener:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(server.serve(sockets=[listener]))
            try:
                yield listener.getsockname()[1]
            finally:
                server.should_exit = True
                server.ending.set()


def _listen(bind: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((bind, port))
    except OSError as e:
        listener.close()
        raise UnavailableError(f"Port {port} of {bind} is taken", code="port_taken") from e
    # Who connects before the server's first turn waits in the queue.
    listener.listen()
    listener.setblocking(False)
    return listener
