"""What the service needs from outside, in its own words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from uchat_contracts.events import Verdict
from uchat_contracts.people import Link
from uchat_platform.errors import ConflictError, UchatError
from uchat_sessions.domain.links import Channel, Claimant, Code
from uchat_sessions.domain.proposals import Outcome, Proposal
from uchat_sessions.domain.sequencer import Claim
from uchat_sessions.domain.views import (
    ConversationChange,
    ConversationView,
    LogHead,
    PersonView,
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


class Channels(Protocol):
    """Where people can be told something outside of the web."""

    async def channels(self, person: str) -> list[Channel]:
        """Return the channels of a person; of one who was linked, those of who they became."""
        ...


class Links(Protocol):
    """Codes and links, each change with its log entries in one transaction."""

    async def new_continue_code(self, person: str, code: Code) -> datetime:
        """Keep a code that signs in as a person; returns when it ends."""
        ...

    async def redeem(self, digest: bytes) -> PersonView:
        """Return whom a code stands for, at its first use in time.

        Raises:
            ExpiredError: it was used, or too late.
            NotFoundError: there never was such a code.
        """
        ...

    async def new_link_code(
        self, person: str, link: str, provider: str, account: str, code: Code
    ) -> tuple[Link, datetime]:
        """Keep a code by which an outside identity may ask to be linked; returns when it ends."""
        ...

    async def look(self, digest: bytes, claimant: Claimant) -> tuple[Link, str]:
        """Return the link of a code as it is, and the masked account of its owner.

        Raises:
            ConflictError, ExpiredError, NotFoundError: see `claim`.
        """
        ...

    async def claim(
        self, code: Code, claimant: Claimant, match_number: str
    ) -> tuple[Link, str, Sequence[Appended]]:
        """Let an identity ask by a code; returns the link and the masked account of its owner.

        Raises:
            ConflictError: the identity is that person's already.
            ExpiredError, NotFoundError: see `redeem`.
        """
        ...

    async def get(self, person: str, link: str) -> tuple[Link, str]:
        """Return a person's link, and whom a confirmation would join ("": nobody)."""
        ...

    async def page(
        self, person: str, before: tuple[datetime, str] | None, limit: int
    ) -> list[Link]:
        """Return a person's links, latest first."""
        ...

    async def forget(self) -> None:
        """Delete codes that ended long ago."""
        ...


class Merging(Protocol):
    """Links that take effect or end; each change with its log entries in one transaction."""

    async def confirm(
        self, person: str, link: str, *, may_approve: bool
    ) -> tuple[Link, Sequence[Appended]]:
        """Give the identity of a claimed link to the person who confirms it. Safe to repeat.

        Raises:
            ConflictError: nobody has claimed it yet.
            ExpiredError: it was revoked, or claimed too long ago.
            NotFoundError: it is not that person's.
        """
        ...

    async def revoke(self, person: str, link: str) -> tuple[Link, Sequence[Appended]]:
        """Detach the identity of a link, or end what waits for it. Safe to repeat.

        Raises:
            NotFoundError: it is not that person's.
        """
        ...


class People(Protocol):
    """People; each change with its log entries in one transaction."""

    async def resolve(
        self, provider: str, external_id: str, display_name: str
    ) -> tuple[PersonView, Sequence[Appended]]:
        """Return the person behind an identity, made together with a home at the first call."""
        ...


class Conversations(Protocol):
    """A person's conversations; each change with its log entries in one transaction."""

    async def create(
        self, person: str, key: str, title: str, mode: str
    ) -> tuple[ConversationView, Sequence[Appended]]:
        """Return the conversation of a person's key, made at the first call."""
        ...

    async def get(self, person: str, log: str) -> ConversationView | None:
        """Return a conversation of a person."""
        ...

    async def page(
        self, person: str, before: tuple[datetime, str] | None, limit: int
    ) -> list[ConversationView]:
        """Return a person's conversations, latest first, after a place in that order."""
        ...

    async def change(
        self, person: str, log: str, change: ConversationChange
    ) -> tuple[ConversationView | None, Sequence[Appended]]:
        """Set new values; writes no entry if they are the present ones. None: no such one."""
        ...

    async def erase(self, person: str, log: str) -> tuple[bool, Sequence[Appended]]:
        """Erase for good; False if there is no such conversation. Safe to repeat."""
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
