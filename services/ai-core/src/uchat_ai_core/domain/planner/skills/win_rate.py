"""How many of the latest sales were at a gain."""

# ruff: noqa: E501 - a rule is read as one line of a table
from collections.abc import Mapping
from typing import Any, Final

from uchat_ai_core.domain.planner.asks import Ask
from uchat_ai_core.domain.planner.replies import TRADES, Call, Reply, Result, failed, unavailable
from uchat_ai_core.domain.planner.skill import Question, Skill, rules


def calls(question: Question) -> tuple[Call, ...]:
    """Ask for the latest trades, of one asset if one is named."""
    named = question.symbols
    return (Call(TRADES, {"symbol": named[0]} if named else {}),)


def reply(question: Question, results: Mapping[str, Result]) -> Reply:
    """Tell the share of sales that realised a gain, or that nothing was sold."""
    del question
    result = results[TRADES]
    if unavailable(result):
        return failed(result, "count your trades")
    of = f" in {result['symbol']}" if result["symbol"] else ""
    if "closed" not in result:
        return Reply(
            f"There is no win rate{of} yet: among your latest trades is no sale, and only a sale realises a gain or a loss.",
            "“How much have I made?” counts what you still hold in.",
        )
    closed: Mapping[str, Any] = result["closed"]
    latest = "latest " if result["more"] else ""
    return Reply(
        f"{closed['won']} of your {latest}{closed['sales']} sales{of} were at a gain: {closed['won_pct']} %.",
        "Counted by what each sale realised against the average cost; an order that was filled in parts counts once. A high share of wins says little without their size: ask “how much have I made?”.",
    )


SKILLS: Final = (
    Skill(
        Ask.WIN_RATE,
        rules(
            (r"\b(?:win|hit|success|winning|batting) ?(?:rate|ratio|percentage|average)\b", 0.95),
            (
                r"\b(?:how many|what (?:share|part|percentage|percent|fraction)|which share) of my (?:\w+ )?(?:trades|sales|orders|positions)\b.*\b(?:won|win|winn\w+|profit\w*|gain\w*|lost|lose|losing|loss\w*|green|red|successful|good)\b",
                0.93,
            ),
            (
                r"\bhow (?:often|many times) (?:do|did|have|was|am) i (?:win|won|lose|lost|right|been right|made a profit)\b",
                0.9,
            ),
        ),
        reply,
        calls,
    ),
)
