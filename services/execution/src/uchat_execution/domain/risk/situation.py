"""What the checks look at."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from uchat_contracts.trading import Plan, Reason, RiskLimits
from uchat_execution.domain.accounts import Balance, worth
from uchat_execution.domain.modes import Standing


@dataclass(frozen=True, slots=True)
class Situation:
    """The account as it is now. Money in quote currency.

    `prices` (mid) are of everything that is held or would be, as of `as_of`; `day_start` is what
    the account was worth when the UTC day began, `peak` the most that it was ever worth;
    `recent_orders` were sent in the last minute; `incoming` is what approved purchases that are
    not over may still buy, by asset. The venue refused the last `rejected_in_row` orders, the
    latest at `rejected_at`; a stop order last sold at `stopped_out_at`. Without `now` nothing is
    compared with times.
    """

    limits: RiskLimits
    stopped: bool
    merging: bool
    balances: Mapping[str, Balance]
    prices: Mapping[str, Decimal]
    steps: Mapping[str, Decimal]
    day_start: Decimal | None
    recent_orders: int
    incoming: Mapping[str, Decimal]
    standing: Standing = field(default_factory=Standing)
    peak: Decimal | None = None
    rejected_in_row: int = 0
    rejected_at: datetime | None = None
    stopped_out_at: datetime | None = None
    as_of: Mapping[str, datetime] = field(default_factory=dict[str, datetime])
    now: datetime | None = None
    barred: Reason | None = None

    def worth(self, quote_currency: str) -> Decimal | None:
        """Return what everything is worth; None if a price is missing."""
        return worth(self.balances, self.prices, quote_currency)


Check = Callable[[Plan, Situation], Reason | None]
"""Returns why a plan may not be executed, or None."""


def buys(plan: Plan) -> bool:
    """Tell whether a plan buys anything: what only sells lowers the risk."""
    return any(leg.side == "buy" for leg in plan.legs)
