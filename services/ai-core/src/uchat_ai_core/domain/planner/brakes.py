"""Answers on brakes and limits: stops, cancels, mandates, what waits for an approval."""

# ruff: noqa: E501 - sentences are read whole
from typing import Any, Final

from uchat_ai_core.domain.planner.replies import Reply, Result, failed, unavailable
from uchat_ai_core.domain.planner.terms import size, state, terms, whose
from uchat_ai_core.domain.planner.words import clock, figure, listed, money, pct, place

_RELEASE: Final = (
    "Only you can release it: on the web (the kill switch) or with /kill on Telegram; I cannot."
)
_GRANT: Final = "You grant one on the web, under Settings: an amount a day and an end; I cannot grant or widen one. The mode is chosen there too, or with /trading on Telegram."

Data = dict[str, Any]


def stopped_reply(result: Result) -> Reply:
    """Answer an order to stop everything."""
    if unavailable(result):
        return Reply(
            "I could not stop trading: I cannot reach your account right now.",
            "Please use the kill switch on the web or /kill on Telegram, and ask me again in a moment.",
        )
    when = (
        f" Nothing is sent to the exchange after {clock(result['effective_at'])}."
        if "effective_at" in result
        else ""
    )
    flying: list[Data] = result.get("in_flight", [])
    legs = (
        f" Still on their way: {listed([each['symbol'] for each in flying])}."
        if flying
        else " No order was on its way."
    )
    return Reply(
        f"Everything stopped: trading is off and nothing new is executed.{when} Only you can release it.",
        f"{legs.strip()} Open orders at the exchange stay; to withdraw them say “cancel all my orders”. {_RELEASE}",
    )


def released_reply(result: Result) -> Reply:
    """Answer whether trading is stopped, or who wants the stop released."""
    if unavailable(result):
        return failed(result, "tell whether trading is stopped")
    if result["kill_switch_on"]:
        return Reply("Trading is stopped: the kill switch is on.", _RELEASE)
    return Reply(
        "Trading is not stopped: the kill switch is off.",
        "To stop everything say “stop all trading”.",
    )


def cancelled_reply(result: Result) -> Reply:
    """Answer an order to cancel open orders."""
    if unavailable(result):
        return failed(result, "cancel your orders")
    orders: list[Data] = result["orders"]
    of = f" in {result['symbol']}" if result["symbol"] else ""
    if not orders:
        kind = f"{str(result.get('kind', '')).replace('_', ' ')} " if result.get("kind") else ""
        return Reply(
            f"You have no open {kind}orders{of}, so nothing was cancelled.",
            "A proposal that waits for you is rejected on its card.",
        )
    gone = [each for each in orders if each["status"] == "cancelled"]
    others = [each for each in orders if each["status"] != "cancelled"]
    said = (
        f"Cancelled: {'; '.join(_order(each) for each in gone)}."
        if gone
        else "Nothing could be cancelled."
    )
    left = [f"{_order(each)} ({state(each)})" for each in others]
    rest = f" Not cancelled: {'; '.join(left)}." if left else ""
    return Reply(
        said + rest,
        "Cancelling needs no approval. A stop loss that is cancelled protects no longer.",
    )


def mandates_reply(result: Result, *, grants: bool = False) -> Reply:
    """Answer which mandates there are and what is left of them.

    `grants`: the person wants one granted, which no chat can do.
    """
    if unavailable(result):
        return failed(result, "show your mandates")
    mandates: list[Data] = result["mandates"]
    if grants:
        held = _mandate(mandates[0]) if mandates else "You have no active mandate now."
        return Reply(
            f"I cannot switch this on by chat, and nothing was changed: only you can sign a mandate. {held}",
            _GRANT,
        )
    if not mandates:
        return Reply(
            "Autonomous trading is off: you have no active mandate, so every trade waits for your approval.",
            _GRANT,
        )
    return Reply(
        " ".join(_mandate(each) for each in mandates),
        "Inside it decisions approve themselves and are marked so everywhere. Say “trade for me within it” to have today's rest used, or “revoke my mandate” to end it.",
    )


def revoked_reply(result: Result) -> Reply:
    """Answer an order to end the mandates."""
    if unavailable(result):
        return failed(result, "revoke your mandate")
    ended: list[Data] = result["revoked"]
    if not ended:
        return Reply(
            "There was no active mandate: every trade waits for your approval anyway.", _GRANT
        )
    return Reply(
        f"Your mandate of {money(ended[0]['per_day'])} {ended[0]['quote_currency']} a day is revoked. From now on every trade waits for your approval.",
        _GRANT,
    )


def pending_reply(result: Result, *, approves: bool) -> Reply:
    """Answer what waits for an approval; a text never approves or rejects."""
    if unavailable(result):
        return failed(result, "look up what waits for you")
    decisions: list[Data] = [
        each for each in result["decisions"] if each["state"] == "awaiting_approval"
    ]
    under_way = [each for each in result["decisions"] if each["state"] != "awaiting_approval"]
    moving = f" Under way: {'; '.join(_decision(each) for each in under_way)}." if under_way else ""
    if not decisions:
        return Reply(
            f"There is no trade waiting for your approval.{moving}",
            "To have one prepared, say for example “buy 0.01 BTC”.",
        )
    what = "; ".join(_decision(each) for each in decisions)
    lead = (
        "I cannot approve or reject for you, and a text never does: please use the buttons on the card. Waiting"
        if approves
        else "Waiting for your approval"
    )
    return Reply(
        f"{lead}: {what}.{moving}",
        "Each card is in this conversation and on your dashboard; the first answer on any interface counts.",
    )


def limits_reply(result: Result) -> Reply:
    """Answer which limits every plan must keep to."""
    if unavailable(result):
        return failed(result, "show your limits")
    quote = result["quote_currency"]
    stopped = " Trading is stopped at the moment." if result["kill_switch_on"] else ""
    return Reply(
        f"One order may be worth at most {money(result['per_order'])} {quote}, one asset may be at most {pct(result['per_asset_share_pct'])} of your portfolio.{stopped}",
        f"After a loss of {pct(result['daily_loss_share_pct'])} in a day only sales are allowed; a plan is dropped if the price moves by more than {figure(result['price_collar_pct'])} % against you before it is executed; at most {result['orders_per_minute']} orders a minute.",
    )


def risk_reply(portfolio: Result, limits: Result | None) -> Reply:
    """Answer how risky the portfolio is: how much is in one asset, against the limit."""
    if unavailable(portfolio):
        return failed(portfolio, "look at the risk of your portfolio")
    holdings = [each for each in portfolio["holdings"] if "share_pct" in each]
    if not holdings:
        return Reply(
            "Your portfolio is all cash, so it has no market risk now.",
            limits_reply(limits).summary if limits is not None and not unavailable(limits) else "",
        )
    first = holdings[0]
    cash = (
        f"; {pct(portfolio['cash_share_pct'])} is cash, which does not move"
        if "cash_share_pct" in portfolio
        else ""
    )
    summary = f"Your largest position is {first['symbol']} with {pct(first['share_pct'])} of the portfolio{cash}."
    detail = "I judge by concentration only: I have no forecast and no full risk model."
    if limits is not None and not unavailable(limits):
        detail = f"{limits_reply(limits).summary} {detail}"
    return Reply(summary, detail)


def _mandate(mandate: Data) -> str:
    quote = mandate["quote_currency"]
    assets = f" in {listed(mandate['symbols'])}" if mandate["symbols"] else ""
    return f"Your mandate allows {money(mandate['per_day'])} {quote} a day{assets} until {clock(mandate['expires_at'])}; today {money(mandate['used_today'])} is used and {money(mandate['left_today'])} left."


def _order(order: Data) -> str:
    return f"{order['side']} {size(order)} {terms(order, 'USDT')}".rstrip()


def _decision(decision: Data) -> str:
    legs = [
        f"{leg['side']} {size(leg)} {terms(leg, decision.get('quote_currency', 'USDT'))}".rstrip()
        for leg in decision["orders"]
    ]
    total = (
        f" for {money(decision['total'])} {decision['quote_currency']}"
        if "total" in decision
        else ""
    )
    real = "" if decision.get("simulated", True) else f" on {whose(decision)}"
    return f"{listed(legs)}{total}{real}, asked {place(decision['interface'])} ({decision['state'].replace('_', ' ')})"
