"""A log's state as a fold over its entries: a snapshot and later entries give the next one."""

from pydantic import Field

from uchat_contracts.events.log import LogEntry, SessionData
from uchat_contracts.ids import LogId
from uchat_contracts.model import Model
from uchat_contracts.trading.decision import Card

DECISION_KINDS = frozenset({"decision", "decision.resolved", "execution"})
"""Kinds of entries whose `data` is a `Card`."""

WINDOW = 50
"""How many of the latest entries a snapshot holds."""


class LogState(Model):
    """What a client shows of a log at `seq`: its latest entries, oldest first, and settings.

    `pending` holds the latest card of each decision that is still open, by time of proposal.
    """

    log: LogId
    epoch: str
    seq: int = Field(ge=0)
    title: str = ""
    mode: str | None = None
    archived: bool = False
    pinned: bool = False
    entries: list[LogEntry] = []
    pending: list[Card] = []


def fold(state: LogState, entry: LogEntry) -> LogState:
    """Return the state after one more entry.

    Raises:
        ValueError: the entry is not the next one of this log and epoch.
    """
    if entry.log != state.log or entry.epoch != state.epoch or entry.seq != state.seq + 1:
        raise ValueError(
            f"Expected entry {state.seq + 1} of {state.log!r} in epoch {state.epoch!r}, "
            f"found {entry.seq} of {entry.log!r} in {entry.epoch!r}"
        )
    update: dict[str, object] = {
        "seq": entry.seq,
        "entries": [*state.entries, entry][-WINDOW:],
    }
    if entry.kind in ("session.created", "session.updated") and state.log.startswith("unified_"):
        session = SessionData.model_validate(entry.data)
        update |= {
            "title": session.title,
            "mode": session.mode,
            "archived": session.archived,
            "pinned": session.pinned,
        }
    if entry.kind in DECISION_KINDS:
        update["pending"] = with_card(state.pending, Card.model_validate(entry.data))
    return state.model_copy(update=update)


def with_card(pending: list[Card], card: Card) -> list[Card]:
    """Return the open cards after one more event of a decision."""
    others = [held for held in pending if held.decision_id != card.decision_id]
    open_ones = [*others, card] if card.is_open else others
    return sorted(open_ones, key=lambda held: (held.proposed_at, held.decision_id))
