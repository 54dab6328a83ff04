"""Bodies and answers of the chat door's REST routes."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from uchat_contracts.events.proposed import Policy
from uchat_contracts.ids import ClientInterface, ClientMessageId, ConversationId
from uchat_contracts.parts import MAX_TEXT, Mode, Part, Source
from uchat_contracts.trading import Card
from uchat_gateway.doors.models import Body
from uchat_gateway.ports.conversations import Conversation

Title = Annotated[str, StringConstraints(max_length=200)]
Key = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,128}$")]


class Answer(BaseModel):
    """What a route answers with."""

    model_config = ConfigDict(frozen=True)


class NewSession(Body):
    """A new conversation."""

    mode: Mode | None = None
    interface: ClientInterface = "api"
    title: Title = ""


class SessionCreated(Answer):
    """Where the new conversation begins: follow it from `epoch` and `seq`."""

    session_id: str
    epoch: str
    seq: int
    title: str
    mode: str | None = None
    expires: datetime | None = Field(None, description="Conversations do not expire: always null")


class SessionChange(Body):
    """What to change of a conversation; what is absent stays."""

    title: Title | None = None
    mode: Mode | None = None
    archived: bool | None = None
    pinned: bool | None = None


class SessionInfo(Answer):
    """A conversation as its owner lists it."""

    session_id: str
    title: str
    mode: str | None = None
    last_seq: int
    epoch: str
    updated_at: str
    unread: int
    home: bool
    archived: bool
    pinned: bool

    @staticmethod
    def of(found: Conversation) -> "SessionInfo":
        """Return the answer for a conversation."""
        return SessionInfo(
            session_id=found.session_id,
            title=found.title,
            mode=found.mode,
            last_seq=found.last_seq,
            epoch=found.epoch,
            updated_at=found.updated_at,
            unread=found.unread,
            home=found.home,
            archived=found.archived,
            pinned=found.pinned,
        )


class SessionList(Answer):
    """A page of conversations, latest first; `next` is the cursor of the following page."""

    sessions: list[SessionInfo]
    next: str | None = None


class NewMessage(Body):
    """A message to the assistant. Without `session_id` it goes to the home conversation.

    `client_msg_id` (or the header Idempotency-Key) names it: sending it again gives the first
    answer. `wait: false` answers at once with 202; `stream: true` streams the answer as events.
    """

    message: Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]
    session_id: ConversationId | None = None
    client_msg_id: ClientMessageId | None = None
    mode: Mode | None = None
    interface: ClientInterface = "api"
    policy: Policy = "enqueue"
    if_last_seq: Annotated[int, Field(ge=0)] | None = None
    stream: bool = False
    wait: bool = True


class Timing(Answer):
    """Milliseconds: until the message was durable, until its answer, and in the brain."""

    accepted_ms: float
    total_ms: float
    processing_ms: float | None = None


class Reply(Answer):
    """The assistant's answer to a message.

    What it proposes is in `decision`: the card that waits for an approval, or the one that tells
    why not. It is absent when it has not come within 3 s; ask for `decision_id` then.
    """

    session_id: str
    message_id: str
    answers: str
    client_msg_id: str
    seq: int
    content: str
    parts: list[Part]
    intent: str | None = None
    confidence: float | None = Field(None, ge=0, le=1)
    requires_approval: bool = False
    decision_id: str | None = None
    decision: Card | None = None
    sources: list[Source] = []
    model: str | None = None
    mode: str | None = None
    timing: Timing


class Accepted(Answer):
    """The message is durable; its answer comes on the conversation's events and history."""

    session_id: str
    message_id: str
    client_msg_id: str
    status: Literal["accepted", "duplicate", "pending"]
    seq: int | None = None
    history: str


class Entry(Answer):
    """An event of a log, as `ev` frames carry it."""

    log: str
    seq: int
    ts: datetime
    type: str
    data: dict[str, Any]


class History(Answer):
    """Entries in order. `next`: the `after` (or, reading backwards, the `before`) of more."""

    session_id: str
    epoch: str
    seq: int
    entries: list[Entry]
    next: int | None = None


class Ticket(Answer):
    """A one-time pass for WebSocket and EventSource."""

    ticket: str
    expires_in: int
