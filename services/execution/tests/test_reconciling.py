"""Accounts are compared with their venue before anything is sent, and whatever was lost."""

import asyncio
import shutil
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from services.execution.tests.hands import compared, held, opened
from services.execution.tests.world import KEYS, buy, world_of

from uchat_execution.domain.orders import NewOrder
from uchat_platform.errors import UnavailableError
from uchat_platform.testing import eventually
from uchat_sim_exchange.testing import exchange_process

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]
KEPT = KEYS.secret
WINDOW = {"claim_window_ms": 1500}


class Dark:
    """Statements that nobody gets until there is light."""

    def __init__(self, statements):
        self.statements, self.light = statements, asyncio.Event()

    def __getattr__(self, name):
        return getattr(self.statements, name)

    async def balances(self, account):
        if not self.light.is_set():
            raise UnavailableError("dark", code="venue_unavailable")
        return await self.statements.balances(account)


async def test_nothing_of_an_old_account_is_sent_before_it_was_compared(still_world, person):
    world = still_world
    await world.pin("BTC", "96000.00")
    first = await world.replica()
    account = await opened(world, person)
    await world.stop(first)
    app = await world.replica(running=False)
    dark = Dark(app.reconciler.rounds.statements)
    object.__setattr__(app.reconciler.rounds, "statements", dark)
    world.start(app, world.markets[-1])
    card = await world.propose(person, buy("0.01"), app=app)
    await world.answer(card, app=app)
    async with app.books.unit() as unit:
        facts = await unit.accounts.facts(account.account, person)
    await eventually(lambda: app.reconciler.gate.since)
    assert not app.reconciler.gate.lets(account, facts)
    assert await app.executor.claiming.next(card.decision_id) is None
    assert await world.journal() == []
    dark.light.set()
    app.reconciler.soon(account.account)
    await world.until(person, card.decision_id, "executed")
    assert len(await world.journal()) == 1


async def test_a_new_account_waits_for_nothing(world, person):
    await eventually(lambda: world.app.reconciler.gate.since)
    account = await world.app.keeper.of(person)
    async with world.app.books.unit() as unit:
        facts = await unit.accounts.facts(account.account, person)
    assert world.app.reconciler.gate.lets(account, facts)


async def test_an_order_that_filled_while_nobody_looked_is_adopted(world, person):
    card = await world.propose(person, buy("0.01", type="limit", limit_price="90000"))
    await world.answer(card)
    account = await opened(world, person)
    resting = "SELECT count(*) FROM orders WHERE state = 'open'"
    await eventually(lambda: world.pool.fetchval(resting))
    # Nobody looks at it any more, as if it were over.
    await world.pool.execute("UPDATE orders SET next_at = now() + interval '1 hour'")
    await world.pin("BTC", "89000.00")
    await compared(world, account)
    done = await world.until(person, card.decision_id, "executed")
    assert done.result.orders[0].filled == Decimal("0.01")
    await world.check_books()


async def test_what_one_replica_compares_the_others_leave_alone(still_world, person):
    world = still_world
    first, second = await world.replica(running=False), await world.replica(running=False)
    account = await first.keeper.of(person)
    await first.keeper.at_venue(account)
    hold = timedelta(seconds=30)
    async with first.books.unit() as unit, second.books.unit() as theirs:
        [standing] = await unit.truth.claim_due(10, hold)
        assert await theirs.truth.claim_due(10, hold) == []
    assert standing.account == account.account
    async with second.books.unit() as unit:
        assert await unit.truth.claim_due(10, hold) == []
        assert await unit.truth.backlog() == (0, 0)


async def test_a_paper_exchange_that_lost_its_journal_gets_the_account_back(world, person):
    bought = await world.bought(person, buy("0.01"))
    account = await opened(world, person)
    card = await world.propose(person, buy("0.01", type="limit", limit_price="90000"))
    await world.answer(card)
    await world.until(person, card.decision_id, "executing")
    resting = "SELECT count(*) FROM orders WHERE state = 'open'"
    await eventually(lambda: world.pool.fetchval(resting))
    before = await held(world, account)
    # Another secret, another key: to the exchange it is an account that it never saw.
    lost = world.app.reconciler.rounds.statements.paper
    object.__setattr__(lost.keys, "secret", b"l" * 32)
    try:
        await compared(world, account)
        standing = await compared(world, account)
        assert standing.drift == {}
        over = await world.until(person, card.decision_id, "failed")
        assert over.reason.code == "lost_by_venue"
        after = await held(world, account)
        assert {asset: each.quantity for asset, each in after.items()} == {
            asset: each.quantity for asset, each in before.items()
        }
        assert after["USDT"].reserved == 0
        again = await world.bought(person, buy("0.01"))
        assert again.result.orders[0].filled == Decimal("0.01")
        async with world.app.books.unit() as unit:
            assert (await unit.accounts.get(account.account)).reopened == 1
        assert again.decision_id != bought.decision_id
        await world.check_books()
    finally:
        object.__setattr__(lost.keys, "secret", KEPT)


async def test_an_exchange_whose_data_was_deleted_refuses_no_old_account(
    tmp_path, clean_streams, bus_for, postgres_database, person
):
    journal, btc = tmp_path / "exchange", {"symbol": "BTC", "price": "96000.00"}
    async with (
        exchange_process(journal) as exchange,
        world_of(tmp_path, clean_streams, bus_for, postgres_database, exchange.url) as world,
    ):
        await world.simulator.post("/sim/prices", json=btc)
        await world.replica(**WINDOW)
        await world.bought(person, buy("0.01"))
        account = await opened(world, person)
        card = await world.propose(person, buy("0.01", type="limit", limit_price="90000"))
        await world.answer(card)
        resting = "SELECT count(*) FROM orders WHERE state = 'open'"
        await eventually(lambda: world.pool.fetchval(resting))
        await exchange.stop()
        shutil.rmtree(journal)
        await exchange.start()
        await world.simulator.post("/sim/prices", json=btc)
        # At once, before anybody has compared: it waits until the account is there again.
        again = await world.bought(person, buy("0.01"))
        assert again.result.orders[0].filled == Decimal("0.01")
        lost = await world.until(person, card.decision_id, "failed")
        assert lost.reason.code == "lost_by_venue"
        async with world.app.books.unit() as unit:
            assert (await unit.accounts.get(account.account)).reopened == 1
            assert (await unit.accounts.balances(account.account))["BTC"].quantity == Decimal(
                "0.02"
            )
        await world.check_books()


async def test_after_a_restore_what_was_sent_before_is_found_and_not_sent_again(
    still_world, person
):
    world = still_world
    await world.pin("BTC", "96000.00")
    app = await world.replica(**WINDOW)
    await eventually(lambda: app.reconciler.gate.since)
    card = await world.propose(person, buy("0.01"))
    await opened(world, person)
    await world.stop(app)
    await world.answer(card)
    # The books are older than the exchange: it was sent, and they do not know.
    order = await app.executor.claiming.next(card.decision_id)
    await app.executor.venue.place(
        NewOrder(order.ref, "buy", "market", order.quantity, None, order.sign_ts, 1500)
    )
    await world.pool.execute(
        "UPDATE orders SET state = 'ready', epoch = 0, owner = NULL, sign_ts = NULL,"
        " deadline = NULL, claimed_at = NULL, updated_at = now() - interval '1 hour',"
        " next_at = now()"
    )
    await world.pool.execute("UPDATE database_life SET identity = 'another'")
    later = await world.replica(**WINDOW)
    done = await world.until(person, card.decision_id, "executed", timeout_s=20)
    assert done.result.orders[0].filled == Decimal("0.01")
    assert len(await world.journal()) == 1
    states = await world.pool.fetch("SELECT state, source FROM order_event ORDER BY at")
    assert ("unknown", "recon") in [tuple(row) for row in states]
    assert later.reconciler.gate.restored is not None
    await world.check_books()


async def test_a_process_whose_books_are_restored_sends_nothing_before_it_asked(
    still_world, person
):
    world = still_world
    await world.pin("BTC", "96000.00")
    app = await world.replica(running=False)
    await app.reconciler.begin()
    card = await world.propose(person, buy("0.01"))
    await app.keeper.at_venue(await app.keeper.of(person))
    await world.answer(card)
    # Another process has noticed it already.
    await world.pool.execute("UPDATE database_life SET restored_at = clock_timestamp()")
    assert await app.executor.claiming.next(card.decision_id) is None
    assert await world.pool.fetchval("SELECT state FROM orders") == "ready"
    await app.reconciler.begin()
    assert await app.executor.claiming.next(card.decision_id) is None
    assert await world.pool.fetchval("SELECT state FROM orders") == "unknown"


@pytest.mark.parametrize("price", [None, "90000.00"])
async def test_what_was_given_up_and_is_at_the_exchange_all_the_same_is_adopted(
    still_world, person, price
):
    """Filled, it is in the books; resting, it is cancelled there, since nobody waits for it."""
    world = still_world
    await world.pin("BTC", "96000.00")
    app = await world.replica(running=False)
    await app.reconciler.begin()
    card = await world.propose(person, buy("0.01"))
    account = await app.keeper.at_venue(await app.keeper.of(person))
    await world.answer(card)
    order = await app.executor.claiming.next(card.decision_id)
    await app.executor.recording.not_placed(order, again_after=None, source="venue")
    assert (await world.card(person, card.decision_id)).state == "failed"
    kind, limit = ("market", None) if price is None else ("limit", Decimal(price))
    await app.executor.venue.place(
        NewOrder(order.ref, "buy", kind, order.quantity, limit, datetime.now(UTC), 3000)
    )
    standing = await compared(world, account)
    assert standing.drift == {}
    [placed] = await world.journal()
    done = await world.card(person, card.decision_id)
    if price is None:
        assert done.state == "executed"
        assert done.result.orders[0].filled == Decimal("0.01")
    else:
        assert (placed["status"], done.state) == ("CANCELED", "failed")
    await world.check_books()
