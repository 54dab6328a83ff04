"""Cursors of lists that go by time: opaque to callers, and checked when they come back."""

import base64
import binascii
from datetime import UTC, datetime
from typing import Final

from uchat_platform.errors import InvalidInputError

_YEARS: Final = range(2000, 9000)
_NUL: Final = "\0"


def encode(at: datetime, name: str) -> str:
    """Return the cursor of a row that is known by its time and name."""
    return base64.urlsafe_b64encode(f"{at.isoformat()} {name}".encode()).decode()


def decode(cursor: str) -> tuple[datetime, str]:
    """Return the time and name of a cursor.

    Raises:
        InvalidInputError: it is none of this list.
    """
    try:
        at, _, name = base64.urlsafe_b64decode(cursor).decode().partition(" ")
        time = datetime.fromisoformat(at).astimezone(UTC)
    except (ValueError, OverflowError, binascii.Error) as e:
        raise InvalidInputError("Expected a cursor of this list", code="invalid_cursor") from e
    if time.year not in _YEARS or _NUL in name:
        raise InvalidInputError("Expected a cursor of this list", code="invalid_cursor")
    return time, name
