"""Makes the streams what they should be: the only place where a stream is declared.

nats-py's StreamConfig lacks what these need (`persist_mode` for one), and a client that declares a
stream resets what it does not mention; so the JetStream API is asked directly, and an update starts
from what the server has.
"""

from typing import Any, Final, cast

from uchat_platform import logging
from uchat_platform.bus.client import Bus
from uchat_platform.bus.streams import CONSUMERS, PACE, streams
from uchat_platform.errors import NotFoundError, UchatError

# The server cannot change these in place, or messages would be lost or found elsewhere.
_FIXED: Final = frozenset({"storage", "retention", "persist_mode"})
_SHRINKING: Final = frozenset({"max_age", "max_bytes", "max_msgs", "max_msg_size"})
_UNLIMITED: Final = frozenset({0, -1})
_TIMEOUT_S: Final = 10.0
_SECOND_NS: Final = 1_000_000_000

_log = logging.get_logger(__name__)


class ProvisionError(UchatError):
    """The streams are not, and cannot safely become, what this version needs."""

    default_code = "provision_refused"


async def provision(bus: Bus, *, replicas: int = 1) -> list[str]:
    """Create what is missing, update what differs; returns a line for each stream.

    Safe to run again at any time, also while services work.

    Raises:
        ProvisionError: a change would lose data or move messages to other partitions.
        UnavailableError: no answer.
    """
    lines = [await _ensure(bus, wanted) for wanted in streams(replicas)]
    for consumer in CONSUMERS:
        await ensure_consumer(bus, *consumer, **PACE.get(consumer[1], {}))
    return lines


async def _ensure(bus: Bus, wanted: dict[str, Any]) -> str:
    name = wanted["name"]
    try:
        info = await bus.api(f"STREAM.INFO.{name}", timeout_s=_TIMEOUT_S)
    except NotFoundError:
        await bus.api(f"STREAM.CREATE.{name}", wanted, timeout_s=_TIMEOUT_S)
        _log.info("stream_created", stream=name)
        return f"{name} created"
    config: dict[str, Any] = info["config"]
    changes = differences(config, wanted)
    if not changes:
        return f"{name} unchanged"
    refuse_loss(name, config, changes, messages=info["state"]["messages"])
    await bus.api(f"STREAM.UPDATE.{name}", {**config, **changes}, timeout_s=_TIMEOUT_S)
    _log.info("stream_updated", stream=name, changed=sorted(changes))
    return f"{name} updated: {', '.join(sorted(changes))}"


def differences(config: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """Return the wanted values that the server does not have."""
    return {key: value for key, value in wanted.items() if not _same(config.get(key), value)}


def refuse_loss(
    name: str, config: dict[str, Any], changes: dict[str, Any], *, messages: int
) -> None:
    """Check that changing a stream with this many messages loses none of them.

    Raises:
        ProvisionError: it would, or the server cannot do it in place.
    """
    for key, value in changes.items():
        had = config.get(key)
        if key in _FIXED:
            raise ProvisionError(
                f"{name}: {key} is {had!r} and should be {value!r}, which cannot be changed in"
                f" place. Drain the stream and delete it, then run this again."
            )
        if not messages:
            continue
        if key in _SHRINKING and _shrinks(had, value):
            raise ProvisionError(
                f"{name}: lowering {key} from {had!r} to {value!r} would delete messages."
                f" Drain the stream first."
            )
        if key == "subject_transform":
            raise ProvisionError(
                f"{name}: other partitions while {messages} messages are stored would break their"
                f" order. Drain the stream first."
            )


def _same(had: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict) and isinstance(had, dict):
        # The server adds fields of its own to what it was given.
        mine, theirs = cast("dict[str, Any]", wanted), cast("dict[str, Any]", had)
        return all(theirs.get(key) == value for key, value in mine.items())
    if wanted is False:
        return not had
    return had == wanted


def _shrinks(had: Any, wanted: Any) -> bool:
    if wanted in _UNLIMITED:
        return False
    return had in _UNLIMITED or had is None or wanted < had


async def ensure_consumer(
    bus: Bus, stream: str, name: str, subject: str, *, ack_wait_s: int = 30, unfinished: int = 64
) -> None:
    """Create or update a durable pull consumer: redelivered for ever, paced by its handler.

    Who holds a message for longer than `ack_wait_s` without a word loses it to another reader;
    at most `unfinished` messages are held.

    Raises:
        BusRefusedError: it exists and cannot become that.
        UnavailableError: no answer.
    """
    config = {
        "name": name,
        "durable_name": name,
        "filter_subject": subject,
        "deliver_policy": "all",
        "ack_policy": "explicit",
        "ack_wait": ack_wait_s * _SECOND_NS,
        # A limit would turn an outage into loss; what can never succeed is terminated instead.
        "max_deliver": -1,
        "max_ack_pending": unfinished,
    }
    await bus.api(
        f"CONSUMER.CREATE.{stream}.{name}.{subject}",
        {"stream_name": stream, "config": config, "action": ""},
        timeout_s=_TIMEOUT_S,
    )
