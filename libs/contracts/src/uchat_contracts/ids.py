"""Identifiers: what they look like, how they are made, and which are derived from others."""

import hashlib
import os
import re
import time
import uuid
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

_ULID = "[0-9A-HJKMNP-TV-Z]{26}"
_NAMESPACE = uuid.UUID("6f2d1c9e-3f0b-5d57-9a41-0d3e1b6c7a55")
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = tuple(high + low for high in _DIGITS for low in _DIGITS)
_RANDOM = 10

ConversationId = Annotated[str, StringConstraints(pattern=f"^unified_{_ULID}$")]
PersonId = Annotated[str, StringConstraints(pattern=f"^user_{_ULID}$")]
LogId = Annotated[str, StringConstraints(pattern=f"^(unified|user)_{_ULID}$")]
MessageId = Annotated[str, StringConstraints(pattern=r"^msg_[0-9A-Za-z]{26,32}$")]
ClientMessageId = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,128}$")]
InterfaceName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
RESERVED_INTERFACES = frozenset({"telegram", "autonomous", "assistant", "internal"})
"""Interfaces that only services of ours speak for: no client may say that it is one."""


def _not_reserved(name: str) -> str:
    if name in RESERVED_INTERFACES:
        raise ValueError(f"{name!r} is not an interface that a client can be")
    return name


ClientInterface = Annotated[InterfaceName, AfterValidator(_not_reserved)]
"""An interface as a client may name itself."""

_LOG = re.compile(f"^(unified|user)_{_ULID}$")


def new_ulid() -> str:
    """Return a new ULID: 26 characters, sortable by time (https://github.com/ulid/spec).

    80 bits are random each time, so that no id tells its neighbours of the same millisecond.
    """
    milliseconds = time.time_ns() // 1_000_000
    value = milliseconds << 8 * _RANDOM | int.from_bytes(os.urandom(_RANDOM))
    return "".join([_PAIRS[value >> shift & 1023] for shift in range(120, -10, -10)])


def new_conversation_id() -> str:
    """Return a new conversation id, which also names its log."""
    return f"unified_{new_ulid()}"


def new_person_id() -> str:
    """Return a new person id, which also names the person's log."""
    return f"user_{new_ulid()}"


def new_message_id() -> str:
    """Return a new message id, minted by whoever accepts the message."""
    return f"msg_{new_ulid()}"


def is_log_id(value: str) -> bool:
    """Tell whether the value names a conversation log or a person log."""
    return _LOG.fullmatch(value) is not None


def received_message_id(person: str, log: str, client_msg_id: str) -> str:
    """Return the id of a person's message: the same one however often a client sends it."""
    return f"msg_{_uuid5_hex(f'message:{person}:{log}:{client_msg_id}')}"


def derived_message_id(message_id: str) -> str:
    """Return the id of the answer to a message: the same one however often the turn runs."""
    return f"msg_{_uuid5_hex(f'reply:{message_id}')}"


def derived_decision_id(turn_id: str, ordinal: int) -> str:
    """Return the id of the nth decision that a turn proposes (uuid5 of turn and ordinal)."""
    return str(uuid.uuid5(_NAMESPACE, f"decision:{turn_id}:{ordinal}"))


def derived_quote_id(decision_id: str, op_id: str) -> str:
    """Return the id of the decision that follows another one by an operation of the person."""
    return str(uuid.uuid5(_NAMESPACE, f"again:{decision_id}:{op_id}"))


def asked_decision_id(person: str, op_id: str) -> str:
    """Return the id of a decision that a person proposed by hand."""
    return str(uuid.uuid5(_NAMESPACE, f"asked:{person}:{op_id}"))


def turn_id(message_id: str) -> str:
    """Return the id of the turn that answers a message."""
    return f"turn_{message_id.removeprefix('msg_')}"


def digest(body: bytes) -> str:
    """Return the first 128 bits of SHA-256 in hexadecimal, as used in Nats-Msg-Id."""
    return hashlib.sha256(body).hexdigest()[:32]


def _uuid5_hex(name: str) -> str:
    # As `uuid.uuid5(_NAMESPACE, name).hex`, without the object in between: on every message.
    digest = bytearray(
        hashlib.sha1(_NAMESPACE.bytes + name.encode(), usedforsecurity=False).digest()[:16]
    )
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    return digest.hex()
