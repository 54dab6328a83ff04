"""What the planner hands back: tools to call first, or what to say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from uchat_ai_core.domain.planner.tables import Table
from uchat_ai_core.domain.planner.words import without_date

GET_QUOTES: Final = "get_quotes"
LIST_INSTRUMENTS: Final = "list_instruments"
CONVERT: Final = "convert"
REMEMBERED: Final = "remembered"
PORTFOLIO: Final = "get_portfolio"
POSITION: Final = "get_position"
ORDERS: Final = "list_orders"
TRADES: Final = "list_trades"
PNL: Final = "get_pnl"
ALLOCATION: Final = "plan_allocation"
DECISIONS: Final = "list_decisions"
MANDATES: Final = "list_mandates"
LIMITS: Final = "get_limits"
PREVIEW: Final = "preview_trade"
PROPOSE: Final = "propose_trade"
PROPOSE_ALLOCATION: Final = "propose_allocation"
LIQUIDATION: Final = "propose_liquidation"
WITHIN_MANDATE: Final = "trade_within_mandate"
CANCEL: Final = "cancel_orders"
STOP: Final = "stop_trading"
REVOKE: Final = "revoke_mandates"
TRADING: Final = "get_trading"
SET_MODE: Final = "set_mode"
PROPOSE_REBALANCE: Final = "propose_rebalance"
ANALYSE: Final = "analyse_asset"
ASSESS_RISK: Final = "assess_risk"
WHAT_IF: Final = "what_if"
SUGGEST_WEIGHTS: Final = "suggest_weights"
FIND_OPPORTUNITIES: Final = "find_opportunities"
SEARCH_DOCS: Final = "search_docs"

Result = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """A tool to call before the answer can be given."""

    tool: str
    arguments: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer: one or two sentences, and what is worth adding where there is room.

    `analysis` is added where a longer answer is wanted. Where only the summary is shown, `brief`
    stands for it if there is one, and `more` follows: what else there is, and how to ask for it.
    """

    summary: str
    detail: str = ""
    tables: tuple[Table, ...] = ()
    analysis: str = ""
    more: str = ""
    brief: str = ""

    def noting(self, note: str) -> "Reply":
        """Return the reply with a note before it."""
        if not note:
            return self
        brief = f"{note} {self.brief}" if self.brief else ""
        return replace(self, summary=f"{note} {self.summary}", brief=brief)

    def said_at(self, now: datetime) -> "Reply":
        """Return the reply with times of today told by the hour alone."""

        def short(text: str) -> str:
            return without_date(text, now)

        tables = tuple(
            replace(each, rows=tuple(tuple(map(short, row)) for row in each.rows))
            for each in self.tables
        )
        return Reply(
            short(self.summary),
            short(self.detail),
            tables,
            short(self.analysis),
            short(self.more),
            short(self.brief),
        )


def unavailable(result: Result) -> bool:
    """Tell whether a tool could not get its data."""
    return "error" in result


def quotes_of(result: Result | None) -> list[dict[str, Any]]:
    """Return the quotes of a result, none if there is none or its source was away."""
    return [] if result is None or unavailable(result) else result["quotes"]


def failed(result: Result, doing: str, instead: str = "Nothing was ordered.") -> Reply:
    """Say that the account could not be asked, or why it refused; no figure is made up.

    `instead` says what a person whom it refused can do.
    """
    if result.get("code") in (None, "unavailable"):
        return Reply(
            f"I cannot reach your account right now, so I cannot {doing}.",
            "Nothing was changed or ordered, and I would rather give no figure than a made-up one. "
            "Ask again in a moment.",
        )
    reason = str(result["error"]).rstrip(".")
    return Reply(f"I cannot {doing}: {reason[:1].lower()}{reason[1:]}.", instead)


def joined(replies: Sequence[Reply]) -> Reply:
    """Return answers to several wishes as one, in their order."""
    said = [each.brief or each.summary for each in replies]
    # A list ends with its last line: what comes after it begins anew.
    lists = any("\n" in each for each in said)
    return Reply(
        ("\n\n" if lists else " ").join(said),
        "\n\n".join(each.detail for each in replies if each.detail),
        tuple(table for each in replies for table in each.tables),
        "\n\n".join(each.analysis for each in replies if each.analysis),
        next((each.more for each in replies if each.more), ""),
    )
