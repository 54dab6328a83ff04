"""Highest and lowest prices minute by minute: what moves within a window are measured by."""

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


@dataclass(slots=True)
class PriceHistory:
    """The bars of the last 24 hours, by symbol, oldest first."""

    _bars: dict[str, dict[datetime, Bar]] = field(default_factory=dict[str, dict[datetime, Bar]])

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
        for bars in self._bars.values():
            for minute in [each for each in bars if each < now - LONGEST - _MINUTE]:
                del bars[minute]

    def move(
        self, symbol: str, way: str, window: timedelta, now: datetime, price: Decimal
    ) -> Decimal:
        """Return how far a price has moved within a window until now, in percent.

        `above`: up from the lowest price, not below zero; `below`: down from the highest, not above
        zero; `either`: the larger of the two.
        """
        since = now - window
        within = [
            bar for minute, bar in self._bars.get(symbol, {}).items() if minute >= since - _MINUTE
        ]
        low = min((bar.low for bar in within if bar.minute >= since), default=price)
        high = max((bar.high for bar in within if bar.minute >= since), default=price)
        up = (price / min(low, price) - 1) * 100
        down = (price / max(high, price) - 1) * 100
        if way != "either":
            return up if way == "above" else down
        return up if up >= -down else down

    def _take(self, symbol: str, minute: datetime, low: Decimal, high: Decimal) -> None:
        bars = self._bars.setdefault(symbol, {})
        known = bars.get(minute)
        if known is not None:
            low, high = min(low, known.low), max(high, known.high)
        bars[minute] = Bar(symbol, minute, low, high)
