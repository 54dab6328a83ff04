"""Lets a caller wait for a decision's next event in this process."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class Waiters:
    """Wakes whoever waits for something that was told."""

    _events: defaultdict[str, set[asyncio.Event]] = field(
        default_factory=lambda: defaultdict[str, set[asyncio.Event]](set)
    )

    def tell(self, abouts: Sequence[str]) -> None:
        """Wake whoever waits for one of these."""
        for about in abouts:
            for event in self._events.get(about, ()):
                event.set()

    async def next(self, about: str, timeout_s: float) -> None:
        """Return when something is told about it, or after the time."""
        event = asyncio.Event()
        self._events[about].add(event)
        try:
            async with asyncio.timeout(timeout_s):
                await event.wait()
        except TimeoutError:
            return
        finally:
            self._events[about].discard(event)
            if not self._events[about]:
                del self._events[about]
