"""Which failures of Postgres pass by themselves, and which are final."""

from collections.abc import Generator
from contextlib import contextmanager

import asyncpg

from uchat_platform.db import LOST
from uchat_platform.errors import UnavailableError
from uchat_sessions.ports import PermanentFaultError

# Everything else (server away, shutting down, out of room, deadlock, a missing table while a
# migration runs) passes by itself or by an operator: it is waited for, never given up.
_PERMANENT = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
)


@contextmanager
def translated() -> Generator[None]:
    """Turn failures of the database into the service's own words.

    Raises:
        PermanentFaultError: the same statement would fail again.
        UnavailableError: the database is away or busy.
    """
    try:
        yield
    except _PERMANENT as e:
        raise PermanentFaultError(f"The database refused a value: {type(e).__name__}") from e
    except (asyncpg.PostgresError, *LOST) as e:
        if isinstance(e, ValueError):
            # What the driver itself cannot encode.
            raise PermanentFaultError("A value cannot be stored") from e
        raise UnavailableError("The database is away; try again", code="database_away") from e
