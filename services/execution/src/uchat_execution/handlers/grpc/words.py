"""What all methods share: who asks, which services may, and how requests are read."""

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Final, TypeVar

import orjson

from uchat_contracts.model import Model
from uchat_platform.auth import Actor
from uchat_platform.errors import InvalidInputError
from uchat_platform.rpc import Requires, current_actor

READ: Final = frozenset({"viewer", "trader", "approver", "admin"})
TRADE: Final = frozenset({"trader", "approver", "admin"})
PEOPLE: Final = frozenset({"gateway", "telegram"})
"""Services that speak for a person who is there."""
BRAIN: Final = PEOPLE | {"ai-core"}
LONGEST_PAGE: Final = 200
_LONGEST_NAME: Final = 200
_EARLIEST: Final = 2000
_LATEST: Final = 2999

READS: Final = Requires(BRAIN, READ)
BRAKES: Final = Requires(BRAIN, TRADE)
"""What can only lower a risk, the brain may do for the person too."""
TELLS: Final = Requires(BRAIN, TRADE)
"""What only changes what the person is told, the brain may do for them too."""
DECIDES: Final = Requires(PEOPLE, TRADE)
APPROVES: Final = Requires(PEOPLE, frozenset({"approver", "admin"}))
OPERATES: Final = Requires(PEOPLE, frozenset({"admin"}))

_ModelT = TypeVar("_ModelT", bound=Model)


def actor() -> Actor:
    """Return the person who asks."""
    return current_actor().actor


def limit(asked: int) -> int:
    """Return the length of a page.

    Raises:
        InvalidInputError: outside 1 to 200.
    """
    if not 1 <= asked <= LONGEST_PAGE:
        raise InvalidInputError(f"Expected a limit of 1 to {LONGEST_PAGE}, found {asked}")
    return asked


def decode_cursor(text: str) -> tuple[datetime, str] | None:
    """Return the time and id that a page begins before; None: the first page.

    Raises:
        InvalidInputError: not a cursor of ours.
    """
    if not text:
        return None
    try:
        at, key = orjson.loads(base64.urlsafe_b64decode(text))
        when = moment(at)
    except (ValueError, TypeError, binascii.Error, InvalidInputError) as e:
        raise InvalidInputError(
            "Expected a cursor from an earlier page", code="invalid_cursor"
        ) from e
    if not isinstance(key, str) or not key.isprintable() or not _EARLIEST <= when.year <= _LATEST:
        raise InvalidInputError("Expected a cursor from an earlier page", code="invalid_cursor")
    return when, key


def encode_cursor(at: datetime, key: str) -> str:
    """Return the cursor of what comes after an item."""
    return base64.urlsafe_b64encode(orjson.dumps([at.isoformat(), key])).decode()


def decimal(text: str, what: str) -> Decimal:
    """Return a decimal of a request.

    Raises:
        InvalidInputError: not a finite decimal.
    """
    try:
        value = Decimal(text)
    except InvalidOperation as e:
        raise InvalidInputError(f"Expected {what} as a decimal, found {text[:40]!r}") from e
    if not value.is_finite():
        raise InvalidInputError(f"Expected {what} as a finite decimal")
    return value


def moment(text: str) -> datetime:
    """Return an aware time of a request (RFC 3339).

    Raises:
        InvalidInputError: not a time with a zone.
    """
    try:
        value = datetime.fromisoformat(text)
        if value.tzinfo is None:
            raise InvalidInputError("Expected a time with its zone")
        return value.astimezone(UTC)
    except (ValueError, OverflowError) as e:
        raise InvalidInputError(f"Expected a time, found {text[:40]!r}") from e


def name(text: str) -> str | None:
    """Return an optional key of a request; empty: None.

    Raises:
        InvalidInputError: longer than 200 characters.
    """
    if len(text) > _LONGEST_NAME:
        raise InvalidInputError(f"Expected at most {_LONGEST_NAME} characters")
    return text or None


def bodies(models: Sequence[_ModelT]) -> list[bytes]:
    """Return models as JSON."""
    return [model.json_bytes() for model in models]
