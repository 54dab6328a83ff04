"""The stop switch and mandates under races."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from services.execution.tests.world import buy, proposed

from uchat_contracts import ids
from uchat_platform.errors import InvalidInputError, NotFoundError, NotPermittedError
from uchat_platform.testing import eventually

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]
TRIALS = 25


async def trial(world, person, n):
    """Approve and stop at the same moment; returns the decision and the switch."""
    app, other = world.apps
    card = await world.propose(person, buy("0.0002"))

    async def approve():
        with suppress(NotPermittedError):
            await world.answer(card, app=other)

    async def stop():
        # Earlier and later than the claim, in turn.
        await asyncio.sleep(n % 8 * 0.004)
        return await app.safety.throw(person, on=True, via="telegram")

    _, switch = await asyncio.gather(approve(), stop())
    return card.decision_id, switch


async def test_nothing_is_claimed_after_the_switch_and_nothing_sent_after_its_time(world, person):
    await world.replica()
    stopped_in_time = 0
    for n in range(TRIALS):
        decision_id, switch = await trial(world, person, n)
        await world.until(person, decision_id, "awaiting_approval", "executed", "failed")
        rows = await world.pool.fetch(
            "SELECT o.claimed_at, o.client_order_id FROM orders o WHERE decision_id = $1"
            " AND claimed_at IS NOT NULL",
            decision_id,
        )
        assert all(row["claimed_at"] <= switch.changed_at for row in rows)
        stopped_in_time += not rows
        placed = {order["client_order_id"]: order for order in await world.journal()}
        for row in rows:
            order = placed[row["client_order_id"]]
            assert datetime.fromisoformat(order["placed_at"]) <= switch.effective_at
        await world.app.safety.throw(person, on=False, via="web_ui")
    assert 0 < stopped_in_time < TRIALS
    claimed = await world.pool.fetchval("SELECT count(*) FROM orders WHERE claimed_at IS NOT NULL")
    assert len(await world.journal()) == claimed
    await world.check_books()


async def test_the_switch_names_what_is_on_its_way(still_world, person):
    world = still_world
    sent, go_on = asyncio.Event(), asyncio.Event()

    class Slow:
        def __init__(self, venue):
            self.venue = venue

        def __getattr__(self, name):
            return getattr(self.venue, name)

        async def place(self, order):
            sent.set()
            await go_on.wait()
            return await self.venue.place(order)

    slow = await world.replica(venue=Slow)
    await world.pin("BTC", "96000.00")
    card = await world.propose(person, buy("0.01"))
    await world.answer(card, app=slow)
    await sent.wait()
    switch = await world.app.safety.throw(person, on=True, via="telegram")
    [leg] = switch.in_flight
    assert leg.decision_id == card.decision_id
    assert switch.effective_at == leg.until > switch.changed_at
    shown = await world.app.safety.switch(person)
    assert shown.on
    assert shown.effective_at == switch.effective_at
    go_on.set()
    await world.until(person, card.decision_id, "executed")


async def grant(world, person, per_day="1000", **more):
    expires = datetime.now(UTC) + timedelta(days=1)
    return await world.app.safety.grant(
        person, Decimal(per_day), more.pop("symbols", []), more.pop("expires", expires),
        via="web_ui", op_id=more.pop("op_id", None),
    )  # fmt: skip


async def test_inside_a_mandate_a_decision_approves_itself_and_says_so(world, person):
    mandate = await grant(world, person)
    event = proposed(person, [buy("0.01")])
    await world.app.proposing.propose(event)
    done = await world.until(person, event.decision_id, "executed")
    assert done.resolved.via == "autonomous"
    assert done.resolved.mandate_id == mandate.mandate_id
    [now] = await world.app.safety.mandates(person, active_only=True, before=None, limit=5)
    # Charged at the worst price that a market order may get.
    assert now.used_today == done.plan.total * Decimal("1.01")
    # The rest of the day is too little for a second one.
    second = await world.propose(person, buy("0.01"))
    assert second.state == "awaiting_approval"
    assert [warning.code for warning in second.warnings] == ["duplicate_intent", "outside_mandate"]
    revoked = await world.app.safety.revoke(person, mandate.mandate_id, "telegram")
    assert (revoked.state, revoked.revoked_via) == ("revoked", "telegram")
    third = await world.propose(person, buy("0.0001"))
    assert third.state == "awaiting_approval"


async def test_two_racing_for_the_last_of_a_mandate_are_one(world, person):
    other = await world.replica()
    for n in range(10):
        await grant(world, person, "150")
        # Two quantities: the same one twice would not approve itself for another reason.
        events = [proposed(person, [buy(f"0.0008{n}{each}")]) for each in range(2)]
        await asyncio.gather(
            *(
                app.proposing.propose(event)
                for app, event in zip((world.app, other), events, strict=True)
            )
        )
        cards = [await world.card(person, event.decision_id) for event in events]
        assert sorted(card.state == "awaiting_approval" for card in cards) == [False, True]


async def test_the_cap_holds_without_the_lock_of_the_account(world, person):
    mandate = await grant(world, person, "100")

    async def use():
        async with world.app.books.unit() as unit:
            day = (await unit.now()).date()
            return await unit.safety.use_mandate(mandate.mandate_id, Decimal(60), day)

    used = await asyncio.gather(*(use() for _ in range(8)))
    assert [each is not None for each in used].count(True) == 1


async def test_mandates_are_one_at_a_time_and_checked(world, person):
    first = await grant(world, person, op_id="a")
    assert await grant(world, person, op_id="a") == first
    second = await grant(world, person, op_id="b")
    everything = await world.app.safety.mandates(person, active_only=False, before=None, limit=5)
    assert [(each.mandate_id, each.state) for each in everything] == [
        (second.mandate_id, "active"),
        (first.mandate_id, "revoked"),
    ]
    for changes, code in (
        ({"per_day": "0"}, "invalid_amount"),
        ({"symbols": ["NOPE"]}, "symbol_not_allowed"),
        ({"expires": datetime.now(UTC) - timedelta(seconds=1)}, "expiry_in_the_past"),
        ({"expires": datetime.now(UTC) + timedelta(days=400)}, "expiry_too_far"),
    ):
        with pytest.raises(InvalidInputError) as caught:
            await grant(world, person, **changes)
        assert caught.value.code == code
    with pytest.raises(NotFoundError):
        await world.app.safety.revoke(ids.new_person_id(), second.mandate_id, "api")


async def test_a_mandate_ends_by_itself(world, person):
    soon = datetime.now(UTC) + timedelta(seconds=1)
    await grant(world, person, expires=soon)

    async def ended():
        [one] = await world.app.safety.mandates(person, active_only=False, before=None, limit=5)
        return one.state == "expired" and one

    await eventually(ended)
    told = await world.pool.fetchval("SELECT ended FROM mandate WHERE person = $1", person)
    if told is None:
        await eventually(
            lambda: world.pool.fetchval("SELECT ended FROM mandate WHERE person = $1", person)
        )
    assert (await world.propose(person, buy("0.001"))).state == "awaiting_approval"


async def test_a_mandate_gets_back_what_nothing_came_of(world, person):
    await grant(world, person, "1000")
    await world.fault("http_429", on="place", times=9)
    event = proposed(person, [buy("0.01")])
    await world.app.proposing.propose(event)

    async def refused():
        return await world.pool.fetchval("SELECT attempt > 1 FROM orders")

    await eventually(refused)
    await world.app.cancelling.cancel(person, [], None)
    gone = await world.until(person, event.decision_id, "cancelled")
    assert gone.resolved.mandate_id
    await world.fault("none")
    [mandate] = await world.app.safety.mandates(person, active_only=True, before=None, limit=1)
    assert mandate.used_today == 0
    await world.check_books()


async def test_the_same_wish_twice_does_not_approve_itself_twice(world, person):
    await grant(world, person, "1000")
    cards = [await world.propose(person, buy("0.001")) for _ in range(2)]
    assert cards[0].resolved.via == "autonomous"
    assert cards[1].state == "awaiting_approval"


async def test_what_was_wished_for_long_ago_does_not_approve_itself(world, person):
    await grant(world, person, "1000")
    event = proposed(person, [buy("0.001")])
    old = event.model_copy(update={"occurred_at": event.occurred_at - timedelta(minutes=3)})
    await world.app.proposing.propose(old)
    assert (await world.card(person, event.decision_id)).state == "awaiting_approval"


async def test_a_revoked_mandate_takes_back_what_it_approved_and_nobody_sent(still_world, person):
    world = still_world
    app = await world.replica(running=False)
    mandate = await grant(world, person, "1000")
    card = await world.propose(person, buy("0.0002"))
    assert card.state == "approved"
    await app.safety.revoke(person, mandate.mandate_id, "telegram")
    await world.replica()
    again = await world.until(person, card.decision_id, "awaiting_approval", timeout_s=15)
    assert again.reason.code == "mandate_over"
    assert again.version == 2
    assert await world.journal() == []


async def test_the_stop_does_not_wait_for_the_exchange(still_world, person):
    world = still_world

    class Hanging:
        def __init__(self, venue):
            self.venue = venue

        def __getattr__(self, name):
            return getattr(self.venue, name)

        async def open_account(self, account, balances):
            await asyncio.Event().wait()

    app = await world.replica(venue=Hanging)
    async with asyncio.timeout(2):
        assert (await app.safety.throw(person, on=True, via="telegram")).on
        assert (await app.portfolios.of(person)).cash == 10_000
