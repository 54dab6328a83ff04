"""Many senders at once: signed in, connected, sending, and waiting until all is answered."""

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp

from tests.load.sender import Sender
from tests.support.api import Api
from tests.support.ledger import Sent

SIGN_IN_LANES = 8
Task = asyncio.Task[None]


@dataclass(slots=True)
class Crowd:
    """All senders of a run; `answered` holds when each answer came (monotonic seconds)."""

    senders: list[Sender]
    answered: list[Sent] = field(default_factory=list)
    began: float = 0.0
    ended: float = 0.0

    async def run(self, messages: int, seconds: float, give_up_s: float) -> bool:
        """Send `messages` in all, or for `seconds`; tell whether all was answered.

        Gives up once nothing has been answered for `give_up_s`.
        """
        for sender in self.senders:
            sender.on_answer = self.answered.append
        self.began = time.monotonic()
        whole, rest = divmod(messages, len(self.senders))
        shares = [whole + (n < rest) for n in range(len(self.senders))]
        runs = [
            asyncio.create_task(sender.run(share))
            for sender, share in zip(self.senders, shares, strict=True)
        ]
        pending = set(runs)
        if seconds:
            _, pending = await asyncio.wait(runs, timeout=seconds)
            for sender in self.senders:
                sender.stopping = True
        pending = await self._finish(pending, give_up_s)
        self.ended = time.monotonic()
        for task in pending:
            task.cancel()
        await asyncio.gather(*runs, return_exceptions=True)
        for run in runs:
            if not run.cancelled() and (error := run.exception()) is not None:
                raise error
        return not pending

    async def _finish(self, pending: set[Task], give_up_s: float) -> set[Task]:
        answered, since = -1, time.monotonic()
        while pending and time.monotonic() - since < give_up_s:
            if answered < len(self.answered):
                answered, since = len(self.answered), time.monotonic()
            _, pending = await asyncio.wait(pending, timeout=1.0)
        return pending

    async def settle(self, timeout_s: float) -> bool:
        """Wait until all is answered and all are connected; tell whether that came about."""
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            if len(self.answered) >= self.sent and all(s.socket.is_open for s in self.senders):
                return True
            await asyncio.sleep(0.05)
        return False

    @property
    def sent(self) -> int:
        """Return how many messages were sent so far, each counted once."""
        return sum(len(sender.ledger.sent) for sender in self.senders)

    def answers_in(self, after_s: float, before_s: float) -> float:
        """Return answers a second between two times since the begin."""
        times = [s.answered_at - self.began for s in self.answered if s.answered_at is not None]
        return sum(after_s <= at < before_s for at in times) / (before_s - after_s)

    @property
    def acked(self) -> int:
        """Return how many messages were accepted so far."""
        return sum(
            sent.acked_at is not None
            for sender in self.senders
            for sent in sender.ledger.sent.values()
        )


@asynccontextmanager
async def crowd(
    base: str, size: int, window: int, seed: int, *, by_socket_only: bool = False
) -> AsyncIterator[Crowd]:
    """Sign in `size` guests, each in its home conversation, and keep them connected."""
    timeout = aiohttp.ClientTimeout(total=15)
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=60)
    gate = asyncio.Semaphore(SIGN_IN_LANES)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as http:

        async def sign_in(n: int) -> Sender:
            async with gate:
                api = await Api.guest(http, base)
            chance = random.Random(f"{seed}:{n}")
            return Sender(api, f"s{n}", api.home, window, chance, by_socket_only)

        senders = list(await asyncio.gather(*(sign_in(n) for n in range(size))))
        follows = [asyncio.create_task(sender.follow()) for sender in senders]
        try:
            await _until(lambda: all(sender.view.is_live for sender in senders), 60)
            yield Crowd(senders)
        finally:
            for task in follows:
                task.cancel()
            await asyncio.gather(*follows, return_exceptions=True)
            with contextlib.suppress(aiohttp.ClientError, OSError):
                await asyncio.gather(*(sender.socket.close() for sender in senders))


async def _until(condition: Callable[[], bool], timeout_s: float) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.05)
