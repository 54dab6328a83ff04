"""The live protocol `uchat.v1.json`: one JSON object per WebSocket frame, discriminator `t`."""

from typing import Annotated, Any, Literal, Self

from pydantic import (
    AwareDatetime,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    model_validator,
)

from uchat_contracts.events.proposed import Policy
from uchat_contracts.ids import ClientInterface, ClientMessageId, ConversationId, LogId, MessageId
from uchat_contracts.model import Model
from uchat_contracts.parts import Mode, UserText
from uchat_contracts.state import LogState
from uchat_contracts.trading.decision import Card
from uchat_contracts.trading.plan import PlanRequest

SUBPROTOCOL = "uchat.v1.json"
MAX_FRAME = 64 * 1024
MAX_FRAME_BEFORE_HELLO = 16 * 1024

Short = Annotated[str, StringConstraints(max_length=256)]


class ClientFrame(Model):
    """A frame from a client. Unknown fields are ignored."""

    model_config = ConfigDict(extra="ignore")


class Subscription(ClientFrame):
    """A log to follow, and what the client already has of it (nothing: a snapshot is sent)."""

    log: LogId
    epoch: Short | None = None
    seq: Annotated[int, Field(ge=0)] | None = None


class Hello(ClientFrame):
    """First frame of a connection, within 5 s: who is there and where they left off."""

    t: Literal["hello"]
    v: int
    token: str | None = None
    ticket: str | None = None
    device_id: Short | None = None
    iface: ClientInterface = "api"
    subs: list[Subscription] = Field(default=[], max_length=64)


class Send(ClientFrame):
    """Write a message. `if_last_seq`: only if nothing else was written since.

    `iface` is where it was written, if not on the interface of hello: a page holds several.
    """

    t: Literal["send"]
    log: ConversationId
    client_msg_id: ClientMessageId
    parts: list[UserText] = Field(min_length=1, max_length=8)
    mode: Mode | None = None
    policy: Policy = "enqueue"
    if_last_seq: int | None = None
    iface: ClientInterface | None = None


class Sub(ClientFrame):
    """Follow one more log."""

    t: Literal["sub"]
    log: LogId
    epoch: Short | None = None
    seq: Annotated[int, Field(ge=0)] | None = None


class Unsub(ClientFrame):
    """Follow a log no longer."""

    t: Literal["unsub"]
    log: LogId


class Fill(ClientFrame):
    """Ask for the entries after `after` up to and including `to`."""

    t: Literal["fill"]
    log: LogId
    after: Annotated[int, Field(ge=0)]
    to: Annotated[int, Field(ge=0)]


class Snap(ClientFrame):
    """Ask for the running answer so far, after a lost delta."""

    t: Literal["snap"]
    log: LogId | None = None
    message_id: MessageId


class Decide(ClientFrame):
    """Answer a decision. `op_id` names this answer: sending it again gives the first outcome.

    To modify is to ask for another plan, the whole of which is in `modifications`: it becomes the
    next version, which waits for an answer of its own. `iface` is where it was answered, if not on
    the interface of hello: a page holds several.
    """

    t: Literal["decide"]
    decision_id: Short
    choice: Literal["approve", "reject", "modify"]
    plan_hash: Short
    op_id: ClientMessageId
    modifications: PlanRequest | None = None
    iface: ClientInterface | None = None

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if (self.choice == "modify") != (self.modifications is not None):
            raise ValueError("Modifications, and nothing else, modify")
        return self


class Stop(ClientFrame):
    """End the running answer of a conversation; what was said so far stays."""

    t: Literal["stop"]
    log: ConversationId
    run_id: Short | None = None


class Auth(ClientFrame):
    """Renew the token of this connection in place."""

    t: Literal["auth"]
    token: str


class Pong(ClientFrame):
    """Answer to a ping."""

    t: Literal["pong"]


KnownClientFrame = Annotated[
    Hello | Send | Decide | Stop | Sub | Unsub | Fill | Snap | Auth | Pong,
    Field(discriminator="t"),
]
CLIENT_FRAMES: TypeAdapter[
    Hello | Send | Decide | Stop | Sub | Unsub | Fill | Snap | Auth | Pong
] = TypeAdapter(KnownClientFrame)
CLIENT_FRAME_TYPES = frozenset(
    {"hello", "send", "decide", "stop", "sub", "unsub", "fill", "snap", "auth", "pong"}
)


class Welcome(Model):
    """Answer to hello."""

    t: Literal["welcome"] = "welcome"
    conn_id: str
    user: str
    ping_ms: int
    token_exp: int
    server_time: AwareDatetime


class LiveRun(Model):
    """A running answer so far, for who joins in the middle of it."""

    message_id: str
    run_id: str
    text: str
    next_i: int


class SubOk(Model):
    """A log is followed from here: entries from..to come next (replay), or `state` replaces all."""

    t: Literal["sub_ok"] = "sub_ok"
    log: str
    epoch: str
    from_: int = Field(serialization_alias="from")
    to: int
    mode: Literal["replay", "snapshot"]
    state: LogState | None = None
    live: list[LiveRun] = []
    pending: list[Card] = []
    presence: list[dict[str, Any]] = []
    read: dict[str, int] = {}


class LiveFrom(Model):
    """All that was missed has been sent; what follows is live."""

    t: Literal["live"] = "live"
    log: str
    seq: int


class Ev(Model):
    """A durable event of a log. A client applies it if and only if seq is its last plus one."""

    t: Literal["ev"] = "ev"
    log: str
    seq: int
    ts: AwareDatetime
    type: str
    data: dict[str, Any]


class DeltaFrame(Model):
    """Text of a running answer; applies if and only if `i` is the next index."""

    t: Literal["delta"] = "delta"
    log: str
    message_id: str
    run_id: str
    i: int
    n: int
    text: str
    reset: bool = False


class RunFrame(Model):
    """A run started, took a step or finished."""

    t: Literal["run"] = "run"
    log: str
    message_id: str
    run_id: str
    phase: str
    step: str | None = None


class SnapFrame(Model):
    """Answer to snap: the running answer so far. A finished one comes as its durable message."""

    t: Literal["snap"] = "snap"
    log: str
    message_id: str
    run_id: str
    text: str
    next_i: int


class Ack(Model):
    """What became of a send or an answer to a decision: `re` is its client_msg_id or op_id.

    Of a send `rejected` may follow `accepted`. Of an answer `canonical` is the decision as it
    stands; already_resolved, expired and superseded say why the answer does not count,
    awaiting_second that somebody else has to approve as well.
    """

    t: Literal["ack"] = "ack"
    re: str
    status: Literal[
        "accepted", "duplicate", "rejected", "already_resolved", "expired", "superseded",
        "forbidden", "awaiting_second", "modified",
    ]  # fmt: skip
    canonical: Card | None = None
    code: str | None = None
    message_id: str | None = None
    seq: int | None = None
    retry_after_ms: int | None = None


class AuthOk(Model):
    """The token was renewed."""

    t: Literal["auth_ok"] = "auth_ok"
    token_exp: int


class AuthExpiring(Model):
    """The token ends soon: send `auth`."""

    t: Literal["auth_expiring"] = "auth_expiring"
    in_ms: int


class Ping(Model):
    """Are you there? Any frame counts as life."""

    t: Literal["ping"] = "ping"


class Drain(Model):
    """This server stops: reconnect after the given time."""

    t: Literal["drain"] = "drain"
    retry_after_ms: int


class ErrorFrame(Model):
    """A frame could not be served; the connection stays."""

    t: Literal["error"] = "error"
    re: str | None = None
    code: str
    detail: str | None = None
    retryable: bool
    retry_after_ms: int | None = None


class Close:
    """Close codes: 4000 to 4499 reconnect, 4500 to 4999 stop."""

    DRAIN = 4000
    TOKEN_EXPIRED = 4001
    NO_PONG = 4002
    HELLO_TIMEOUT = 4003
    SLOW = 4008
    INSUFFICIENT_STATE = 4010
    TOO_MANY = 4029
    SERVER = 4030
    BAD_FRAME = 4500
    UNAUTHORISED = 4501
    REVOKED = 4503
    NO_SUCH_SESSION = 4504
    CONNECTION_LIMIT = 4505
    VERSION = 4506
