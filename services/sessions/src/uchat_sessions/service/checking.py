"""Bad input gets a stable code."""

from typing import Final

from uchat_platform.errors import InvalidInputError

_NUL: Final = "\0"


def check(value: str, name: str, shortest: int, longest: int) -> None:
    """Check the length of a value.

    Raises:
        InvalidInputError: with the code `invalid_<name>`.
    """
    if not shortest <= len(value) <= longest or _NUL in value:
        raise InvalidInputError(
            f"Expected {shortest} to {longest} characters without NUL in {name!r}",
            code=f"invalid_{name}",
        )
