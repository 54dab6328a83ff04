"""The database of a replica: waited for, watched, and left in time."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final, TypeVar

import asyncpg

from uchat_execution.settings import ExecutionSettings
from uchat_platform import db, logging
from uchat_platform.errors import UchatError, UnavailableError
from uchat_platform.process import ProcessContext

_DATABASE: Final = {
    # A process that is stopped in the middle of a transaction would keep its locks: whoever works
    # on the same account waits for this long at most (milliseconds).
    "idle_in_transaction_session_timeout": "2000",
    # It may have been stopped in the middle of a statement, too, which does not count as idle.
    "transaction_timeout": "15000",
}
_AWAY_S: Final = 0.5
_CLOSE_S: Final = 3.0
_BEAT_S: Final = 2.0
_log = logging.get_logger(__name__)
_T = TypeVar("_T")


@asynccontextmanager
async def connected(
    settings: ExecutionSettings, context: ProcessContext
) -> "AsyncGenerator[asyncpg.Pool[asyncpg.Record]]":
    """Yield connections once the database answers; close them within `_CLOSE_S`."""
    pool = await _patiently(
        context,
        lambda: db.connect_pool(
            settings.postgres_dsn.get_secret_value(),
            max_size=settings.database_connections,
            server_settings=_DATABASE,
        ),
    )
    try:
        yield pool
    finally:
        try:
            async with asyncio.timeout(_CLOSE_S):
                await pool.close()
        except TimeoutError:
            # Whoever still holds a connection is past its time.
            pool.terminate()


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


async def _patiently(context: ProcessContext, work: Callable[[], Awaitable[_T]]) -> _T:
    while True:
        try:
            return await work()
        except (UchatError, asyncpg.PostgresError, *db.LOST) as e:
            context.health.ready("postgres", False)
            _log.warning("waits_for_database", error=type(e).__name__)
            if context.stop.is_set():
                raise UnavailableError("Stopped while the database was away") from e
            await asyncio.sleep(_AWAY_S)
