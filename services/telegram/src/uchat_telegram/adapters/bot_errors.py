"""The Bot API's refusals and failures as errors of the product."""

from collections.abc import Awaitable
from typing import Final, TypeVar

import aiohttp
from aiogram import exceptions

from uchat_platform.errors import (
    ConflictError,
    ExpiredError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
    RateLimitedError,
    UchatError,
    UnauthenticatedError,
    UnavailableError,
)

_GONE: Final = ("message to edit not found", "message can't be edited", "message_id_invalid")
# By aiogram's class, the first that fits; whether it may have been done is for each to say.
_ERRORS: Final[tuple[tuple[type[Exception], type[UchatError], str, str], ...]] = (
    (
        exceptions.TelegramServerError,
        UnavailableError,
        "telegram_unavailable",
        "Telegram is out of order",
    ),
    (exceptions.TelegramForbiddenError, NotPermittedError, "blocked", "The bot is not wanted"),
    (
        exceptions.TelegramConflictError,
        ConflictError,
        "another_poller",
        "Somebody else takes the updates",
    ),
    (
        exceptions.TelegramUnauthorizedError,
        UnauthenticatedError,
        "token_refused",
        "Telegram does not know this token",
    ),
    (exceptions.TelegramNotFound, NotFoundError, "method_unknown", "Telegram knows no such method"),
)
_T = TypeVar("_T")


async def called(call: Awaitable[_T]) -> _T:
    """Wait for a call.

    Raises:
        UchatError: as `ports.BotApi` says.
    """
    try:
        return await call
    except exceptions.TelegramAPIError as e:
        raise _as_error(e) from e
    except exceptions.ClientDecodeError as e:
        # A gateway's page instead of an answer: nobody knows what was done.
        raise UnavailableError("Telegram answered something odd", code="telegram_unsure") from e


def _as_error(e: exceptions.TelegramAPIError) -> UchatError:
    if isinstance(e, exceptions.TelegramRetryAfter):
        return RateLimitedError("Telegram asks for patience", retry_after_s=float(e.retry_after))
    if isinstance(e, exceptions.TelegramBadRequest):
        return _bad_request(e.message)
    if isinstance(e.__cause__, aiohttp.ClientConnectorError):
        return UnavailableError("Telegram cannot be reached", code="telegram_unavailable")
    for kind, family, code, detail in _ERRORS:
        if isinstance(e, kind):
            return family(detail, code=code)
    return UnavailableError("Telegram answered something odd", code="telegram_unsure")


def _bad_request(said: str) -> UchatError:
    words = said.lower()
    if "chat not found" in words:
        return NotPermittedError("There is no such chat", code="chat_unknown")
    if "query is too old" in words:
        return ExpiredError("The button was pressed too long ago", code="press_expired")
    if any(part in words for part in _GONE):
        return NotFoundError("The message cannot be changed any more", code="message_gone")
    return InvalidInputError(f"Telegram refuses: {said}", code="telegram_refused")
