"""The planner: understand a message, name the tools that it needs, then say the answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from uchat_ai_core.domain.planner.asks import Ask, Understanding
from uchat_ai_core.domain.planner.intents import understand
from uchat_ai_core.domain.planner.memory import facts_in
from uchat_ai_core.domain.planner.notyet import not_yet
from uchat_ai_core.domain.planner.prices import conversion_reply, instruments_reply, quotes_reply
from uchat_ai_core.domain.planner.recollections import acknowledged, recall_reply
from uchat_ai_core.domain.planner.replies import (
    CONVERT,
    GET_QUOTES,
    LIST_INSTRUMENTS,
    REMEMBERED,
    Call,
    Reply,
    Result,
)
from uchat_ai_core.domain.planner.talk import explanation, fixed_reply, greeting, unsure
from uchat_ai_core.domain.turn import Said, TurnIn

_PRICES: Final = frozenset({Ask.PRICE, Ask.COMPARE, Ask.MARKET, Ask.MOVERS})
_FIXED: Final = frozenset(
    {
        Ask.HOW_ARE_YOU,
        Ask.THANKS,
        Ask.GOODBYE,
        Ask.IDENTITY,
        Ask.CAPABILITIES,
        Ask.MODES,
        Ask.SAFETY,
    }
)
_NOT_YET: Final = frozenset(
    {
        Ask.TRADE, Ask.APPROVE, Ask.PORTFOLIO, Ask.RISK, Ask.REBALANCE, Ask.STRATEGY,
        Ask.PERFORMANCE, Ask.OPPORTUNITY, Ask.EMERGENCY, Ask.AUTONOMOUS, Ask.ALERT, Ask.NEWS,
        Ask.FORECAST,
    }
)  # fmt: skip
# What was said before can only change the meaning of these, and only if they name no asset.
_OPEN: Final = frozenset({Ask.UNKNOWN, Ask.PRICE, Ask.MARKET})
_LOOK_BACK: Final = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """What was understood of a turn's message, and the tools to call before answering."""

    turn: TurnIn
    understood: Understanding
    calls: tuple[Call, ...]


def plan(turn: TurnIn) -> Plan:
    """Understand the message of a turn in the light of what was said before."""
    understood = understand(turn.message.text)
    if understood.ask in _OPEN and not understood.mentions.symbols:
        last_symbols, last_was_price = _context(turn.history)
        understood = understand(
            turn.message.text, last_symbols=last_symbols, last_was_price=last_was_price
        )
    calls = _calls(understood)
    if understood.ask is Ask.RECALL_WHERE and not understood.topic:
        calls = _calls_of_question_before(turn.history) or calls
    return Plan(turn, understood, calls)


def answer(planned: Plan, results: Mapping[str, Result]) -> Reply:
    """Return the answer, given what the tools returned, by the tools' names."""
    understood, turn = planned.understood, planned.turn
    quotes = results.get(GET_QUOTES)
    ask = understood.ask
    if ask.startswith("recall_"):
        return recall_reply(understood, results[REMEMBERED])
    if ask is Ask.CONVERT and CONVERT in results:
        return conversion_reply(results[CONVERT])
    if ask is Ask.INSTRUMENTS:
        return instruments_reply(results[LIST_INSTRUMENTS])
    if ask in _PRICES and quotes is not None:
        return quotes_reply(understood, quotes)
    return _spoken(ask, turn, understood, quotes)


def _spoken(ask: Ask, turn: TurnIn, understood: Understanding, quotes: Result | None) -> Reply:
    text = turn.message.text
    if ask is Ask.GREETING:
        return greeting(turn.history)
    if ask in (Ask.TELL, Ask.CAPITAL):
        return acknowledged(facts_in(text), turn.message.interface)
    if ask in _FIXED:
        return fixed_reply(ask)
    if ask in _NOT_YET:
        return not_yet(text, understood, quotes)
    explained = explanation(text, understood, quotes) if ask is Ask.EXPLAIN else None
    return explained or unsure(text, understood, quotes)


def _calls(understood: Understanding) -> tuple[Call, ...]:
    ask, mentions = understood.ask, understood.mentions
    symbols = [*mentions.symbols, *mentions.unlisted]
    if ask.startswith("recall_"):
        kind = ask.removeprefix("recall_")
        return (Call(REMEMBERED, {"about": understood.topic, "kind": kind}),)
    if ask is Ask.INSTRUMENTS:
        return (Call(LIST_INSTRUMENTS),)
    if ask in (Ask.MARKET, Ask.MOVERS):
        return (Call(GET_QUOTES, {"symbols": []}),)
    money = next((amount for amount in understood.amounts if amount.is_money), None)
    if ask is Ask.CONVERT and money is not None and symbols:
        arguments = {"amount": format(money.value, "f"), "unit": money.unit, "symbols": symbols}
        return (Call(CONVERT, arguments),)
    known = list(mentions.symbols) if ask not in _PRICES else symbols
    return (Call(GET_QUOTES, {"symbols": known}),) if known else ()


def _calls_of_question_before(history: Sequence[Said]) -> tuple[Call, ...]:
    # "Where did I say that?" asks about what the question before it found.
    mine = [said.text for said in history if said.role == "user"]
    before = understand(mine[-1]) if mine else None
    recalls = before is not None and before.ask.startswith("recall_")
    return _calls(before) if before is not None and recalls else ()


def _context(history: Sequence[Said]) -> tuple[tuple[str, ...], bool]:
    """The assets that the person named latest, and whether the latest message asked a price."""
    mine = [said for said in history[-2 * _LOOK_BACK :] if said.role == "user"][-_LOOK_BACK:]
    symbols: tuple[str, ...] = ()
    was_price = False
    for said in mine:
        found = understand(said.text, last_symbols=symbols, last_was_price=was_price)
        symbols = found.mentions.symbols or symbols
        was_price = found.ask in _PRICES or found.ask is Ask.CONVERT
    return symbols, was_price
