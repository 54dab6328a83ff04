"""How far the venue's clock is from the database's, by which orders are signed."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from prometheus_client import Gauge

from uchat_execution.adapters.binance_api import Answer, NoAnswerError
from uchat_execution.adapters.binance_words import UNREADABLE
from uchat_platform.errors import UnavailableError
from uchat_platform.health import Health
from uchat_platform.logging import get_logger

MOST: Final = timedelta(milliseconds=500)
"""From this on nothing is signed: the deadline that the venue keeps would not be ours."""
_EVERY_S: Final = 60.0
_SOON_S: Final = 5.0
_SAMPLES: Final = 3
_SKEW: Final = Gauge(
    "uchat_execution_clock_skew_seconds", "The venue's clock ahead of the database's"
)
_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Skew:
    """How far the venue is ahead, and by how much that may be wrong (half of both ways' times)."""

    ahead: timedelta
    error: timedelta

    @property
    def certain(self) -> timedelta:
        """Return by how much the clocks differ at least."""
        return max(abs(self.ahead) - self.error, timedelta(0))


class TellsTime(Protocol):
    """Who answers `/api/v3/time` as Binance does; BinanceApi is one."""

    async def public(self, path: str) -> Answer:
        """Ask what anybody may ask.

        Raises:
            NoAnswerError: nothing that can be read came in time.
        """
        ...


@dataclass(slots=True)
class VenueClock:
    """Measures once a minute. `database_now` is the clock that deadlines are kept by."""

    api: TellsTime
    database_now: Callable[[], Awaitable[datetime]]
    health: Health
    skew: Skew | None = field(default=None, init=False)

    @property
    def is_off(self) -> bool:
        """Tell whether the clocks certainly differ too much to sign by."""
        return self.skew is not None and self.skew.certain > MOST

    async def run(self) -> None:
        """Measure until cancelled; more often while the clocks differ."""
        while True:
            try:
                await self.measure()
            except UnavailableError as e:
                _log.warning("clock_not_compared", detail=e.detail)
            await asyncio.sleep(_SOON_S if self.is_off or self.skew is None else _EVERY_S)

    async def measure(self) -> Skew:
        """Compare the clocks now; of several comparisons the one with the least delay counts.

        Raises:
            UnavailableError: the venue or the database does not answer.
        """
        was_off = self.is_off
        samples = [await self._sample() for _ in range(_SAMPLES)]
        skew = min(samples, key=lambda each: each.error)
        self.skew = skew
        _SKEW.set(skew.ahead.total_seconds())
        self.health.tell("venue_clock", not self.is_off)
        if self.is_off != was_off:
            _log.warning(
                "clock_skew" if self.is_off else "clock_skew_gone",
                ahead_ms=skew.ahead // timedelta(milliseconds=1),
                error_ms=skew.error // timedelta(milliseconds=1),
            )
        return skew

    # Both clocks are read against this process' own, in the middle of the way there and back.
    async def _sample(self) -> Skew:
        loop = asyncio.get_running_loop()
        began = loop.time()
        database = await self.database_now()
        venue = await self._venue_now()
        ended = loop.time()
        apart = timedelta(seconds=(ended - began) / 2)
        error = timedelta(seconds=(ended - began) / 2)
        return Skew(venue - database - apart, error)

    async def _venue_now(self) -> datetime:
        try:
            answer = await self.api.public("/api/v3/time")
        except NoAnswerError as e:
            raise UnavailableError(
                f"The exchange does not tell the time ({e})", code="venue_unavailable"
            ) from e
        try:
            return datetime.fromtimestamp(answer.body["serverTime"] / 1000, UTC)
        except UNREADABLE as e:
            raise UnavailableError(
                f"The exchange does not tell the time (HTTP {answer.status})",
                code="venue_unavailable",
            ) from e
