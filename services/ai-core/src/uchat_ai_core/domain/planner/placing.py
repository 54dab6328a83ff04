"""What a message that names an account means for the calls of a skill, and for its answer."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from uchat_ai_core.domain.planner.account_slot import without_account
from uchat_ai_core.domain.planner.orders import Orders
from uchat_ai_core.domain.planner.plain import plainly
from uchat_ai_core.domain.planner.replies import (
    ASSESS_RISK,
    ORDERS,
    PNL,
    PORTFOLIO,
    POSITION,
    SUGGEST_WEIGHTS,
    TRADES,
    WHAT_IF,
    Call,
)
from uchat_ai_core.domain.turn import TurnIn

_READS: Final = frozenset({PORTFOLIO, POSITION, ORDERS, TRADES, PNL})
_MEASURES: Final = frozenset({ASSESS_RISK, WHAT_IF, SUGGEST_WEIGHTS})
_ON_PAPER: Final = "I can measure that of the paper account only, so this is about it."


def placed(turn: TurnIn, calls: Sequence[Call]) -> tuple[Call, ...]:
    """Return the calls that can be asked of one account with the one that the message names."""
    account = without_account(plainly(turn.message.text).text).account
    return tuple(
        replace(call, arguments={**call.arguments, "venue": account})
        if account and call.tool in _READS
        else call
        for call in calls
    )


def noted_of(turn: TurnIn, calls: Sequence[Call], orders: Orders | None) -> str:
    """Return what is said before an answer: how a figure was read, or of which account it is."""
    if orders is not None:
        return orders.note
    if not _MEASURES.intersection(call.tool for call in calls):
        return ""
    place = without_account(plainly(turn.message.text).text)
    return _ON_PAPER if place.is_live else ""
