"""JetStream's messages as it words them: consumer configuration, positions, control messages."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from uchat_contracts import subjects
from uchat_platform.bus.direct import Told
from uchat_platform.bus.messages import Received

HEARTBEAT_S: Final = 2.0
PENDING: Final = 65_536
_DROPPED_AFTER_S: Final = 5.0
_NANOSECONDS: Final = 1_000_000_000
_ACK: Final = "$JS.ACK."
_SHORT_ACK: Final = 9
_STALLED: Final = "Nats-Consumer-Stalled"
_LAST_CONSUMER: Final = "Nats-Last-Consumer"
_CONTROL: Final = "100"
_PARTITIONED: Final = frozenset({subjects.PROPOSED, subjects.LOG})
_PARTITION_TOKEN: Final = 3


async def subscribe(
    client: Client, subject: str, callback: Callable[[Msg], Awaitable[None]], pending: int = PENDING
) -> Subscription:
    """Subscribe; messages beyond `pending` that wait for the callback are dropped."""
    return await client.subscribe(  # pyright: ignore[reportUnknownMemberType] - a bare Future upstream
        subject, cb=callback, pending_msgs_limit=pending
    )


@dataclass(frozen=True, slots=True)
class Position:
    """Where a delivered message stands: in the stream, in the consumer, and its time in ns."""

    stream_seq: int
    consumer_seq: int
    timestamp_ns: int


@dataclass(frozen=True, slots=True)
class Control:
    """What the server tells beside messages.

    `reply`: answer there to be sent more; `consumer_seq`: how far the server has sent; `gone`: the
    consumer does not exist any more.
    """

    reply: str | None
    consumer_seq: int | None
    gone: bool


def consumer(stream: str, name: str, inbox: str, filter_subject: str, start: int) -> dict[str, Any]:
    """Return the request for an ordered, unacknowledged push consumer from `start` on."""
    return {
        "stream_name": stream,
        "action": "create",
        "config": {
            "name": name,
            "deliver_subject": inbox,
            "deliver_policy": "by_start_sequence",
            "opt_start_seq": start,
            "filter_subject": filter_subject,
            "ack_policy": "none",
            "max_deliver": 1,
            "replay_policy": "instant",
            "flow_control": True,
            "idle_heartbeat": int(HEARTBEAT_S * _NANOSECONDS),
            "inactive_threshold": int(_DROPPED_AFTER_S * _NANOSECONDS),
            "mem_storage": True,
            "num_replicas": 1,
        },
    }


def position(reply: str) -> Position | None:
    """Return where a message stands by its reply subject, or None for a control message.

    Source: https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-15.md
    """
    if not reply.startswith(_ACK):
        return None
    tokens = reply.split(".")
    # The longer form names domain and account before the stream.
    at = 5 if len(tokens) == _SHORT_ACK else 7
    return Position(int(tokens[at]), int(tokens[at + 1]), int(tokens[at + 2]))


def control(msg: Msg | Told) -> Control:
    """Return what a message without a position means."""
    headers = msg.headers or {}
    if headers.get("Status") != _CONTROL:
        return Control(reply=None, consumer_seq=None, gone=True)
    last = headers.get(_LAST_CONSUMER)
    return Control(
        reply=headers.get(_STALLED) or msg.reply or None,
        consumer_seq=int(last) if last else None,
        gone=False,
    )


def received(stream: str, msg: Msg | Told, at: Position) -> Received:
    """Return a message as the services see it."""
    return Received(
        seq=at.stream_seq,
        subject=published_subject(stream, msg.subject),
        payload=msg.data,
        headers=msg.headers or {},
        published_at=datetime.fromtimestamp(at.timestamp_ns / _NANOSECONDS, UTC),
        stream=stream,
    )


def published_subject(stream: str, stored: str) -> str:
    """Return the subject that a message was published to: without the partition's token."""
    if stream not in _PARTITIONED:
        return stored
    tokens = stored.split(".")
    if len(tokens) > _PARTITION_TOKEN and tokens[_PARTITION_TOKEN].isdigit():
        del tokens[_PARTITION_TOKEN]
    return ".".join(tokens)
