"""Strike a worker while it has something in its hands: after a claim, before its outcome."""

import asyncio
import time
from collections.abc import Callable

import asyncpg

from tests.support.stack import Stack

_CLAIMED = """
SELECT count(*) FROM execution.orders WHERE state = 'submitting' AND owner = $1
"""
_PATIENCE_S = 3.0
_LOOK_S = 0.002


def until_claimed(stack: Stack, claims: int = 2) -> Callable[[str], None]:
    """Return what waits until a replica of execution holds so many claims, for 3 s at most."""

    def wait(target: str) -> None:
        if target.startswith("execution"):
            asyncio.run(_wait(str(stack.endpoints()["postgres"]), target, claims))

    return wait


async def _wait(dsn: str, owner: str, claims: int) -> None:
    end = time.monotonic() + _PATIENCE_S
    try:
        connection = await asyncpg.connect(dsn, timeout=_PATIENCE_S)
    except (OSError, TimeoutError, asyncpg.PostgresError):
        return
    try:
        while time.monotonic() < end and await connection.fetchval(_CLAIMED, owner) < claims:
            await asyncio.sleep(_LOOK_S)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return
    finally:
        connection.terminate()
