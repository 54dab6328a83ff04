"""The bot's update queue: at least once, in order, to one poller or to a webhook."""

import asyncio
import itertools
import time
from collections import OrderedDict
from typing import Any, Final

from uchat_sim_telegram.errors import ApiError

Json = dict[str, Any]
_MAX_WAIT_S: Final = 50


class UpdateQueue:
    """Updates until they are confirmed by a higher offset (getUpdates) or taken by the webhook."""

    def __init__(self) -> None:
        # Higher than those before a restart: who confirmed these must not miss the next ones.
        self._numbers = itertools.count(int(time.time()))
        self._waiting: OrderedDict[int, Json] = OrderedDict()
        self._again: list[Json] = []
        self._last: Json | None = None
        self._arrived = asyncio.Event()
        self._poller: asyncio.Event | None = None
        self.allowed: frozenset[str] | None = None
        self.conflicts = 0

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def polled(self) -> bool:
        """Tell whether a poller waits now."""
        return self._poller is not None

    def put(self, kind: str, body: Json) -> int | None:
        """Queue an update; returns its id, or None if the bot does not want this kind."""
        if self.allowed is not None and kind not in self.allowed:
            return None
        update: Json = {"update_id": next(self._numbers), kind: body}
        self._waiting[update["update_id"]] = update
        self._last = update
        self._arrived.set()
        return update["update_id"]

    def redeliver(self) -> int | None:
        """Send the latest update once more, although it may have been confirmed."""
        if self._last is None:
            return None
        self._again.append(self._last)
        self._arrived.set()
        return self._last["update_id"]

    def drop_all(self) -> None:
        """Forget what waits."""
        self._waiting.clear()

    def confirm(self, offset: int) -> None:
        """Forget all updates below an offset; a negative one keeps the last so many."""
        if offset < 0:
            for key in list(self._waiting)[:offset]:
                del self._waiting[key]
            return
        for key in [key for key in self._waiting if key < offset]:
            del self._waiting[key]

    def peek(self, limit: int) -> list[Json]:
        """Return what waits, oldest first, without confirming it."""
        again, self._again = self._again, []
        return (again + list(itertools.islice(self._waiting.values(), limit)))[:limit]

    async def poll(self, offset: int | None, limit: int, timeout_s: int) -> list[Json]:
        """Serve getUpdates. A new poller ends the one before with 409.

        Raises:
            ApiError: another poller came.
        """
        if self._poller is not None:
            self._poller.set()
        ousted = self._poller = asyncio.Event()
        try:
            if offset is not None:
                self.confirm(offset)
            found = self.peek(limit)
            if not found and timeout_s > 0:
                await self._wait(ousted, min(timeout_s, _MAX_WAIT_S))
                found = [] if ousted.is_set() else self.peek(limit)
            if ousted.is_set():
                self.conflicts += 1
                raise ApiError(
                    409,
                    "Conflict: terminated by other getUpdates request; make sure that only one bot"
                    " instance is running",
                )
            return found
        finally:
            if self._poller is ousted:
                self._poller = None

    async def wait(self) -> None:
        """Return once something waits."""
        while not self._waiting and not self._again:
            self._arrived.clear()
            await self._arrived.wait()

    async def _wait(self, ousted: asyncio.Event, seconds: float) -> None:
        arriving = asyncio.ensure_future(self.wait())  # owned: cancelled below
        leaving = asyncio.ensure_future(ousted.wait())  # owned: cancelled below
        try:
            await asyncio.wait(
                (arriving, leaving), timeout=seconds, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            arriving.cancel()
            leaving.cancel()
