"""Which failures of Postgres pass by themselves, and which are final."""

from collections.abc import Generator
from contextlib import contextmanager

import asyncpg

from uchat_platform.db import LOST
from uchat_platform.errors import InvalidInputError, UnavailableError

_PERMANENT = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
)


@contextmanager
def translated() -> Generator[None]:
    """Turn failures of the database into the service's own words.

    Raises:
        InvalidInputError: the same statement would fail again.
        UnavailableError: the database is away or busy.
    """
    try:
        yield
    except _PERMANENT as e:
        raise InvalidInputError(
            f"The database refused a value: {type(e).__name__}", code="invalid_value"
        ) from e
    except (asyncpg.PostgresError, *LOST) as e:
        if isinstance(e, ValueError):
            raise InvalidInputError("A value cannot be stored", code="invalid_value") from e
        raise UnavailableError("The database is away; try again", code="database_away") from e
