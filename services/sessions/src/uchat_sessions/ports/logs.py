"""What the logs need: a writer, a reader, a vault, the bus."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from uchat_contracts.events import Verdict
from uchat_platform.errors import ConflictError, UchatError
from uchat_sessions.domain.proposals import Outcome, Proposal
from uchat_sessions.domain.sequencer import Claim
from uchat_sessions.domain.views import (
    LogHead,
    Stored,
    Waiting,
)


class CursorMove(NamedTuple):
    """How far a partition is read, compared and set with the entries that come of it.

    `stream` names the making of the stream that both positions count in.
    """

    partition: int
    stream: str
    prev: int
    last: int


class CursorLostError(ConflictError):
    """Somebody else has moved on these partitions: nothing was written."""

    default_code = "cursor_lost"

    def __init__(self, partitions: frozenset[int]) -> None:
        super().__init__(f"Partitions {sorted(partitions)} have been moved on by another owner")
        self.partitions = partitions


class PermanentFaultError(UchatError):
    """The database refuses what it was given, and will again: retry one by one."""

    status = 400
    default_code = "invalid_value"


@dataclass(frozen=True, slots=True)
class Appended:
    """An entry that was just committed, with what it takes to announce it."""

    proposal: Proposal
    stored: Stored

    @property
    def log(self) -> str:
        """The log it belongs to."""
        return self.proposal.log


@dataclass(frozen=True, slots=True)
class Committed:
    """What one transaction made: the outcome of each proposal in order, and the new entries."""

    outcomes: Sequence[Outcome]
    appended: Sequence[Appended]


class LogWriter(Protocol):
    """Appends to logs, one transaction a call."""

    async def append(
        self, proposals: Sequence[Proposal], moves: Sequence[CursorMove] = ()
    ) -> Committed:
        """Append proposals and move cursors, all or nothing.

        Raises:
            CursorLostError: a compare-and-set failed.
            PermanentFaultError: the same call will fail again.
            UnavailableError: the database is away; whether it was committed is unknown.
        """
        ...


class Cursors(LogWriter, Protocol):
    """Where each partition is read on from."""

    async def open_cursor(self, partition: int, stream: str) -> int:
        """Return where to read a partition on from; 0 if the cursor counts in another stream."""
        ...


@dataclass(slots=True, eq=False)
class Feed:
    """A partition as it is read by this process: `last` is committed; closed, nobody reads it."""

    partition: int
    stream: str
    last: int
    open: bool = True


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message of a partition: what it proposes, or why it cannot be understood.

    `letter` is the message as it came, for the dead letters.
    """

    feed: Feed
    seq: int
    log: str
    proposal: Proposal | None
    fault: UchatError | None
    letter: object
    published_at: datetime


class Intake(Protocol):
    """Hands over what arrives on all partitions that this process owns."""

    async def next(self, limit: int) -> list[Incoming]:
        """Return what has arrived, in order per partition; empty: it is time to stop."""
        ...

    def lost(self, feed: Feed) -> None:
        """Close a feed whose cursor somebody else has moved; read it anew if it is still ours."""
        ...


class DeadLetters(Protocol):
    """Where messages go that nobody can ever handle."""

    async def put(self, item: Incoming, fault: UchatError) -> None:
        """Put a message aside. Safe to repeat.

        Raises:
            UnavailableError: the bus is away.
        """
        ...


class Epoch(Protocol):
    """Names the life of the database: another value after a restore or a failover."""

    @property
    def value(self) -> str:
        """The present epoch."""
        ...


class Announcer(Protocol):
    """Tells everybody what is in the logs."""

    def announce(self, appended: Sequence[Appended]) -> None:
        """Start publishing entries in order; what is not acknowledged stays in the outbox."""
        ...

    async def tell(self, verdict: Verdict) -> None:
        """Tell the sender's sockets what became of a message. May be lost."""
        ...


class Ring(Protocol):
    """The latest entries of hot logs, sealed, near at hand. May forget everything at any time."""

    def put(self, appended: Sequence[Appended]) -> None:
        """Remember new entries; never waits."""
        ...

    async def latest(self, log: str, head: int, count: int) -> list[Stored] | None:
        """Return the `count` entries up to `head` in order, or None unless all are there."""
        ...

    async def forget(self, log: str) -> None:
        """Forget a log."""
        ...


class Vault(Protocol):
    """Opens what is sealed."""

    async def open(self, head: LogHead, entries: Sequence[Stored]) -> list[bytes]:
        """Return the JSON of each entry's data; of an erased conversation only its id is left."""
        ...


class LogReader(Protocol):
    """Reads logs."""

    async def head(self, log: str) -> LogHead | None:
        """Return the head of a log, or None if there is none, or no more."""
        ...

    async def heads(self, logs: Sequence[str]) -> list[LogHead]:
        """Return the heads of those logs that exist."""
        ...

    async def entries(
        self, log: str, after: int, before: int, limit: int, *, latest: bool
    ) -> list[Stored]:
        """Return entries with after < seq < before, ascending: the first or the latest `limit`."""
        ...

    async def messages(self, log: str, limit: int) -> list[Stored]:
        """Return the latest messages, ascending."""
        ...

    async def settings_entry(self, log: str, at: int) -> Stored | None:
        """Return the latest entry up to `at` that set title, mode and the like."""
        ...

    async def entry(self, log: str, seq: int) -> Stored | None:
        """Return one entry."""
        ...

    async def pending(self, log: str, at: int) -> list[Stored]:
        """Return the entry with the latest card of each decision that is open at a seq."""
        ...

    async def waiting(self, log: str) -> list[Waiting]:
        """Return the messages of a log without an answer, oldest first."""
        ...

    async def all_waiting(self, older_than_ms: int, limit: int) -> list[Waiting]:
        """Return the messages of all logs without an answer, oldest first."""
        ...

    async def claim(self, log: str, key: str) -> Claim | None:
        """Return what took a key."""
        ...

    async def body_mac(self, head: LogHead, body_hash: str) -> bytes:
        """Return what a body is recognised by in a claim of that log."""
        ...


class Purges(Protocol):
    """The traces of erased logs outside the database, removed twice."""

    async def due(self) -> list[str]:
        """Return erased logs whose traces are to be removed now."""
        ...

    async def done(self, log: str) -> None:
        """Note that one round of removal is done."""
        ...

    async def remove(self, log: str) -> None:
        """Remove a log's messages from the streams."""
        ...
