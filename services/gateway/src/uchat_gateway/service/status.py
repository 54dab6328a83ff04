"""How the whole product is, as anybody may ask."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Recovering = Literal["recovering"]
Check = Callable[[], Awaitable[bool | Recovering]]
State = Literal["healthy", "degraded", "unhealthy"]
_CACHE_S: Final = 1.0
_TIMEOUT_S: Final = 1.0
_NEEDED: Final = frozenset({"nats", "postgres", "sessions"})


@dataclass(frozen=True, slots=True)
class Report:
    """What works. `components`: True for each part that answered; recovering: it is tried again."""

    state: State
    components: Mapping[str, bool | Recovering]


@dataclass(slots=True)
class Status:
    """Asks every part at once, at most once a second however many ask."""

    checks: Mapping[str, Check]
    _report: Report | None = None
    _asked_at: float = 0.0
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def report(self) -> Report:
        """Return what works, at most a second old."""
        async with self._lock:
            if self._report is None or time.monotonic() - self._asked_at > _CACHE_S:
                self._report = await self._ask()
                self._asked_at = time.monotonic()
            return self._report

    async def _ask(self) -> Report:
        answers = await asyncio.gather(*(_answers(check) for check in self.checks.values()))
        components = dict(zip(self.checks, answers, strict=True))
        down = {name for name, up in components.items() if up is not True}
        if down & _NEEDED:
            return Report("unhealthy", components)
        return Report("degraded" if down else "healthy", components)


async def _answers(check: Check) -> bool | Recovering:
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            return await check()
    except TimeoutError:
        return False
