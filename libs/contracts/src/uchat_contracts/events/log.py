"""The ordered log as everybody reads it."""

from typing import Any, Literal

from pydantic import AwareDatetime, Field

from uchat_contracts.ids import InterfaceName, LogId, MessageId, PersonId
from uchat_contracts.model import Model
from uchat_contracts.parts import Mode, Origin, Part, Source


class LogEntry(Model):
    """One entry of a log: `seq` counts 1, 2, 3, … without gaps in its log.

    `kind` is an open set: message, session.created, session.updated, session.deleted, decision,
    decision.resolved, execution, portfolio.changed, mandate, trading, kill_switch, alert,
    alert.changed, digest, venue_key, link.changed, … `data` has the shape that belongs to the kind
    (`MessageData`, `SessionData`, `Card`, `Portfolio`, `Mandate`, `Trading`, `KillSwitch`, `Alert`,
    `Digest`, `KeyChanged`, `Link`).
    `epoch` changes when the database was restored; a reader that sees another epoch starts from a
    snapshot.
    """

    type: Literal["log_entry.v1"] = "log_entry.v1"
    log: LogId
    epoch: str
    seq: int = Field(ge=1)
    ts: AwareDatetime
    kind: str
    data: dict[str, Any]

    def nats_msg_id(self) -> str:
        """Return the id for JetStream's stream-wide dedupe."""
        return f"log:{self.log}:{self.epoch}:{self.seq}"


class MessageData(Model):
    """`data` of a `message` entry: what was said, by whom and where.

    Of an answer, `answers` names the message, `asked_via` the interface that it was written on and
    `user_id` its author; `decisions` are the ids of the decisions that it proposes, in order.
    """

    message_id: MessageId
    role: Literal["user", "assistant"]
    parts: list[Part]
    origin: Origin
    mode: Mode | None = None
    user_id: PersonId | None = None
    client_msg_id: str | None = None
    policy: str | None = None
    answers: MessageId | None = None
    asked_via: InterfaceName | None = None
    decisions: list[str] | None = None
    turn_id: str | None = None
    run_id: str | None = None
    intent: str | None = None
    confidence: float | None = None
    sources: list[Source] | None = None
    model: str | None = None
    processing_ms: float | None = None


class SessionData(Model):
    """`data` of session.created and session.updated, in the conversation's and the person's log."""

    session_id: LogId
    title: str
    mode: Mode | None = None
    home: bool = False
    archived: bool = False
    pinned: bool = False
