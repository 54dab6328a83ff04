import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from uchat_platform import db
from uchat_platform.errors import NotFoundError, UnavailableError
from uchat_platform.outbox import Outbox, OutboxRow
from uchat_platform.testing import eventually
from uchat_platform.testing.fixtures import FreshDatabase

if TYPE_CHECKING:
    import asyncpg

pytestmark = pytest.mark.integration

SCHEMA = (
    """
    create table outbox (
        log_id text not null, seq bigint not null, trace text,
        created_at timestamptz not null default now(), primary key (created_at, log_id, seq)
    ) partition by range (created_at)
    """,
    "create table outbox_default partition of outbox default",
)


@pytest.fixture
async def pool(postgres_database: FreshDatabase) -> AsyncIterator["asyncpg.Pool"]:
    async with await db.connect_pool(await postgres_database("sessions", SCHEMA)) as pool:
        yield pool


class Announcer:
    def __init__(self) -> None:
        self.told: list[int] = []
        self.away: set[int] = set()
        self.gone: set[int] = set()

    async def __call__(self, row: OutboxRow) -> None:
        if row.seq in self.away:
            raise UnavailableError("away")
        if row.seq in self.gone:
            raise NotFoundError("erased")
        self.told.append(row.seq)


async def add(pool: "asyncpg.Pool", *numbers: int, age_s: float = 10) -> list[OutboxRow]:
    created = datetime.now(UTC) - timedelta(seconds=age_s)
    rows = [OutboxRow(created, "unified_X", number) for number in numbers]
    await pool.executemany(
        "insert into outbox (created_at, log_id, seq) values ($1, $2, $3)",
        [row[:3] for row in rows],
    )
    return rows


async def left(pool: "asyncpg.Pool") -> list[int]:
    return [row["seq"] for row in await pool.fetch("select seq from outbox order by seq")]


async def test_old_rows_are_announced_and_deleted(pool: "asyncpg.Pool") -> None:
    announce = Announcer()
    await add(pool, 1, 2, 3)
    await add(pool, 4, age_s=0)
    assert await Outbox(pool, announce).relay() == 3
    assert sorted(announce.told) == [1, 2, 3]
    assert await left(pool) == [4]


async def test_what_cannot_be_announced_now_stays(pool: "asyncpg.Pool") -> None:
    announce = Announcer()
    announce.away = {2}
    await add(pool, 1, 2, 3)
    with pytest.raises(UnavailableError):
        await Outbox(pool, announce).relay()
    assert await left(pool) == [2]


async def test_a_poisoned_row_holds_up_no_other(pool: "asyncpg.Pool") -> None:
    announce = Announcer()
    announce.gone = {1}
    await add(pool, 1, 2)
    assert await Outbox(pool, announce).relay() == 1
    assert await left(pool) == [1]


async def test_two_relays_announce_each_row_once(pool: "asyncpg.Pool") -> None:
    announce = Announcer()
    await add(pool, *range(1_200))
    one, two = Outbox(pool, announce), Outbox(pool, announce)
    while await left(pool):
        await asyncio.gather(one.relay(), two.relay())
    assert sorted(announce.told) == list(range(1_200))


async def test_acked_rows_go_with_the_next_transaction(pool: "asyncpg.Pool") -> None:
    outbox = Outbox(pool, Announcer())
    rows = await add(pool, 1, 2, age_s=0)
    outbox.acked(rows[0])
    taken = outbox.take()
    async with pool.acquire() as connection:
        with suppress(ZeroDivisionError):
            async with connection.transaction():
                await outbox.delete(connection, taken)
                raise ZeroDivisionError
        outbox.put_back(taken)
        assert await left(pool) == [1, 2]
        async with connection.transaction():
            await outbox.delete(connection, outbox.take())
    assert await left(pool) == [2]
    assert not outbox.take()


async def test_deleting_does_not_wait_for_a_relay(pool: "asyncpg.Pool") -> None:
    outbox = Outbox(pool, Announcer())
    rows = await add(pool, 1, 2)
    async with pool.acquire() as relay, relay.transaction():
        await relay.fetch("select * from outbox where seq = 1 for update")
        async with pool.acquire() as lane, lane.transaction():
            async with asyncio.timeout(1):
                await outbox.delete(lane, rows)
    assert await left(pool) == [1]


async def test_it_runs_by_itself(pool: "asyncpg.Pool") -> None:
    announce = Announcer()
    announce.away = {2}
    outbox = Outbox(pool, announce)
    await add(pool, 1, 2)
    outbox.acked((await add(pool, 3, age_s=0))[0])
    running = asyncio.create_task(outbox.run())

    async def only(*numbers: int) -> bool:
        return await left(pool) == list(numbers)

    await eventually(lambda: only(2))
    announce.away.clear()
    await eventually(only)
    assert sorted(announce.told) == [1, 2]
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
