"""An approval counts for as long as whoever gave it may approve: until the order is claimed."""

import asyncio
from decimal import Decimal

import pytest
from services.execution.tests.world import buy, sell

from uchat_contracts import ids
from uchat_execution.service.organising import Organising
from uchat_execution.service.seconds import counting
from uchat_platform.errors import NotFoundError
from uchat_platform.testing import eventually

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]


@pytest.fixture
async def acme(world, person):
    organising = Organising(world.app.books, "tester")
    await organising.create("acme", "Acme", Decimal(500))
    await organising.assign(person, "acme")
    return organising


@pytest.fixture
async def boss(acme):
    return await approver(acme)


@pytest.fixture
async def another(acme):
    return await approver(acme)


@pytest.fixture
async def withdrawn(world, acme, person, boss):
    """Return a card that was approved by somebody who may not any more."""
    card = await world.propose(person, buy("0.01"))
    await world.answer(card, person=boss)
    await not_any_more(acme, boss)
    return card


async def approver(acme):
    made = ids.new_person_id()
    await acme.assign(made, "acme", approves=True)
    return made


async def asked_of(world, approver):
    asked = await world.app.resolving.for_approval(approver, None, 5)
    return [each.decision_id for each in asked]


async def not_any_more(acme, boss):
    await acme.assign(boss, "acme", approves=False)


async def gone(acme, boss):
    await acme.remove(boss)


async def elsewhere(acme, boss):
    await acme.create("other", "Other", None)
    await acme.assign(boss, "other", approves=True)


@pytest.mark.parametrize("takes_away", [not_any_more, gone, elsewhere])
async def test_an_approval_whose_right_is_gone_by_the_claim_orders_nothing(
    world, acme, person, boss, takes_away
):
    card = await world.propose(person, buy("0.01"))
    await world.stop(world.app)
    await world.answer(card, person=boss)
    assert (await world.answer(card))[0] == "accepted"
    await takes_away(acme, boss)
    assert await world.app.executor.claiming.next(card.decision_id) is None
    over = await world.card(person, card.decision_id)
    assert (over.state, over.reason.code) == ("failed", "approval_withdrawn")
    assert await world.journal() == []


async def test_the_owner_does_not_complete_an_approval_whose_right_is_gone(
    world, person, another, withdrawn
):
    status, waiting = await world.answer(withdrawn)
    assert (status, [each.by for each in waiting.approvals]) == ("awaiting_second", [person])
    assert await asked_of(world, another) == [withdrawn.decision_id]
    assert (await world.answer(withdrawn, person=another))[0] == "accepted"
    await world.until(person, withdrawn.decision_id, "executed")


async def test_another_approver_takes_the_place_of_one_whose_right_is_gone(
    world, another, withdrawn
):
    assert await asked_of(world, another) == [withdrawn.decision_id]
    _, waiting = await world.answer(withdrawn, person=another)
    assert [each.by for each in waiting.approvals] == [another]
    assert (await world.answer(withdrawn))[0] == "accepted"


async def test_an_answer_that_meets_the_loss_of_its_right_is_refused(world, acme, person, boss):
    card = await world.propose(person, buy("0.01"))
    await world.answer(card)
    async with world.app.books.unit() as unit:
        # An answer that is under way when the right is taken away: it waits for the decision.
        await unit.decisions.get(card.decision_id, lock=True)
        answering = asyncio.ensure_future(world.answer(card, person=boss))

        async def waits():
            waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
            return answering.done() or await world.pool.fetchval(waiting)

        await eventually(waits, every_s=0.01)
        await not_any_more(acme, boss)
    with pytest.raises(NotFoundError):
        await answering
    assert (await world.card(person, card.decision_id)).state == "awaiting_approval"


async def test_a_right_that_is_taken_away_waits_for_the_claim_that_counts_it(
    world, acme, person, boss
):
    card = await world.propose(person, buy("0.01"))
    _, card = await world.answer(card, person=boss)
    async with world.app.books.unit() as unit:
        assert len(await counting(unit, card, card.approvals)) == 1
        taking = asyncio.ensure_future(not_any_more(acme, boss))
        done, _ = await asyncio.wait([taking], timeout=0.3)
        assert not done
    await taking


@pytest.mark.parametrize(
    ("order", "price", "ends"),
    [
        (sell("0.009", type="stop", trigger_price="90000"), "89000.00", "executed"),
        (buy("0.009", type="take_profit", trigger_price="90000"), "89000.00", "failed"),
    ],
)
async def test_of_what_waits_for_a_price_a_protection_outlives_the_right_and_a_purchase_does_not(
    still_world, person, order, price, ends
):
    world = still_world
    body = {"symbol": "BTC", "price": "96000.00"}
    assert (await world.simulator.post("/sim/prices", json=body)).is_success
    await world.replica(triggers_kept_here=True)
    await world.bought(person, buy("0.01"))
    acme, boss = Organising(world.app.books, "tester"), ids.new_person_id()
    await acme.create("acme", "Acme", Decimal(500))
    await acme.assign(person, "acme")
    await acme.assign(boss, "acme", approves=True)
    card = await world.propose(person, order)
    assert card.approvals_needed == 2, card.reason
    await world.answer(card, person=boss)
    await world.answer(card)
    await world.until(person, card.decision_id, "executing")
    await not_any_more(acme, boss)
    await world.pin("BTC", price)
    over = await world.until(person, card.decision_id, "executed", "failed")
    assert (over.state, over.reason and over.reason.code) == (
        ends, "approval_withdrawn" if ends == "failed" else None
    )  # fmt: skip
