"""Indicators of one asset from its daily closes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

YEAR_DAYS: Final = 365
LEAST: Final = 36
"""How many closes are needed: the slowest line, MACD's signal, needs 26 + 9 of them."""
_WINDOW: Final = 20
_LONG: Final = 30
_WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Indicators:
    """What the closes say, in quote currency or as told.

    RSI over 14 days (0 to 100); exponential averages over 20 and 50 days (None: too few closes);
    MACD 12/26/9; Bollinger bands of 20 days and 2 standard deviations; `zscore` is the distance
    from the middle in standard deviations; volatility a year, changes and drawdown in percent.
    """

    price: float
    rsi: float
    ema_20: float
    ema_50: float | None
    macd: float
    macd_signal: float
    upper: float
    middle: float
    lower: float
    zscore: float
    volatility_pct: float
    daily_pct: float
    change_7d_pct: float
    change_30d_pct: float
    drawdown_pct: float

    @property
    def trend(self) -> str:
        """Return up, down or sideways: where the price and the averages stand to each other."""
        slow = self.ema_50 if self.ema_50 is not None else self.middle
        if self.price > self.ema_20 > slow:
            return "up"
        return "down" if self.price < self.ema_20 < slow else "sideways"


def indicators(closes: Sequence[float]) -> Indicators | None:
    """Return the indicators of daily closes, oldest first; None if they are fewer than `LEAST`."""
    return _indicators(tuple(closes)) if len(closes) >= LEAST else None


@lru_cache(maxsize=256)
def _indicators(closes: tuple[float, ...]) -> Indicators | None:
    from talipp.indicators import BB, EMA, MACD, RSI  # noqa: PLC0415 - see the package

    prices = list(closes)
    rsi, macd, bands = RSI(14, prices)[-1], MACD(12, 26, 9, prices)[-1], BB(_WINDOW, 2, prices)[-1]
    fast, slow = EMA(_WINDOW, prices)[-1], EMA(50, prices)[-1] if len(prices) >= 50 else None  # noqa: PLR2004 - its length
    if rsi is None or macd is None or macd.signal is None or bands is None or fast is None:
        return None
    deviation = (bands.ub - bands.cb) / 2
    daily = _deviation([math.log(b / a) for a, b in pairwise(prices[-_LONG - 1 :])])
    last = prices[-1]
    return Indicators(
        price=last,
        rsi=float(rsi),
        ema_20=float(fast),
        ema_50=float(slow) if slow is not None else None,
        macd=float(macd.macd),
        macd_signal=float(macd.signal),
        upper=float(bands.ub),
        middle=float(bands.cb),
        lower=float(bands.lb),
        zscore=(last - bands.cb) / deviation if deviation else 0.0,
        volatility_pct=daily * math.sqrt(YEAR_DAYS) * 100,
        daily_pct=daily * 100,
        change_7d_pct=_change(prices, _WEEK),
        change_30d_pct=_change(prices, _LONG),
        drawdown_pct=(1 - last / max(prices)) * 100,
    )


def _change(prices: Sequence[float], days: int) -> float:
    return (prices[-1] / prices[-days - 1] - 1) * 100


def _deviation(values: Sequence[float]) -> float:
    mean = sum(values) / len(values)
    return math.sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1))
