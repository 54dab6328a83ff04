"""Says what changed since an earlier answer told of the account, and why."""

from typing import Any, Final

from uchat_ai_core.domain.planner.replies import Result
from uchat_ai_core.domain.planner.words import clock, figure, listed, money, place, price

_MOST: Final = 3
_MOVED: Final = {
    "opening": "the opening balance",
    "deposit": "a deposit",
    "withdrawal": "a withdrawal",
    "external": "a trade at the exchange itself",
    "adjustment": "an adjustment to the exchange's books",
}


def since_answer(result: Result) -> str:
    """Return a sentence or two on what changed since the last answer; empty: nothing did."""
    since: dict[str, Any] | None = result.get("since_answer")
    if since is None:
        return ""
    quote = str(result["quote_currency"])
    when = f"my answer {place(since['interface'])} ({clock(since['at'])})"
    worth = since.get("total_then", since.get("value_then"))
    was = f", when it was worth {money(worth)} {quote}" if worth is not None else ""
    if since.get("only_prices"):
        return f"Only prices moved since {when}{was}."
    changed = listed([_changed(each, quote) for each in since["changed"]])
    reasons: list[dict[str, Any]] = since["because"]
    if not since["explained"]:
        return f"Since {when}{was}: {changed}. Your latest trades do not tell me why."
    why = listed([_because(each, quote) for each in reasons[:_MOST]])
    more = " and earlier ones" if len(reasons) > _MOST else ""
    return f"Since {when}{was}: {changed}; {why}{more}."


def _changed(each: dict[str, str], quote: str) -> str:
    if "cash_then" in each:
        return f"cash from {money(each['cash_then'])} to {money(each['cash_now'])} {quote}"
    return (
        f"{each['symbol']} from {figure(each['quantity_then'])} to {figure(each['quantity_now'])}"
    )


def _because(each: dict[str, Any], quote: str) -> str:
    if each["what"] != "fill":
        kind = _MOVED.get(each["what"], "a movement")
        much = f"{money(each['amount'])} {quote}" if "amount" in each else _units(each)
        return f"{kind} of {much} ({clock(each['at'])})"
    did = "bought" if each["side"] == "buy" else "sold"
    told = f"{did} {_units(each)} at {price(each['price'])} {quote} ({clock(each['at'])}"
    if "approved_on" not in each:
        return f"{told})"
    if "mandate_id" in each:
        return f"{told}, within your mandate)"
    return f"{told}, approved {place(each['approved_on'])})"


def _units(each: dict[str, Any]) -> str:
    return f"{figure(each['quantity'])} {each['symbol']}"
