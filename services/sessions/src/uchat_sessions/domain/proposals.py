"""What is proposed for a log, and what becomes of it."""

from dataclasses import dataclass
from typing import Literal

MESSAGE = "message"
CREATED = "session.created"
UPDATED = "session.updated"
DELETED = "session.deleted"

NOT_FOUND = "not_found"
ERASED = "erased"
CONFLICT = "client_msg_id_conflict"
SEQ_MISMATCH = "seq_mismatch"
RUN_ACTIVE = "run_active"
NOT_WAITING = "not_waiting"
ID_TAKEN = "message_id_taken"
OUTDATED = "outdated"


def message_key(person: str, client_msg_id: str) -> str:
    """Return what makes a person's message unique within its log."""
    return f"in:{person}:{client_msg_id}"


def reply_key(turn: str) -> str:
    """Return what makes the reply of a turn unique within its log."""
    return f"reply:{turn}"


def outcome_key(about: str, rev: int) -> str:
    """Return what makes an event of something unique within its log."""
    return f"outcome:{about}:{rev}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """An entry that somebody would like to see in a log.

    `data` is the JSON of the entry's data. `key` makes it unique in its log for good (empty: its
    cause is written in the same transaction). `author` must own the log (empty: the system).
    `answers` names the message that a reply ends the waiting of. `sealed_by` is the log whose key
    seals it (empty: its own). `trace` is a W3C traceparent.

    `about` and `rev` are those of an outcome, which concerns the person `owner`; `card_open` tells
    whether its decision still waits for something (None: it is no card). `plain` is what a reply
    says instead of `data` in a log that is not, or no more, of the person `owner`.
    """

    log: str
    kind: str
    data: bytes
    message_id: str = ""
    key: str = ""
    body_hash: str = ""
    author: str = ""
    client_msg_id: str = ""
    interface: str = ""
    answers: str = ""
    if_last_seq: int | None = None
    only_if_idle: bool = False
    sealed_by: str = ""
    trace: str = ""
    owner: str = ""
    plain: bytes = b""
    about: str = ""
    rev: int = 0
    card_open: bool | None = None

    @property
    def key_log(self) -> str:
        """The log whose data key seals the entry."""
        return self.sealed_by or self.log

    @property
    def from_person(self) -> bool:
        """Tell whether a person wrote it: then it waits for an answer."""
        return bool(self.author)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a proposal.

    `accepted` and `duplicate` name the (first) entry; `rejected` has a stable code.
    """

    status: Literal["accepted", "duplicate", "rejected"]
    message_id: str = ""
    seq: int = 0
    code: str = ""
