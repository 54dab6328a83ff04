"""Another plan for a decision that waits: a new version that says what it changes."""

import asyncio
from decimal import Decimal

import pytest
from services.execution.tests.test_brakes import grant
from services.execution.tests.world import buy, proposed, sell

from uchat_contracts import ids
from uchat_contracts.trading import PlanRequest
from uchat_execution.service.modifying import Modification
from uchat_platform.errors import ConflictError, NotFoundError

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]


async def modify(world, card, *legs, op_id="op", **changes):
    wish = Modification(
        **{
            "decision_id": card.decision_id,
            "person": card.user_id,
            "plan_hash": card.plan_hash,
            "request": PlanRequest(legs=list(legs)),
            "op_id": op_id,
            **changes,
        }
    )
    return await world.app.modifying.modify(wish)


async def test_another_quantity_is_a_new_version_that_says_what_it_changes(world, person):
    card = await world.propose(person, buy("0.01"))
    status, now = await modify(world, card, buy("0.02"))
    assert (status, now.state, now.version) == ("modified", "awaiting_approval", 2)
    assert now.decision_id == card.decision_id
    assert now.plan_hash != card.plan_hash
    [quantity] = [change for change in now.changes if change.what == "quantity"]
    assert (quantity.was, quantity.now) == ("0.01", "0.02")
    assert quantity.text == "BTC quantity: was 0.01 BTC, now 0.02 BTC, +100.0 %"
    # The approval of what was seen before counts for nothing.
    assert (await world.answer(card))[0] == "superseded"
    await world.answer(now)
    done = await world.until(person, card.decision_id, "executed")
    assert done.result.orders[0].filled == Decimal("0.02")
    rows = await world.pool.fetch("SELECT plan_hash, version FROM orders")
    assert [tuple(row) for row in rows] == [(now.plan_hash, 2)]
    events = await world.pool.fetch(
        "SELECT rev, state, card->>'version' AS version FROM decision_event"
        " WHERE decision_id = $1 ORDER BY rev LIMIT 3",
        card.decision_id,
    )
    assert [tuple(row) for row in events] == [
        (1, "awaiting_approval", "1"), (2, "awaiting_approval", "2"), (3, "approved", "2"),
    ]  # fmt: skip


async def test_the_same_modification_again_is_the_first_and_another_one_is_refused(world, person):
    card = await world.propose(person, buy("0.01"))
    answers = await asyncio.gather(*(modify(world, card, buy("0.02")) for _ in range(5)))
    assert sorted(status for status, _ in answers) == ["duplicate"] * 4 + ["modified"]
    assert {now.version for _, now in answers} == {2}
    with pytest.raises(ConflictError) as caught:
        await modify(world, card, buy("0.03"))
    assert caught.value.code == "op_id_reused"


async def test_of_two_who_modify_what_they_saw_one_gets_through(world, person):
    card = await world.propose(person, buy("0.01"))
    answers = await asyncio.gather(
        *(modify(world, card, buy(f"0.0{n}"), op_id=f"op{n}") for n in (11, 12))
    )
    assert sorted(status for status, _ in answers) == ["modified", "superseded"]
    assert (await world.card(person, card.decision_id)).version == 2


async def test_a_plan_that_is_refused_leaves_the_former_one(world, person):
    card = await world.propose(person, buy("0.01"))
    with pytest.raises(ConflictError) as caught:
        await modify(world, card, sell("1"))
    assert caught.value.code == "insufficient_balance"
    assert await world.card(person, card.decision_id) == card
    # Nothing was done, so the operation may be tried again.
    status, _ = await modify(world, card, buy("0.02"))
    assert status == "modified"


async def test_nobody_modifies_what_is_over_or_somebody_elses(world, person):
    card = await world.propose(person, buy("0.01"))
    with pytest.raises(NotFoundError):
        await modify(world, card, buy("0.02"), person=ids.new_person_id())
    await world.answer(card, "reject")
    assert (await modify(world, card, buy("0.02")))[0] == "already_resolved"


async def test_a_mandate_does_not_approve_what_was_changed_by_hand(world, person):
    card = await world.propose(person, buy("0.01"))
    await grant(world, person)
    event = proposed(person, [buy("0.003")])
    await world.app.proposing.propose(event)
    await world.until(person, event.decision_id, "executed")
    _, now = await modify(world, card, buy("0.002"))
    assert (now.state, now.resolved) == ("awaiting_approval", None)


async def test_a_new_quote_says_what_the_market_changed(world, person):
    card = await world.propose(person, buy("0.01"))
    await world.pin("BTC", "98000.00")
    await world.answer(card)
    again = await world.until(person, card.decision_id, "awaiting_approval")
    [price] = [change for change in again.changes if change.what == "price"]
    assert Decimal(price.now) == again.plan.legs[0].price
    assert price.text.startswith("BTC: was 96,")
    assert price.text.endswith(", +2.1 %")
