"""What an honest model says of the result of a tool: only what stands in it."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

Result = dict[str, Any]
_HELLO = (
    "I can look up prices, show your portfolio and orders, explain risk, and propose trades for "
    "your approval. What would you like to do?"
)


def told(tool: str, result: Result | None) -> str:
    """Return an answer from a tool's result; None: no tool was asked."""
    if result is None:
        return _HELLO
    if "error" in result:
        return f"That is not possible: {result['error']}"
    speaks = _ANSWERS.get(tool)
    if speaks is None:
        return (
            _proposed(result) if "proposed" in result else "I looked it up; here is what I found."
        )
    return speaks(result)


def _quotes(result: Result) -> str:
    lines = [
        f"{each['symbol']} is at {_money(each['price'])} {each['quote_currency']}, "
        f"{_change(each['change_24h_pct'])} in 24 hours."
        for each in result["quotes"][:6]
    ]
    missing = [f"I find no price of {each}." for each in result.get("unknown", ())]
    return " ".join([*lines, *missing]) or "I find no price of that."


def _portfolio(result: Result) -> str:
    currency = result["quote_currency"]
    held = [f"{each['quantity']} {each['symbol']}" for each in result["holdings"]]
    coins = f"You hold {', '.join(held)}. " if held else ""
    total, cash = _money(result["total"]), _money(result["cash"])
    return f"Your account is worth {total} {currency}. {coins}Cash is {cash} {currency}."


def _orders(result: Result) -> str:
    orders = result["orders"]
    if not orders:
        return "You have no open orders."
    lines = [f"{each['side']} {each['quantity']} {each['symbol']}" for each in orders]
    return f"You have {len(orders)} open orders:\n" + "\n".join(f"- {line}" for line in lines)


def _trades(result: Result) -> str:
    lines = [
        f"- {each['side']} {each['quantity']} {each['symbol']} at {_money(each['price'])}"
        for each in result["trades"]
    ]
    return "Your trades:\n" + "\n".join(lines) if lines else "There are no trades yet."


def _pnl(result: Result) -> str:
    figures = [f"{name} {_money(result[name])}" for name in ("realised", "fees") if name in result]
    return f"Over the period: {', '.join(figures)}."


def _proposed(result: Result) -> str:
    if not result["proposed"]:
        return "Nothing is proposed."
    return "I propose it; it waits for your approval on the card."


def _limits(result: Result) -> str:
    return f"One order may be worth {_money(result['per_order'])} at most."


def _allocation(result: Result) -> str:
    lines = [f"- {each['symbol']}: {_money(each['amount'])}" for each in result["lines"]]
    return "A suggestion:\n" + "\n".join(lines)


def _switch(_: Result) -> str:
    return "Trading is stopped. Only you can release it."


def _cancelled(result: Result) -> str:
    return f"I cancelled {len(result['orders'])} orders."


def _money(value: Any) -> str:
    figure = Decimal(str(value))
    return f"{figure:,.2f}" if abs(figure) >= 1 else f"{figure.normalize():f}"


def _change(value: Any) -> str:
    figure = Decimal(str(value))
    return f"{'up' if figure >= 0 else 'down'} {abs(figure)} %"


_ANSWERS: dict[str, Callable[[Result], str]] = {
    "get_quotes": _quotes, "get_portfolio": _portfolio, "list_orders": _orders,
    "list_trades": _trades, "get_pnl": _pnl, "get_limits": _limits,
    "plan_allocation": _allocation, "stop_trading": _switch, "cancel_orders": _cancelled,
}  # fmt: skip
