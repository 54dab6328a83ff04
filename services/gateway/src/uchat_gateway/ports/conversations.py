"""Logs and conversations, as the sessions service keeps them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from uchat_contracts.events import MessageReceived
from uchat_platform.auth import Actor


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation as its owner lists it. `updated_at` is RFC 3339 in UTC."""

    session_id: str
    title: str
    mode: str | None
    last_seq: int
    epoch: str
    updated_at: str
    home: bool = False
    archived: bool = False
    pinned: bool = False
    unread: int = 0


@dataclass(frozen=True, slots=True)
class ConversationPage:
    """Some conversations, latest first; `next` is the cursor of the following page."""

    conversations: Sequence[Conversation]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class ConversationChange:
    """What to change of a conversation; None leaves a value as it is."""

    title: str | None = None
    mode: str | None = None
    archived: bool | None = None
    pinned: bool | None = None


@dataclass(frozen=True, slots=True)
class LogPage:
    """Entries of a log in order, as decoded JSON of `LogEntry`, and where the log ends (`head`)."""

    epoch: str
    head: int
    entries: Sequence[dict[str, Any]]
    unanswered: int = 0


@dataclass(frozen=True, slots=True)
class LogSnapshot:
    """One atomic state of a log: `state` is a `LogState` as JSON, `message_ids` those in it.

    `pending` holds its open cards, as decoded JSON.
    """

    epoch: str
    seq: int
    state: bytes
    message_ids: Sequence[str] = ()
    unanswered: int = 0
    pending: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class Heads:
    """The last seq of logs; one that does not exist (any more) is missing."""

    epoch: str
    seqs: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a message: accepted, duplicate, rejected (with `code`) or unknown yet."""

    status: str
    code: str | None = None
    message_id: str | None = None
    seq: int | None = None


class Conversations(Protocol):
    """Queries and idempotent commands. A log that is not the actor's raises NotFoundError.

    Every method raises UnavailableError when the service is away.
    """

    async def create(self, actor: Actor, *, key: str, title: str, mode: str | None) -> Conversation:
        """Create a conversation, once for each `key`."""
        ...

    async def get(self, actor: Actor, session_id: str) -> Conversation:
        """Return a conversation of the actor."""
        ...

    async def list(self, actor: Actor, *, cursor: str, limit: int) -> ConversationPage:
        """Return a page of the actor's conversations; the empty cursor is the first page."""
        ...

    async def update(
        self, actor: Actor, session_id: str, change: ConversationChange
    ) -> Conversation:
        """Change a conversation; the same values again change nothing."""
        ...

    async def erase(self, actor: Actor, session_id: str) -> None:
        """Erase a conversation for good; again changes nothing."""
        ...

    async def append(
        self, actor: Actor, message: MessageReceived, *, if_last_seq: int | None
    ) -> Outcome:
        """Append a message under its conditions, answered from the database."""
        ...

    async def verdict(
        self, actor: Actor, log: str, client_msg_id: str, body_hash: str, *, wait_ms: int
    ) -> Outcome:
        """Return what became of a message, waiting up to `wait_ms` for it to be decided."""
        ...

    async def read(
        self, actor: Actor, log: str, *, after: int, before: int | None = None, limit: int
    ) -> LogPage:
        """Return entries after `after` (or the latest before `before`, if `after` is 0)."""
        ...

    async def snapshot(self, actor: Actor, log: str) -> LogSnapshot:
        """Return the present state of a log."""
        ...

    async def heads(self, logs: Sequence[str]) -> Heads:
        """Return where logs end, asked on the gateway's own behalf. At most 1000 logs."""
        ...
