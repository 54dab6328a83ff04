"""Identifiers: what they look like, how they are made, and which are derived from others."""

import hashlib
import re
import uuid
from typing import Annotated

from pydantic import AfterValidator, StringConstraints
from ulid import ULID

_ULID = "[0-9A-HJKMNP-TV-Z]{26}"
_NAMESPACE = uuid.UUID("6f2d1c9e-3f0b-5d57-9a41-0d3e1b6c7a55")

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
    """Return a new ULID: 26 characters, sortable by time (https://github.com/ulid/spec)."""
    return str(ULID())


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
    return f"msg_{uuid.uuid5(_NAMESPACE, f'message:{person}:{log}:{client_msg_id}').hex}"


def derived_message_id(message_id: str) -> str:
    """Return the id of the answer to a message: the same one however often the turn runs."""
    return f"msg_{uuid.uuid5(_NAMESPACE, f'reply:{message_id}').hex}"


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
