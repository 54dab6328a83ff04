import asyncio
from dataclasses import dataclass

import asyncpg
import pytest
from pydantic import SecretStr

from uchat_platform import db
from uchat_platform.db import LOST, connect_pool, connected, patiently
from uchat_platform.errors import UnavailableError
from uchat_platform.health import Health
from uchat_platform.process import ProcessContext
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


@dataclass(frozen=True)
class One:
    """The settings of a service with one connection."""

    postgres_dsn: SecretStr
    database_connections: int = 1


async def test_a_start_waits_for_the_database_until_it_is_told_to_stop(servers: Servers) -> None:
    context = ProcessContext("sessions", Health("sessions"))
    tries: list[str] = []

    async def epoch() -> str:
        tries.append("")
        if len(tries) == 1:
            raise UnavailableError("Away")
        return "e1"

    assert await patiently(context, epoch) == "e1"
    assert not context.health.is_ready
    context.stop.set()
    nowhere = connected(One(SecretStr("postgresql://127.0.0.1:9/nowhere")), context)
    with pytest.raises(UnavailableError, match="Stopped while"):
        await nowhere.__aenter__()
    async with connected(One(SecretStr(servers.postgres_dsn)), context) as pool:
        assert await pool.fetchval("SELECT 1") == 1
    assert pool.is_closing()


async def test_who_holds_a_connection_too_long_loses_it_at_the_end(
    servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "_CLOSE_S", 0.1)
    context = ProcessContext("sessions", Health("sessions"))
    async with connected(One(SecretStr(servers.postgres_dsn)), context) as pool:
        held = await pool.acquire()
    with pytest.raises(asyncpg.InterfaceError):
        await held.fetchval("SELECT 1")
