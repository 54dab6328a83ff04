"""Answers on what a person owns. Every figure is one that a tool returned in this turn."""

# ruff: noqa: E501 - sentences are read whole
from typing import Any, Final

from uchat_ai_core.domain.planner.history import open_orders
from uchat_ai_core.domain.planner.replies import Reply, Result, failed, unavailable
from uchat_ai_core.domain.planner.since import since_answer
from uchat_ai_core.domain.planner.tables import Table
from uchat_ai_core.domain.planner.terms import whose
from uchat_ai_core.domain.planner.words import (
    clock,
    figure,
    gain,
    gain_pct,
    listed,
    money,
    pct,
    price,
)

MORE: Final = "Say “more” for the table."
UNKNOWN: Final = "unknown"
_NAMED: Final = 3

Data = dict[str, Any]


def portfolio_reply(result: Result) -> Reply:
    """Answer what the portfolio is worth and what it consists of."""
    if unavailable(result):
        return failed(result, "show your portfolio")
    quote = result["quote_currency"]
    holdings: list[Data] = result["holdings"]
    if "total" not in result:
        names = [f"{figure(h['quantity'])} {h['symbol']}" for h in holdings]
        held = f" and {listed(names)}" if names else ""
        summary = f"You have {money(result['cash'])} {quote} in cash{held}; a price is missing, so the total is not known right now{aside(result)}."
        return Reply(summary, tables=(holdings_table(result),), more=MORE)
    summary = f"Your portfolio is worth {money(result['total'])} {quote}{_composition(result)}{aside(result)}."
    return Reply(
        *_acknowledged(result, summary, _since_the_start(result)),
        (holdings_table(result),),
        analysis=_concentration(result),
        more=MORE,
    )


def position_reply(result: Result) -> Reply:
    """Answer how one position is doing."""
    symbol = str(result.get("symbol", ""))
    if unavailable(result):
        return failed(result, "show this position")
    quote = result["quote_currency"]
    orders: list[Data] = result["open_orders"]
    waiting = f" {open_orders(orders, quote)}" if orders else ""
    holding: Data | None = result.get("holding")
    if holding is None:
        summary = f"You hold no {symbol}{aside(result)}.{waiting}"
        detail = f"You have {money(result['cash'])} {quote} in cash. To buy some, say for example “buy $100 of {symbol}”."
        return Reply(*_acknowledged(result, summary, detail))
    units = f"{figure(holding['quantity'])} {symbol}"
    if "value" not in holding:
        return Reply(f"You hold {units}; its price is not known right now{aside(result)}.{waiting}")
    cost = (
        f", bought at {price(holding['average_cost'])} {quote} on average"
        if "average_cost" in holding
        else ""
    )
    summary = f"You hold {units}{cost}, worth {money(holding['value'])} {quote}{_against_cost(holding, quote)}{aside(result)}.{waiting}"
    return Reply(
        *_acknowledged(result, summary, _position_detail(holding, quote)),
        (_position_table(holding, quote),),
        more="Say “more” for the details.",
    )


def performance_reply(result: Result) -> Reply:
    """Answer how the account did over a period."""
    if unavailable(result):
        return failed(result, "measure your performance")
    quote = result["quote_currency"]
    span = {"day": "Today", "week": "This week", "month": "This month"}.get(
        result["period"], "Since the start"
    )
    if "change" not in result:
        summary = f"{span} you realised {gain(result['realised'])} {quote}; what you hold cannot be valued right now{aside(result)}."
        return Reply(summary)
    changed = f" ({gain_pct(result['change_pct'])})" if "change_pct" in result else ""
    summary = f"{span} your account changed by {gain(result['change'])} {quote}{changed}, to {money(result['total_now'])} {quote}; fees of {money(result['fees'])} {quote} are counted in{aside(result)}."
    parts = [f"Realised {gain(result['realised'])} {quote}"]
    if "unrealised" in result:
        parts.append(f"not yet realised {gain(result['unrealised'])} {quote}")
    detail = f"{listed(parts)}. Counted from {clock(result['since'])}, when it was worth {money(result['total_then'])} {quote}."
    return Reply(summary, detail)


def holdings_table(result: Result) -> Table:
    """Return what is held as a table, the cash last."""
    quote = result["quote_currency"]
    rows = [
        (
            each["symbol"],
            figure(each["quantity"]),
            price(each["price"]) if "price" in each else UNKNOWN,
            money(each["value"]) if "value" in each else UNKNOWN,
            pct(each["share_pct"]) if "share_pct" in each else UNKNOWN,
            gain(each["unrealised"]) if "unrealised" in each else UNKNOWN,
        )
        for each in result["holdings"]
    ]
    cash = money(result.get("cash_in_all", result["cash"]))
    share = pct(result["cash_share_pct"]) if "cash_share_pct" in result else UNKNOWN
    rows.append((f"Cash ({quote})", cash, "", cash, share, ""))
    columns = (
        "Asset",
        "Quantity",
        f"Price ({quote})",
        f"Value ({quote})",
        "Share",
        f"Profit ({quote})",
    )
    return Table("Portfolio", columns, tuple(rows), "lrrrrr")


def aside(result: Result) -> str:
    """Return what account it is and of when, in brackets."""
    kind = whose(result)
    if result.get("stale"):
        return f" ({kind}, prices may be out of date, {clock(result['as_of'])})"
    return f" ({kind}, {clock(result['as_of'])})"


def _acknowledged(result: Result, summary: str, detail: str) -> tuple[str, str]:
    """Return summary and detail with what changed since an earlier answer: trades are news."""
    said = since_answer(result)
    if not said:
        return summary, detail
    if result["since_answer"].get("only_prices"):
        return summary, f"{detail} {said}".strip()
    return f"{summary} {said}", detail


def _composition(result: Result) -> str:
    holdings = [each for each in result["holdings"] if "share_pct" in each]
    shares = [f"{pct(each['share_pct'])} {each['symbol']}" for each in holdings[:_NAMED]]
    if len(holdings) > _NAMED:
        shares.append("others")
    cash = f"{pct(result['cash_share_pct'])} cash" if "cash_share_pct" in result else ""
    parts = [*shares, *([cash] if cash else [])]
    return f": {listed(parts)}" if parts else ""


def _since_the_start(result: Result) -> str:
    quote = result["quote_currency"]
    grown = f" ({gain_pct(result['profit_pct'])})" if "profit_pct" in result else ""
    lines = (
        [
            f"Since the start: {gain(result['profit'])} {quote}{grown} on {money(result['deposited'])} {quote} paid in."
        ]
        if "profit" in result
        else []
    )
    if "change_today" in result:
        lines.append(f"Today: {gain(result['change_today'])} {quote}.")
    reserved = result.get("cash_reserved", "0")
    if reserved != "0":
        lines.append(f"{money(reserved)} {quote} of the cash is reserved by open orders.")
    return " ".join(lines)


def _concentration(result: Result) -> str:
    holdings = [each for each in result["holdings"] if "share_pct" in each]
    if not holdings:
        return "All of it is cash: its value does not move with the market."
    first = holdings[0]
    lines = [
        f"The largest position is {first['symbol']} with {pct(first['share_pct'])} of the whole: if its price falls by a tenth, the portfolio falls by a tenth of that share."
    ]
    moved = [
        f"{each['symbol']} {gain_pct(each['change_24h_pct'])}"
        for each in holdings
        if "change_24h_pct" in each
    ]
    if moved:
        lines.append(f"Over 24 hours: {listed(moved)}.")
    return " ".join(lines)


def _against_cost(holding: Data, quote: str) -> str:
    if "unrealised" not in holding:
        return ""
    grown = f", {gain_pct(holding['unrealised_pct'])}" if "unrealised_pct" in holding else ""
    return f": {gain(holding['unrealised'])} {quote} against what it cost{grown}"


def _position_detail(holding: Data, quote: str) -> str:
    lines: list[str] = []
    if "average_cost" in holding:
        lines.append(
            f"Average cost {price(holding['average_cost'])} {quote} with fees, price now {price(holding['price'])} {quote}."
        )
    if "change_24h_pct" in holding:
        lines.append(f"The price changed by {gain_pct(holding['change_24h_pct'])} in 24 hours.")
    if "share_pct" in holding:
        lines.append(f"It is {pct(holding['share_pct'])} of your portfolio.")
    if holding["realised"] != "0":
        lines.append(f"Realised with it so far: {gain(holding['realised'])} {quote}.")
    if holding["reserved"] != "0":
        lines.append(
            f"{figure(holding['reserved'])} {holding['symbol']} of it is reserved by open orders."
        )
    return " ".join(lines)


def _position_table(holding: Data, quote: str) -> Table:
    cost = price(holding["average_cost"]) if "average_cost" in holding else UNKNOWN
    profit = gain(holding["unrealised"]) if "unrealised" in holding else UNKNOWN
    row = (
        holding["symbol"],
        figure(holding["quantity"]),
        cost,
        price(holding["price"]),
        money(holding["value"]),
        profit,
    )
    columns = (
        "Asset",
        "Quantity",
        f"Average cost ({quote})",
        f"Price ({quote})",
        f"Value ({quote})",
        f"Profit ({quote})",
    )
    return Table("Position", columns, (row,), "lrrrrr")
