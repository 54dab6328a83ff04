"""The windows of the conversations that were active latest, kept up by the log."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from uchat_ai_core.domain.turn import Said
from uchat_ai_core.domain.window import Window
from uchat_ai_core.ports import Conversations
from uchat_contracts.events import LogEntry
from uchat_platform import logging
from uchat_platform.bus import LogGuard
from uchat_platform.errors import UchatError

_FETCHES: Final = 64
"""Most windows that are asked for at once: a thousand who write at once must not ask at once."""

_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Announced:
    """An entry of a log as it was announced, with the trace that it belongs to."""

    entry: LogEntry
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def seq(self) -> int:
        """Its number in the log."""
        return self.entry.seq

    @property
    def epoch(self) -> str:
        """Which history the number belongs to."""
        return self.entry.epoch


@dataclass(slots=True)
class _Kept:
    window: Window
    guard: LogGuard[Announced]
    counted: int
    used_at: float


class Windows:
    """Windows by log, the least recently used one goes first; bounded by number and bytes.

    Entries reach a kept window through the guard, once each and in order. `on_said` is called for
    each message of a person that enters a kept window.
    """

    def __init__(
        self,
        conversations: Conversations,
        on_said: Callable[[str, Said], None],
        *,
        most_logs: int,
        most_bytes: int,
        guard_off: bool = False,
    ) -> None:
        self._conversations = conversations
        self._on_said = on_said
        self._most_logs = most_logs
        self._most_bytes = most_bytes
        self._guard_off = guard_off
        self._fetches = asyncio.Semaphore(_FETCHES)
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def size(self) -> int:
        """Return the estimated bytes of all windows."""
        return self._bytes

    def offer(self, announced: Announced) -> bool:
        """Take an announced entry; false if no window is kept for its log."""
        kept = self._kept.get(announced.entry.log)
        if kept is None:
            return False
        kept.guard.offer(announced)
        return True

    async def get(self, log: str, *, at_least: int, keep: bool) -> Window:
        """Return the window of a log, up to `at_least` or later; with `keep` it is kept.

        A log whose entries do not arrive here must not be kept: its window would grow stale.

        Raises:
            NotFoundError: the conversation is erased or unknown.
            UnavailableError: the sessions service is away.
        """
        kept = self._kept.get(log)
        if kept is not None and kept.window.last >= at_least:
            self._kept.move_to_end(log)
            kept.used_at = time.monotonic()
            return kept.window
        self.drop(log)
        async with self._fetches:
            context = await self._conversations.context(log)
        window = Window(log, context.epoch, context.head, context.mode)
        window.fill(context.entries, [(w.message_id, w.seq) for w in context.waiting])
        if keep:
            self._keep(window)
        return window

    def drop(self, log: str) -> None:
        """Forget a log's window."""
        kept = self._kept.pop(log, None)
        if kept is not None:
            kept.guard.close()
            self._bytes -= kept.counted

    def drop_where(self, belongs: Callable[[str], bool]) -> None:
        """Forget the windows of all logs for which `belongs` is true."""
        for log in [log for log in self._kept if belongs(log)]:
            self.drop(log)

    def drop_idle(self, idle_s: float) -> None:
        """Forget the windows that no turn has used for `idle_s` seconds."""
        limit = time.monotonic() - idle_s
        while self._kept:
            log, kept = next(iter(self._kept.items()))
            if kept.used_at > limit:
                return
            self.drop(log)

    def resized(self, log: str) -> None:
        """Count a window's bytes anew after it changed, and make room if need be."""
        kept = self._kept.get(log)
        if kept is None:
            return
        self._bytes += kept.window.size - kept.counted
        kept.counted = kept.window.size
        while len(self._kept) > self._most_logs or self._bytes > self._most_bytes:
            oldest = next(iter(self._kept))
            if oldest == log:
                break
            self.drop(oldest)

    def _keep(self, window: Window) -> None:
        log = window.log
        guard: LogGuard[Announced] = LogGuard(
            log,
            window.last,
            window.epoch,
            self._fetcher(log),
            lambda announced: self._apply(log, announced),
            on_epoch=lambda _: self.drop(log),
            on_failed=lambda e: self._failed(log, e),
            off=self._guard_off,
        )
        self._kept[log] = _Kept(window, guard, 0, time.monotonic())
        self.resized(log)

    def _apply(self, log: str, announced: Announced) -> None:
        kept = self._kept.get(log)
        if kept is None:
            return
        said = kept.window.apply(announced.entry, announced.headers)
        self.resized(log)
        if said is not None:
            self._on_said(log, said)

    def _failed(self, log: str, error: UchatError) -> None:
        _log.info("window_dropped", session_id=log, code=error.code)
        self.drop(log)

    def _fetcher(self, log: str) -> Callable[[int, int], Awaitable[Sequence[Any]]]:
        async def fetch(after: int, to: int) -> Sequence[Announced]:
            return [Announced(each) for each in await self._conversations.entries(log, after, to)]

        return fetch
