"""What one client did and saw, in its own words: the evidence that the checker judges."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Sent:
    """One message as its sender knows it. Times are seconds on the machine's monotonic clock.

    The message took effect, if at all, after `first_at`; it is accepted once `acked_at` is set.
    """

    cid: str
    text: str
    first_at: float
    acked_at: float | None = None
    rejected: str | None = None
    attempts: int = 1
    repeated: bool = False
    told_duplicate: bool = False
    seen_at: float | None = None
    answered_at: float | None = None


@dataclass(slots=True)
class Ledger:
    """One sender in one conversation.

    `applied` is every (seq, key) that took effect on the sender's socket, in that order, where key
    is the message id (or the kind, for entries that are no message); `snapshots` are the
    (before, after] ranges of seq that a snapshot brought at once.
    """

    sender: str
    log: str
    sent: dict[str, Sent] = field(default_factory=dict)
    applied: list[tuple[int, str]] = field(default_factory=list)
    snapshots: list[tuple[int, int]] = field(default_factory=list)
    disordered: list[tuple[int, int]] = field(default_factory=list)
    reconnects: int = 0
    fills: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of a log as the database holds it."""

    seq: int
    kind: str
    role: str = ""
    message_id: str = ""
    cid: str = ""
    answers: str = ""
    text: str = ""

    @property
    def key(self) -> str:
        """Return what names this entry in a ledger's `applied`."""
        return self.message_id or self.kind
