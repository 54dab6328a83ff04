"""Two people become one, and nothing pending is ever executed on the other account."""

import asyncio
from decimal import Decimal

import pytest
from services.execution.tests.world import buy

from uchat_contracts import ids
from uchat_platform.errors import ConflictError, NotFoundError, NotPermittedError
from uchat_platform.testing import eventually

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]


@pytest.fixture
def into():
    return ids.new_person_id()


async def test_pending_cards_are_superseded_before_anything_else(world, person, into):
    theirs = await world.propose(person, buy("0.01"))
    own = await world.propose(into, buy("0.02"))
    merging = world.app.merging
    superseded = await merging.begin("l1", person, into)
    assert set(superseded) == {theirs.decision_id, own.decision_id}
    for who, card in ((person, theirs), (into, own)):
        now = await world.card(who, card.decision_id)
        assert (now.state, now.reason.code) == ("superseded", "accounts_joined")
        assert (await world.answer(card))[0] == "superseded"
    assert await merging.begin("l1", person, into) == superseded
    # Nothing new for the one that goes.
    assert (await world.propose(person, buy("0.01"))).reason.code == "account_merging"
    await merging.finish("l1", person, into)
    await merging.finish("l1", person, into)
    assert await merging.begin("l1", person, into) == superseded
    assert await world.journal() == []
    with pytest.raises(NotPermittedError):
        await world.app.portfolios.of(person)
    late = await world.app.resolving.page(into, [], None, 10)
    assert {card.decision_id for card in late} > {theirs.decision_id, own.decision_id}


async def test_who_stays_keeps_their_account(world, person, into):
    await world.bought(person, buy("0.01"))
    await world.bought(into, buy("0.02"))
    await world.app.merging.begin("l1", person, into)
    await world.app.merging.finish("l1", person, into)
    [held] = (await world.app.portfolios.of(into)).holdings
    assert held.quantity == Decimal("0.02")
    done = await world.bought(into, buy("0.001"))
    assert done.user_id == into
    await world.check_books()


async def test_an_approval_at_the_same_moment_is_for_its_own_account_or_not_at_all(
    world, person, into
):
    for n in range(6):
        gone, stays = ids.new_person_id(), ids.new_person_id()
        card = await world.propose(gone, buy("0.001"))
        await world.propose(stays, buy("0.002"))
        account = await world.pool.fetchval("SELECT account FROM account WHERE person = $1", gone)
        (status, _), superseded = await asyncio.gather(
            world.answer(card), world.app.merging.begin(f"l{n}", gone, stays)
        )
        now = await world.until(gone, card.decision_id, "superseded", "executed", "failed")
        assert (now.state == "superseded") == (card.decision_id in superseded)
        rows = await world.pool.fetch(
            "SELECT account FROM orders WHERE decision_id = $1 AND claimed_at IS NOT NULL",
            card.decision_id,
        )
        assert all(row["account"] == account for row in rows)
        assert status in ("accepted", "superseded")
    await world.check_books()


async def test_open_orders_of_the_account_to_be_archived_refuse_the_merge(world, person, into):
    card = await world.propose(person, buy("0.01", type="limit", limit_price="90000"))
    await world.answer(card)

    async def rests():
        orders = await world.app.portfolios.orders(
            person, None, open_only=True, before=None, limit=5
        )
        return orders and orders[0].status == "open"

    await eventually(rests)
    merging = world.app.merging
    waiting = await world.propose(into, buy("0.01"))
    with pytest.raises(ConflictError) as caught:
        await merging.begin("l1", person, into)
    assert caught.value.code == "open_orders"
    # Nothing has changed: both may trade, and begin again once the order is gone.
    assert (await world.card(into, waiting.decision_id)).state == "awaiting_approval"
    assert (await world.propose(person, buy("0.01"))).state == "awaiting_approval"
    await world.app.cancelling.cancel(person, [], None)
    await merging.begin("l1", person, into)
    await merging.finish("l1", person, into)
    assert (await world.app.portfolios.of(into)).cash == Decimal(10_000)


async def test_orders_of_who_stays_rest_on(world, person, into):
    card = await world.propose(into, buy("0.01", type="limit", limit_price="90000"))
    await world.answer(card)
    await world.until(into, card.decision_id, "executing")
    await world.app.portfolios.of(person)
    await world.app.merging.begin("l1", person, into)
    own = await world.propose(into, buy("0.01"))
    await world.app.merging.begin("l1", person, into)
    assert (await world.card(into, own.decision_id)).state == "awaiting_approval"
    await world.app.merging.finish("l1", person, into)
    assert (await world.card(into, card.decision_id)).state == "executing"


async def test_who_has_no_account_brings_none(world, person, into):
    await world.bought(into, buy("0.01"))
    await world.app.merging.begin("l1", person, into)
    await world.app.merging.finish("l1", person, into)
    assert (await world.app.portfolios.of(into)).holdings
    assert (await world.propose(person, buy("0.01"))).reason.code == "account_merged"


async def test_a_merge_is_begun_first_and_about_the_same_people(world, person, into):
    with pytest.raises(NotFoundError):
        await world.app.merging.finish("l1", person, into)
    await world.app.merging.begin("l1", person, into)
    with pytest.raises(ConflictError):
        await world.app.merging.begin("l1", into, person)
    await world.pool.execute("UPDATE merge SET begun_at = now() - interval '11 minutes'")
    with pytest.raises(ConflictError) as caught:
        await world.app.merging.finish("l1", person, into)
    assert caught.value.code == "merge_lapsed"
    assert (await world.propose(person, buy("0.01"))).state == "awaiting_approval"


async def test_a_stop_on_either_side_stops_who_stays(world, person, into):
    await world.app.safety.throw(person, on=True, via="telegram")
    await world.app.merging.begin("l1", person, into)
    await world.app.merging.finish("l1", person, into)
    assert (await world.app.safety.switch(into)).on
    told = await world.pool.fetchval("SELECT rev FROM kill_switch WHERE scope = $1", into)
    assert told == 1
