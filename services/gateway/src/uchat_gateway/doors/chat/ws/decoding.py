"""Reading frames of clients: what is a frame, what is not, and what is to be ignored."""

import json
from dataclasses import dataclass
from typing import Any, Final, cast

import orjson
from pydantic import ValidationError

from uchat_contracts.frames import (
    CLIENT_FRAME_TYPES,
    CLIENT_FRAMES,
    Auth,
    Decide,
    Fill,
    Hello,
    Pong,
    Send,
    Snap,
    Stop,
    Sub,
    Unsub,
)
from uchat_gateway.domain.permissions import Permission
from uchat_platform.errors import UchatError

ClientFrame = Hello | Send | Decide | Stop | Sub | Unsub | Fill | Snap | Auth | Pong

FRAME_PERMISSIONS: Final[dict[str, Permission | None]] = {
    "hello": Permission.CHAT_READ,
    "send": Permission.CHAT_WRITE,
    "decide": Permission.DECISION_APPROVE_OWN,
    "stop": Permission.CHAT_WRITE,
    "sub": Permission.CHAT_READ,
    "unsub": Permission.CHAT_READ,
    "fill": Permission.CHAT_READ,
    "snap": Permission.CHAT_READ,
    "auth": None,
    "pong": None,
}
"""What the sender of each frame must be permitted (None: nothing beyond the connection)."""

_NAMED_BY = ("client_msg_id", "op_id", "message_id", "log")
_MAX_RE = 256


class UndeclaredFrameError(UchatError):
    """A frame declares nothing about who may send it: the gateway does not start."""

    default_code = "undeclared_frame"


class BadFrameError(UchatError):
    """Not a frame of this protocol at all."""

    status = 400
    default_code = "bad_frame"


@dataclass(frozen=True, slots=True)
class InvalidFrame:
    """A frame of a known type with fields that do not fit. `re` names it, if it has a name."""

    re: str | None
    detail: str


def refuse_undeclared_frames() -> None:
    """Check that every frame declares who may send it.

    Raises:
        UndeclaredFrameError: one does not.
    """
    missing = CLIENT_FRAME_TYPES - FRAME_PERMISSIONS.keys()
    if missing:
        raise UndeclaredFrameError(f"Frames {sorted(missing)} declare nothing about who may send")


def decode(raw: str) -> ClientFrame | InvalidFrame | None:
    """Read a frame; None is one of a type that this server does not know and ignores.

    Raises:
        BadFrameError: not a JSON object with a discriminator `t`.
    """
    body = _object(raw)
    kind = body.get("t")
    if not isinstance(kind, str):
        raise BadFrameError("Expected a JSON object with a string `t`")
    if kind not in CLIENT_FRAME_TYPES:
        return None
    if "\\u0000" in raw and _has_nul(body):
        return InvalidFrame(_name(body), "Text must not contain NUL")
    try:
        return CLIENT_FRAMES.validate_python(body)
    except ValidationError as e:
        return InvalidFrame(_name(body), _explain(e))


def _object(raw: str) -> dict[str, Any]:
    try:
        body: Any = orjson.loads(raw)
    except orjson.JSONDecodeError:
        # A lone surrogate is a slip of whoever typed it, not a broken client: it is found below.
        try:
            body = json.loads(raw)
        except (ValueError, RecursionError) as e:
            raise BadFrameError("Expected JSON") from e
    if not isinstance(body, dict):
        raise BadFrameError("Expected a JSON object")
    return cast("dict[str, Any]", body)


def _name(body: dict[str, Any]) -> str | None:
    for key in _NAMED_BY:
        value = body.get(key)
        if isinstance(value, str) and len(value) <= _MAX_RE:
            return value.encode("utf-8", "replace").decode()
    return None


def _explain(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(step) for step in first["loc"][1:])
    return f"{place or 'frame'}: {first['msg']}"


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(_has_nul(each) for each in cast("dict[str, Any]", value).values())
    if isinstance(value, list):
        return any(_has_nul(each) for each in cast("list[Any]", value))
    return False
