"""How fast Telegram is spoken to: in all, and in each chat; what matters most goes first."""

import asyncio
import heapq
import itertools
from collections import OrderedDict
from typing import Final

CARD: Final = 0
ANSWER: Final = 1
NOTICE: Final = 2
_CHATS: Final = 10_000


class Bucket:
    """Gives out `rate` turns a second, `burst` of them at once; the lowest priority goes first."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = max(1.0, burst)
        self._tokens = self._burst
        self._at: float | None = None
        self._not_before = 0.0
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def idle(self) -> bool:
        """Tell whether nobody waits."""
        return not self._waiting

    async def take(self, priority: int = NOTICE) -> None:
        """Return when it is one's turn."""
        loop = asyncio.get_running_loop()
        if not self._waiting and self._ready(loop.time(), 1.0):
            self._tokens -= 1
            return
        turn = loop.create_future()
        heapq.heappush(self._waiting, (priority, next(self._numbers), turn))
        self._arm(loop)
        await turn

    def try_take(self, spare: float = 1.0) -> bool:
        """Take a turn if nobody waits and `spare` turns would be left; tells whether it did."""
        now = asyncio.get_running_loop().time()
        if self._waiting or not self._ready(now, 1.0 + spare):
            return False
        self._tokens -= 1
        return True

    def pause(self, seconds: float) -> None:
        """Give out nothing for a while."""
        loop = asyncio.get_running_loop()
        self._not_before = max(self._not_before, loop.time() + seconds)
        self._arm(loop)

    def _ready(self, now: float, wanted: float) -> bool:
        past = 0.0 if self._at is None else now - self._at
        self._tokens = min(self._burst, self._tokens + past * self._rate)
        self._at = now
        return now >= self._not_before and self._tokens >= min(wanted, self._burst)

    def _arm(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if not self._waiting:
            self._timer = None
            return
        self._ready(loop.time(), 1.0)
        for_token = max(0.0, 1.0 - self._tokens) / self._rate
        delay = max(for_token, self._not_before - loop.time(), 0.0)
        self._timer = loop.call_later(delay + 0.001, self._give, loop)

    def _give(self, loop: asyncio.AbstractEventLoop) -> None:
        while self._waiting and self._ready(loop.time(), 1.0):
            _, _, turn = heapq.heappop(self._waiting)
            if not turn.done():
                self._tokens -= 1
                turn.set_result(None)
        self._arm(loop)


class Pace:
    """Turns to call Telegram: one bucket a chat and one for all."""

    def __init__(self, *, total_rate: float, chat_rate: float, chat_burst: float = 5.0) -> None:
        self._all = Bucket(total_rate, total_rate)
        self._chat_rate = chat_rate
        self._chat_burst = max(chat_burst, chat_rate)
        self._chats: OrderedDict[int, Bucket] = OrderedDict()

    async def turn(self, chat_id: int, priority: int) -> None:
        """Return when a call into a chat may be made."""
        await self._chat(chat_id).take(priority)
        await self._all.take(priority)

    def spare_turn(self, chat_id: int) -> bool:
        """Take a turn for something that may as well be left out; tells whether there is one."""
        return self._chat(chat_id).try_take() and self._all.try_take()

    def pause(self, chat_id: int, seconds: float) -> None:
        """Leave a chat alone for a while: Telegram said so."""
        self._chat(chat_id).pause(seconds)

    def _chat(self, chat_id: int) -> Bucket:
        bucket = self._chats.get(chat_id)
        if bucket is None:
            bucket = self._chats[chat_id] = Bucket(self._chat_rate, self._chat_burst)
            self._forget()
        self._chats.move_to_end(chat_id)
        return bucket

    def _forget(self) -> None:
        while len(self._chats) > _CHATS:
            oldest = next(iter(self._chats))
            if not self._chats[oldest].idle:
                return
            del self._chats[oldest]
