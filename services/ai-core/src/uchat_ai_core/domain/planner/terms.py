"""An order's terms and state in words: its limit, what it waits for, how long it is good."""

from collections.abc import Mapping
from typing import Any, Final

from uchat_ai_core.domain.planner.triggers import comes_from
from uchat_ai_core.domain.planner.words import figure, price
from uchat_contracts.trading import PAPER, account_label, venue_name

Data = dict[str, Any]
_IN_FORCE: Final = {"ioc": ", immediate or cancel", "fok": ", fill or kill"}


def terms(order: Data, quote: str) -> str:
    """Return an order's terms, as `if it falls to 60,000.00 USDT, as a market order then`.

    An empty string: it is a market order, filled at once.
    """
    limit = f"at {price(order['limit_price'])} {quote} or better" if "limit_price" in order else ""
    if "trigger_price" in order:
        then = limit or "as a market order"
        return f"if it {_moves(order)} to {price(order['trigger_price'])} {quote}, {then} then"
    post_only = ", post-only" if order.get("post_only") else ""
    return (
        f"{limit}{_IN_FORCE.get(str(order.get('time_in_force')), '')}{post_only}" if limit else ""
    )


def whose(result: Mapping[str, Any]) -> str:
    """Return which account a result is of, as `Binance, real money`."""
    simulated = bool(result.get("simulated", True))
    label = account_label(str(result.get("venue", PAPER)), simulated=simulated)
    return f"{label}, simulated" if simulated else label


def size(order: Data) -> str:
    """Return how much an order is of, as `0.5 BTC`, `all BTC` or `200 USDT of BTC`."""
    if "quantity" in order:
        return f"{figure(order['quantity'])} {order['symbol']}"
    if "amount" in order:
        return f"{figure(order['amount'])} USDT of {order['symbol']}"
    return f"all {order['symbol']}"


def state(order: Data) -> str:
    """Return an order's state, as `waits for 60,000.00` or `partially filled`."""
    if order.get("cancelling"):
        return "being cancelled"
    if order["status"] == "waiting" and "trigger_price" in order:
        return f"waits for {price(order['trigger_price'])}"
    return str(order["status"]).replace("_", " ")


def command(order: Data, venue: str = PAPER) -> str:
    """Return how to ask for an order, as `sell 0.5 BTC if it falls to 60000 on Binance`."""
    said = f"{order['side']} {figure(order['quantity']).replace(',', '')} {order['symbol']}"
    if "trigger_price" in order:
        said += f" if it {_moves(order)} to {order['trigger_price']}"
    if "limit_price" in order:
        said += f" at {order['limit_price']}"
    said += _IN_FORCE.get(str(order.get("time_in_force")), "")
    said = f"{said}, post-only" if order.get("post_only") else said
    return said if venue == PAPER else f"{said} on {venue_name(venue)}"


def waits(orders: list[Data]) -> bool:
    """Tell whether one of the orders waits for a price of the market."""
    return any("trigger_price" in order for order in orders)


def _moves(order: Data) -> str:
    return comes_from(str(order["side"]), str(order["type"]))
