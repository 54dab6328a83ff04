"""What is known of logs, conversations and people when they are read."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Stored:
    """An entry as it is stored, `body` sealed under the key of the log `sealed_by`."""

    seq: int
    created_at: datetime
    kind: str
    message_id: str
    sealed_by: str
    body: bytes


@dataclass(frozen=True, slots=True)
class LogHead:
    """What is read first of every log: whose it is, how far it is, and its wrapped data key."""

    log: str
    person: str
    last_seq: int
    waiting: int
    mode: str
    wrapped_key: bytes


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that nobody has answered yet."""

    log: str
    message_id: str
    seq: int


@dataclass(frozen=True, slots=True)
class ConversationView:
    """A conversation in its person's list."""

    log: str
    title: str
    mode: str
    last_seq: int
    updated_at: datetime
    home: bool
    archived: bool
    pinned: bool


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person and their home conversation; `created`: just now."""

    person: str
    home: str
    display_name: str
    created: bool


@dataclass(frozen=True, slots=True)
class ConversationChange:
    """New values of a conversation; None leaves a value as it is."""

    title: str | None = None
    mode: str | None = None
    archived: bool | None = None
    pinned: bool | None = None
