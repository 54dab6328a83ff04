"""Refusals in the Bot API's words (https://core.telegram.org/bots/api#making-requests)."""


class ApiError(Exception):
    """A refusal: `error_code` is also the HTTP status, `retry_after` is in seconds."""

    def __init__(
        self, error_code: int, description: str, *, retry_after: int | None = None
    ) -> None:
        super().__init__(description)
        self.error_code = error_code
        self.description = description
        self.retry_after = retry_after


def bad_request(reason: str) -> ApiError:
    """Return the refusal of something that can never succeed."""
    return ApiError(400, f"Bad Request: {reason}")
