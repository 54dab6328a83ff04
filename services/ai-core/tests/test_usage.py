import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import asyncpg
import pytest

from uchat_ai_core import migrations
from uchat_ai_core.adapters.usage import Allowance, PostgresBudget, read_usage
from uchat_ai_core.ports import Spent
from uchat_platform.testing import eventually

pytestmark = pytest.mark.integration
VERSIONS = Path(migrations.__file__).parent / "versions"
ANN, BOB = "user_01JD0000000000000000000000", "user_01JD0000000000000000000001"


class Day:
    def __init__(self):
        self.at = datetime(2026, 11, 30, 12, tzinfo=UTC)

    def now(self):
        return self.at


@pytest.fixture
async def dsn(postgres_database):
    return await postgres_database("ai_core", VERSIONS)


@asynccontextmanager
async def budget(dsn, fresh_s=30.0, *, day=None, **allowance):
    kept = PostgresBudget(dsn, Allowance(**allowance), day or Day(), fresh_s=fresh_s)
    task = asyncio.create_task(kept.run())
    await asyncio.sleep(0)
    try:
        yield kept
    finally:
        task.cancel()
        await asyncio.wait([task])


def spent(person=ANN, tokens=100, cost="0.01", model="openai-chat:one"):
    return Spent(person, model, 2, tokens - 10, 10, Decimal(cost))


async def test_an_allowance_is_of_each_person_and_of_a_day(dsn):
    day = Day()
    async with budget(dsn, day=day, person_tokens=150) as kept:
        assert await kept.allows(ANN)
        kept.note(spent())
        assert await kept.allows(ANN)
        kept.note(spent())
        assert not await kept.allows(ANN)
        assert await kept.allows(BOB)
        day.at = datetime(2026, 12, 1, 0, 0, 1, tzinfo=UTC)
        assert await kept.allows(ANN)


async def test_costs_are_limited_of_a_person_and_of_all_together(dsn):
    async with budget(dsn, person_cost=Decimal("0.05"), all_cost=Decimal("0.06")) as kept:
        kept.note(spent(cost="0.05"))
        assert not await kept.allows(ANN)
        assert await kept.allows(BOB)
        kept.note(spent(BOB, cost="0.01"))
        assert not await kept.allows(BOB)


async def test_what_was_taken_outlives_the_process_and_counts_for_other_replicas(dsn):
    async with budget(dsn, person_tokens=150) as kept:
        kept.note(spent(tokens=200))
    async with budget(dsn, person_tokens=150) as another:
        assert not await another.allows(ANN)


async def test_many_who_write_at_once_are_looked_up_together(dsn):
    people = [f"user_{n:026d}" for n in range(500)]
    async with budget(dsn, person_tokens=150) as kept:
        kept.note(spent(people[3], tokens=200))
        kept.note(spent(people[4], tokens=100))
    reads = []
    async with budget(dsn, person_tokens=150) as kept:
        read = kept._read
        kept._read = lambda connection: reads.append(len(kept._wanted)) or read(connection)
        kept.note(spent(people[4], tokens=100))
        allowed = await asyncio.gather(*(kept.allows(each) for each in people))
    assert [n for n, each in enumerate(allowed) if not each] == [3, 4]
    asked = [each for each in reads if each]
    assert sum(asked) == 500
    assert len(asked) <= 2


async def test_what_another_replica_gave_counts_soon(dsn):
    async with budget(dsn, person_tokens=150) as one, budget(dsn, 0.0, person_tokens=150) as other:
        assert await other.allows(ANN)
        one.note(spent(tokens=200))

        async def refused():
            return not await other.allows(ANN)

        await eventually(refused)


async def test_usage_can_be_looked_up_by_day_model_and_person(dsn):
    connection = await asyncpg.connect(dsn)

    async def rows(**wanted):
        asked = {"days": 1, "person": "", "by_person": False} | wanted
        return await read_usage(connection, Day().at.date(), **asked)

    async with budget(dsn) as kept:
        kept.note(spent())
        kept.note(spent(BOB, cost="0.03"))
        kept.note(spent(BOB, model="openai-chat:two"))
        found = await eventually(rows)
    assert [row[1:] for row in found] == [
        ("openai-chat:one", "(all)", 2, 4, 180, 20, Decimal("0.040000")),
        ("openai-chat:two", "(all)", 1, 2, 90, 10, Decimal("0.010000")),
    ]
    assert [row[2] for row in await rows(by_person=True)] == [BOB, ANN, BOB]
    assert [row[2] for row in await rows(person=ANN, by_person=True)] == [ANN]
    await connection.close()


async def test_while_the_database_is_away_models_may_be_asked_and_nothing_is_forgotten(dsn):
    nowhere = PostgresBudget("postgresql://127.0.0.1:9/none", Allowance(person_tokens=150), Day())
    assert await nowhere.allows(ANN)
    nowhere.note(spent(tokens=200))
    assert not await nowhere.allows(ANN)


async def test_what_was_saved_counts_once_though_old_days_cannot_be_forgotten(dsn):
    class Forgetful:
        """A connection that is lost after it has saved."""

        def __init__(self, real):
            self.real = real

        async def executemany(self, *args, **more):
            await self.real.executemany(*args, **more)

        async def execute(self, *_, **__):
            raise TimeoutError

    kept = PostgresBudget(dsn, Allowance(), Day())
    kept.note(spent())
    connection = await asyncpg.connect(dsn)
    with pytest.raises(TimeoutError):
        await kept._save(Forgetful(connection))
    await kept._save(connection)
    assert await connection.fetchval("SELECT sum(requests) FROM model_usage") == 2
    await connection.close()
