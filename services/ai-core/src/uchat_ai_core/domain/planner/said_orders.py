"""Say an order as a sentence that `read_orders` reads back as the same order."""

from decimal import Decimal

from uchat_ai_core.domain.planner.account_slot import on
from uchat_ai_core.domain.planner.orders import Wish

_CONDITIONS = {"falls": "if it falls to", "rises": "if it rises to", "reaches": "if it reaches"}


def sentence_of(wish: Wish) -> str:
    """Return an order in words, as `sell 50 % of my ETH at 2000`."""
    said = f"{wish.side} {_size(wish)}"
    if wish.trigger_price is not None and wish.way is not None:
        said += f" {_CONDITIONS[wish.way]} {number(wish.trigger_price)}"
    if wish.limit_price is not None:
        said += f" at {number(wish.limit_price)}"
    if wish.time_in_force != "gtc":
        said += f" {wish.time_in_force}"
    return f"{said}{' post-only' if wish.post_only else ''}{on(wish.account)}"


def number(value: Decimal) -> str:
    """Return a number without exponent and trailing zeros."""
    return format(value.normalize(), "f")


def _size(wish: Wish) -> str:
    if wish.quantity is not None:
        return f"{number(wish.quantity)} {wish.symbol}"
    if wish.amount is not None:
        return f"{number(wish.amount)} USDT of {wish.symbol}"
    if wish.portion is None:
        return wish.symbol
    if wish.side == "buy":
        return f"{wish.symbol} with {number(wish.portion * 100)}% of my cash"
    return f"all of my {wish.symbol}" if wish.portion == 1 else _part(wish)


def _part(wish: Wish) -> str:
    return f"{number((wish.portion or Decimal(0)) * 100)}% of my {wish.symbol}"
