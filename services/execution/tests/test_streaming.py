"""The venue's own events: at once, once, and asked for where they are missing."""

import asyncio
from decimal import Decimal

import pytest
from services.execution.tests.world import buy

from uchat_execution.adapters.binance_words import told_event
from uchat_execution.domain.orders import VenueEvent
from uchat_platform.testing import eventually

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]
D = Decimal


@pytest.fixture
async def following(still_world):
    """One replica that follows accounts; BTC is at 96,000 USDT."""
    body = {"symbol": "BTC", "price": "96000.00"}
    assert (await still_world.simulator.post("/sim/prices", json=body)).is_success
    await still_world.replica(stream=True)
    return still_world


async def resting(world, person, *, quantity="0.01", price="90000"):
    """Approve a purchase that rests; return its card once its account is followed.

    Nobody asks about it by himself within the next hour: what is heard, the stream has told.
    """
    card = await world.propose(person, buy(quantity, type="limit", limit_price=price))
    await world.answer(card)

    async def followed():
        rows = await world.pool.fetch(
            "SELECT state, account FROM orders WHERE decision_id = $1", card.decision_id
        )
        readers = [app.streaming._readers for app in world.apps]
        return all(
            row["state"] == "open" and any(row["account"] in held for held in readers)
            for row in rows
        )

    await eventually(followed)
    await quiet(world)
    return card


async def quiet(world):
    # An order that was just being asked about has its time put off again.
    for _ in range(2):
        await world.pool.execute("UPDATE orders SET next_at = now() + interval '1 hour'")
        await asyncio.sleep(0.2)


async def sources(world):
    rows = await world.pool.fetch("SELECT state, source FROM order_event ORDER BY at")
    return [(row["state"], row["source"]) for row in rows]


REPORT = {
    "e": "executionReport", "E": 1499405658658, "s": "ETHUSDT", "c": "cancel7", "S": "BUY",
    "o": "LIMIT", "f": "GTC", "q": "1.00000000", "p": "3410.00000000", "P": "0.00000000",
    "F": "0.00000000", "g": -1, "C": "ours", "x": "CANCELED", "X": "CANCELED", "r": "NONE",
    "i": 4293153, "l": "0.00000000", "z": "0.40000000", "L": "0.00000000", "n": "0", "N": None,
    "T": 1499405658657, "t": -1, "v": 3, "I": 8641984, "w": False, "m": False, "M": False,
    "O": 1499405658657, "Z": "1364.00000000", "Y": "0.00000000", "Q": "0.00000000",
}  # fmt: skip


def test_a_report_of_binance_is_read_under_our_own_id():
    event = told_event(REPORT, "USDT")
    assert (event.client_order_id, event.symbol, event.status) == ("ours", "ETH", "cancelled")
    assert (event.quantity, event.filled, event.fill) == (D(1), D("0.4"), None)
    trade = {"c": "ours", "C": "", "x": "TRADE", "X": "PARTIALLY_FILLED", "t": 17, "m": True}
    money = {"l": "0.4", "L": "3410", "n": "0.0004", "N": "ETH"}
    event = told_event({**REPORT, **trade, **money}, "USDT")
    assert (event.client_order_id, event.status) == ("ours", "partially_filled")
    assert (event.fill.trade_id, event.fill.quantity, event.fill.fee_asset, event.fill.maker) == (
        "17", D("0.4"), "ETH", True,
    )  # fmt: skip


async def test_the_fill_of_a_resting_order_is_told_by_the_stream(following, person):
    world = following
    card = await resting(world, person)
    await world.pin("BTC", "89000.00")
    await world.until(person, card.decision_id, "executed")
    assert (await sources(world))[-1] == ("filled", "stream")
    await world.check_books()


async def test_events_that_come_twice_are_recorded_once(following, person):
    world = following
    card = await resting(world, person)
    await world.fault("duplicate_event", on="stream", times=5)
    await world.pin("BTC", "89000.00")
    done = await world.until(person, card.decision_id, "executed")
    await asyncio.sleep(0.3)
    assert (await world.card(person, card.decision_id)).rev == done.rev
    assert await world.pool.fetchval("SELECT count(*) FROM fill") == 1
    await world.check_books()


async def test_a_stream_that_breaks_is_opened_again_and_what_was_missed_is_asked_for(
    following, person
):
    world = following
    card = await resting(world, person)
    # The fill itself is lost with the connection.
    await world.fault("drop_stream", on="stream", times=1)
    await world.pin("BTC", "89000.00")
    await world.until(person, card.decision_id, "executed")
    assert (await sources(world))[-1][0] == "filled"
    await world.check_books()


async def test_a_late_fill_after_a_cancellation_is_added(following, person):
    world = following
    card = await resting(world, person)
    await world.fault("late_fill", on="cancel", ms=300, share="0.5")
    [order] = await world.app.cancelling.cancel(person, [], None)
    assert (order.status, order.filled) == ("cancelled", 0)
    done = await world.until(person, card.decision_id, "partially_executed")
    assert (done.result.orders[0].filled, done.result.orders[0].status) == (
        D("0.005"),
        "cancelled",
    )
    [holding] = (await world.app.portfolios.of(person)).holdings
    assert holding.quantity == D("0.005")
    await world.check_books()


async def test_an_event_that_does_not_follow_what_is_known_is_asked_about(following, person):
    world = following
    card = await resting(world, person)
    order = await only_order(world)
    await world.fault("lost_event", on="stream", times=5)
    await world.pin("BTC", "89000.00")
    streaming = world.app.streaming

    async def told():
        # As if the last of several trades were the only event that came through.
        event = VenueEvent(
            order.client_order_id,
            "BTC",
            "1",
            "filled",
            D("0.01"),
            D("0.01"),
            None,
            order.created_at,
        )
        await streaming.take(order.account, event)
        return (await world.card(person, card.decision_id)).state == "executed"

    await eventually(told)
    assert await world.pool.fetchval("SELECT sum(quantity) FROM fill") == D("0.01")
    await world.check_books()


async def test_an_event_of_the_past_changes_nothing(following, person):
    world = following
    card = await resting(world, person)
    order = await only_order(world)
    await world.pin("BTC", "89000.00")
    done = await world.until(person, card.decision_id, "executed")
    for status in ("open", "partially_filled", "cancelled"):
        event = VenueEvent(
            order.client_order_id, "BTC", "1", status, D("0.01"), D(0), None, order.created_at
        )
        await world.app.streaming.take(order.account, event)
    stranger = VenueEvent("nobody", "BTC", "1", "open", D(1), D(0), None, order.created_at)
    await world.app.streaming.take(order.account, stranger)
    assert (await world.card(person, card.decision_id)).rev == done.rev


async def test_replicas_share_the_accounts_out(following, person):
    world = following
    await world.replica(stream=True)

    async def shared():
        owned = [app.accounts.owned for app in world.apps]
        return all(len(each) == 8 for each in owned) and not owned[0] & owned[1]

    await eventually(shared)
    await resting(world, person)
    account = (await world.app.portfolios.of(person)).account
    assert [account in app.streaming._readers for app in world.apps].count(True) == 1


async def only_order(world):
    async with world.app.books.unit() as unit:
        return await unit.orders.get(await world.pool.fetchval("SELECT order_id FROM orders"))
