"""The database of a replica: waited for, watched, and left in time."""

import asyncio
from typing import TYPE_CHECKING, Final

import asyncpg

from uchat_execution.settings import ExecutionSettings
from uchat_platform import db
from uchat_platform.process import ProcessContext

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

_DATABASE: Final = {
    # A process that is stopped in the middle of a transaction would keep its locks: whoever works
    # on the same account waits for this long at most (milliseconds).
    "idle_in_transaction_session_timeout": "2000",
    # It may have been stopped in the middle of a statement, too, which does not count as idle.
    "transaction_timeout": "15000",
}
_BEAT_S: Final = 2.0


def connected(
    settings: ExecutionSettings, context: ProcessContext
) -> "AbstractAsyncContextManager[asyncpg.Pool[asyncpg.Record]]":
    """Return the connections of a replica: see `db.connected`."""
    return db.connected(settings, context, server_settings=_DATABASE)


async def watch(pool: "asyncpg.Pool[asyncpg.Record]", context: ProcessContext) -> None:
    """Say every `_BEAT_S` whether the database answers, until cancelled."""
    while True:
        try:
            await pool.fetchval("SELECT 1")
        except (asyncpg.PostgresError, *db.LOST):
            context.health.ready("postgres", False)
        else:
            context.health.ready("postgres", True)
        await asyncio.sleep(_BEAT_S)
