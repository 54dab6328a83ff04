"""Exactly one order, whatever breaks between the claim and the record."""

import asyncio
from decimal import Decimal

import pytest
from services.execution.tests.world import buy

from uchat_execution.ports import OutcomeUnknownError
from uchat_platform.testing import eventually

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]
WINDOW = {"claim_window_ms": 1500}


class Breaking:
    """A venue whose caller dies: before the order leaves, or after it arrived."""

    def __init__(self, venue, *, after):
        self.venue, self.after = venue, after
        self.reached = asyncio.Event()
        self.resume = asyncio.Event()

    def __getattr__(self, name):
        return getattr(self.venue, name)

    async def place(self, order):
        if self.after:
            await self.venue.place(order)
        self.reached.set()
        await self.resume.wait()
        return await self.venue.place(order)


async def broken(world, person, *, after):
    """Approve a purchase at a replica that stops in the middle; returns card, replica, venue."""
    made = []

    def breaking(venue):
        made.append(Breaking(venue, after=after))
        return made[0]

    app = await world.replica(venue=breaking, **WINDOW)
    card = await world.propose(person, buy("0.01"), app=app)
    await world.answer(card, app=app)
    await asyncio.wait_for(made[0].reached.wait(), 10)
    return card, app, made[0]


@pytest.mark.parametrize("after", [False, True])
async def test_a_worker_that_dies_leaves_one_order(still_world, person, after):
    world = still_world
    card, app, _ = await broken(world, person, after=after)
    await world.stop(app)
    await world.replica(**WINDOW)
    done = await world.until(person, card.decision_id, "executed", timeout_s=30)
    assert done.result.orders[0].filled == Decimal("0.01")
    assert len(await world.journal()) == 1
    await world.check_books()


async def test_a_worker_that_wakes_up_too_late_sends_nothing(still_world, person):
    world = still_world
    card, _, venue = await broken(world, person, after=False)
    await world.replica(**WINDOW)
    await world.until(person, card.decision_id, "executed", timeout_s=30)
    venue.resume.set()
    rejected = "SELECT count(*) FROM order_event WHERE state = 'submitting'"
    assert await world.pool.fetchval(rejected) == 2
    # Whatever the sleeper has to say now is fenced; its message was refused or never sent.
    await asyncio.sleep(0.3)
    assert len(await world.journal()) == 1
    done = await world.card(person, card.decision_id)
    assert done.state == "executed"
    await world.check_books()


async def test_a_worker_that_wakes_up_after_its_order_was_adopted_adds_nothing(still_world, person):
    world = still_world

    class Sleeper(Breaking):
        async def place(self, order):
            placed = await self.venue.place(order)
            self.reached.set()
            await self.resume.wait()
            return placed

    made = []

    def sleeper(venue):
        made.append(Sleeper(venue, after=True))
        return made[0]

    app = await world.replica(venue=sleeper, **WINDOW)
    card = await world.propose(person, buy("0.01"), app=app)
    await world.answer(card, app=app)
    await asyncio.wait_for(made[0].reached.wait(), 10)
    await world.replica(**WINDOW)
    done = await world.until(person, card.decision_id, "executed", timeout_s=30)
    made[0].resume.set()
    await eventually(lambda: not app.executor._working)
    assert (await world.card(person, card.decision_id)).rev == done.rev
    assert await world.pool.fetchval("SELECT count(*) FROM fill") == len(
        await world.app.portfolios.trades(person, None, None, 50)
    )
    await world.check_books()


@pytest.mark.parametrize(
    "fault", ["accept_then_timeout", "accept_then_drop", "accept_then_503", "accept_then_garbage"]
)
async def test_an_accepted_order_without_an_answer_is_found(still_world, person, fault):
    world = still_world
    more = {"ms": 12_000} if fault == "accept_then_timeout" else {}
    await world.replica(venue=Impatient, **WINDOW)
    card = await world.propose(person, buy("0.01"))
    await world.fault(fault, on="place", times=1, **more)
    await world.answer(card)
    await world.until(person, card.decision_id, "executed", timeout_s=20)
    assert len(await world.journal()) == 1
    await world.check_books()


async def test_a_lost_order_is_sent_again_under_its_own_id(still_world, person):
    world = still_world
    await world.replica(venue=Impatient, **WINDOW)
    card = await world.propose(person, buy("0.01"))
    await world.fault("lost", on="place", times=1, ms=12_000)
    await world.answer(card)
    unknown = await world.until(person, card.decision_id, "executing")
    assert unknown.result is None or unknown.result.orders[0].status in ("unknown", "submitting")
    done = await world.until(person, card.decision_id, "executed", timeout_s=25)
    [placed] = await world.journal()
    assert placed["client_order_id"] == done.result.orders[0].client_order_id
    await world.check_books()


async def test_a_definite_refusal_ends_the_decision_and_frees_the_money(still_world, person):
    world = still_world
    await world.replica(**WINDOW)
    await world.pin("ETH", "3400.00")
    card = await world.propose(person, buy("0.01"))
    # What the venue knows and the books do not: the money there is gone.
    account = await world.pool.fetchrow("SELECT account FROM account WHERE person = $1", person)
    venue = world.app.executor.venue.paper
    credentials = venue.keys.of(account["account"])
    answer = await venue.api.signed(
        "POST", "/api/v3/order",
        {"symbol": "ETHUSDT", "side": "BUY", "type": "MARKET", "quantity": "2.8"}, credentials,
    )  # fmt: skip
    assert answer.ok, answer.body
    await world.answer(card)
    failed = await world.until(person, card.decision_id, "failed")
    assert failed.reason.code == "insufficient_balance"
    portfolio = await world.app.portfolios.of(person)
    # What was done there by hand may be in the books by now.
    assert portfolio.cash_reserved == 0
    await world.check_books()


async def test_a_busy_venue_is_tried_again_with_a_new_id(still_world, person):
    world = still_world
    await world.replica()
    card = await world.propose(person, buy("0.01"))
    await world.fault("http_429", on="place", times=1)
    await world.answer(card)
    await world.until(person, card.decision_id, "executed", timeout_s=20)
    attempt = await world.pool.fetchval("SELECT attempt FROM orders")
    assert attempt == 2
    assert len([o for o in await world.journal() if o["status"] != "REJECTED"]) == 1


class Impatient(Breaking):
    """Waits a second for an answer instead of ten."""

    def __init__(self, venue):
        super().__init__(venue, after=False)

    async def place(self, order):
        try:
            async with asyncio.timeout(1):
                return await self.venue.place(order)
        except TimeoutError as e:
            raise OutcomeUnknownError("No answer in time") from e


async def test_what_is_known_by_now_is_not_undone_by_who_looked_before(still_world, person):
    world = still_world
    await world.replica(**WINDOW)
    card = await world.bought(person, buy("0.01"))
    orders = world.app.sweeper.recording
    async with world.app.books.unit() as unit:
        [filled] = await unit.orders.of_decision(card.decision_id, 1)
    before = filled.but(state="submitting")
    assert await orders.unknown(before) is None
    assert await orders.not_placed(before, again_after=None, source="recon") is None
    now = await world.card(person, card.decision_id)
    assert (now.state, now.rev) == ("executed", card.rev)


async def test_one_stuck_order_stops_nothing_but_itself(still_world, person):
    world = still_world

    class Broken:
        def __init__(self, venue):
            self.venue = venue

        def __getattr__(self, name):
            return getattr(self.venue, name)

        async def find(self, ref):
            raise ZeroDivisionError(ref.client_order_id)

    app = await world.replica(venue=Broken)
    card = await world.propose(person, buy("0.01", type="limit", limit_price="50000"))
    await world.answer(card)
    await world.until(person, card.decision_id, "executing")
    await world.pool.execute("UPDATE orders SET next_at = now()")

    async def looked():
        return await world.pool.fetchval("SELECT next_at > now() + interval '1 s' FROM orders")

    await eventually(looked)
    other = await world.bought(person, buy("0.01"))
    assert other.state == "executed"
    assert not world.tasks[id(app)].done()
