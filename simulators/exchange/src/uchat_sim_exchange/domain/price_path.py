"""A price for any second, from a seed alone: a geometric Brownian walk that stays in bounds.

Lévy's construction (P. Lévy, Processus stochastiques et mouvement brownien, 1948): between two
anchors the middle is the mean of the ends plus a normal of a quarter of the span's variance, and so
on down to one second. It needs no state and no history: any moment costs `_LEVELS` hashes.
"""

import hashlib
import math
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from typing import Final

from uchat_sim_exchange.domain.instruments import Instrument

_LEVELS: Final = 22
_SPAN_S: Final = 1 << _LEVELS  # one second steps between anchors that are 48.5 days apart
_YEAR_S: Final = 365 * 24 * 3600
_ANCHOR_SPREAD: Final = 0.5  # of the standard deviation that a span has
_MAX_SIGMAS: Final = 3.0
_BPS: Final = Decimal(10_000)


@lru_cache(maxsize=1024)
def price_at(seed: str, instrument: Instrument, second: int) -> Decimal:
    """Return the price in quote currency at a Unix second, on the instrument's tick."""
    deviation = _log_deviation(f"{seed}:{instrument.symbol}", instrument.volatility, second)
    # Floats make the path, never a sum of money: the result becomes exact here, on the tick.
    raw = instrument.anchor_price * Decimal(repr(math.exp(deviation)))
    return _on_tick(raw, instrument.tick, ROUND_HALF_EVEN)


def log_bound(instrument: Instrument) -> float:
    """Return the most that the logarithm of price / anchor price can ever be, either way."""
    span_sigma = instrument.volatility * math.sqrt(_SPAN_S / _YEAR_S)
    bridge = sum(0.5 * math.sqrt(0.5**level) for level in range(_LEVELS))
    return span_sigma * _MAX_SIGMAS * (_ANCHOR_SPREAD + bridge)


def bid_ask(instrument: Instrument, price: Decimal) -> tuple[Decimal, Decimal]:
    """Return bid and ask around a price: outward on the tick, at least one tick apart."""
    half = price * instrument.spread_bps / _BPS / 2
    bid = _on_tick(price - half, instrument.tick, ROUND_FLOOR)
    ask = _on_tick(price + half, instrument.tick, ROUND_CEILING)
    return bid, max(ask, bid + instrument.tick)


def change_pct(now: Decimal, before: Decimal) -> Decimal:
    """Return the change from `before` to `now` in percent, to two decimals."""
    return ((now / before - 1) * 100).quantize(Decimal("0.01"), ROUND_HALF_EVEN)


def _on_tick(value: Decimal, tick: Decimal, rounding: str) -> Decimal:
    steps = (value / tick).quantize(Decimal(1), rounding)
    return max(steps * tick, tick)


def _log_deviation(key: str, volatility: float, second: int) -> float:
    span_sigma = volatility * math.sqrt(_SPAN_S / _YEAR_S)
    span, offset = divmod(second, _SPAN_S)
    low, high = 0, _SPAN_S
    left = _normal(key, 0, span) * span_sigma * _ANCHOR_SPREAD
    right = _normal(key, 0, span + 1) * span_sigma * _ANCHOR_SPREAD
    sigma = span_sigma / 2
    for level in range(1, _LEVELS + 1):
        if offset == low:
            return left
        middle = (low + high) // 2
        value = (left + right) / 2 + _normal(key, level, span * _SPAN_S + middle) * sigma
        if offset < middle:
            high, right = middle, value
        else:
            low, left = middle, value
        sigma *= math.sqrt(0.5)
    return left


def _normal(key: str, level: int, index: int) -> float:
    """A standard normal by Box and Muller, cut at `_MAX_SIGMAS`, drawn by hash: no state."""
    digest = hashlib.blake2b(f"{key}:{level}:{index}".encode(), digest_size=16).digest()
    uniform = (int.from_bytes(digest[:8]) + 1) / (2**64 + 1)
    angle = 2 * math.pi * int.from_bytes(digest[8:]) / 2**64
    drawn = math.sqrt(-2 * math.log(uniform)) * math.cos(angle)
    return max(-_MAX_SIGMAS, min(_MAX_SIGMAS, drawn))
