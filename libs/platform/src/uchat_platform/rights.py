"""What the NATS user of each service may publish and read, and nothing more.

Outside the bus package: the launcher reads it, and should not hold a NATS client for that.
"""

from dataclasses import dataclass
from typing import Final

from uchat_contracts import subjects

SERVICES: Final = (
    *("gateway", "sessions", "ai-core", "execution", "notifier", "telegram"),
    *("provisioner", "subscriber"),
)
"""Every NATS user; `subscriber` is for internal services of others that read TRADING."""


@dataclass(frozen=True, slots=True)
class Permissions:
    """Allow lists of one NATS user. Answers to requests are allowed by `allow_responses`."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


def permissions(service: str) -> Permissions:
    """Return the allow lists of a service.

    Raises:
        KeyError: there is no such service.
    """
    own = _TABLE[service]
    return Permissions(own.publish, (*own.subscribe, f"{inbox_prefix(service)}.>"))


def inbox_prefix(service: str) -> str:
    """Return where a service, and nobody else, gets its answers."""
    return f"_INBOX_{service}"


def _reads(stream: str) -> tuple[str, ...]:
    # An ordered consumer of one's own: made and paced; the server drops it with its reader.
    return (
        f"$JS.API.STREAM.INFO.{stream}",
        f"$JS.API.CONSUMER.CREATE.{stream}.>",
        f"$JS.FC.{stream}.>",
    )


def _works(stream: str, consumer: str) -> tuple[str, ...]:
    # A durable that the provisioner made: pulled from and acknowledged.
    return (
        f"$JS.API.CONSUMER.INFO.{stream}.{consumer}",
        f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}",
        f"$JS.ACK.{stream}.{consumer}.>",
    )


_TABLE: Final = {
    "gateway": Permissions(
        publish=(
            subjects.proposed("message", "*"),
            subjects.running("*"),
            subjects.stop("*"),
            subjects.alive("*"),
            subjects.presence("*"),
            subjects.revoked("*"),
        ),
        subscribe=(subjects.live("*"), subjects.delta("*"), subjects.revoked("*")),
    ),
    "sessions": Permissions(
        publish=(
            subjects.log("*", "*"),
            subjects.live("*"),
            subjects.decision("proposed", "*"),
            subjects.dead_letter("sessions", "*"),
            *_reads(subjects.PROPOSED),
            f"$JS.API.STREAM.PURGE.{subjects.PROPOSED}",
            f"$JS.API.STREAM.PURGE.{subjects.LOG}",
            f"$JS.API.STREAM.PURGE.{subjects.DLQ}",
        ),
        subscribe=(subjects.presence("*"),),
    ),
    "ai-core": Permissions(
        publish=(
            subjects.proposed("reply", "*"),
            subjects.delta("*"),
            subjects.dead_letter("ai-core", "*"),
            *_reads(subjects.LOG),
        ),
        subscribe=(subjects.running("*"), subjects.stop("*")),
    ),
    "execution": Permissions(
        publish=(
            subjects.proposed("outcome", "*"),
            subjects.decision("*", "*"),
            subjects.order("*", "*"),
            subjects.dead_letter("execution", "*"),
            *_works(subjects.TRADING, "execution"),
        ),
        subscribe=(),
    ),
    "notifier": Permissions(
        publish=(
            subjects.delivery("*", "*"),
            subjects.dead_letter("notifier", "*"),
            *_reads(subjects.LOG),
        ),
        subscribe=(subjects.presence("*"),),
    ),
    "telegram": Permissions(
        publish=(
            subjects.proposed("message", "*"),
            subjects.stop("*"),
            subjects.running("*"),
            subjects.presence("*"),
            subjects.dead_letter("telegram", "*"),
            *_works(subjects.DELIVERIES, "telegram"),
        ),
        subscribe=(subjects.delta("*"), subjects.alive("telegram")),
    ),
    "subscriber": Permissions(
        # Plain clients leave the naming of an ordered consumer to the server.
        publish=(*_reads(subjects.TRADING), f"$JS.API.CONSUMER.CREATE.{subjects.TRADING}"),
        subscribe=subjects.TRADING_EVENTS,
    ),
    "provisioner": Permissions(
        publish=(
            "$JS.API.>",
            # `uchat dlq retry` puts a message back to where it was first published.
            subjects.proposed("*", "*"),
            subjects.decision("*", "*"),
            subjects.order("*", "*"),
        ),
        subscribe=(),
    ),
}
