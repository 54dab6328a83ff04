import asyncio
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from uchat_ai_core import migrations
from uchat_ai_core.adapters.leases import PostgresLeases
from uchat_platform.testing import eventually

pytestmark = pytest.mark.integration
VERSIONS = Path(migrations.__file__).parent / "versions"
LOG = "unified_01JD0000000000000000000000"


@pytest.fixture
async def dsn(postgres_database):
    return await postgres_database("ai_core", VERSIONS)


@asynccontextmanager
async def owner(dsn, name, life_s=3.0):
    leases = PostgresLeases(dsn, name, life_s=life_s)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(leases.run())
        try:
            yield leases
        finally:
            task.cancel()


async def test_only_one_of_two_owners_gets_a_conversation(dsn):
    async with owner(dsn, "a") as a, owner(dsn, "b") as b:
        taken = await asyncio.gather(a.take(LOG), b.take(LOG))
        assert sum(lease is not None for lease in taken) == 1


async def test_hundred_conversations_are_shared_without_overlap(dsn):
    logs = [f"unified_{n:026d}" for n in range(100)]
    async with owner(dsn, "a") as a, owner(dsn, "b") as b:
        mine = await asyncio.gather(*(a.take(log) for log in logs))
        theirs = await asyncio.gather(*(b.take(log) for log in logs))
    assert all((one is None) != (other is None) for one, other in zip(mine, theirs, strict=True))


async def test_a_lease_that_ran_out_passes_with_a_higher_epoch_and_fences_the_former(dsn):
    async with owner(dsn, "a", life_s=0.2) as a, owner(dsn, "b", life_s=5) as b:
        old = await a.take(LOG)
        assert await b.take(LOG) is None
        new = await eventually(lambda: b.take(LOG))
        assert new.epoch > old.epoch
        assert await a.renew([old]) == frozenset()
        assert await b.renew([new]) == {new}
        a.release(old, 7)
        assert await a.take(LOG) is None


async def test_the_same_owner_takes_again_with_a_higher_epoch(dsn):
    async with owner(dsn, "a") as a:
        first = await a.take(LOG)
        second = await a.take(LOG)
        assert second.epoch > first.epoch
        assert await a.renew([first, second]) == {second}


async def test_a_thousand_leases_are_renewed_by_one_statement_and_a_lost_one_is_told(dsn):
    async with owner(dsn, "a", life_s=0.2) as a, owner(dsn, "b", life_s=5) as b:
        logs = [f"unified_{n:026d}" for n in range(1000)]
        mine = await asyncio.gather(*(a.take(log) for log in logs))
        taken = await eventually(lambda: b.take(logs[7]))
        both = asyncio.gather(a.renew(mine), a.renew(mine[:1]))
        assert await both == [frozenset(mine) - {mine[7]}, {mine[0]}]
        assert await b.renew([taken]) == {taken}


async def test_the_next_owner_learns_what_was_answered_just_now(dsn):
    async with owner(dsn, "a") as a, owner(dsn, "b") as b:
        lease = await a.take(LOG)
        a.release(lease, 12)
        taken = await eventually(lambda: b.take(LOG))
        assert taken.answered_seq == 12
        assert taken.epoch > lease.epoch


async def test_an_answer_of_long_ago_counts_no_more(dsn):
    connection = await asyncpg.connect(dsn)
    await connection.execute(
        "INSERT INTO turn_lease VALUES ($1, 'x', 5, '-infinity', 9, now() - interval '1 minute')",
        LOG,
    )
    await connection.close()
    async with owner(dsn, "a") as a:
        lease = await a.take(LOG)
    assert lease.answered_seq == 0


async def test_a_broken_connection_is_made_anew(dsn):
    async with owner(dsn, "a") as a:
        await a.take(LOG)
        a._connection.terminate()
        lease = await eventually(lambda: a.take(LOG))
        assert await a.renew([lease]) == {lease}


async def test_what_is_to_be_released_is_released_at_the_end(dsn):
    async with owner(dsn, "a") as a:
        lease = await a.take(LOG)
        a.release(lease, 3)
    async with owner(dsn, "b") as b:
        assert (await b.take(LOG)).answered_seq == 3
