"""Errors with a stable code that every edge maps to its own language."""

from typing import ClassVar


class UchatError(Exception):
    """A failure that its caller can be told about.

    `code` is stable and snake case; `detail` is a sentence for the person who reads it and holds no
    internals. `retryable` tells a bus reader to try again.
    """

    status: ClassVar[int] = 500
    default_code: ClassVar[str] = "internal_error"
    retryable: ClassVar[bool] = False

    def __init__(
        self, detail: str, *, code: str | None = None, retry_after_s: float | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or self.default_code
        self.retry_after_s = retry_after_s


class InvalidInputError(UchatError):
    """The request cannot be understood."""

    status = 400
    default_code = "invalid_input"


class UnauthenticatedError(UchatError):
    """Nobody knows who asks."""

    status = 401
    default_code = "unauthenticated"


class NotPermittedError(UchatError):
    """Who asks may not do this."""

    status = 403
    default_code = "not_permitted"


class NotFoundError(UchatError):
    """It does not exist, or not for who asks."""

    status = 404
    default_code = "not_found"


class ConflictError(UchatError):
    """It contradicts what is already there."""

    status = 409
    default_code = "conflict"


class ExpiredError(UchatError):
    """It was valid once."""

    status = 410
    default_code = "expired"


class TooLargeError(UchatError):
    """More than this server reads."""

    status = 413
    default_code = "payload_too_large"


class RateLimitedError(UchatError):
    """Too many requests; `retry_after_s` tells when to come again."""

    status = 429
    default_code = "rate_limited"


class UnavailableError(UchatError):
    """Something that is needed is away for now; the same request may succeed later."""

    status = 503
    default_code = "unavailable"
    retryable = True


FAMILIES: tuple[type[UchatError], ...] = (
    InvalidInputError,
    UnauthenticatedError,
    NotPermittedError,
    NotFoundError,
    ConflictError,
    ExpiredError,
    TooLargeError,
    RateLimitedError,
    UnavailableError,
)
