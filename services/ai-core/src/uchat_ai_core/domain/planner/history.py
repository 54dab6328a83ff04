"""Answers on orders and trades. Every figure is one that a tool returned in this turn."""

# ruff: noqa: E501 - sentences are read whole
from typing import Any, Final

from uchat_ai_core.domain.planner.replies import Reply, Result, failed, unavailable
from uchat_ai_core.domain.planner.tables import Table
from uchat_ai_core.domain.planner.terms import size, state, terms
from uchat_ai_core.domain.planner.words import clock, fee, figure, gain, price
from uchat_contracts.trading import account_label, venue_name

_MORE: Final = "Say “more” for the table."
_NAMED: Final = 3

Data = dict[str, Any]


def orders_reply(result: Result) -> Reply:
    """Answer which orders there are."""
    if unavailable(result):
        return failed(result, "list your orders")
    orders: list[Data] = result["orders"]
    of = f" in {result['symbol']}" if result["symbol"] else ""
    of += "" if result["simulated"] else f" on {venue_name(str(result['venue']))}"
    if not orders:
        return Reply(
            f"You have no open orders{of}.",
            "An order that is filled at once is among your trades: ask “show my trades”.",
        )
    quote = result["quote_currency"]
    more = " These are the latest ones; there are more." if result["more"] else ""
    rows = tuple(
        (
            f"{each['side']} {each['symbol']}",
            figure(each["quantity"]),
            figure(each["filled"]),
            terms(each, quote) or "market",
            state(each),
            clock(each["created_at"]),
        )
        for each in orders
    )
    table = Table(
        "Open orders",
        ("Order", "Quantity", "Filled", "Terms", "State", "Placed"),
        rows,
        "lrrlll",
    )
    return Reply(
        f"{_where(result)}{open_orders(orders, quote)}{more}",
        "To withdraw them all, stop losses too, say “cancel all my orders”; it needs no approval. A single one is withdrawn on the web, among the open orders.",
        (table,),
        more=_MORE,
    )


def trades_reply(result: Result) -> Reply:
    """Answer which trades were made."""
    if unavailable(result):
        return failed(result, "list your trades")
    trades: list[Data] = result["trades"]
    of = f" in {result['symbol']}" if result["symbol"] else ""
    of += "" if result["simulated"] else f" on {venue_name(str(result['venue']))}"
    if not trades:
        return Reply(
            f"You have made no trades{of} yet.",
            "To begin, say for example “I have $500 to invest” or “buy $50 of BTC”.",
        )
    quote = result["quote_currency"]
    last = trades[0]
    account = f" ({account_label(str(result['venue']), simulated=result['simulated'])})"
    summary = f"Your latest trade{of}: {_past(last['side'])} {figure(last['quantity'])} {last['symbol']} at {price(last['price'])} {quote}, fee {fee(last['fee'], last['fee_asset'], quote)}, {clock(last['at'])}{account}."
    if result["more"]:
        summary += " The table has the latest ones; there are more."
    rows = tuple(
        (
            clock(each["at"]),
            f"{each['side']} {each['symbol']}",
            figure(each["quantity"]),
            price(each["price"]),
            fee(each["fee"], each["fee_asset"], quote),
            gain(each["realised"]) if "realised" in each else "",
        )
        for each in trades
    )
    table = Table(
        "Trades",
        ("When", "Trade", "Quantity", f"Price ({quote})", "Fee", f"Realised ({quote})"),
        rows,
        "llrrrr",
    )
    return Reply(summary, "", (table,), more=_MORE)


def open_orders(orders: list[Data], quote: str) -> str:
    """Return open orders as a sentence."""
    said = [
        f"{each['side']} {size(each)} {terms(each, quote)}".rstrip()
        + (" (being cancelled)" if each.get("cancelling") else "")
        for each in orders[:_NAMED]
    ]
    others = " and others" if len(orders) > _NAMED else ""
    return f"Open orders: {'; '.join(said)}{others}."


def _where(result: Result) -> str:
    return "" if result["simulated"] else f"On {venue_name(str(result['venue']))}, real money: "


def _past(side: str) -> str:
    return "bought" if side == "buy" else "sold"
