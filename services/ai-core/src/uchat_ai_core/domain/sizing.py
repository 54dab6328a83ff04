"""From wishes to orders: portions of what is held become quantities, of the cash amounts."""

from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal
from typing import Final

from pydantic import ValidationError

from uchat_ai_core.domain.planner.orders import Wish
from uchat_contracts.trading import LegRequest, PlanRequest, Portfolio
from uchat_platform.errors import InvalidInputError

_UNITS: Final = Decimal("0.00000001")
_CENTS: Final = Decimal("0.01")
_ALL_BUT_FEES: Final = Decimal("0.99")
"""All of the cash leaves a hundredth for the fee and for the price's moves."""


def needs_portfolio(wishes: Sequence[Wish]) -> bool:
    """Tell whether a wish can be resolved only by what is held."""
    return any(wish.portion is not None for wish in wishes)


def plan_request(wishes: Sequence[Wish], portfolio: Portfolio | None) -> PlanRequest:
    """Return the orders of the wishes.

    Raises:
        InvalidInputError: a portion of nothing, no size or two, or more orders than a plan holds.
    """
    try:
        return PlanRequest(legs=[_leg(wish, portfolio) for wish in wishes])
    except ValidationError as e:
        raise InvalidInputError(
            "An order needs an asset, buy or sell, and one size above zero; a plan holds up to 20"
        ) from e


def sale_of_everything(portfolio: Portfolio) -> PlanRequest:
    """Return orders that sell whatever is free.

    Raises:
        InvalidInputError: there is nothing to sell.
    """
    held = [each.symbol for each in portfolio.holdings if each.free > 0]
    if not held:
        raise InvalidInputError("You hold nothing that could be sold", code="nothing_held")
    return plan_request([Wish("sell", symbol, portion=Decimal(1)) for symbol in held], portfolio)


def _leg(wish: Wish, portfolio: Portfolio | None) -> LegRequest:
    quantity, amount = wish.quantity, wish.amount
    if wish.portion is not None and portfolio is not None:
        if wish.side == "sell":
            quantity = _part_of_holding(wish.symbol, wish.portion, portfolio)
        else:
            amount = _part_of_cash(wish.portion, portfolio)
    return LegRequest(
        symbol=wish.symbol,
        side=wish.side,
        type="market" if wish.limit_price is None else "limit",
        quantity=quantity,
        amount=amount,
        limit_price=wish.limit_price,
    )


def _part_of_holding(symbol: str, portion: Decimal, portfolio: Portfolio) -> Decimal:
    held = next((each for each in portfolio.holdings if each.symbol == symbol), None)
    if held is None or held.quantity <= 0:
        raise InvalidInputError(f"You hold no {symbol}", code="nothing_held")
    if held.free <= 0:
        raise InvalidInputError(
            f"All of your {symbol} is reserved by open orders", code="nothing_free"
        )
    if portion == 1:
        return held.free
    return (held.free * portion).quantize(_UNITS, ROUND_DOWN)


def _part_of_cash(portion: Decimal, portfolio: Portfolio) -> Decimal:
    if portfolio.cash <= 0:
        raise InvalidInputError("You have no cash that is free", code="no_cash")
    most = portfolio.cash * _ALL_BUT_FEES
    return min(portfolio.cash * portion, most).quantize(_CENTS, ROUND_DOWN)
