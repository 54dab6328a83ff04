"""For tests of others: a real exchange on a free port, in this process or in one of its own."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from uchat_platform.clock import Clock, SystemClock
from uchat_platform.embedded.ports import free_port
from uchat_sim_exchange.application import open_exchange
from uchat_sim_exchange.prices.choosing import Choice
from uchat_sim_exchange.rules import Rules
from uchat_sim_exchange.serving import served

_CLOCK: Final = SystemClock()
_SYNTHETIC: Final = Choice()
_PATIENCE_S: Final = 20
_POLL_S: Final = 0.02


@asynccontextmanager
async def exchange_server(
    directory: Path,
    seed: str = "uchat",
    clock: Clock = _CLOCK,
    rules: Rules | None = None,
    choice: Choice = _SYNTHETIC,
) -> AsyncGenerator[str]:
    """Serve an exchange in this event loop; yields its URL. The journal stays in `directory`."""
    async with (
        open_exchange(directory, seed, clock, rules, choice) as app,
        served(app, "127.0.0.1", 0) as port,
    ):
        yield f"http://127.0.0.1:{port}"


@dataclass(slots=True)
class ExchangeProcess:
    """An exchange as a process of its own, to be killed and started again on the same journal."""

    directory: Path
    port: int
    process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        """Return where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start it and wait until it listens.

        Raises:
            TimeoutError: it does not.
        """
        environment = {
            **os.environ,  # noqa: TID251 - a child gets what this process has
            "UCHAT_EXCHANGE_PORT": str(self.port),
            "UCHAT_EXCHANGE_DATA": str(self.directory),
            "UCHAT_MARKET_SOURCE": "synthetic",
        }
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "uchat_sim_exchange.app",
            env=environment,
            stdout=asyncio.subprocess.DEVNULL,
        )
        async with asyncio.timeout(_PATIENCE_S):
            await self._until_it_listens()

    async def kill(self) -> None:
        """End it at once, as a power cut does."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """Ask it to end; returns its exit code."""
        return await self._end(signal.SIGTERM)

    async def _end(self, number: int) -> int:
        if self.process is None:
            return 0
        process, self.process = self.process, None
        process.send_signal(number)
        return await process.wait()

    async def _until_it_listens(self) -> None:
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                await asyncio.sleep(_POLL_S)
            else:
                writer.close()
                await writer.wait_closed()
                return


@asynccontextmanager
async def exchange_process(directory: Path) -> AsyncGenerator[ExchangeProcess]:
    """Start an exchange of its own on a free port; it is stopped at the end."""
    running = ExchangeProcess(directory, free_port())
    await running.start()
    try:
        yield running
    finally:
        await running.stop()
