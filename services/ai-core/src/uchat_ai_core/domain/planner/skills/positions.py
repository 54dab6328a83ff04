"""Profit and loss of each position."""

# ruff: noqa: E501 - a rule is read as one line of a table
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from uchat_ai_core.domain.planner.asks import Ask
from uchat_ai_core.domain.planner.replies import PORTFOLIO, Call, Reply, Result, failed, unavailable
from uchat_ai_core.domain.planner.skill import Question, Skill, rules
from uchat_ai_core.domain.planner.tables import Table
from uchat_ai_core.domain.planner.terms import whose
from uchat_ai_core.domain.planner.words import figure, gain, gain_pct, money, price


def calls(_: Question) -> tuple[Call, ...]:
    """Ask for all that is held."""
    return (Call(PORTFOLIO),)


def reply(question: Question, results: Mapping[str, Result]) -> Reply:
    """Name the best and the worst position, with all of them in a table."""
    result = results[PORTFOLIO]
    if unavailable(result):
        return failed(result, "show your positions")
    held = [each for each in result["holdings"] if "unrealised" in each]
    if not held:
        return Reply(
            "You hold no coins, so there is no profit or loss of a position.",
            "“How much have I made?” shows what earlier trades brought.",
        )
    held.sort(key=lambda each: -Decimal(str(each["unrealised"])))
    currency = result["quote_currency"]
    asked_worst = any(
        word in question.plain for word in ("worst", "lost", "losing", "cost me", "bad")
    )
    first, other = (held[-1], held[0]) if asked_worst else (held[0], held[-1])
    superlative = "weakest" if asked_worst else "best"
    there = "" if result["simulated"] else f" ({whose(result)})"
    summary = f"Your {superlative} position{there} is {_told(first, currency)}."
    if other is not first:
        summary += f" At the other end is {_told(other, currency)}."
    return Reply(
        summary,
        "Open profit and loss against the average cost, fees of open orders not counted."
        f" Next: “sell half my {first['symbol']}” or “how is my {first['symbol']} doing?”.",
        (_table(held),),
    )


def _told(each: Mapping[str, Any], currency: str) -> str:
    share = f" ({gain_pct(str(each['unrealised_pct']))})" if "unrealised_pct" in each else ""
    return f"{each['symbol']} with {gain(str(each['unrealised']))} {currency}{share}"


def _table(held: list[dict[str, Any]]) -> Table:
    rows = tuple(
        (
            str(each["symbol"]),
            figure(str(each["quantity"])),
            price(str(each["average_cost"])) if "average_cost" in each else "",
            price(str(each["price"])) if "price" in each else "",
            money(str(each["value"])) if "value" in each else "",
            gain(str(each["unrealised"])),
            gain_pct(str(each["unrealised_pct"])) if "unrealised_pct" in each else "",
        )
        for each in held
    )
    columns = ("Coin", "Quantity", "Cost", "Price", "Value", "Profit", "%")
    return Table("Positions", columns, rows, "lrrrrrr")


_POSITION: Final = r"(?:positions?|holdings?|coins?|assets?|investments?|trades?)"
SKILLS: Final = (
    Skill(
        Ask.POSITIONS,
        rules(
            (
                r"\b(?:which|what) (?:holdings?|positions?|coins?|assets?) (?:of mine )?(?:perform\w*|does|is|did|has) (?:the )?(?:best|worst)\b",
                0.92,
            ),
            (
                r"\b(?:best|worst) performers?\b.*\b(?:my|portfolio)\b|\bbiggest (?:winner|loser|gainer)s?\b.*\b(?:my|i)\b",
                0.92,
            ),
            (rf"\b(?:per|by|for each|of each|each) {_POSITION}\b(?!.*\border)", 0.93),
            (rf"\b(?:which|what)\b.*\b{_POSITION}\b.*\b(?:lost|losing|cost) me\b", 0.93),
            (rf"\b(?:which|what)\b.*\bmy {_POSITION}\b.*\b(?:best|worst|most|well|badly)\b", 0.93),
            (
                rf"\bmy (?:best|worst|strongest|weakest|biggest (?:winner|loser))(?: (?:performing|doing))? ?{_POSITION}?\b",
                0.92,
            ),
            (
                rf"\b(?:best|worst) (?:performing )?{_POSITION} (?:of mine|i (?:have|own|hold))\b",
                0.92,
            ),
        ),
        reply,
        calls,
        asset=None,
    ),
)
