"""Every NATS subject and stream name of the product. Nobody else writes one by hand."""

from typing import Final

PARTITIONS: Final = 16

PROPOSED: Final = "PROPOSED"
LOG: Final = "LOG"
TRADING: Final = "TRADING"
DELIVERIES: Final = "DELIVERIES"
DLQ: Final = "DLQ"


def proposed(kind: str, log: str) -> str:
    """Return where a `message`, `reply` or `outcome` for a log is proposed."""
    return f"uchat.proposed.v1.{kind}.{log}"


def proposed_partition(partition: int) -> str:
    """Return the filter of one partition of PROPOSED, as stored after the stream's transform."""
    return f"uchat.proposed.v1.{partition}.*.*"


def log(log_id: str, kind: str) -> str:
    """Return where an entry is announced; dots of the kind become underscores."""
    return f"uchat.log.v1.{log_id}.{kind.replace('.', '_')}"


def log_partition(partition: int) -> str:
    """Return the filter of one partition of LOG, as stored after the stream's transform."""
    return f"uchat.log.v1.{partition}.*.*"


def everything_of(log_id: str) -> dict[str, str]:
    """Return for each stream the filter of all that it stores of a log, as needed to erase it."""
    return {
        PROPOSED: f"uchat.proposed.v1.*.*.{log_id}",
        LOG: f"uchat.log.v1.*.{log_id}.*",
        DLQ: dead_letter("*", log_id),
    }


def live(log_id: str) -> str:
    """Return where the server republishes each stored entry of a log, and verdicts are told."""
    return f"uchat.live.v1.{log_id}"


def delta(log_id: str) -> str:
    """Return where the running answer of a conversation is streamed (core NATS, may be lost)."""
    return f"uchat.delta.v1.{log_id}"


def running(log_id: str) -> str:
    """Return where a running answer so far is asked for (request and reply)."""
    return f"uchat.running.v1.{log_id}"


def stop(log_id: str) -> str:
    """Return where a running answer is told to end (core NATS)."""
    return f"uchat.stop.v1.{log_id}"


def alive(service: str) -> str:
    """Return what a service listens on for nothing but to be found there (core NATS)."""
    return f"uchat.alive.v1.{service}"


def presence(person: str) -> str:
    """Return where the presence of a person is told (core NATS)."""
    return f"uchat.presence.v1.{person}"


def revoked(person: str) -> str:
    """Return where gateways are told to close the sockets of a person (core NATS)."""
    return f"uchat.revoked.v1.{person}"


def decision(state: str, decision_id: str) -> str:
    """Return where a decision's new state is announced."""
    return f"uchat.decision.v1.{state}.{decision_id}"


def order(state: str, order_id: str) -> str:
    """Return where an order's new state is announced."""
    return f"uchat.order.v1.{state}.{order_id}"


TRADING_EVENTS: Final = ("uchat.decision.v1.>", "uchat.order.v1.>")
"""What an internal subscriber reads: every event of every decision and order."""


def delivery(interface: str, address: str) -> str:
    """Return where a delivery for an interface that is not a live socket is put."""
    return f"uchat.delivery.v1.{interface}.{address}"


def dead_letter(service: str, log_id: str) -> str:
    """Return where a message that can never be handled is put aside."""
    return f"uchat.dlq.v1.{service}.{log_id}"
