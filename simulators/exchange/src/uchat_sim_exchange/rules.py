"""How the exchange behaves when nothing goes wrong. The defaults are quick and plain."""

import hashlib
import math
from dataclasses import dataclass, field
from decimal import Decimal

from uchat_sim_exchange.domain.money import Fees


@dataclass(slots=True)
class Rules:
    """What can be set, at the start or by `POST /sim/rules`.

    `place_ms`, `cancel_ms`: median of a log-normal latency between receipt and matching, with the
    standard deviation `spread` of its logarithm; 0: none. `touch`: how likely it is, each second,
    that a resting order is filled whose price the market touches and does not go through.
    `weight_per_minute` for each address and `orders_per_10s` for each account: Binance has 6000
    and 100; 0: no limit, because all of a stack comes from one address. `seed`: of all chances.
    """

    fees: Fees = field(default_factory=Fees)
    place_ms: float = 0
    cancel_ms: float = 0
    spread: float = 0.3
    touch: float = 0.5
    weight_per_minute: int = 0
    orders_per_10s: int = 0
    seed: str = "uchat"
    _drawn: int = 0

    def delay_s(self, median_ms: float) -> float:
        """Return the latency of one more request, in seconds."""
        if not median_ms:
            return 0
        self._drawn += 1
        return median_ms / 1000 * math.exp(self.spread * _normal(f"{self.seed}:{self._drawn}"))

    def touches(self, order_id: int, second: int) -> bool:
        """Tell whether a resting order is reached in the queue, in this second."""
        return chance(f"{self.seed}:{order_id}:{second}") < self.touch


def chance(key: str) -> float:
    """Return a number from 0 to 1, 1 excluded; the same one for the same key."""
    digest = hashlib.blake2b(key.encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64


def as_bps(fees: Fees) -> dict[str, str]:
    """Return both commissions in basis points."""
    return {"maker_bps": _plain(fees.maker_bps), "taker_bps": _plain(fees.taker_bps)}


def _plain(value: Decimal) -> str:
    return format(value, "f")


def _normal(key: str) -> float:
    radius = math.sqrt(-2 * math.log(1 - chance(f"{key}:radius")))
    return radius * math.cos(2 * math.pi * chance(f"{key}:angle"))
