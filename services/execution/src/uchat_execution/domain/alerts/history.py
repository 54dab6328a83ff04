"""Highest and lowest prices minute by minute: what moves within a window are measured by."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

LONGEST: Final = timedelta(days=1)
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Bar:
    """The lowest and the highest price of a symbol within a minute, which it begins with."""

    symbol: str
    minute: datetime
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class _Since:
    """The lowest and the highest price from each of these minutes on, oldest first."""

    minutes: list[datetime]
    lows: list[Decimal]
    highs: list[Decimal]


@dataclass(slots=True)
class PriceHistory:
    """The bars of the last 24 hours, by symbol."""

    _bars: dict[str, dict[datetime, Bar]] = field(default_factory=dict[str, dict[datetime, Bar]])
    _since: dict[str, _Since] = field(default_factory=dict[str, _Since])

    def load(self, bars: Iterable[Bar]) -> None:
        """Take bars that were kept, in order of time; what is known already becomes wider."""
        for bar in bars:
            self._take(bar.symbol, bar.minute, bar.low, bar.high)

    def note(self, symbol: str, at: datetime, price: Decimal) -> None:
        """Take a price."""
        self._take(symbol, at.replace(second=0, microsecond=0), price, price)

    def of_minute(self, minute: datetime) -> list[Bar]:
        """Return the bars of a minute."""
        return [bars[minute] for bars in self._bars.values() if minute in bars]

    def forget(self, now: datetime) -> None:
        """Forget what no window reaches any more."""
        for symbol, bars in self._bars.items():
            for minute in [each for each in bars if each < now - LONGEST - _MINUTE]:
                del bars[minute]
                self._since.pop(symbol, None)

    def move(
        self, symbol: str, way: str, window: timedelta, now: datetime, price: Decimal
    ) -> Decimal:
        """Return how far a price has moved within a window until now, in percent.

        `above`: up from the lowest price, not below zero; `below`: down from the highest, not above
        zero; `either`: the larger of the two.
        """
        low, high = self._extremes(symbol, now - window)
        up = (price / min(low or price, price) - 1) * 100
        down = (price / max(high or price, price) - 1) * 100
        if way != "either":
            return up if way == "above" else down
        return up if up >= -down else down

    def _extremes(self, symbol: str, since: datetime) -> tuple[Decimal | None, Decimal | None]:
        # Asked for each alert at each look, so it must not read a day of bars each time.
        bars = self._bars.get(symbol)
        if not bars:
            return None, None
        running = bars[next(reversed(bars))]
        before = self._since.get(symbol)
        if before is None:
            before = self._since[symbol] = _summed(bars, running)
        at = bisect_left(before.minutes, since)
        lows, highs = before.lows[at : at + 1], before.highs[at : at + 1]
        if running.minute >= since:
            lows, highs = [*lows, running.low], [*highs, running.high]
        return min(lows, default=None), max(highs, default=None)

    def _take(self, symbol: str, minute: datetime, low: Decimal, high: Decimal) -> None:
        bars = self._bars.setdefault(symbol, {})
        known = bars.get(minute)
        if known is not None:
            low, high = min(low, known.low), max(high, known.high)
        if known is None or minute != next(reversed(bars)):
            self._since.pop(symbol, None)
        bars[minute] = Bar(symbol, minute, low, high)


def _summed(bars: dict[datetime, Bar], running: Bar) -> _Since:
    """Sum up all bars but the one that still grows."""
    minutes = sorted(minute for minute in bars if minute != running.minute)
    lows, highs = list[Decimal](), list[Decimal]()
    for minute in reversed(minutes):
        bar = bars[minute]
        lows.append(min(bar.low, lows[-1]) if lows else bar.low)
        highs.append(max(bar.high, highs[-1]) if highs else bar.high)
    return _Since(minutes, lows[::-1], highs[::-1])
