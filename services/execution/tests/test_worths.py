"""What an account was worth is read at once, however much was noted, and does not grow for ever."""

import pytest
from services.execution.tests.hands import opened

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]
NOTED = """
INSERT INTO equity (account, at, total, deposited)
SELECT $1, now() - $2::interval - n * $3::interval, 10000 + n, 10000
FROM generate_series(1, $4) AS n ON CONFLICT DO NOTHING
"""


async def noted(world, account, ago, every, times):
    await world.pool.execute(NOTED.replace("$2", f"'{ago}'").replace("$3", f"'{every}'").replace(
        "$4", str(times)), account.account)  # fmt: skip


async def test_few_notes_are_all_shown_and_many_are_thinned_out(world, person):
    account = await opened(world, person)
    await noted(world, account, "1 hour", "1 minute", 150)
    async with world.app.books.unit() as unit:
        now = await unit.now()
        since = now.replace(year=now.year - 1)
        assert len(await unit.results.curve(account.account, since, 200)) == 151
    await noted(world, account, "4 hours", "1 minute", 2000)
    async with world.app.books.unit() as unit:
        points = await unit.results.curve(account.account, since, 200)
    assert 100 < len(points) <= 200
    assert [point.at for point in points] == sorted(point.at for point in points)
    assert now - points[0].at > (now - points[-1].at)


async def test_old_notes_are_kept_by_the_hour_and_then_by_the_day(world, person):
    account = await opened(world, person)
    await noted(world, account, "0 seconds", "10 minutes", 60)
    await noted(world, account, "2 days", "5 minutes", 120)
    await noted(world, account, "92 days", "1 hour", 72)
    await world.app.sweeper.thin_worths()
    count = (
        "SELECT count(*) FROM equity WHERE account = $1"
        " AND at BETWEEN now() - $2::text::interval AND now() - $3::text::interval"
    )
    parts = [("1 day", "0 s"), ("4 days", "1 day"), ("100 days", "80 days")]
    today, hours, days = [
        await world.pool.fetchval(count, account.account, *part) for part in parts
    ]
    assert today == 61
    # The last one of each part, and the highest, which here is the first one.
    assert 20 <= hours <= 24
    assert 6 <= days <= 9
