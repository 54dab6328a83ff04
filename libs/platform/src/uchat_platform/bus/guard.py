"""The one guard of every reader of a log: entry after entry, whatever the transport does."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, Protocol, TypeVar

from uchat_platform import logging
from uchat_platform.errors import UchatError, UnavailableError

# Swapped neighbours arrive within this time; asking the database for them would cost more.
_PATIENCE_S: Final = 0.1
_LONGEST_PAUSE_S: Final = 2.0
_MOST_PARKED: Final = 2_000

_log = logging.get_logger(__name__)


class Numbered(Protocol):
    """An entry of a log."""

    @property
    def seq(self) -> int:
        """Its number: 1, 2, 3, … without gaps."""
        ...

    @property
    def epoch(self) -> str:
        """Which history the number belongs to."""
        ...


E = TypeVar("E", bound=Numbered)

Fetch = Callable[[int, int], Awaitable[Sequence[E]]]


class LogGuard(Generic[E]):
    """Applies the entries of one log exactly once each, in order: last + 1, nothing else.

    A lower entry is dropped, a higher one parked; what is missing after 100 ms is fetched, once at
    a time, again and again while the source is away. Cheap while nothing is missing: no task, no
    timer.

    `fetch(after, to)` returns entries with after < seq <= to (some of them will do); `apply` must
    not block. Another epoch means that the database was restored: `on_epoch` is called once, and
    nothing is applied until `reset`. A fetch that fails for good calls `on_failed`, likewise.
    `off` is the negative control of the chaos test: everything is applied as it comes.
    """

    __slots__ = (
        "_apply",
        "_fetch",
        "_known",
        "_off",
        "_on_epoch",
        "_on_failed",
        "_parked",
        "_stopped",
        "_task",
        "_timer",
        "epoch",
        "last",
        "log",
    )

    def __init__(
        self,
        log: str,
        after: int,
        epoch: str,
        fetch: Fetch[E],
        apply: Callable[[E], None],
        *,
        on_epoch: Callable[[str], None] | None = None,
        on_failed: Callable[[UchatError], None] | None = None,
        off: bool = False,
    ) -> None:
        self.log = log
        self.last = after
        self.epoch = epoch
        self._fetch = fetch
        self._apply = apply
        self._on_epoch = on_epoch
        self._on_failed = on_failed
        self._off = off
        self._known = after
        self._parked: dict[int, E] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopped = False

    def offer(self, entry: E) -> None:
        """Take an entry in whatever order it comes."""
        if self._off:
            self._apply(entry)
            return
        if self._stopped or not self._is_current(entry.epoch):
            return
        seq = entry.seq
        if seq == self.last + 1:
            self.last = seq
            self._apply(entry)
            if self._parked:
                self._unpark()
        elif seq > self.last:
            if len(self._parked) < _MOST_PARKED:
                self._parked[seq] = entry
            self._learn(seq)

    def heads(self, epoch: str, seq: int) -> None:
        """Learn how far the log goes by the database."""
        if not self._off and not self._stopped and self._is_current(epoch):
            self._learn(seq)

    def reset(self, after: int, epoch: str) -> None:
        """Go on after a snapshot at `after`; what was parked is forgotten."""
        self.close()
        self.last = self._known = after
        self.epoch = epoch
        self._stopped = False

    def close(self) -> None:
        """Apply nothing more and stop a running fetch."""
        self._stopped = True
        self._parked.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _is_current(self, epoch: str) -> bool:
        if epoch == self.epoch:
            return True
        self.close()
        _log.info("log_epoch_changed", session_id=self.log, was=self.epoch, now=epoch)
        if self._on_epoch is not None:
            self._on_epoch(epoch)
        return False

    def _learn(self, seq: int) -> None:
        self._known = max(self._known, seq)
        if self._known > self.last and self._timer is None and self._task is None:
            self._timer = asyncio.get_running_loop().call_later(_PATIENCE_S, self._start_fetch)

    def _unpark(self) -> None:
        while (entry := self._parked.pop(self.last + 1, None)) is not None:
            self.last = entry.seq
            self._apply(entry)
            if self._stopped:
                return

    def _start_fetch(self) -> None:
        self._timer = None
        if self._missing_to() > self.last:
            self._task = asyncio.get_running_loop().create_task(self._fill())

    def _missing_to(self) -> int:
        """Return the last number that is missing now (`last` if none is)."""
        parked = min(self._parked, default=self._known + 1)
        return min(parked - 1, self._known)

    async def _fill(self) -> None:
        pause = _PATIENCE_S
        try:
            while (to := self._missing_to()) > self.last:
                before = self.last
                entries: Sequence[E] = ()
                try:
                    entries = await self._fetch(before, to)
                except (UnavailableError, OSError, TimeoutError) as e:
                    _log.info("log_fetch_waits", session_id=self.log, detail=str(e))
                self._take(entries)
                if self._task is not asyncio.current_task():
                    return
                if self.last > before:
                    pause = _PATIENCE_S
                else:
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, _LONGEST_PAUSE_S)
        except UchatError as e:
            self._give_up(e)
        finally:
            if self._task is asyncio.current_task():
                self._task = None

    def _take(self, entries: Sequence[E]) -> None:
        for entry in entries:
            if self._stopped or not self._is_current(entry.epoch):
                return
            if entry.seq == self.last + 1:
                self.last = entry.seq
                self._parked.pop(entry.seq, None)
                self._apply(entry)
        if not self._stopped:
            self._unpark()

    def _give_up(self, error: UchatError) -> None:
        if self._task is not asyncio.current_task():
            return
        self._task = None
        self.close()
        _log.warning("log_fetch_failed", session_id=self.log, code=error.code)
        if self._on_failed is not None:
            self._on_failed(error)
