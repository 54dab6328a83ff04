"""How a person trades, and what an account may do: modes, trading states, and what they forbid."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from uchat_contracts.trading import OperationMode, Reason, Trading, TradingState

Demanded = Literal["reducing", "halted"]
SAFEST_FIRST: Final[tuple[OperationMode, ...]] = ("emergency", "manual", "assisted", "autonomous")
"""Each mode allows no more by itself than the next one."""
_STRICTEST_FIRST: Final[tuple[Demanded, ...]] = ("halted", "reducing")
RECONCILING: Final = "account_reconciling"
"""The code of a state that lasts only until books and venue have been compared."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What one source (drawdown, reconciliation, operator) wants of an account, and why."""

    source: str
    state: Demanded
    reason: Reason


@dataclass(frozen=True, slots=True)
class Standing:
    """A person's mode, and what the account may do: the strictest of what sources demand.

    `rev` counts the changes of the two together.
    """

    mode: OperationMode = "assisted"
    rev: int = 0
    changed_at: datetime | None = None
    changed_via: str | None = None
    demands: tuple[Demand, ...] = ()

    @property
    def strictest(self) -> Demand | None:
        """Return the demand that counts; None: the account is active."""
        for state in _STRICTEST_FIRST:
            for demand in sorted(self.demands, key=lambda each: each.source):
                if demand.state == state:
                    return demand
        return None

    @property
    def state(self) -> TradingState:
        """Return what the account may do."""
        counts = self.strictest
        return "active" if counts is None else counts.state

    def as_shown(self, person: str) -> Trading:
        """Return it as every interface shows it."""
        counts = self.strictest
        return Trading(
            user_id=person,
            mode=self.mode,
            rev=self.rev,
            changed_at=self.changed_at,
            changed_via=self.changed_via,
            state=self.state,
            reason=counts.reason if counts else None,
        )


def without(demands: Iterable[Demand], source: str) -> tuple[Demand, ...]:
    """Return what the other sources demand."""
    return tuple(each for each in demands if each.source != source)


def lowers_risk(now: OperationMode, wanted: OperationMode) -> bool:
    """Tell whether a mode allows no more than the present one."""
    return SAFEST_FIRST.index(wanted) <= SAFEST_FIRST.index(now)
