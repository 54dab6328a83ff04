"""The digest of the day on real Postgres: once a day, whatever replicas and restarts there are."""

import asyncio
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import orjson
import pytest
from services.execution.tests.world import buy

from uchat_contracts import ids
from uchat_contracts.trading import Digest, DigestSettings
from uchat_execution.service.alerts.digesting import Digests
from uchat_platform.errors import InvalidInputError

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]
D = Decimal


async def due(world, person, ago="0 seconds"):
    """Let the digest of a person be due, since then."""
    await world.pool.execute(
        "UPDATE digest SET next_at = now() - $2::text::interval WHERE person = $1", person, ago
    )


async def told(world):
    rows = await world.pool.fetch("SELECT body FROM outbox WHERE what = 'digest' ORDER BY about")
    return [Digest.model_validate(orjson.loads(row["body"])) for row in rows]


def each_of(world):
    return [Digests(app.books, app.keeper, app.triggers.desk) for app in world.apps]


@pytest.fixture
async def quiet(still_world, person):
    """A replica of which nothing runs; a digest is set for 08:00 in Berlin."""
    world = still_world
    await world.simulator.post("/sim/prices", json={"symbol": "BTC", "price": "96000.00"})
    await world.replica(running=False)
    wanted = DigestSettings(on=True, time="08:00", zone="Europe/Berlin")
    await world.app.digests.set(person, wanted)
    return world


async def test_it_says_what_there_is_and_what_changed_since_yesterdays(world, person):
    await world.bought(person, buy("0.02"))
    digests = world.app.digests
    assert not (await digests.settings(person)).on
    await digests.set(person, DigestSettings(on=True, time="08:00", zone="Asia/Kolkata"))
    await world.stop(world.app)
    await due(world, person)
    assert await digests.tell_one()
    # A day passes.
    await world.pool.execute("DELETE FROM outbox WHERE what = 'digest'")
    await world.pool.execute("UPDATE digest SET told = told - 1")
    await world.pin("BTC", "97000.00")
    await due(world, person)
    assert await digests.tell_one()
    [digest] = await told(world)
    assert digest.change == D(20)
    assert digest.total is not None
    assert digest.change_pct == (D(20) / (digest.total - 20) * 100).quantize(D("0.01"))
    assert (digest.open_orders, digest.pending, digest.simulated) == (0, 0, True)
    assert len(digest.movers) == 3
    assert f"Your portfolio is worth {digest.total:,.2f} USDT, +20.00 USDT" in digest.text
    assert "Simulated, source: synthetic" in digest.text
    assert digest.text.endswith("IST.")


async def test_replicas_that_are_due_at_once_tell_it_once(quiet, person):
    await quiet.app.keeper.of(person)
    for _ in range(2):
        await quiet.replica(running=False)
    await due(quiet, person)
    made = await asyncio.gather(*(each.tell_one() for each in each_of(quiet) for _ in range(2)))
    assert sum(made) == 1
    assert len(await told(quiet)) == 1
    # The clock of a replica, or the person's wish, makes no second one of the day.
    await due(quiet, person)
    assert await quiet.app.digests.tell_one()
    assert len(await told(quiet)) == 1


async def test_another_hour_after_it_was_told_counts_from_tomorrow_on(quiet, person):
    await due(quiet, person)
    await quiet.app.digests.tell_one()
    [digest] = await told(quiet)
    later = (datetime.now(UTC) + timedelta(minutes=2)).strftime("%H:%M")
    utc = DigestSettings(on=True, time=later, zone="UTC")
    settings = await quiet.app.digests.set(person, utc)
    assert settings.next_at is not None
    assert settings.next_at.date() > digest.day


async def test_one_that_is_half_a_day_late_is_left_out(quiet, person):
    await due(quiet, person, ago="13 hours")
    assert await quiet.app.digests.tell_one()
    assert await told(quiet) == []
    settings = await quiet.app.digests.settings(person)
    assert settings.next_at is not None
    assert settings.next_at > datetime.now(UTC)


async def test_who_turns_it_off_is_told_none(quiet, person):
    await quiet.app.digests.set(person, DigestSettings(on=False, time="09:30"))
    assert not await quiet.app.digests.tell_one()
    settings = await quiet.app.digests.settings(person)
    assert (settings.on, settings.time, settings.next_at) == (False, "09:30", None)


async def test_a_zone_that_does_not_exist_is_refused(quiet, person):
    with pytest.raises(InvalidInputError) as caught:
        await quiet.app.digests.set(person, DigestSettings(on=True, zone="Mars/Base"))
    assert caught.value.code == "time_zone_unknown"
    assert time.fromisoformat((await quiet.app.digests.settings(person)).time) == time(8)


async def test_it_is_offered_where_the_person_wants_figures_told(still_world, person):
    app = await still_world.replica(running=False)
    assert (await app.digests.settings(person)).zone == "UTC"
    await app.choices.change(person, "Asia/Tokyo", "")
    assert (await app.digests.settings(person)).zone == "Asia/Tokyo"


async def test_one_that_cannot_be_made_is_left_out_for_the_day_and_holds_up_no_other(quiet, person):
    world, others = quiet, [ids.new_person_id() for _ in range(2)]
    for other in others:
        await world.app.digests.set(other, DigestSettings(on=True, time="08:00"))
    # A zone that this host does not know, and a worth from which no percentage can be told.
    await world.pool.execute("UPDATE digest SET zone = 'Mars/Olympus' WHERE person = $1", others[0])
    await world.pool.execute(
        "UPDATE digest SET told = '2026-01-01', told_at = now(), deposited = 10000, total = 1e-18"
        " WHERE person = $1",
        others[1],
    )
    for n, other in enumerate(others):
        await due(world, other, f"{2 - n} minutes")
    await due(world, person)
    assert [await world.app.digests.tell_one() for _ in range(4)] == [True, True, True, False]
    assert person in {digest.user_id for digest in await told(world)}
    late = await world.pool.fetchval("SELECT count(*) FROM digest WHERE next_at <= now()")
    assert late == 0
