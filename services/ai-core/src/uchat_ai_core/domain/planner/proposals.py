"""Answers with a preview or a proposal: price, quantity, fee, effect, and who decides."""

# ruff: noqa: E501 - sentences are read whole
from typing import Any, Final

from uchat_ai_core.domain.planner.replies import Reply, Result, failed, unavailable
from uchat_ai_core.domain.planner.tables import Table
from uchat_ai_core.domain.planner.terms import command, terms, waits, whose
from uchat_ai_core.domain.planner.words import clock, fee, figure, listed, money, pct, price
from uchat_contracts.trading import PAPER

_WAITS: Final = "It waits for your approval: use the card, here or on any other interface. Nothing is ordered before that."
_REAL: Final = "It trades real money."
_NAMED: Final = 4

Data = dict[str, Any]


def proposal_reply(result: Result) -> Reply:
    """Answer who asked for orders: what is proposed, or why nothing is."""
    if unavailable(result):
        return failed(result, "propose this")
    if not result.get("proposed"):
        return _denied(result)
    decides = _who_decides(result)
    summary = f"I propose to {_orders(result)}{_cost(result)}{_aside(result)}. {decides}"
    return Reply(
        summary, _effect(result), _tables(result), _how(result), brief=_brief(result, decides)
    )


def preview_reply(result: Result, *, asked: bool) -> Reply:
    """Answer what orders would cost; nothing is proposed. `asked`: a preview was asked for."""
    if unavailable(result):
        return failed(result, "reckon this")
    lead = "" if asked else "I take that as a question, so nothing is proposed. "
    denied: Data | None = result.get("denied")
    if not result["orders"]:
        return Reply(f"{lead}{_why(denied)}".strip())
    when = "" if waits(result["orders"]) else " now"
    summary = f"{lead}To {_orders(result)}{when} would mean{_cost(result).replace(':', '', 1)}{_aside(result)}."
    if denied is not None:
        summary += f" It would be denied: {denied['text']}"
    command = _command(result)
    return Reply(
        summary,
        f"{_effect(result)} If you want it, say “{command}”.".strip(),
        _tables(result),
        _how(result),
    )


def rebalance_reply(result: Result) -> Reply:
    """Answer who asked to rebalance."""
    if unavailable(result):
        return failed(result, "rebalance your portfolio")
    profile = result["profile"]
    if result.get("balanced"):
        return Reply(
            f"Your portfolio has the weights of the {profile} profile already, so nothing is proposed.",
            "There are three profiles: cautious, balanced and bold.",
        )
    lead = f"To bring your portfolio to the {profile} profile, sales first:"
    return proposal_reply(result).noting(lead)


def mandate_trade_reply(result: Result) -> Reply:
    """Answer who asked for a trade within the mandate."""
    if unavailable(result):
        return failed(result, "trade within your mandate")
    if not result["proposed"]:
        return _nothing_within(result)
    mandate, quote = result["mandate"], result["mandate"]["quote_currency"]
    chosen = result["chosen"]
    summary = f"Within your mandate I propose to {_orders(result)}{_cost(result)}{_aside(result)}. {_who_decides(result)}"
    why = f"Why {chosen['symbol']}: it has the largest weight, {pct(chosen['weight_pct'])}, of a {result['profile']} allocation that your limits allow ({str(chosen['why']).rstrip('.')})."
    passed = [f"{each['symbol']} was passed over: {each['why']}" for each in chosen["passed_over"]]
    left = f"The mandate allows {money(mandate['per_day'])} {quote} a day; {money(mandate['left_today'])} of it was left."
    return Reply(
        summary, " ".join([why, *passed, left, _effect(result)]), _tables(result), _how(result)
    )


def _nothing_within(result: Result) -> Reply:
    if result.get("no_mandate"):
        return Reply(
            "You have no active mandate, so I propose nothing by myself.",
            "You can grant one on the web, under Settings: an amount a day and an end. Inside it decisions approve themselves, and are marked so everywhere.",
        )
    mandate = result["mandate"]
    if result.get("nothing_left"):
        of = f"{money(mandate['used_today'])} of {money(mandate['per_day'])} {mandate['quote_currency']}"
        return Reply(
            f"Your mandate is used up for today: {of}.", "A new day begins at midnight UTC."
        )
    if result.get("too_little"):
        left = f"{money(mandate['left_today'])} {mandate['quote_currency']}"
        return Reply(
            f"Your mandate leaves {left} today, too little for an order. {result['too_little']}"
        )
    if result.get("no_cash"):
        return Reply("You have no free cash to trade with, so nothing is proposed.")
    if result.get("no_asset"):
        return Reply(
            f"None of the assets of your mandate ({listed(mandate['symbols'])}) is in the suggested allocation today, so nothing is proposed."
        )
    return _denied(result)


def _brief(result: Result, decides: str) -> str:
    legs: list[Data] = result["orders"]
    if len(legs) <= 2:  # noqa: PLR2004 - they fit into the sentence
        return ""
    quote = result.get("quote_currency", "USDT")
    lines = "\n".join(f"- {_order(leg, quote)}" for leg in legs)
    return f"I propose these orders{_cost(result)}{_aside(result)}:\n{lines}\n\n{decides}"


def _denied(result: Result) -> Reply:
    quote = (
        f" I looked at: {_orders(result)}{_cost(result)}{_aside(result)}."
        if result["orders"]
        else ""
    )
    return Reply(
        f"I do not propose this, it would be denied: {_why(result.get('denied'))}",
        f"Nothing was ordered.{quote}",
    )


def _why(denied: Data | None) -> str:
    return str(denied["text"]) if denied is not None else "it cannot be priced right now."


def _orders(result: Result) -> str:
    legs: list[Data] = result["orders"]
    quote = result.get("quote_currency", "USDT")
    said = [_order(leg, quote) for leg in legs[:_NAMED]]
    if len(legs) > _NAMED:
        said.append("more (see the table)")
    return listed(said)


def _order(leg: Data, quote: str) -> str:
    on = terms(leg, quote) or f"at about {price(leg['price'])} {quote}"
    return f"{leg['side']} {figure(leg['quantity'])} {leg['symbol']} {on}"


def _cost(result: Result) -> str:
    quote = result.get("quote_currency", "USDT")
    return f": {money(result['total'])} {quote} and a fee of {money(result['fees'])} {quote}"


def _who_decides(result: Result) -> str:
    if result.get("mandate_id"):
        return "It is inside your mandate, so it approves itself and is marked so."
    return _WAITS if result.get("simulated", True) else f"{_REAL} {_WAITS}"


def _effect(result: Result) -> str:
    lines: list[str] = [str(each) for each in result["warnings"]]
    quote = result.get("quote_currency", "USDT")
    if "cash_after" in result:
        lines.append(
            f"Effect: your cash goes from {money(result['cash_before'])} to {money(result['cash_after'])} {quote}."
        )
        after: dict[str, str] = result["holdings_after"]
        shares: dict[str, str] = result["shares_after_pct"]
        held = [
            f"{figure(units)} {symbol}"
            + (f" ({pct(shares[symbol])} of the portfolio)" if symbol in shares else "")
            for symbol, units in list(after.items())[:_NAMED]
        ]
        lines.append(f"You would then hold {listed(held)}." if held else "")
    return " ".join(line for line in lines if line)


def _how(result: Result) -> str:
    if "collar_pct" not in result:
        return ""
    if waits(result["orders"]):
        return "It waits until the market gets there, as long as that takes; balance, limits and brakes are checked again then. In a fast market it may be filled at a worse price than its trigger."
    return f"It is executed only as long as the price has moved by at most {figure(result['collar_pct'])} % against you since {clock(result['as_of'])}, and the risk limits are checked again then."


def _aside(result: Result) -> str:
    kind = whose(result)
    return f" ({kind}, {clock(result['as_of'])})" if "as_of" in result else f" ({kind})"


def _tables(result: Result) -> tuple[Table, ...]:
    legs: list[Data] = result["orders"]
    if len(legs) < 2:  # noqa: PLR2004 - one order is said in the sentence
        return ()
    quote = result.get("quote_currency", "USDT")
    rows = tuple(
        (
            f"{leg['side']} {leg['symbol']}",
            figure(leg["quantity"]),
            price(leg.get("trigger_price", leg.get("limit_price", leg["price"]))),
            money(leg["notional"]),
            fee(leg["fee"], leg["fee_asset"], quote),
        )
        for leg in legs
    )
    return (
        Table(
            "Orders",
            ("Order", "Quantity", f"Price ({quote})", f"Worth ({quote})", "Fee"),
            rows,
            "lrrrr",
        ),
    )


def _command(result: Result) -> str:
    venue = str(result.get("venue", PAPER))
    return listed([command(leg, venue) for leg in result["orders"][:_NAMED]])
