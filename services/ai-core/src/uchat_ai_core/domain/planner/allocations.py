"""Answers on how an amount could be spread, and how the portfolio compares with that."""

# ruff: noqa: E501 - sentences are read whole
from decimal import Decimal
from typing import Any, Final

from uchat_ai_core.domain.planner.accounts import aside, holdings_table, portfolio_reply
from uchat_ai_core.domain.planner.context import Capital
from uchat_ai_core.domain.planner.replies import Reply, Result, failed, unavailable
from uchat_ai_core.domain.planner.tables import Table
from uchat_ai_core.domain.planner.words import (
    figure,
    listed,
    money,
    pct,
    place,
    price,
    where_and_when,
)

_NEXT: Final = "Nothing was ordered. Say “invest it like that” and I prepare these orders for your approval, or ask for a “cautious” or “bold” split."
_MORE: Final = "Say “more” for the table, or “invest it like that” to have the orders prepared for your approval."

Data = dict[str, Any]


def capital_reply(capital: Capital, result: Result, portfolio: Result | None, noted: str) -> Reply:
    """Answer who has an amount to invest: how it could be spread, and the next step."""
    if unavailable(result):
        refused = failed(result, "plan an allocation")
        return Reply(f"{noted}{refused.summary}".strip(), refused.detail)
    quote = result["quote_currency"]
    summary = f"{noted}{_split(capital, result, aside(result))}"
    brief = f"{noted}{_lines(capital, result, aside(result))}"
    detail = " ".join(
        part for part in (_said(capital), _covered(capital, portfolio, quote), _NEXT) if part
    )
    tables = (allocation_table(result),)
    return Reply(summary, detail, tables, _method(result), _MORE, brief)


def portfolio_allocation_reply(
    portfolio: Result, capital: Capital | None, allocation: Result | None
) -> Reply:
    """Answer how the portfolio is allocated, next to how the named amount could be."""
    if unavailable(portfolio):
        return failed(portfolio, "show how your portfolio is allocated")
    now = portfolio_reply(portfolio)
    if capital is None or allocation is None or unavailable(allocation):
        hint = "Tell me an amount, as “I have $5000 to invest”, and I show how it could be spread."
        return Reply(
            now.summary, f"{now.detail} {hint}".strip(), now.tables, now.analysis, now.more
        )
    summary = f"{now.summary} {_split(capital, allocation)}"
    brief = f"{now.summary}\n\n{_lines(capital, allocation)}"
    detail = " ".join(part for part in (now.detail, _said(capital), _NEXT) if part)
    tables = (holdings_table(portfolio), allocation_table(allocation))
    return Reply(
        summary,
        detail,
        tables,
        f"{now.analysis} {_method(allocation)}".strip(),
        "Say “more” for the tables, or “invest it like that” to have the orders prepared for your approval.",
        brief,
    )


def allocation_table(result: Result) -> Table:
    """Return a suggested allocation as a table, the cash last."""
    quote = result["quote_currency"]
    rows = [
        (
            f"{line['name']} ({line['symbol']})"
            if line["name"] != line["symbol"]
            else line["symbol"],
            pct(line["weight_pct"]),
            money(line["amount"]),
            figure(line["quantity"]),
            price(line["price"]),
            pct(line["volatility_pct"]),
        )
        for line in result["lines"]
    ]
    rows.append(
        (f"Cash ({quote})", pct(result["cash_weight_pct"]), money(result["cash"]), "", "", "")
    )
    columns = (
        "Asset",
        "Weight",
        f"Amount ({quote})",
        "Quantity",
        f"Price ({quote})",
        "Volatility a year",
    )
    return Table(f"Suggested allocation, {result['profile']}", columns, tuple(rows), "lrrrrr")


def _split(capital: Capital, result: Result, source: str = "") -> str:
    shares = [f"{pct(line['weight_pct'])} {line['symbol']}" for line in result["lines"]]
    if result["cash"] != "0":
        shares.append(f"{pct(result['cash_weight_pct'])} cash")
    return f"A {result['profile']} split of {_named(capital)} could be {listed(shares)}{source}."


def _lines(capital: Capital, result: Result, source: str = "") -> str:
    quote = result["quote_currency"]
    lines = [
        f"- {line['symbol']} {pct(line['weight_pct'])} · {money(line['amount'])} {quote}"
        for line in result["lines"]
    ]
    if result["cash"] != "0":
        lines.append(f"- cash {pct(result['cash_weight_pct'])} · {money(result['cash'])} {quote}")
    head = f"A {result['profile']} split of {_named(capital)} could be{source}:"
    return "\n".join([head, *lines])


def _named(capital: Capital) -> str:
    if capital.remembered is None:
        return capital.shown
    return f"the {capital.shown} that you named {place(capital.remembered.said.interface)}"


def _said(capital: Capital) -> str:
    if capital.remembered is None:
        return ""
    return f"You named {capital.shown} {where_and_when(capital.remembered.said)}."


def _covered(capital: Capital, portfolio: Result | None, quote: str) -> str:
    if portfolio is None or unavailable(portfolio):
        return ""
    cash = money(portfolio["cash"])
    kind = "paper account" if portfolio["simulated"] else "account"
    enough = Decimal(portfolio["cash"]) >= capital.value
    rest = "which covers it" if enough else "which is less than that"
    return f"Your {kind} has {cash} {quote} in cash, {rest}."


def _method(result: Result) -> str:
    whys = " ".join(
        f"{line['symbol']}: {str(line['why']).rstrip('.')}." for line in result["lines"]
    )
    return f"Method: {str(result['method']).rstrip('.')}. {whys} It is a suggestion from past prices, not a forecast."
