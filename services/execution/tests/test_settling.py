"""People help with orders that the venue is silent about; only its evidence ends them."""

import asyncio
from dataclasses import replace

import orjson
import pytest
from services.execution.tests.world import buy

from uchat_execution.ports import OutcomeUnknownError
from uchat_execution.service.settling import Word
from uchat_platform.errors import ConflictError, NotFoundError, UnavailableError

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]
SOON = {"claim_window_ms": 500, "needs_human_after_s": 1}


class Silent:
    """A venue that takes orders without a word, and is asked in vain while it is silent."""

    def __init__(self, venue, *, takes):
        self.venue, self.takes, self.silent = venue, takes, True
        self.placed = []

    def __getattr__(self, name):
        return getattr(self.venue, name)

    async def place(self, order):
        if self.takes:
            self.placed.append(await self.venue.place(order))
        raise OutcomeUnknownError("No answer")

    async def find(self, ref):
        if self.silent:
            raise UnavailableError("Nobody answers", code="venue_unavailable")
        return await self.venue.find(ref)


async def silent(world, person, *, takes):
    """Approve a purchase that nobody hears of; return the card that asks for help, the venue."""
    made = []

    def venue(inner):
        made.append(Silent(inner, takes=takes))
        return made[0]

    body = {"symbol": "BTC", "price": "96000.00"}
    assert (await world.simulator.post("/sim/prices", json=body)).is_success
    await world.replica(venue=venue, **SOON)
    card = await world.propose(person, buy("0.01"))
    await world.answer(card)
    return await world.until(person, card.decision_id, "needs_human", timeout_s=20), made[0]


async def say(world, card, said, **more):
    word = Word(card.decision_id, card.user_id, 1, said)
    return await world.app.settling.settle(replace(word, **more))


async def said(world, card):
    rows = await world.pool.fetch(
        "SELECT e.body FROM order_event e JOIN orders o USING (order_id)"
        " WHERE o.decision_id = $1 AND e.source = 'human' AND e.body->>'said' IS NOT NULL"
        " ORDER BY e.rev",
        card.decision_id,
    )
    bodies = [orjson.loads(row["body"]) for row in rows]
    assert {body["by"] for body in bodies} <= {card.user_id}
    return [body["said"] for body in bodies]


async def test_an_order_that_the_person_sees_there_is_adopted_after_it_was_checked(
    still_world, person
):
    world = still_world
    card, venue = await silent(world, person, takes=True)
    assert card.reason.code == "outcome_unknown"
    [placed] = venue.placed
    # Another order of the same account, sent by hand.
    [account] = await world.pool.fetch("SELECT account FROM account")
    answer = await venue.api.signed(
        "POST", "/api/v3/order",
        {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.01"},
        venue.keys.of(account["account"]),
    )  # fmt: skip
    assert answer.ok, answer.body
    with pytest.raises(ConflictError) as caught:
        await say(world, card, "on_exchange", venue_order_id=str(answer.body["orderId"]))
    assert caught.value.code == "another_order"
    with pytest.raises(NotFoundError) as missing:
        await say(world, card, "on_exchange", venue_order_id="99999999")
    assert missing.value.code == "order_not_found"
    done = await say(world, card, "on_exchange", venue_order_id=placed.venue_order_id)
    assert (done.state, done.reason) == ("executed", None)
    again = await say(world, card, "on_exchange", venue_order_id=placed.venue_order_id)
    assert again == done
    assert await said(world, card) == ["on_exchange"] * 3
    await world.check_books()


async def test_not_there_counts_only_if_the_venue_says_so_as_well(still_world, person):
    world = still_world
    card, venue = await silent(world, person, takes=False)
    with pytest.raises(ConflictError) as caught:
        await say(world, card, "not_there")
    assert caught.value.code == "venue_not_sure"
    assert (await world.card(person, card.decision_id)).state == "needs_human"
    # From here on it answers, and nobody else asks; but what was sent in time may still arrive.
    await world.stop(world.app)
    venue.silent = False
    with pytest.raises(ConflictError) as caught:
        await say(world, card, "not_there")
    assert caught.value.code == "venue_not_sure"
    await world.pool.execute("UPDATE orders SET deadline = deadline - interval '10 s'")
    done = await say(world, card, "not_there")
    assert (done.state, done.reason.code) == ("failed", "not_placed")
    assert await world.journal() == []
    assert await said(world, card) == ["not_there"] * 3
    portfolio = await world.app.portfolios.of(person)
    assert portfolio.cash_reserved == 0
    await world.check_books()


async def test_not_there_is_adopted_if_it_is_there(still_world, person):
    world = still_world
    card, venue = await silent(world, person, takes=True)
    venue.silent = False
    done = await say(world, card, "not_there")
    assert done.state == "executed"
    assert len(await world.journal()) == 1


async def test_asking_again_brings_what_the_venue_says_by_now(still_world, person):
    world = still_world
    card, venue = await silent(world, person, takes=True)
    assert (await say(world, card, "check_again")).state == "needs_human"
    venue.silent = False
    assert (await say(world, card, "check_again")).state == "executed"


async def test_only_the_owner_is_asked_and_only_when_it_is_time(still_world, person):
    world = still_world
    card, _ = await silent(world, person, takes=True)
    with pytest.raises(NotFoundError):
        await say(world, card, "check_again", leg=7)
    with pytest.raises(NotFoundError):
        await say(world, card, "check_again", person="user_0000000000000000000000000A")
    await world.pool.execute(
        "UPDATE decision SET state = 'executing',"
        " card = jsonb_set(card, '{state}', '\"executing\"')"
    )
    with pytest.raises(ConflictError) as caught:
        await asyncio.gather(say(world, card, "not_there"))
    assert caught.value.code == "still_asking"
