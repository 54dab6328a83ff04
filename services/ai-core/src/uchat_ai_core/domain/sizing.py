"""From wishes to orders: portions of what is held become quantities, of the cash amounts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_DOWN, Decimal
from typing import Final

from pydantic import ValidationError

from uchat_ai_core.domain.planner.orders import Wish
from uchat_ai_core.domain.planner.triggers import order_type
from uchat_contracts.trading import LegRequest, OrderType, PlanRequest, Portfolio, Purpose
from uchat_platform.errors import InvalidInputError

_MOST: Final = Decimal(10) ** 15
_UNITS: Final = Decimal("0.00000001")
_CENTS: Final = Decimal("0.01")
_ALL_BUT_FEES: Final = Decimal("0.99")
"""All of the cash leaves a hundredth for the fee and for the price's moves."""


def needs_portfolio(wishes: Sequence[Wish]) -> bool:
    """Tell whether a wish can be resolved only by what is held."""
    return any(wish.portion is not None for wish in wishes)


def needs_prices(wishes: Sequence[Wish]) -> tuple[str, ...]:
    """Return the assets whose price tells on which side of the market an order waits."""
    return tuple(wish.symbol for wish in wishes if wish.way == "reaches")


def with_ways(wishes: Sequence[Wish], prices: Mapping[str, Decimal]) -> list[Wish]:
    """Return the wishes with the side of the market on which they wait, given its prices."""
    return [
        replace(
            wish, way="falls" if wish.trigger_price < prices.get(wish.symbol, _MOST) else "rises"
        )
        if wish.way == "reaches" and wish.trigger_price is not None
        else wish
        for wish in wishes
    ]


def plan_request(wishes: Sequence[Wish], portfolio: Portfolio | None) -> PlanRequest:
    """Return the orders of the wishes; where they sell whole positions now, to close them.

    Raises:
        InvalidInputError: a portion of nothing, no size or two, or more orders than a plan holds.
    """
    try:
        legs = [_leg(wish, portfolio) for wish in wishes]
        closes = all(leg.all and leg.type == "market" for leg in legs)
        purpose: Purpose = "close" if legs and closes else "trade"
        return PlanRequest(legs=legs, purpose=purpose)
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
    quantity, amount, whole = wish.quantity, wish.amount, False
    if wish.portion is not None and portfolio is not None:
        if wish.side == "buy":
            amount = _part_of_cash(wish.portion, portfolio)
        else:
            part = _part_of_holding(wish.symbol, wish.portion, portfolio)
            whole = wish.portion == 1
            quantity = None if whole else part
    return LegRequest(
        symbol=wish.symbol,
        side=wish.side,
        type=_type(wish),
        quantity=quantity,
        amount=amount,
        all=whole,
        limit_price=wish.limit_price,
        trigger_price=wish.trigger_price,
        time_in_force=wish.time_in_force,
        post_only=wish.post_only,
    )


def _type(wish: Wish) -> OrderType:
    if wish.trigger_price is not None and wish.way is not None:
        return order_type(wish.side, wish.way)
    return "market" if wish.limit_price is None else "limit"


def _part_of_holding(symbol: str, portion: Decimal, portfolio: Portfolio) -> Decimal:
    held = next((each for each in portfolio.holdings if each.symbol == symbol), None)
    if held is None or held.quantity <= 0:
        raise InvalidInputError(f"You hold no {symbol}", code="nothing_held")
    if held.free <= 0:
        raise InvalidInputError(
            f"All of your {symbol} is reserved by open orders", code="nothing_free"
        )
    return (held.free * portion).quantize(_UNITS, ROUND_DOWN)


def _part_of_cash(portion: Decimal, portfolio: Portfolio) -> Decimal:
    if portfolio.cash <= 0:
        raise InvalidInputError("You have no cash that is free", code="no_cash")
    most = portfolio.cash * _ALL_BUT_FEES
    return min(portfolio.cash * portion, most).quantize(_CENTS, ROUND_DOWN)
