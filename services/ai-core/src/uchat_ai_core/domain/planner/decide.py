"""The planner: understand a message, name the tools that it needs, then say the answer."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from uchat_ai_core.domain.planner import memory
from uchat_ai_core.domain.planner.accounts import (
    performance_reply,
    portfolio_reply,
    position_reply,
)
from uchat_ai_core.domain.planner.alert_calls import alert_reply
from uchat_ai_core.domain.planner.allocations import capital_reply, portfolio_allocation_reply
from uchat_ai_core.domain.planner.asks import Ask, Understanding
from uchat_ai_core.domain.planner.brakes import (
    cancelled_reply,
    limits_reply,
    mandates_reply,
    pending_reply,
    released_reply,
    revoked_reply,
    risk_reply,
    stopped_reply,
)
from uchat_ai_core.domain.planner.calls import calls_for, capital_in, orders_in, without_effect
from uchat_ai_core.domain.planner.context import PRICES, Capital, in_context, profile_of
from uchat_ai_core.domain.planner.foreign import in_english
from uchat_ai_core.domain.planner.history import orders_reply, trades_reply
from uchat_ai_core.domain.planner.intents import understand
from uchat_ai_core.domain.planner.languages.answers import Asked, in_kind
from uchat_ai_core.domain.planner.languages.recognise import ENGLISH
from uchat_ai_core.domain.planner.memory import facts_in
from uchat_ai_core.domain.planner.modes import again_reply, mode_reply, trading_reply
from uchat_ai_core.domain.planner.notyet import not_yet
from uchat_ai_core.domain.planner.orders import Orders
from uchat_ai_core.domain.planner.placing import noted_of, placed
from uchat_ai_core.domain.planner.prices import conversion_reply, instruments_reply, quotes_reply
from uchat_ai_core.domain.planner.proposals import (
    mandate_trade_reply,
    preview_reply,
    proposal_reply,
    rebalance_reply,
)
from uchat_ai_core.domain.planner.recollections import acknowledged, noted, recall_reply
from uchat_ai_core.domain.planner.replies import (
    ALLOCATION,
    CANCEL,
    CONVERT,
    DECISIONS,
    GET_QUOTES,
    LIMITS,
    LIQUIDATION,
    LIST_INSTRUMENTS,
    MANDATES,
    ORDERS,
    PNL,
    PORTFOLIO,
    POSITION,
    PREVIEW,
    PROPOSE,
    PROPOSE_ALLOCATION,
    PROPOSE_REBALANCE,
    REMEMBERED,
    REVOKE,
    SET_MODE,
    STOP,
    TRADES,
    TRADING,
    WITHIN_MANDATE,
    Call,
    Reply,
    Result,
    joined,
)
from uchat_ai_core.domain.planner.requests import asks_beyond
from uchat_ai_core.domain.planner.skill import Question
from uchat_ai_core.domain.planner.skills import BY_ASK, support
from uchat_ai_core.domain.planner.skills.forgetting import forgets
from uchat_ai_core.domain.planner.standalone import declines, language_in, resolved
from uchat_ai_core.domain.planner.talk import explanation, fixed_reply, greeting, unsure
from uchat_ai_core.domain.planner.unproposed import (
    declined_reply,
    foreign_reply,
    incomplete_reply,
    not_asked_reply,
    transfer_reply,
    unlisted_reply,
)
from uchat_ai_core.domain.planner.wishes import wishes
from uchat_ai_core.domain.turn import SUPPORT, Said, TurnIn

_GRANTS: Final = re.compile(
    r"\b(?:grant|give|sign|set up|create|start|enable|activate|allow|let you|turn on|switch on|"
    r"raise|increase|extend)\b"
)
_FINISHES: Final = re.compile(r"\b(?:rest|remainder|remaining|finish|complete)\b")
_FIXED: Final = frozenset(
    {
        Ask.HOW_ARE_YOU,
        Ask.THANKS,
        Ask.GOODBYE,
        Ask.IDENTITY,
        Ask.CAPABILITIES,
        Ask.MODES,
    }
)
_NOT_YET: Final = frozenset(
    {Ask.RISK, Ask.REBALANCE, Ask.STRATEGY, Ask.OPPORTUNITY, Ask.ALERT, Ask.NEWS, Ask.FORECAST}
)
_ASKS_DOCS: Final = frozenset({Ask.UNKNOWN, Ask.CAPABILITIES, Ask.MODES, Ask.SAFETY})
# A result of one of these is the whole answer.
_BY_TOOL: Final[Mapping[str, Callable[[Result], Reply]]] = {
    CONVERT: conversion_reply,
    POSITION: position_reply,
    PNL: performance_reply,
    ORDERS: orders_reply,
    TRADES: trades_reply,
    PROPOSE: proposal_reply,
    PROPOSE_ALLOCATION: proposal_reply,
    LIQUIDATION: proposal_reply,
    WITHIN_MANDATE: mandate_trade_reply,
    CANCEL: cancelled_reply,
    REVOKE: revoked_reply,
    STOP: stopped_reply,
    LIST_INSTRUMENTS: instruments_reply,
    SET_MODE: mode_reply,
    PROPOSE_REBALANCE: rebalance_reply,
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What was understood of a turn's message, and the tools to call before answering.

    `orders` and `capital` are what the message orders and the money that it is about. `full`: the
    answer is to be shown as a whole, whatever the mode. `language` and `said`: the message as it
    was written, which `turn` has in the words of the grammar.
    """

    turn: TurnIn
    understood: Understanding
    calls: tuple[Call, ...]
    orders: Orders | None = None
    capital: Capital | None = None
    full: bool = False
    parts: tuple["Plan", ...] = ()
    language: str = ENGLISH
    said: str = ""

    @property
    def question(self) -> Question:
        """Return the message as a skill sees it."""
        return Question(self.turn, self.understood, lambda: profile_of(self.turn))


def plan(turn: TurnIn) -> Plan:
    """Understand the message of a turn and name the tools that it needs."""
    language, said = language_in(turn), turn.message.text
    found = _planned(turn)
    parts = tuple(replace(each, language=language, said=said) for each in found.parts)
    return replace(found, language=language, said=said, parts=parts)


def _planned(turn: TurnIn) -> Plan:
    if forgets(turn.message.text, turn.history):
        # Whatever is quoted of what is to be forgotten: nothing else is asked for.
        found = understand(turn.message.text)
        return Plan(turn, replace(found, ask=Ask.FORGET, confidence=0.93, request=None), ())
    alone = resolved(turn)
    if declines(turn):
        found = understand(alone.message.text)
        return Plan(alone, replace(found, ask=Ask.DECLINE, confidence=0.9, request=None), ())
    parts = [
        replace(alone, message=replace(alone.message, text=each))
        for each in wishes(alone.message.text)
    ]
    if len(parts) == 1:
        return _plan(alone)
    planned = tuple(_plan(each) for each in parts)
    return Plan(alone, _main(planned), _numbered(planned), parts=planned)


def _main(planned: Sequence[Plan]) -> Understanding:
    """Return what a whole message is filed under: the part that asks for something to be done.

    Where each part does, it names what all of them name.
    """
    parts = [each.understood for each in planned]
    main = next((each for each in parts if each.request is not None), parts[0])
    if any(each.request is None for each in parts):
        return main
    symbols = tuple(dict.fromkeys(s for each in parts for s in each.mentions.symbols))
    amounts = tuple(amount for each in parts for amount in each.amounts)
    return replace(main, mentions=replace(main.mentions, symbols=symbols), amounts=amounts)


def _numbered(planned: Sequence[Plan]) -> tuple[Call, ...]:
    return tuple(call for each in planned for call in each.calls)


def _plan(turn: TurnIn) -> Plan:
    understood = in_context(turn)
    question = Question(turn, understood, lambda: profile_of(turn))
    if understood.request is None and support.goes_on(question):
        understood = replace(understood, ask=Ask.TUTORIAL, confidence=0.9)
    elif understood.ask is Ask.MORE:
        return _again(turn, understood)
    elif understood.ask in _ASKS_DOCS and turn.mode == SUPPORT:
        understood = replace(understood, ask=Ask.DOCS, confidence=0.7)
    skill = BY_ASK.get(understood.ask)
    if skill is not None:
        question = replace(question, understood=understood)
        return Plan(turn, understood, placed(turn, skill.calls(question)))
    orders = orders_in(turn, understood)
    capital = capital_in(turn, understood)
    calls = calls_for(turn, understood, orders, capital)
    if understood.ask is Ask.RECALL_WHERE and not understood.topic:
        calls = _calls_of_question_before(turn.history) or calls
    return Plan(turn, understood, calls, orders, capital)


def understood_in(turn: TurnIn) -> Understanding:
    """Return what the message of a turn asks, for an answer that is not the planner's."""
    return plan(turn).understood


def answer(planned: Plan, returned: Sequence[Result]) -> Reply:
    """Return the answer, given what the tools returned, in the order of the plan's calls."""
    if not planned.parts:
        return _one(planned, by_tool(planned.calls, returned))
    replies: list[Reply] = []
    start = 0
    for part in planned.parts:
        end = start + len(part.calls)
        replies.append(_one(part, by_tool(part.calls, returned[start:end])))
        start = end
    return joined(replies)


def by_tool(calls: Sequence[Call], returned: Sequence[Result]) -> dict[str, Result]:
    """Return results by the tools' names; a tool's second call is `<tool>#2`."""
    found: dict[str, Result] = {}
    for call, result in zip(calls, returned, strict=False):
        times = sum(name.partition("#")[0] == call.tool for name in found) + 1
        found[call.tool if times == 1 else f"{call.tool}#{times}"] = result
    return found


def _one(planned: Plan, results: Mapping[str, Result]) -> Reply:
    reply = _by_skill(planned, results) or _unlisted(planned, results) or _answer(planned, results)
    note = noted_of(planned.turn, planned.calls, planned.orders)
    if planned.language != ENGLISH:
        asked = Asked(planned.language, planned.said, planned.understood, planned.orders)
        reply = in_kind(asked, reply, results)
    return reply.noting(note).said_at(planned.turn.message.at)


def _by_skill(planned: Plan, results: Mapping[str, Result]) -> Reply | None:
    if planned.understood.ask is Ask.DECLINE:
        return declined_reply()
    skill = BY_ASK.get(planned.understood.ask)
    return skill.reply(planned.question, results) if skill is not None else None


def _answer(planned: Plan, results: Mapping[str, Result]) -> Reply:
    understood = planned.understood
    ask = understood.ask
    if ask.startswith("recall_"):
        return recall_reply(understood, results[REMEMBERED])
    if understood.alert is not None:
        # With results nothing was left open: what was spoken of last filled it in.
        wish = replace(understood.alert, lacks="") if results else understood.alert
        return alert_reply(wish, results)
    if PREVIEW in results:
        return preview_reply(results[PREVIEW], asked=planned.full or ask is Ask.PREVIEW)
    on_safety = _on_safety(planned, results)
    if on_safety is not None:
        return on_safety
    for tool, reply in _BY_TOOL.items():
        if tool in results:
            return reply(results[tool])
    return _on_account(planned, results) or _spoken(planned, results.get(GET_QUOTES))


def _on_safety(planned: Plan, results: Mapping[str, Result]) -> Reply | None:
    ask, text = planned.understood.ask, planned.turn.message.text.lower()
    if TRADING in results:
        return trading_reply(results[TRADING], widens=ask is Ask.WIDEN)
    if DECISIONS in results and ask is Ask.AGAIN:
        return again_reply(results[DECISIONS], rest=_FINISHES.search(text) is not None)
    if DECISIONS in results:
        return pending_reply(results[DECISIONS], approves=ask is Ask.APPROVE)
    if MANDATES in results:
        grants = _GRANTS.search(text) is not None
        return mandates_reply(results[MANDATES], grants=grants and not planned.full)
    return None


def _unlisted(planned: Plan, results: Mapping[str, Result]) -> Reply | None:
    if planned.orders is None or LIST_INSTRUMENTS not in results:
        return None
    if results.get(PROPOSE, {}).get("proposed"):
        return None
    return unlisted_reply(planned.orders, results[LIST_INSTRUMENTS])


def _on_account(planned: Plan, results: Mapping[str, Result]) -> Reply | None:
    ask, capital = planned.understood.ask, planned.capital
    portfolio, allocation = results.get(PORTFOLIO), results.get(ALLOCATION)
    if ask is Ask.ALLOCATION and portfolio is not None:
        return portfolio_allocation_reply(portfolio, capital, allocation)
    if allocation is not None and capital is not None:
        said = _noted(planned, capital) if ask is Ask.CAPITAL else ""
        return capital_reply(capital, allocation, portfolio, said)
    if portfolio is not None:
        if ask is Ask.RISK:
            return risk_reply(portfolio, results.get(LIMITS))
        return portfolio_reply(portfolio)
    if LIMITS in results:
        return (limits_reply if ask is Ask.LIMITS else released_reply)(results[LIMITS])
    return None


def _noted(planned: Plan, capital: Capital) -> str:
    facts = facts_in(planned.turn.message.text)
    return noted(
        tuple(replace(f, value=capital.shown) if f.kind == memory.CAPITAL else f for f in facts)
    )


def _spoken(planned: Plan, quotes: Result | None) -> Reply:
    ask, turn, understood = planned.understood.ask, planned.turn, planned.understood
    text = turn.message.text
    if ask in PRICES and quotes is not None:
        return quotes_reply(understood, quotes)
    on_trade = _on_trade(planned, quotes)
    if on_trade is not None:
        return on_trade
    if ask is Ask.GREETING:
        return greeting(turn.history)
    if ask in (Ask.TELL, Ask.CAPITAL):
        return acknowledged(facts_in(text), turn.message.interface)
    if ask in _FIXED or ask in _NOT_YET:
        return fixed_reply(ask) if ask in _FIXED else not_yet(understood, quotes)
    explained = explanation(text, understood, quotes) if ask is Ask.EXPLAIN else None
    return explained or unsure(text, understood, quotes)


def _on_trade(planned: Plan, quotes: Result | None) -> Reply | None:
    ask = planned.understood.ask
    if planned.orders is not None:
        return incomplete_reply(planned.orders, quotes)
    if ask is Ask.FOREIGN_ORDER:
        understood = planned.understood
        english = in_english(planned.turn.message.text, understood.side, understood.mentions)
        return foreign_reply(english, quotes)
    if ask in (Ask.TRADE, Ask.PREVIEW):
        return not_asked_reply(asks_beyond(planned.turn.message.text), quotes)
    if ask is Ask.TRANSFER:
        return transfer_reply()
    open_amount = ask in (Ask.INVEST, Ask.OPPORTUNITY)
    return _NO_AMOUNT if open_amount and not planned.understood.mentions.symbols else None


_NO_AMOUNT: Final = Reply(
    "Tell me how much you want to invest, as “I have $5000 to invest”, and I show how it could be "
    "spread.",
    "I do not recommend single coins: a split follows from how strongly prices swing, with a cap "
    "for each coin and a rest in cash. Nothing is ordered by it.",
)


def _again(turn: TurnIn, understood: Understanding) -> Plan:
    """The question before, answered as a whole; nothing is done or proposed a second time."""
    asked = [each for each in turn.history if each.role == "user"]
    while asked and understand(asked[-1].text).ask is Ask.MORE:
        asked.pop()
    if not asked:
        return Plan(turn, replace(understood, ask=Ask.CAPABILITIES), ())
    before = tuple(each for each in turn.history if each.seq < asked[-1].seq)
    question = plan(replace(turn, message=asked[-1], history=before))
    return replace(question, calls=without_effect(question.calls), full=True)


def _calls_of_question_before(history: Sequence[Said]) -> tuple[Call, ...]:
    # "Where did I say that?" asks about what the question before it found.
    mine = [said for said in history if said.role == "user"]
    before = understand(mine[-1].text) if mine else None
    if before is None or not before.ask.startswith("recall_"):
        return ()
    kind = before.ask.removeprefix("recall_")
    return (Call(REMEMBERED, {"about": before.topic, "kind": kind}),)
