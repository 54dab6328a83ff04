"""What is over is quoted again, and what was done in part gets a remedy: nothing happens twice."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from services.execution.tests.test_brakes import grant
from services.execution.tests.test_modifying import modify
from services.execution.tests.world import buy, proposed, sell

from uchat_contracts import ids
from uchat_contracts.trading import PlanRequest
from uchat_execution.ports import RejectedByVenueError
from uchat_execution.service.remedies import Again
from uchat_platform.errors import ConflictError, NotFoundError

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]


async def quote(world, card, op_id="op", **more):
    again = Again(**{"decision_id": card.decision_id, "person": card.user_id, "via": "web_ui",
                     "op_id": op_id, **more})  # fmt: skip
    return await world.app.quoting.quote(again)


async def over(world, card):
    """Let the time to answer a card be over."""
    await world.pool.execute(
        "UPDATE decision SET expires_at = now() - interval '1 second',"
        " card = jsonb_set(card, '{expires_at}', to_jsonb(now() - interval '1 second'))"
        " WHERE decision_id = $1",
        card.decision_id,
    )


async def plan(world, person, purpose, *legs):
    event = proposed(person, list(legs))
    request = PlanRequest(legs=list(legs), purpose=purpose)
    await world.app.proposing.propose(event.model_copy(update={"request": request}))
    return await world.card(person, event.decision_id)


class Refusing:
    """A venue that refuses orders in one symbol while it is told to."""

    def __init__(self, venue):
        self.venue, self.refused = venue, set()

    def __getattr__(self, name):
        return getattr(self.venue, name)

    async def place(self, order):
        if order.ref.symbol in self.refused:
            raise RejectedByVenueError("The exchange does not trade it now")
        return await self.venue.place(order)


@pytest.fixture
async def venue(still_world):
    """The world's replica trades at a venue that refuses what it is told to."""
    made = []

    def refusing(venue):
        made.append(Refusing(venue))
        return made[0]

    for symbol, price in (("BTC", "96000.00"), ("ETH", "3400.00"), ("SOL", "180.00")):
        body = {"symbol": symbol, "price": price}
        assert (await still_world.simulator.post("/sim/prices", json=body)).is_success
    await still_world.replica(venue=refusing)
    return made[0]


async def test_an_expired_card_is_quoted_again_at_todays_price(world, person):
    card = await world.propose(person, buy("0.01"))
    await over(world, card)
    await world.pin("BTC", "97000.00")
    again = await quote(world, card)
    assert again.decision_id != card.decision_id
    assert (again.state, again.version, again.follows) == (
        "awaiting_approval",
        1,
        card.decision_id,
    )
    assert again.session_id == card.session_id
    assert again.plan.legs[0].price > card.plan.legs[0].price
    old = await world.card(person, card.decision_id)
    assert (old.state, old.superseded_by) == ("expired", again.decision_id)
    await world.answer(again)
    await world.until(person, again.decision_id, "executed")
    # Whoever presses the old card's button now is shown what became of it.
    assert (await quote(world, card, "later")).state == "executed"
    assert len(await world.journal()) == 1


async def test_pressed_on_two_interfaces_it_is_one_new_decision(world, person):
    card = await world.propose(person, buy("0.01"))
    await world.answer(card, "reject")
    cards = await asyncio.gather(*(quote(world, card, f"op{n % 2}") for n in range(6)))
    assert len({each.decision_id for each in cards}) == 1
    # One that is over makes room for another one.
    await world.answer(cards[0], "reject")
    assert (await quote(world, card, "op0")).state in ("rejected", "awaiting_approval")
    fresh = await quote(world, card, "op9")
    assert fresh.state == "awaiting_approval"
    old = await world.card(person, card.decision_id)
    assert old.superseded_by == fresh.decision_id


async def test_what_is_open_carried_out_or_refused_today_is_not_quoted_again(world, person):
    card = await world.propose(person, buy("0.01"))
    with pytest.raises(ConflictError, match="open") as caught:
        await quote(world, card)
    assert caught.value.code == "still_open"
    with pytest.raises(NotFoundError):
        await quote(world, card, person=ids.new_person_id())
    await world.answer(card)
    done = await world.until(person, card.decision_id, "executed")
    with pytest.raises(ConflictError) as caught:
        await quote(world, done)
    assert caught.value.code == "already_executed"
    with pytest.raises(ConflictError) as caught:
        await quote(world, done, remedy=True)
    assert caught.value.code == "nothing_to_remedy"
    denied = await world.propose(person, sell("1"))
    with pytest.raises(ConflictError) as caught:
        await quote(world, denied)
    assert caught.value.code == "insufficient_balance"
    assert (await world.card(person, denied.decision_id)) == denied


async def test_a_mandate_does_not_approve_what_was_quoted_again(world, person):
    card = await world.propose(person, buy("0.005"))
    await world.answer(card, "reject")
    await grant(world, person)
    again = await quote(world, card)
    assert (again.state, again.resolved) == ("awaiting_approval", None)


async def test_what_was_done_in_part_says_so_and_is_finished_by_its_remedy(
    still_world, venue, person
):
    world = still_world
    venue.refused.add("SOL")
    card = await plan(world, person, "allocation", buy("0.2", "ETH"), buy("2", "SOL"))
    await world.answer(card)
    part = await world.until(person, card.decision_id, "partially_executed")
    assert part.reason.code == "rejected_by_venue"
    assert part.reason.text == (
        "Done: bought 0.2 ETH. Not done: buying 2 SOL. The exchange does not trade it now"
    )
    assert [order.status for order in part.result.orders] == ["filled", "rejected"]
    [leg] = part.remedy.legs
    assert (part.remedy.purpose, leg.symbol, leg.quantity) == ("remedy", "SOL", Decimal(2))
    # Nothing happens by itself, and pressed twice it is one.
    venue.refused.clear()
    first, second = await asyncio.gather(
        *(quote(world, part, f"op{n}", remedy=True) for n in range(2))
    )
    assert first.decision_id == second.decision_id
    assert (first.state, first.follows) == ("awaiting_approval", part.decision_id)
    await world.answer(first)
    done = await world.until(person, first.decision_id, "executed")
    assert [order.symbol for order in done.result.orders] == ["SOL"]
    assert (await world.card(person, card.decision_id)) == part
    assert (await quote(world, part, "late", remedy=True)).decision_id == first.decision_id
    assert len(await world.journal()) == 2
    await world.check_books()


async def test_purchases_of_a_rebalance_take_no_other_money_when_the_sale_fails(
    still_world, venue, person
):
    world = still_world
    await world.bought(person, buy("0.01"))
    venue.refused.add("BTC")
    card = await plan(world, person, "rebalance", buy("0.25", "ETH"), sell("0.01"))
    assert [leg.side for leg in card.plan.legs] == ["sell", "buy"]
    await world.answer(card)
    failed = await world.until(person, card.decision_id, "failed")
    assert [order.status for order in failed.result.orders] == ["rejected", "not_placed"]
    codes = await world.pool.fetch("SELECT reason->>'code' FROM orders WHERE decision_id = $1"
                                   " ORDER BY leg", card.decision_id)  # fmt: skip
    assert [row[0] for row in codes] == ["rejected_by_venue", "sale_fell_short"]
    assert len(await world.journal()) == 1
    # The same again: now the sale pays for the purchase.
    venue.refused.clear()
    again = await quote(world, failed)
    await world.answer(again)
    done = await world.until(person, again.decision_id, "executed")
    assert [order.side for order in done.result.orders] == ["sell", "buy"]
    await world.check_books()


async def test_parts_that_are_too_small_are_left_out_and_listed(world, person):
    card = await plan(
        world, person, "allocation", buy("0.1", "ETH"), {"symbol": "BTC", "side": "buy",
                                                        "amount": "0.5"}
    )  # fmt: skip
    assert [leg.symbol for leg in card.plan.legs] == ["ETH"]
    assert [leg.n for leg in card.plan.legs] == [1]
    [dust] = [warning for warning in card.warnings if warning.code == "dust_dropped"]
    assert dust.text.startswith("Buying BTC is left out: ")
    alone = {"symbol": "BTC", "side": "buy", "amount": "0.5"}
    nothing = await plan(world, person, "allocation", alone)
    assert (nothing.state, nothing.reason.code) == ("denied", "nothing_to_trade")
    # What was wished for one by one is refused as a whole.
    refused = await plan(world, person, "trade", buy("0.1", "ETH"), alone)
    assert refused.state == "denied"


async def test_a_remedy_that_is_no_longer_missing_is_not_bought_twice(still_world, venue, person):
    world = still_world
    venue.refused.add("SOL")
    card = await plan(world, person, "allocation", buy("0.2", "ETH"), buy("2", "SOL"))
    await world.answer(card)
    part = await world.until(person, card.decision_id, "partially_executed")
    remedy = await quote(world, part, remedy=True)
    # What a late fill does: the venue tells of trades after everything seemed to be over.
    await world.pool.execute(
        "UPDATE decision SET card = jsonb_set(card, '{remedy}', 'null') WHERE decision_id = $1",
        part.decision_id,
    )
    status, gone = await world.answer(remedy)
    assert (status, gone.state, gone.reason.code) == ("superseded", "superseded", "remedied")
    assert len(await world.journal()) == 1


async def test_a_remedy_may_be_changed_and_expire_like_any_other(still_world, venue, person):
    world = still_world
    venue.refused.add("SOL")
    card = await plan(world, person, "allocation", buy("0.2", "ETH"), buy("2", "SOL"))
    await world.answer(card)
    part = await world.until(person, card.decision_id, "partially_executed")
    first = await quote(world, part, remedy=True)
    await over(world, first)
    venue.refused.clear()
    again = await quote(world, first)
    assert (again.follows, again.request) == (first.decision_id, part.remedy)
    _, smaller = await modify(world, again, buy("1", "SOL"))
    await world.answer(smaller)
    done = await world.until(person, again.decision_id, "executed")
    assert done.result.orders[0].filled == Decimal(1)
    assert done.updated_at < datetime.now(UTC)
