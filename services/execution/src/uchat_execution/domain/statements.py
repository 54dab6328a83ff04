"""What a venue tells of an account by itself, and how the books compare with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal

from uchat_execution.domain.accounts import Balance
from uchat_execution.domain.money import ZERO, exact, quantity
from uchat_execution.domain.orders import Side, SymbolRules, VenueFill

Settled = Literal["deposit", "withdrawal", "external", "adjustment"]
_CASH_DUST: Final = Decimal("0.01")
_DUST: Final = Decimal("0.00000001")


@dataclass(frozen=True, slots=True)
class ToldTrade:
    """A trade on the account, whoever ordered it."""

    venue_order_id: str
    symbol: str
    side: Side
    fill: VenueFill


@dataclass(frozen=True, slots=True)
class ToldOrder:
    """An order that rests at the venue, whoever placed it."""

    venue_order_id: str
    symbol: str
    client_order_id: str


@dataclass(frozen=True, slots=True)
class ToldTransfer:
    """Units that came to the account, or left it. `fee` is what leaving cost besides."""

    transfer_id: str
    kind: Literal["deposit", "withdrawal"]
    asset: str
    amount: Decimal
    fee: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class Movement:
    """What came or went otherwise than by a decision.

    `value` is what the account gained from outside by it, in quote currency; none: nothing did.
    """

    movement_id: str
    kind: Settled
    asset: str
    amount: Decimal
    value: Decimal | None
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the comparison of an account with its venue has come.

    `drift`: units by asset that the venue has more than the books, found `drift_rounds` times in a
    row. `moves_from`: transfers before it are in the books. `turn` counts the whole rounds.
    """

    account: str
    reconciled_at: datetime | None
    full_at: datetime | None
    moves_from: datetime | None
    turn: int
    drift: Mapping[str, Decimal]
    drift_rounds: int
    adjust_asked_by: str | None
    active_at: datetime


def differences(
    balances: Mapping[str, Balance], venue: Mapping[str, tuple[Decimal, Decimal]]
) -> dict[str, Decimal]:
    """Return by how many units the venue has more (below zero: less) than the books, by asset."""
    found: dict[str, Decimal] = {}
    for asset in sorted({*balances, *venue}):
        there = sum(venue.get(asset, (ZERO, ZERO)), ZERO)
        here = balances[asset].quantity if asset in balances else ZERO
        if there != here:
            found[asset] = exact(there - here)
    return found


def drift(
    found: Mapping[str, Decimal], rules: Mapping[str, SymbolRules], quote_currency: str
) -> dict[str, Decimal]:
    """Return the differences that are more than a step of the asset, or a cent."""
    return {
        asset: difference
        for asset, difference in found.items()
        if abs(difference) > _tolerance(asset, rules, quote_currency)
    }


def said(drifted: Mapping[str, Decimal]) -> str:
    """Return a drift as a person reads it."""
    return ", ".join(
        f"{quantity(abs(units))} {asset} {'more' if units > 0 else 'less'}"
        for asset, units in sorted(drifted.items())
    )


def _tolerance(asset: str, rules: Mapping[str, SymbolRules], quote_currency: str) -> Decimal:
    if asset == quote_currency:
        return _CASH_DUST
    return rules[asset].quantity_step if asset in rules else _DUST
