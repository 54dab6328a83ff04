"""Opportunities: setups screened over what is tradable, and whether to buy or sell one asset."""

# ruff: noqa: E501 - a rule is read as one line of a table
import re
from collections.abc import Mapping
from typing import Any, Final

from uchat_ai_core.domain.planner.asks import Ask
from uchat_ai_core.domain.planner.replies import (
    ANALYSE,
    FIND_OPPORTUNITIES,
    Call,
    Reply,
    Result,
    failed,
    joined,
    unavailable,
)
from uchat_ai_core.domain.planner.skill import Question, Skill, rules
from uchat_ai_core.domain.planner.skills import analysis
from uchat_ai_core.domain.planner.tables import Table
from uchat_ai_core.domain.planner.words import listed, price

_CLOSELY: Final = 3
_STYLES: Final = (
    (
        "mean_reversion",
        re.compile(r"\b(?:mean[ -]reversion|reversal|oversold|bounce|undervalued|cheap)\b"),
    ),
    ("momentum", re.compile(r"\b(?:momentum|trend\w*|swing|strong(?:est)?)\b")),
    ("volatility", re.compile(r"\b(?:volatil\w+|breakouts?|squeeze)\b")),
    ("liquidity", re.compile(r"\b(?:liquid\w*|tight spreads?)\b")),
)


def calls(question: Question) -> tuple[Call, ...]:
    """Screen everything, or look closely at each of the few assets that are named."""
    if question.symbols:
        return tuple(Call(ANALYSE, {"symbol": each}) for each in question.symbols[:_CLOSELY])
    style = next((name for name, pattern in _STYLES if pattern.search(question.plain)), "")
    return (Call(FIND_OPPORTUNITIES, {"style": style}),)


def reply(question: Question, results: Mapping[str, Result]) -> Reply:
    """Name the strongest setup, with entry, stop, target, horizon and reason of each."""
    if ANALYSE in results:
        return joined([_of_asset(question, {ANALYSE: each}) for each in results.values()])
    result = results[FIND_OPPORTUNITIES]
    if unavailable(result):
        return failed(result, "screen the market")
    setups: list[dict[str, Any]] = result["setups"]
    style = f" {result['style'].replace('_', ' ')}" if result["style"] else ""
    if not setups:
        return Reply(
            f"None right now: I screened {result['screened']} coins and none shows a{style} setup by my rules.",
            "Waiting is a position too. Next: “top movers”, “analyse BTC”, or “I have $1000 to invest” for a spread over several coins.",
        )
    first = setups[0]
    missing = question.understood.mentions.unlisted
    told = f"{listed(missing)} cannot be traded here. " if missing else ""
    summary = f"{told}The strongest{style} setup is {first['symbol']} ({first['style'].replace('_', ' ')}, strength {first['strength']} of 100): entry {price(first['entry'])}, stop {price(first['stop'])}, target {price(first['target'])}, about {first['horizon_days']} days."
    reasons = " ".join(f"{each['symbol']}: {each['reason']}." for each in setups)
    detail = (
        f"{reasons} Screened over {result['screened']} coins by momentum, mean reversion, volatility and liquidity, prices in {result['quote_currency']}. These are rules on past prices, not a promise; most setups of any kind fail now and then, which is what the stop is for."
        f" Next: “analyse {first['symbol']}”, or “buy $100 of {first['symbol']}” for a card that you approve."
    )
    return Reply(
        summary, detail, (_table(setups),), more=f"More: “details”, or “analyse {first['symbol']}”."
    )


def _of_asset(question: Question, results: Mapping[str, Result]) -> Reply:
    found = analysis.reply(question, results)
    result = results[ANALYSE]
    if unavailable(result) or "indicators" not in result:
        return found
    selling = (
        re.search(r"\b(?:sell|selling|exit|get out|take profits?)\b", question.plain) is not None
    )
    trend, setups = result["indicators"]["trend"], result["setups"]
    symbol = result["quote"]["symbol"]
    if selling:
        lean = (
            "The trend still points up, which speaks for keeping it"
            if trend == "up"
            else "The trend does not point up, which speaks for taking some off"
            if trend == "down"
            else "The figures lean neither way"
        )
    elif setups:
        lean = f"The figures lean towards {symbol}: there is a {setups[0]['style'].replace('_', ' ')} setup with a stop at {price(setups[0]['stop'])}"
    else:
        lean = f"I would wait with {symbol}: none of my setups is there"
    summary = f"{lean}. The decision is yours. {found.summary}"
    return Reply(
        summary,
        found.detail,
        found.tables,
        more=f"More: “details”, or “what if {symbol} falls 20%”.",
    )


def _table(setups: list[dict[str, Any]]) -> Table:
    rows = tuple(
        (
            each["symbol"],
            each["style"].replace("_", " "),
            price(each["entry"]),
            f"{price(each['stop'])} ({each['stop_pct']} %)",
            f"{price(each['target'])} (+{each['target_pct']} %)",
            f"{each['horizon_days']} d",
            str(each["strength"]),
        )
        for each in setups
    )
    columns = ("Coin", "Setup", "Entry", "Stop", "Target", "Horizon", "Strength")
    return Table("Setups", columns, rows, "llrrrrr")


_NO_SUM: Final = r"(?!.*(?:[$€£]|\d{3}|\d ?k\b|\busdt?\b|\bdollars?\b|\bmoney\b|\bcash\b))"
SKILLS: Final = (
    Skill(
        Ask.SCREEN,
        rules(
            (
                r"^(?:is|are) \w+ (?:a )?(?:buy|sell|hold|good buy|bargain)(?: now| right now| today)?$|\bworth (?:buying|selling|getting|a look)\b|\b(?:good|best) entry\b|\babout to break ?out\b|\bgot (?:a |any )?(?:recommendations?|tips?|ideas?)\b",
                0.92,
            ),
            (
                r"^(?:would|is|will) (?:it be |be )?(?:buying|selling|getting)\b.*\b(?:stupid|smart|wise|good|bad|crazy|late|early|dumb)\b",
                0.9,
            ),
            (
                r"^"
                + _NO_SUM
                + r".*\b(?:opportunit(?:y|ies)|setups?|screen(?:er|ing)?|trade ideas?|signals?)\b(?! (?:said|says))",
                0.92,
            ),
            (
                r"^"
                + _NO_SUM
                + r".*\bwhat (?:should|could|can|would|do) (?:i|we|you) (?:buy|trade|get(?! for)|recommend|suggest)\b(?!.*\bhere\b)(?!.*\bdo\b)",
                0.92,
            ),
            (
                r"^"
                + _NO_SUM
                + r".*\b(?:best|good|great|promising|interesting|top|nice) (?:\w+ )?(?:coins?|crypto|buys?|trades?|investments?|picks?)\b(?! (?:order|history)s?)(?!.*\bmy\b)",
                0.9,
            ),
            (
                r"^"
                + _NO_SUM
                + r".*\b(?:which|what|any) (?:coins?|crypto|assets?)\b.*\b(?:look\w*|seems?|is|are|worth|should i|to) (?:good|promising|strong|oversold|overbought|cheap|undervalued|buy\w*|trending)\b",
                0.92,
            ),
            (
                r"^(?:any(?:thing|one)?|show(?: me)?|find(?: me)?|list|which|what|give me)\b.*\b(?:oversold|overbought|undervalued|mean[ -]reversion|momentum|breakouts?)\b(?!.*\bstrategy)",
                0.92,
            ),
            (
                r"^"
                + _NO_SUM
                + r".*\b(?:tips?|ideas?|hot picks?)\b.*(?:\bfor me\b|\bnow\b|$)(?<!what is the idea)",
                0.84,
            ),
            (
                r"\b(?:should|shall) (?:i|we) (?:\w+ )?(?:buy|sell|get|take|enter|exit|invest in|hold|keep|get (?:in|out))\b",
                0.92,
            ),
            (r"^should i \w+ (?:buy|sell)$", 0.9),
            (
                r"\b(?:good|right|bad|best|is it|now the|a) (?:time|moment|idea)\b.*\b(?:to )?(?:buy|sell|get in|enter|invest|exit)\b",
                0.92,
            ),
            (r"\bwhat (?:should|could|can) i buy\b", 0.9),
        ),
        reply,
        calls,
    ),
)
