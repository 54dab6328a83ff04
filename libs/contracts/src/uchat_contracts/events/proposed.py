"""What adapters and the brain propose for a log. Only the sessions service orders it."""

import hashlib
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from uchat_contracts.events.base import Event
from uchat_contracts.ids import ClientMessageId, InterfaceName, MessageId, PersonId
from uchat_contracts.parts import Mode, Origin, Part, Source
from uchat_contracts.trading.plan import PlanRequest

Policy = Literal["enqueue", "interrupt", "reject"]
OutcomeKind = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]*(\.[a-z_]+)?$")]


class MessageReceived(Event):
    """A person wrote something on some interface.

    Unique by (user_id, session_id, client_msg_id) for the life of the conversation.
    """

    type: Literal["message_received.v1"] = "message_received.v1"
    user_id: PersonId
    message_id: MessageId
    client_msg_id: ClientMessageId
    parts: list[Part]
    origin: Origin
    mode: Mode | None = None
    policy: Policy = "enqueue"

    def body_hash(self) -> str:
        """Return what tells a repeated message from another one under the same id."""
        return body_hash(self.parts, self.mode)

    def nats_msg_id(self) -> str:
        """Return the id for JetStream's stream-wide dedupe: it names all that makes this unique."""
        return f"in:{self.user_id}:{self.session_id}:{self.client_msg_id}:{self.body_hash()}"


class ReplyProposed(Event):
    """The brain answered a message. The first reply of a turn wins; later ones are dropped.

    `user_id` and `interface` are those of the message that it answers. `proposals` are the
    decisions that it proposes: they become ones only with the reply that wins, in this order.
    """

    type: Literal["reply_proposed.v1"] = "reply_proposed.v1"
    turn_id: str
    lease_epoch: int
    run_id: str
    answers: MessageId
    message_id: MessageId
    user_id: PersonId | None = None
    interface: InterfaceName | None = None
    parts: list[Part]
    mode: Mode
    proposals: list[PlanRequest] = Field(default=[], max_length=4)
    intent: str
    confidence: float = Field(ge=0, le=1)
    sources: list[Source] = []
    model: str
    processing_ms: float

    def nats_msg_id(self) -> str:
        """Return the id for JetStream's stream-wide dedupe: one reply a turn."""
        return f"reply:{self.turn_id}"


class OutcomeProposed(Event):
    """Something happened to a person's trading that a log should tell.

    `kind` is that of the entry: decision, decision.resolved, execution, portfolio.changed, mandate,
    trading, kill_switch, alert, alert.changed, digest, venue_key; `data` belongs to it. `about`
    names what it happened to, as `decision:<id>`, and `rev` counts its events: of one thing an
    older event never follows a newer one in a log.
    """

    type: Literal["outcome_proposed.v1"] = "outcome_proposed.v1"
    user_id: PersonId
    kind: OutcomeKind
    about: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,128}$")]
    rev: int = Field(ge=1)
    data: dict[str, Any]

    def nats_msg_id(self) -> str:
        """Return the id for JetStream's stream-wide dedupe."""
        return f"outcome:{self.session_id}:{self.about}:{self.rev}"


def body_hash(parts: list[Part], mode: str | None) -> str:
    """Return 128 bits of SHA-256 over the canonical JSON of what the person sent."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.json_bytes())
        digest.update(b"\n")
    digest.update((mode or "").encode())
    return digest.hexdigest()[:32]
