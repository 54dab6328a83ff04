"""Postgres pools, set up alike everywhere."""

from collections.abc import Mapping
from typing import Final

import asyncpg

LOST: Final = (OSError, TimeoutError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What a query raises besides PostgresError when its connection is gone, slow or closing.

InternalClientError: the driver's word for a query that is begun after the server has said farewell
(it was told to end, or was killed) and before the connection has closed.
"""


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
