"""Which erased logs still have traces outside the database."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from uchat_sessions.adapters.postgres.errors import translated

if TYPE_CHECKING:
    import asyncpg

# Claims by moving the time on: whoever dies in between, or fails, leaves it due again in a minute.
_DUE: Final = """
UPDATE purge SET due_at = now() + interval '60 seconds'
WHERE log IN (
    SELECT log FROM purge WHERE due_at <= now() ORDER BY due_at LIMIT 100 FOR UPDATE SKIP LOCKED
)
RETURNING log
"""
_DONE: Final = """
WITH over AS (DELETE FROM purge WHERE log = $1 AND rounds_left <= 1)
UPDATE purge SET rounds_left = rounds_left - 1 WHERE log = $1 AND rounds_left > 1
"""


@dataclass(frozen=True, slots=True)
class PostgresPurges:
    """Two rounds of removal for each erased log: the second takes what was in flight at the first.

    `remover` removes a log's messages from the streams.
    """

    pool: "asyncpg.Pool[asyncpg.Record]"
    remover: Callable[[str], Awaitable[None]]

    async def due(self) -> list[str]:
        """Return erased logs whose traces are to be removed now."""
        with translated():
            return [row["log"] for row in await self.pool.fetch(_DUE)]

    async def done(self, log: str) -> None:
        """Note that one round of removal is done."""
        with translated():
            await self.pool.execute(_DONE, log)

    async def remove(self, log: str) -> None:
        """Remove a log's messages from the streams."""
        await self.remover(log)
