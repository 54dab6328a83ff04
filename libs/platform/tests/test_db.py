import asyncio

import asyncpg
import pytest

from uchat_platform.db import LOST, connect_pool
from uchat_platform.testing import Servers

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("turns", range(6))
async def test_query_on_a_connection_that_is_being_closed_counts_as_lost(
    servers: Servers, turns: int
) -> None:
    admin = await asyncpg.connect(servers.postgres_dsn)
    victim = await asyncpg.connect(servers.postgres_dsn)
    await admin.execute("SELECT pg_terminate_backend($1)", victim.get_server_pid())
    # Each turn of the loop is another moment between the server's farewell and the closed socket.
    for _ in range(turns):
        await asyncio.sleep(0)
    with pytest.raises((*LOST, asyncpg.PostgresError)):
        await victim.fetchval("SELECT 1")
    await admin.close()


@pytest.mark.parametrize("turns", range(6))
async def test_a_cancellation_outlives_the_connection_that_is_lost_with_it(
    servers: Servers, turns: int
) -> None:
    pool = await connect_pool(servers.postgres_dsn, max_size=1)
    inside = asyncio.Event()

    async def work() -> None:
        async with pool.acquire() as connection, connection.transaction():
            inside.set()
            await connection.fetchval("SELECT pg_sleep(60)")

    task = asyncio.create_task(work())
    await inside.wait()
    # Each turn is another moment of the query, from its being sent to its being cancelled.
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    pool.terminate()
    with pytest.raises(asyncio.CancelledError):
        await task
