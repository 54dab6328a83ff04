"""Answers on how a person trades: the mode, what the account may do, and cards that are over."""

# ruff: noqa: E501 - sentences are read whole
from typing import Any, Final

from uchat_ai_core.domain.planner.replies import Reply, Result, failed, unavailable
from uchat_ai_core.domain.planner.terms import size, terms
from uchat_ai_core.domain.planner.words import clock, listed, money, place

_MODES: Final = {
    "manual": "I propose nothing by myself, no mandate is used, and every trade that you ask for waits for your approval",
    "assisted": "every trade waits for your approval, and no mandate is used",
    "autonomous": "inside your mandate trades approve themselves, all others wait for your approval",
    "emergency": "only what lowers a risk is done, as sales and cancellations; nothing is bought",
}
_WHERE: Final = "By chat I can only lower the risk (“manual mode”, “emergency mode”, “stop all trading”). Any mode is chosen by you on the web, under Settings, or with /trading on Telegram; limits are loosened by an operator only."
_SHOWN: Final = 3

Data = dict[str, Any]


def trading_reply(result: Result, *, widens: bool) -> Reply:
    """Answer in which mode the person trades, and what the account may do.

    `widens`: the person wants to be allowed more, which no chat can do.
    """
    if unavailable(result):
        return failed(result, "tell how you trade")
    lead = "I cannot change that by chat, and nothing was changed. " if widens else ""
    said = f"{lead}You are in {result['mode']} mode: {_MODES[result['mode']]}."
    return Reply(f"{said} {_may(result)}", f"{_mandate(result)} {_WHERE}".strip())


def mode_reply(result: Result) -> Reply:
    """Answer who asked for a mode that allows less."""
    if unavailable(result):
        return failed(result, "change the mode", f"So nothing was changed. {_WHERE}")
    mode = result["mode"]
    cancelled = " What is open of your purchases is being cancelled." if mode == "emergency" else ""
    return Reply(
        f"You are in {mode} mode now: {_MODES[mode]}.{cancelled}",
        "Only you can choose a mode that allows more: on the web, under Settings, or with /trading on Telegram.",
    )


def again_reply(result: Result, *, rest: bool) -> Reply:
    """Answer who wants a card quoted again, or its rest done: that is a button on the card."""
    if unavailable(result):
        return failed(result, "look up your cards")
    button, can = ("Finish the rest", "remedied") if rest else ("Quote again", "quoted_again")
    cards: list[Data] = [each for each in result["decisions"] if each.get(can)]
    if not cards:
        return Reply(
            f"There is no card to {'finish' if rest else 'quote again'}, and nothing was proposed.",
            "To have a trade prepared, say for example “buy 0.01 BTC”.",
        )
    said = listed([_card(each) for each in cards[:_SHOWN]])
    which = f"It is on the card to {said}" if len(cards) == 1 else f"Cards that have it: {said}"
    return Reply(
        f"A text does that for no card: please use its button “{button}”. {which}.",
        "It makes a new card at today's prices, which needs an approval of its own.",
    )


def _may(result: Result) -> str:
    if result.get("kill_switch", {}).get("on"):
        return "Trading is stopped by the kill switch; only you can release it, on the web or with /kill on Telegram."
    why = f": {result['reason']['text']}" if "reason" in result else "."
    if result["state"] == "reducing":
        return f"Your account may only sell now{why}"
    if result["state"] == "halted":
        return f"Your account does nothing now{why}"
    if result["mode"] == "emergency":
        return "That is why your account may only sell now."
    return "Your account may buy and sell."


def _mandate(result: Result) -> str:
    mandate: Data | None = result.get("mandate")
    if mandate is None:
        return "You have no active mandate."
    if "suspended" in mandate:
        return f"Your mandate is suspended: {mandate['suspended']['text']}"
    return f"Your mandate leaves {money(mandate['left_today'])} of {money(mandate['per_day'])} {mandate['quote_currency']} today."


def _card(card: Data) -> str:
    quote = card.get("quote_currency", "USDT")
    legs = [f"{leg['side']} {size(leg)} {terms(leg, quote)}".rstrip() for leg in card["orders"]]
    asked = f"asked {place(card['interface'])}, {clock(card['proposed_at'])}"
    return f"{listed(legs[:_SHOWN])} ({asked}; {card['state'].replace('_', ' ')})"
