"""Postgres pools, set up alike everywhere."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, Literal, Protocol, TypeVar

import asyncpg
from asyncpg.transaction import Transaction

from uchat_platform import logging
from uchat_platform.errors import UnavailableError

if TYPE_CHECKING:
    from pydantic import SecretStr

    from uchat_platform.process import ProcessContext

_AWAY_S: Final = 0.5
_CLOSE_S: Final = 3.0
_T = TypeVar("_T")
_log = logging.get_logger(__name__)

LOST: Final = (OSError, TimeoutError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What a query raises besides PostgresError when its connection is gone, slow or closing.

InternalClientError: the driver's word for a query that is begun after the server has said farewell
(it was told to end, or was killed) and before the connection has closed.
"""


class _CancellableTransaction(Transaction):
    """A transaction that leaves a cancellation a cancellation.

    The library's own cannot roll back on a connection that is gone, and raises that in place of the
    CancelledError: a loop that outlives lost connections would outlive its cancellation too, and
    whoever waits for its end would wait for ever.
    """

    __slots__ = ()

    async def __aexit__(self, kind: object, error: object, at: object) -> None:
        try:
            await super().__aexit__(kind, error, at)
        except (asyncpg.PostgresError, *LOST) as e:
            if not isinstance(error, asyncio.CancelledError):
                raise
            # The server rolls back by itself what it hears no more of.
            _log.debug("rollback_left_to_server", detail=str(e))


class Connection(asyncpg.Connection):
    """A connection of the pools made here."""

    __slots__ = ()

    def transaction(
        self,
        *,
        isolation: Literal["read_committed", "read_uncommitted", "repeatable_read", "serializable"]
        | None = None,
        readonly: bool = False,
        deferrable: bool = False,
    ) -> Transaction:
        """Return a transaction block; whoever is cancelled within leaves it by CancelledError."""
        return _CancellableTransaction(self, isolation, readonly, deferrable)


async def connect_pool(
    dsn: str,
    *,
    min_size: int = 1,
    max_size: int = 8,
    server_settings: Mapping[str, str] | None = None,
) -> "asyncpg.Pool":
    """Open a pool of connections. Times are UTC; a statement may take 10 s at most.

    What is set on a session (locks, listeners, SET) stays with its connection: use one of your own.

    Raises:
        OSError, asyncpg.PostgresError: the server is away or refuses.
    """
    return await asyncpg.create_pool(
        dsn,
        min_size=min_size,
        max_size=max_size,
        command_timeout=10,
        max_inactive_connection_lifetime=0,
        reset=_reset,
        connection_class=Connection,
        server_settings={
            "timezone": "UTC",
            "application_name": "uchat",
            "jit": "off",
            **(server_settings or {}),
        },
    )


class DatabaseSettings(Protocol):
    """Where a service's database is, and how many connections it holds."""

    @property
    def postgres_dsn(self) -> "SecretStr":
        """Return its address."""
        ...

    @property
    def database_connections(self) -> int:
        """Return the most of them."""
        ...


@asynccontextmanager
async def connected(
    settings: DatabaseSettings,
    context: "ProcessContext",
    *,
    server_settings: Mapping[str, str] | None = None,
) -> "AsyncGenerator[asyncpg.Pool[asyncpg.Record]]":
    """Yield the connections of a service once the server answers; close them within 3 s.

    Raises:
        UnavailableError: the process was told to stop while the server was away.
    """
    pool = await patiently(
        context,
        lambda: connect_pool(
            settings.postgres_dsn.get_secret_value(),
            max_size=settings.database_connections,
            server_settings=server_settings,
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


async def patiently(context: "ProcessContext", work: Callable[[], Awaitable[_T]]) -> _T:
    """Do what a start needs the database for, again and again until it is there.

    Raises:
        UnavailableError: the process was told to stop while the server was away.
    """
    while True:
        try:
            return await work()
        except (UnavailableError, asyncpg.PostgresError, *LOST) as e:
            context.health.ready("postgres", False)
            _log.warning("waits_for_database", error=type(e).__name__)
            if context.stop.is_set():
                raise UnavailableError("Stopped while the database was away") from e
            await asyncio.sleep(_AWAY_S)


async def _reset(connection: "asyncpg.Connection") -> None:
    # The library's own reset asks the server each time, which would be a fifth of an append.
    if connection.is_in_transaction():
        await connection.reset()
