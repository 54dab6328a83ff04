"""A log's state as a fold over its entries: a snapshot and later entries give the next one."""

from pydantic import Field

from uchat_contracts.events.log import LogEntry, SessionData
from uchat_contracts.ids import LogId
from uchat_contracts.model import Model

WINDOW = 50
"""How many of the latest entries a snapshot holds."""


class LogState(Model):
    """What a client shows of a log at `seq`: its latest entries, oldest first, and settings."""

    log: LogId
    epoch: str
    seq: int = Field(ge=0)
    title: str = ""
    mode: str | None = None
    archived: bool = False
    pinned: bool = False
    entries: list[LogEntry] = []


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
    return state.model_copy(update=update)
