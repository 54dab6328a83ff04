"""Rebalancing talked about: wanted weights by risk parity, minimum variance or HRP, and when."""

# ruff: noqa: E501 - a rule is read as one line of a table
import re
from collections.abc import Mapping
from typing import Any, Final

from uchat_ai_core.domain.planner.asks import Ask
from uchat_ai_core.domain.planner.replies import (
    SUGGEST_WEIGHTS,
    Call,
    Reply,
    Result,
    failed,
    unavailable,
)
from uchat_ai_core.domain.planner.skill import Question, Skill, rules
from uchat_ai_core.domain.planner.tables import Table
from uchat_ai_core.domain.planner.words import pct

_METHODS: Final = (
    (
        "minimum_variance",
        re.compile(
            r"\bmin(?:imum|imal)?[ -]?(?:variance|vol(?:atility)?|risk)\b|\bleast variance\b"
        ),
    ),
    ("risk_parity", re.compile(r"\brisk[ -]parity\b|\bequal risk\b|\berc\b")),
)
_NAMES: Final = {
    "hrp": "hierarchical risk parity, which splits risk between groups of coins that move together",
    "risk_parity": "risk parity, where each coin brings the same part of the risk",
    "minimum_variance": "minimum variance, the split that swings least",
}
_ENOUGH: Final = 5.0


def calls(question: Question) -> tuple[Call, ...]:
    """Ask for the weights of the method that is named, HRP if none is."""
    named = (name for name, pattern in _METHODS if pattern.search(question.plain))
    arguments = {"method": next(named, "hrp"), "profile": question.profile()}
    return (Call(SUGGEST_WEIGHTS, arguments),)


def reply(_: Question, results: Mapping[str, Result]) -> Reply:
    """Say how far the portfolio is from the weights, show both, and how to get there."""
    result = results[SUGGEST_WEIGHTS]
    if unavailable(result):
        return failed(result, "work out weights")
    lines: list[dict[str, Any]] = result["weights"]
    off = max(lines, key=lambda each: abs(float(each["off_pct"])))
    far = abs(float(off["off_pct"]))
    more = "more" if float(off["off_pct"]) > 0 else "less"
    summary = (
        f"Your portfolio is close to it: no coin is off by more than {pct(off['off_pct'].lstrip('+-'))} of everything, so trading would cost more than it brings."
        if far < _ENOUGH
        else f"I would: {off['symbol']} is {pct(off['off_pct'].lstrip('+-'))} of everything {more} than the {result['profile']} split wants ({pct(off['now_pct'])} now, {pct(off['target_pct'])} wanted)."
    )
    detail = (
        f"By {_NAMES[result['method']]}; from {result['days']} daily closes, at most {result['cap_pct']} % in one coin and at least {result['least_cash_pct']} % in cash, as your {result['profile']} profile says. Nothing was changed."
        f" Next: “rebalance my portfolio” prepares orders (by calm: inverse volatility) for your approval; other methods: HRP, risk parity, minimum variance."
    )
    rows = tuple(
        (each["symbol"], pct(each["now_pct"]), pct(each["target_pct"]), f"{each['off_pct']} %")
        for each in lines
    )
    table = Table(
        "Weights",
        ("Coin", "Now", "Wanted", "Off by"),
        (*rows, ("Cash", "", pct(result["cash_pct"]), "")),
        "lrrr",
    )
    return Reply(summary, detail, (table,), more="More: “details”, or “rebalance my portfolio”.")


SKILLS: Final = (
    Skill(
        Ask.WEIGHTS,
        rules(
            (
                r"\bwhat weights\b|\b(?:back )?in(?:to)? balance\b|\boff[ -]balance\b|\bout of balance\b|\bhow (?:un)?balanced\b",
                0.9,
            ),
            (
                r"\b(?:hrp|risk[ -]parity|min(?:imum|imal)?[ -](?:variance|volatility)|equal risk|hierarchical)\b",
                0.94,
            ),
            (
                r"\b(?:target|ideal|optimal|wanted|suggested) (?:weights?|allocations?|mix)\b(?!.*\d)",
                0.92,
            ),
            (
                r"^(?!.*\b(?:mean|means|meaning)\b)(?:should|do|does|would|when|how|is|what|why|am)\b.*\bre-?balanc\w+\b",
                0.92,
            ),
        ),
        reply,
        calls,
    ),
)
