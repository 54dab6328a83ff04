"""Buying by a rhythm: what it would come to, and what can be done of it here."""

# ruff: noqa: E501 - a rule is read as one line of a table
import re
from collections.abc import Mapping
from typing import Final

from uchat_ai_core.domain.planner.asks import Ask
from uchat_ai_core.domain.planner.replies import CONVERT, Call, Reply, Result
from uchat_ai_core.domain.planner.skill import Question, Skill, rules
from uchat_ai_core.domain.planner.words import figure, named_money, price

_RHYTHM: Final = r"\b(?:every|each|per) (?:single )?(?:day|week|month|fortnight|monday|tuesday|wednesday|thursday|friday|saturday|sunday|morning|2 weeks|two weeks)\b|\b(?:daily|weekly|monthly|fortnightly|biweekly)\b"
_EVERY: Final = re.compile(_RHYTHM)


def calls(question: Question) -> tuple[Call, ...]:
    """Ask what one purchase would get."""
    money = next((each for each in question.understood.amounts if each.is_money), None)
    if money is None or not question.symbols:
        return ()
    arguments = {
        "amount": format(money.value, "f"),
        "unit": money.unit,
        "symbols": [question.symbols[0]],
    }
    return (Call(CONVERT, arguments),)


def reply(question: Question, results: Mapping[str, Result]) -> Reply:
    """Say that nothing repeats by itself here, what one purchase would get, and the nearest way."""
    symbol = question.symbols[0] if question.symbols else "BTC"
    money = next((each for each in question.understood.amounts if each.is_money), None)
    rhythm = _EVERY.search(question.plain)
    every = rhythm.group() if rhythm is not None else "every week"
    amount = named_money(money.value, money.unit) if money is not None else "$50"
    done = results.get(CONVERT, {}).get("conversions") or []
    gets = ""
    if done:
        gets = f" One purchase would get {figure(done[0]['quantity'])} {symbol} now, at {price(done[0]['ask'])}."
    return Reply(
        f"I cannot repeat an order by myself, so nothing is scheduled: buying {symbol} {every} means saying “buy {amount} of {symbol}” each time, and approving the card.{gets}",
        "Spreading purchases over time (dollar cost averaging) makes the average price matter instead of one moment; it does not raise the expected return, it lowers the regret of a bad one. Fees are paid each time. "
        "The nearest thing here that runs without a card each time is a mandate: you sign an amount a day on the web, under Settings, and say “trade within my mandate”.",
    )


SKILLS: Final = (
    Skill(
        Ask.RECURRING,
        rules(
            (
                r"\b(?:dca|dollar[ -]cost[ -]averag\w+)\b.*(?:\binto\b|\bin\b|\bin to\b|"
                + _RHYTHM
                + r")(?!.*\b(?:think|opinion|good|worth|better)\b)",
                0.93,
            ),
            (r"\bhow (?:do|can|would|should) i (?:dca|dollar[ -]cost)\b", 0.9),
        ),
        reply,
        calls,
    ),
    Skill(
        Ask.RECURRING_ORDER,
        rules(
            (
                r"\b(?:buy|sell|invest|purchase|put)\b.*(?:"
                + _RHYTHM
                + r")|(?:"
                + _RHYTHM
                + r").*\b(?:buy|sell|invest|purchase|put)\b",
                0.9,
            )
        ),
        reply,
        calls,
    ),
)
