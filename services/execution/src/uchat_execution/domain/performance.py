"""How well an account did, whatever was paid in or out meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from uchat_execution.domain.money import ZERO, exact, ratio

_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Valued:
    """What an account was worth at a time, and what had come from outside in all by then."""

    at: datetime
    total: Decimal
    deposited: Decimal


@dataclass(frozen=True, slots=True)
class Measured:
    """Growth of 1 since the first point, and how far it is below its best so far (0 to 1)."""

    growth: Decimal
    drawdown: Decimal


def measured(points: Sequence[Valued]) -> list[Measured]:
    """Return how each point stands, by time-weighted returns: what was paid in is no growth.

    A point follows each payment at once, so that the growth until then is that of what was there
    before (GIPS Standards 2020, section 2.A.19: valued at each external flow).
    """
    grown: list[Measured] = []
    growth, best = _ONE, _ONE
    for n, point in enumerate(points):
        if n:
            before = points[n - 1]
            flow = point.deposited - before.deposited
            if before.total > 0:
                growth = max(ZERO, exact(growth * ratio(point.total - flow, before.total)))
        best = max(best, growth)
        grown.append(Measured(growth, _ONE - ratio(growth, best)))
    return grown
