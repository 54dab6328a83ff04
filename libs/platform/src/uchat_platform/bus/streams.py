"""The streams, as the provisioner makes them and nobody else."""

from typing import Any, Final

from uchat_contracts import subjects

_HOUR: Final = 3600
_DAY: Final = 24 * _HOUR
_SECOND_NS: Final = 1_000_000_000
CONSUMERS: Final = (
    (subjects.TRADING, "execution", subjects.decision("proposed", "*")),
    (subjects.DELIVERIES, "telegram", subjects.delivery("telegram", "*")),
)
"""The durable consumers: stream, name, filter."""
PACE: Final[dict[str, dict[str, int]]] = {
    # An adapter keeps what waits for its platform in lanes of its own, and says that it is at it.
    "telegram": {"ack_wait_s": 6, "unfinished": 1024},
}
"""How long a consumer may be silent about a message, and how many it may hold, if not as usual."""
_MEGABYTE: Final = 1024 * 1024


def streams(replicas: int) -> list[dict[str, Any]]:
    """Return the configuration of every stream, in the JetStream API's words.

    What a person or the brain proposed exists nowhere else until sessions has it: PROPOSED waits
    for the disk. The others can be made again from Postgres and do not (`persist_mode: async`).
    """
    return [
        _stream(
            subjects.PROPOSED,
            [subjects.proposed("*", "*")],
            replicas,
            max_age_s=_DAY,
            # Full: the publisher is told, and nothing that was accepted is dropped.
            discard="new",
            subject_transform={
                "src": subjects.proposed("*", "*"),
                "dest": _partitioned("uchat.proposed.v1", key=2),
            },
        ),
        _stream(
            subjects.LOG,
            [subjects.log("*", "*")],
            replicas,
            max_age_s=_DAY,
            persist_mode="async",
            allow_direct=True,
            subject_transform={
                "src": subjects.log("*", "*"),
                "dest": _partitioned("uchat.log.v1", key=1),
            },
            republish={"src": "uchat.log.v1.*.*.*", "dest": subjects.live("{{wildcard(2)}}")},
        ),
        _stream(
            subjects.TRADING,
            [subjects.decision("*", "*"), subjects.order("*", "*")],
            replicas,
            max_age_s=90 * _DAY,
            persist_mode="async",
        ),
        _stream(
            subjects.DELIVERIES,
            [subjects.delivery("*", "*")],
            replicas,
            max_age_s=_DAY,
        ),
        _stream(
            subjects.DLQ,
            [subjects.dead_letter("*", "*")],
            replicas,
            max_age_s=30 * _DAY,
            allow_direct=True,
        ),
    ]


def _stream(
    name: str, filters: list[str], replicas: int, *, max_age_s: int, **more: Any
) -> dict[str, Any]:
    return {
        "name": name,
        "subjects": filters,
        "retention": "limits",
        "storage": "file",
        "num_replicas": replicas,
        "max_age": max_age_s * _SECOND_NS,
        "max_msg_size": _MEGABYTE,
        "duplicate_window": 120 * _SECOND_NS,
        "discard": "old",
        "allow_direct": False,
        **more,
    }


def _partitioned(prefix: str, *, key: int) -> str:
    partition = f"{{{{partition({subjects.PARTITIONS},{key})}}}}"
    return f"{prefix}.{partition}.{{{{wildcard(1)}}}}.{{{{wildcard(2)}}}}"
