"""Stop switches of three scopes: whom they stop, what they answer, and how fast."""

import asyncio
from contextlib import suppress

import asyncpg
import pytest
from services.execution.tests.test_books import outcomes
from services.execution.tests.world import buy

from uchat_contracts import ids
from uchat_execution.adapters.postgres import switching
from uchat_execution.service.organising import Organising
from uchat_platform.errors import NotFoundError, NotPermittedError
from uchat_platform.testing import eventually

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]
CLAIMERS = 12
PRESSES = 8


async def wide(world, scope, *, on=True):
    by = ids.new_person_id()
    return await world.app.safety.throw_wide(scope, on=on, via="web_ui", by=by)


async def in_acme(world, *people):
    organising = Organising(world.app.books, "test")
    with suppress(Exception):
        await organising.create("acme", "Acme", None)
    for person in people:
        await world.pool.execute("INSERT INTO organisation_member VALUES ($1, 'acme')", person)


@pytest.fixture
async def other(world):
    person = ids.new_person_id()
    await world.app.keeper.of(person)
    return person


@pytest.mark.parametrize("scope", ["everybody", "org:acme", "person"])
async def test_a_scope_stops_whom_it_names_and_nobody_else(world, person, other, scope):
    await world.app.keeper.of(person)
    await in_acme(world, person)
    scope = person if scope == "person" else scope
    cards = {each: await world.propose(each, buy("0.001")) for each in (person, other)}
    switch = await wide(world, scope)
    assert switch.on
    assert switch.effective_at >= switch.changed_at
    with pytest.raises(NotPermittedError) as caught:
        await world.answer(cards[person])
    assert caught.value.code == "kill_switch_on"
    denied = await world.propose(person, buy("0.002"))
    assert denied.reason.code == "kill_switch_on"
    if scope == "everybody":
        with pytest.raises(NotPermittedError):
            await world.answer(cards[other])
    else:
        assert (await world.answer(cards[other]))[0] == "accepted"
    released = await wide(world, scope, on=False)
    assert not released.on
    assert (await world.answer(cards[person]))[0] == "accepted"


async def test_a_release_says_what_still_stops_the_person(world, person):
    await world.app.keeper.of(person)
    await in_acme(world, person)
    own = await world.app.safety.throw(person, on=True, via="telegram")
    assert (own.on, own.scope) == (True, "person")
    await wide(world, "org:acme")
    after = await world.app.safety.throw(person, on=False, via="telegram")
    assert (after.on, after.scope, after.changed_via) == (True, "organisation", "web_ui")
    assert after.rev > own.rev
    await wide(world, "org:acme", on=False)
    now = await world.app.safety.switch(person)
    assert (now.on, now.effective_at) == (False, None)
    assert now.rev == after.rev + 1


async def test_everybody_who_is_concerned_is_told_with_their_own_answer(
    world, person, other, bus_for
):
    await world.app.keeper.of(person)
    await world.app.safety.throw(other, on=True, via="telegram")
    await wide(world, "everybody")
    await wide(world, "everybody", on=False)
    bus = await bus_for("sessions")
    for who, rev in ((person, 2), (other, 3)):
        told = []
        while not told or told[-1].rev < rev:
            told = [each for each in await outcomes(bus, who, len(told) + 1) if each]
        assert {event.about for event in told} == {f"kill_switch:{who}"}
        assert all(event.data["user_id"] == who for event in told)
        # One of them stopped their own trading, too.
        assert (told[-1].data["on"], told[-1].data["scope"]) == (
            (False, "everybody") if who == person else (True, "person")
        )
    events = await world.pool.fetchval(
        "SELECT count(*) FROM safety_event WHERE about LIKE 'kill_switch:%'"
    )
    assert events == 3


async def test_nobody_unknown_is_stopped(world):
    for scope in ("org:none", ids.new_person_id(), "nonsense"):
        with pytest.raises(NotFoundError) as caught:
            await wide(world, scope)
        assert caught.value.code == "unknown_scope"


async def test_the_command_line_stops_without_any_service(still_world, person):
    world = still_world
    app = await world.replica(running=False)
    await app.keeper.of(person)
    connection = await asyncpg.connect(world.dsn)
    try:
        async with connection.transaction():
            row, legs = await switching.throw(connection, "everybody", on=True, via="cli", by="")
        assert (row["is_on"], list(legs)) == (True, [])
        assert [each["scope"] for each in await switching.switched_on(connection)] == ["everybody"]
    finally:
        await connection.close()
    assert (await app.safety.switch(person)).scope == "everybody"
    # Whoever runs next tells it.
    left = await world.pool.fetchval("SELECT count(*) FROM outbox WHERE what = 'kill_switch'")
    assert left == 1
    await world.replica()
    await eventually(
        lambda: world.pool.fetchval(
            "SELECT true WHERE NOT EXISTS (SELECT FROM outbox WHERE what = 'kill_switch')"
        )
    )


async def test_a_press_does_not_queue_behind_ever_new_claims(still_world, person):
    world = still_world
    app = await world.replica(running=False)
    await app.keeper.of(person)
    done = asyncio.Event()

    async def claims():
        while not done.is_set():
            async with app.books.unit() as unit:
                await unit.safety.switches(person, share=True)
                await asyncio.sleep(0.006)

    claimers = [asyncio.ensure_future(claims()) for _ in range(CLAIMERS)]
    took, loop = [], asyncio.get_running_loop()
    try:
        for n in range(PRESSES):
            began = loop.time()
            await wide(world, "everybody", on=n % 2 == 0)
            took.append(loop.time() - began)
    finally:
        done.set()
        await asyncio.gather(*claimers)
    # Without the gate the slowest of these takes most of a second.
    assert sorted(took)[len(took) // 2] < 0.25, took
