"""The audit chain: each entry's hash covers the entry and, through its predecessor, all before."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

START: Final = bytes(32)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class Link(NamedTuple):
    """What is hashed of an entry. `body` is its ciphertext."""

    log: str
    seq: int
    created_at: datetime
    kind: str
    message_id: str
    sealed_by: str
    body: bytes


def next_hash(previous: bytes, link: Link) -> bytes:
    """Return SHA-256 over the previous hash, the entry's columns and the hash of its ciphertext.

    No column can hold the separator: ids and kinds are of letters, digits, `_`, `.` and `-`.
    """
    micros = as_micros(link.created_at)
    columns = (
        f"{link.log}|{link.seq}|{micros}|{link.kind}|{link.message_id}|{link.sealed_by}|"
    ).encode()
    return hashlib.sha256(previous + columns + hashlib.sha256(link.body).digest()).digest()


def as_micros(at: datetime) -> int:
    """Return a time as microseconds since 1970, exactly."""
    return (at - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """Return the time of `as_micros`."""
    return _EPOCH + micros * _MICROSECOND
