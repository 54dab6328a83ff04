"""Which partition a log belongs to, as NATS reckons it."""

from typing import Final

from uchat_contracts.subjects import PARTITIONS

_OFFSET: Final = 2166136261
_PRIME: Final = 16777619


def partition_of(log: str) -> int:
    """Return the log's partition: FNV-1a of 32 bits, modulo the number of partitions.

    The function of NATS' subject mapping `{{partition(16,1)}}`
    (https://docs.nats.io/nats-concepts/subject_mapping).
    """
    value = _OFFSET
    for byte in log.encode():
        value = ((value ^ byte) * _PRIME) & 0xFFFFFFFF
    return value % PARTITIONS
