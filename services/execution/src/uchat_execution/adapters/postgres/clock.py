"""The database's clock: the only one that deadlines are kept by."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from uchat_execution.adapters.postgres.errors import translated

if TYPE_CHECKING:
    import asyncpg


@dataclass(frozen=True, slots=True)
class PostgresClock:
    """Tells the time by one question, outside of any transaction."""

    pool: "asyncpg.Pool[asyncpg.Record]"

    async def now(self) -> datetime:
        """Return the database's time.

        Raises:
            UnavailableError: the database is away.
        """
        with translated():
            at: datetime = await self.pool.fetchval("SELECT clock_timestamp()")
            return at
