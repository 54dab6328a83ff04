"""Whoever may be the second person of a plan is told of it; nobody else is."""

from decimal import Decimal

import pytest
from services.execution.tests.test_books import outcomes
from services.execution.tests.test_modifying import modify
from services.execution.tests.world import buy

from uchat_contracts import ids
from uchat_contracts.trading import Card, Owner
from uchat_execution.service.organising import Organising
from uchat_platform.testing import eventually

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]


@pytest.fixture
async def acme(world, person):
    organising = Organising(world.app.books, "tester")
    await organising.create("acme", "Acme", Decimal(500))
    await organising.assign(person, "acme", label="t…@e….com")
    return organising


async def member(acme, **rights):
    made = ids.new_person_id()
    await acme.assign(made, "acme", **rights)
    return made


@pytest.fixture
def told(bus_for):
    async def cards(log, wanted):
        found = await outcomes(await bus_for("sessions"), log, wanted)
        cards = [each.data for each in found if each.about.startswith("decision:")]
        return [Card.model_validate(card) for card in cards]

    return cards


async def nothing_waits(world):
    async def empty():
        return await world.pool.fetchval("SELECT count(*) FROM outbox") == 0

    await eventually(empty)


async def test_each_approver_is_asked_and_hears_what_becomes_of_it(world, acme, person, told):
    boss = await member(acme, approves=True, label="b…@e….com")
    deputy = await member(acme, approves=True)
    card = await world.propose(person, buy("0.01"))
    await world.answer(card)
    await world.answer(card, person=boss, via="telegram")
    await world.until(person, card.decision_id, "executed")
    for log in (boss, deputy):
        seen = await told(log, 5)
        assert [each.state for each in seen] == [
            "awaiting_approval", "awaiting_approval", "approved", "executing", "executed"
        ]  # fmt: skip
        assert [each.owner for each in seen] == 5 * [Owner(name="t…@e….com", organisation="Acme")]
        assert [each.display_name for each in seen[-1].approvals] == ["t…@e….com", "b…@e….com"]
        assert "four_eyes" in [warning.code for warning in seen[0].warnings]
        assert (seen[0].plan, seen[0].plan_hash) == (card.plan, card.plan_hash)
    [mine, *_] = await told(person, 2)
    assert mine.owner is None
    done = await world.card(person, card.decision_id)
    assert (done.owner, done.resolved.display_name) == (None, "b…@e….com")


async def test_nobody_else_is_told(world, acme, person, bus_for):
    await acme.create("other", "Other", None)
    stranger = ids.new_person_id()
    await acme.assign(stranger, "other", approves=True)
    colleague, boss = await member(acme), await member(acme, approves=True)
    await world.propose(person, buy("0.01"))
    # What one person may decide is told nobody besides.
    small = await world.propose(person, buy("0.001"))
    assert small.approvals_needed == 1
    own = await world.propose(boss, buy("0.001"))
    await nothing_waits(world)
    rows = await world.pool.fetch("SELECT person FROM decision_asked")
    assert [row["person"] for row in rows] == [boss]
    [asked, mine] = await outcomes(await bus_for("sessions"), boss, 2)
    assert asked.data["owner"]["organisation"] == "Acme"
    assert mine.about == f"decision:{own.decision_id}"
    assert await world.pool.fetchval("SELECT count(*) FROM outbox") == 0
    for log in (stranger, colleague):
        assert log not in {row["person"] for row in rows}


async def test_who_may_not_approve_any_more_hears_no_more_than_that(world, acme, person, told):
    boss = await member(acme, approves=True)
    card = await world.propose(person, buy("0.01"))
    [asked] = await told(boss, 1)
    assert asked.plan == card.plan
    await acme.assign(boss, "acme", approves=False)
    assert await world.app.resolving.for_approval(boss, None, 5) == []
    await world.answer(card)
    [_, ended] = await told(boss, 2)
    assert (ended.state, ended.reason.code) == ("cancelled", "no_longer_asked")
    assert (ended.plan, ended.effect, ended.approvals, ended.request.legs) == (None, None, [], [])


async def test_who_becomes_an_approver_meanwhile_is_asked_with_its_next_event(
    world, acme, person, told
):
    card = await world.propose(person, buy("0.01"))
    await nothing_waits(world)
    boss = await member(acme, approves=True)
    await world.answer(card)
    [asked] = await told(boss, 1)
    assert (asked.rev, asked.state) == (card.rev + 1, "awaiting_approval")
    assert [each.by for each in asked.approvals] == [person]


async def test_who_was_asked_hears_that_a_smaller_plan_needs_nobody_else(world, acme, person, told):
    boss = await member(acme, approves=True)
    card = await world.propose(person, buy("0.01"))
    assert [each.state for each in await told(boss, 1)] == ["awaiting_approval"]
    _, smaller = await modify(world, card, buy("0.001"))
    assert smaller.approvals_needed == 1
    [_, ended] = await told(boss, 2)
    assert (ended.state, ended.reason.code) == ("cancelled", "no_longer_asked")
    assert (ended.plan, ended.effect, ended.request.legs) == (None, None, [])
