"""Accounts and what they hold."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from uchat_execution.domain.money import ZERO
from uchat_execution.domain.orders import VenueFill


@dataclass(frozen=True, slots=True)
class Account:
    """An account of a person at a venue. `rev` counts the changes of its portfolio.

    `opening` is what a paper account started with and `deposited` what came from outside in all,
    both in `quote_currency`. `at_venue`: the venue knows the account. `reopened`: how often a paper
    venue had forgotten it.
    """

    account: str
    person: str
    venue: str
    simulated: bool
    quote_currency: str
    opening: Decimal
    deposited: Decimal
    at_venue: bool
    rev: int
    opened_at: datetime
    reopened: int = 0

    def named(self, venue_id: str) -> str:
        """Return the name, unique for good, of what the venue calls so in the account's life."""
        return f"{self.reopened}-{venue_id}" if self.reopened else venue_id

    def numbered(self, fill: VenueFill) -> VenueFill:
        """Return a fill under its name in the books."""
        return replace(fill, trade_id=self.named(fill.trade_id)) if self.reopened else fill


@dataclass(frozen=True, slots=True)
class Balance:
    """Units of one asset. `cost` is what they cost in quote currency, with fees.

    `realised` is the profit, in quote currency and net of fees, of what was sold of it.
    """

    asset: str
    free: Decimal = ZERO
    reserved: Decimal = ZERO
    cost: Decimal = ZERO
    realised: Decimal = ZERO

    @property
    def quantity(self) -> Decimal:
        """Return all units, free or reserved."""
        return self.free + self.reserved


def worth(
    balances: Mapping[str, Balance], prices: Mapping[str, Decimal], quote_currency: str
) -> Decimal | None:
    """Return what everything is worth in quote currency; None if a price is missing."""
    total = ZERO
    for asset, balance in balances.items():
        if asset == quote_currency:
            total += balance.quantity
        elif balance.quantity:
            if asset not in prices:
                return None
            total += balance.quantity * prices[asset]
    return total
