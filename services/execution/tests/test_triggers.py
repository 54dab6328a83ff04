"""Stops and take-profits kept here: triggered once, by whatever replica, over any crash."""

import asyncio
from decimal import Decimal

import pytest
from services.execution.tests.world import buy, sell

from uchat_platform.testing import eventually

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]
D = Decimal
KEPT = {"triggers_kept_here": True}


@pytest.fixture
async def keeping(still_world):
    """One replica that keeps all triggers; BTC is at 96,000 USDT."""
    body = {"symbol": "BTC", "price": "96000.00"}
    assert (await still_world.simulator.post("/sim/prices", json=body)).is_success
    await still_world.replica(**KEPT)
    return still_world


async def waiting(world, person, *legs):
    """Approve; return the card once it says that its orders wait."""
    card = await world.propose(person, *legs)
    assert card.state == "awaiting_approval", card.reason
    assert card.plan.legs[0].kept_here
    await world.answer(card)
    card = await world.until(person, card.decision_id, "executing")
    assert card.result.orders[0].status == "waiting"
    return card


def stop(quantity="0.01", trigger="90000", **more):
    return sell(quantity, type="stop", trigger_price=trigger, **more)


async def test_a_stop_loss_sells_when_the_price_has_fallen_to_it(keeping, person):
    world = keeping
    await world.bought(person, buy("0.01"))
    card = await waiting(world, person, stop())
    await world.pin("BTC", "90500.00")
    await asyncio.sleep(0.6)
    [order, _] = await world.app.portfolios.orders(
        person, None, open_only=False, before=None, limit=5
    )
    assert (order.status, order.trigger_price, order.kept_here) == ("waiting", D(90000), True)
    assert len(await world.journal()) == 1
    await world.pin("BTC", "89900.00")
    done = await world.until(person, card.decision_id, "executed")
    assert done.result.orders[0].filled == D("0.01")
    events = await world.pool.fetch(
        "SELECT state, source FROM order_event WHERE order_id = $1 ORDER BY rev", order.order_id
    )
    assert [(each["state"], each["source"]) for each in events][:2] == [
        ("waiting", "worker"),
        ("ready", "market"),
    ]
    assert [each["type"] for each in await world.journal()] == ["MARKET", "MARKET"]
    await world.check_books()


async def test_a_purchase_waits_for_its_price_and_rests_at_its_limit(keeping, person):
    world = keeping
    card = await waiting(
        world,
        person,
        buy("0.01", type="take_profit", trigger_price="90000", limit_price="89000"),
    )
    assert (await world.app.portfolios.of(person)).cash_reserved == 0
    await world.pin("BTC", "90000.00")

    async def rests():
        shown = (await world.card(person, card.decision_id)).result.orders[0]
        return shown.status == "open"

    await eventually(rests)
    assert (await world.app.portfolios.of(person)).cash_reserved == D(890) + D("0.89")
    await world.pin("BTC", "88000.00")
    await world.until(person, card.decision_id, "executed")
    assert [each["type"] for each in await world.journal()] == ["LIMIT"]
    await world.check_books()


async def test_an_approval_of_long_ago_is_carried_out_when_it_is_triggered(keeping, person):
    world = keeping
    await world.bought(person, buy("0.01"))
    card = await waiting(world, person, stop())
    # A month passes: the time to approve is long over.
    await world.pool.execute(
        "UPDATE decision SET expires_at = now() - interval '30 days',"
        " card = jsonb_set(card, '{expires_at}', to_jsonb(now() - interval '30 days'))"
        " WHERE decision_id = $1",
        card.decision_id,
    )
    await world.pin("BTC", "90000.00")
    await world.until(person, card.decision_id, "executed")


async def test_each_order_is_triggered_once_whatever_replicas_look(keeping, person):
    world = keeping
    await world.bought(person, buy("0.012"))
    cards = [await waiting(world, person, stop(f"0.00{n}")) for n in (1, 2, 3, 5)]
    others = [await world.replica(**KEPT) for _ in range(2)]
    await world.pin("BTC", "89900.00")
    await asyncio.gather(*(app.triggers.look() for app in (world.app, *others) for _ in range(3)))
    for card in cards:
        await world.until(person, card.decision_id, "executed")
    ready = "SELECT count(*) FROM order_event WHERE state = 'ready' AND source = 'market'"
    assert await world.pool.fetchval(ready) == len(cards)
    sent = [each for each in await world.journal() if each["side"] == "SELL"]
    assert len(sent) == len(cards)
    await world.check_books()


async def test_what_was_reached_while_nobody_ran_is_triggered_at_the_start(still_world, person):
    world = still_world
    await world.simulator.post("/sim/prices", json={"symbol": "BTC", "price": "96000.00"})
    app = await world.replica(**KEPT)
    await world.bought(person, buy("0.01"))
    card = await waiting(world, person, stop())
    await world.stop(app)
    await world.simulator.post("/sim/prices", json={"symbol": "BTC", "price": "89500.00"})
    await world.replica(**KEPT)
    await world.until(person, card.decision_id, "executed")


async def test_a_crash_right_after_the_trigger_leaves_one_order(still_world, person):
    world = still_world
    await world.simulator.post("/sim/prices", json={"symbol": "BTC", "price": "96000.00"})
    app = await world.replica(**KEPT)
    await world.bought(person, buy("0.01"))
    card = await waiting(world, person, stop())
    await world.stop(app)
    await world.simulator.post("/sim/prices", json={"symbol": "BTC", "price": "89500.00"})
    # Triggers, and dies before anybody is told.
    dying = await world.replica(running=False, **KEPT)
    assert await dying.triggers.look() == 1
    assert await dying.triggers.look() == 0
    await world.replica(**KEPT)
    await world.until(person, card.decision_id, "executed")
    assert len(await world.journal()) == 2


async def test_nothing_is_triggered_while_trading_is_stopped(keeping, person):
    world = keeping
    await world.bought(person, buy("0.01"))
    card = await waiting(world, person, stop())
    await world.app.safety.throw(person, on=True, via="telegram")
    await world.pin("BTC", "89900.00")
    assert await world.app.triggers.look() == 0
    await world.app.safety.throw(person, on=False, via="web_ui")
    await world.until(person, card.decision_id, "executed")


async def test_an_account_that_is_halted_triggers_nothing_until_it_trades_again(keeping, person):
    world = keeping
    await world.bought(person, buy("0.01"))
    card = await waiting(world, person, stop())
    await world.pool.execute(
        "INSERT INTO trading_state (account, source, state, reason)"
        " SELECT account, 'test', 'halted', $1 FROM account",
        '{"code": "trading_halted", "text": "Trading is halted."}',
    )
    await world.pin("BTC", "89900.00")
    assert await world.app.triggers.look() == 0
    await world.pool.execute("DELETE FROM trading_state")
    await world.until(person, card.decision_id, "executed")
    ready = "SELECT count(*) FROM order_event WHERE state = 'ready' AND source = 'market'"
    assert await world.pool.fetchval(ready) == 1


async def test_a_market_that_fell_too_far_past_the_trigger_sells_nothing_by_itself(keeping, person):
    world = keeping
    await world.bought(person, buy("0.01"))
    card = await waiting(world, person, stop())
    await world.pin("BTC", "80000.00")
    failed = await world.until(person, card.decision_id, "failed")
    assert failed.reason.code == "price_moved"
    assert len(await world.journal()) == 1
    await world.check_books()


async def test_what_is_gone_when_the_trigger_is_reached_is_not_sold_twice(keeping, person):
    world = keeping
    await world.bought(person, buy("0.01"))
    lower = await waiting(world, person, stop())
    upper = await waiting(world, person, sell("0.01", type="take_profit", trigger_price="99000"))
    await world.pin("BTC", "99500.00")
    await world.until(person, upper.decision_id, "executed")
    await world.pin("BTC", "89900.00")
    failed = await world.until(person, lower.decision_id, "failed")
    assert failed.reason.code == "insufficient_balance"
    await world.check_books()


async def test_a_waiting_order_is_cancelled_here_and_never_sent(keeping, person):
    world = keeping
    card = await waiting(world, person, buy("0.01", type="stop", trigger_price="99000"))
    [order] = await world.app.cancelling.cancel(person, [], "BTC")
    assert order.status == "cancelled"
    await world.until(person, card.decision_id, "cancelled")
    await world.pin("BTC", "99500.00")
    assert await world.app.triggers.look() == 0
    assert await world.journal() == []


async def test_the_other_orders_of_a_plan_go_on_while_one_waits(keeping, person):
    world = keeping
    await world.bought(person, buy("0.01"))
    card = await world.propose(person, stop("0.005"), buy("0.1", "ETH"))
    await world.answer(card)

    async def bought():
        shown = (await world.card(person, card.decision_id)).result
        return shown and [each.status for each in shown.orders] == ["waiting", "filled"]

    await eventually(bought)
    await world.pin("BTC", "89900.00")
    await world.until(person, card.decision_id, "executed")
    await world.check_books()
