"""Postgres pools, set up alike everywhere."""

import asyncio
from collections.abc import Mapping
from typing import Final, Literal

import asyncpg
from asyncpg.transaction import Transaction

from uchat_platform import logging

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


async def _reset(connection: "asyncpg.Connection") -> None:
    # The library's own reset asks the server each time, which would be a fifth of an append.
    if connection.is_in_transaction():
        await connection.reset()
