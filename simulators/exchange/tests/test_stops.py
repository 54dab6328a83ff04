"""Stops and take-profits: when they begin to work, and what they do then."""

import asyncio
from decimal import Decimal

import pytest

from uchat_platform.testing import FixedClock
from uchat_sim_exchange import rows
from uchat_sim_exchange.domain.instruments import BY_PAIR
from uchat_sim_exchange.domain.orders import Ticket
from uchat_sim_exchange.exchange import Exchange
from uchat_sim_exchange.journal import Journal
from uchat_sim_exchange.market import Market
from uchat_sim_exchange.placing import place
from uchat_sim_exchange.prices.synthetic import Synthetic


@pytest.fixture
async def holder(client):
    await client.pin("BTC", "50000.00")
    await client.placed(quantity="0.02")
    return client


@pytest.mark.parametrize(
    ("side", "kind", "stop", "before"),
    [
        ("SELL", "STOP_LOSS", "49000.00", "49000.01"),
        ("BUY", "STOP_LOSS", "51000.00", "50999.99"),
        ("SELL", "TAKE_PROFIT", "51000.00", "50999.99"),
        ("BUY", "TAKE_PROFIT", "49000.00", "49000.01"),
    ],
)
async def test_a_stop_works_once_the_last_price_is_there(holder, side, kind, stop, before):
    placed = await holder.placed(
        side, kind, quantity="0.01", stopPrice=stop, newOrderRespType="FULL"
    )
    assert (placed["status"], placed["workingTime"], placed["fills"]) == ("NEW", -1, [])
    await holder.pin("BTC", before)
    waits = await holder.ask("order", symbol="BTCUSDT", orderId=placed["orderId"])
    assert (waits["status"], waits["isWorking"], waits["type"]) == ("NEW", False, kind)
    await holder.pin("BTC", stop)
    done = await holder.ask("order", symbol="BTCUSDT", orderId=placed["orderId"])
    assert (done["status"], done["isWorking"]) == ("FILLED", True)
    (trade,) = await holder.ask("myTrades", symbol="BTCUSDT", orderId=placed["orderId"])
    assert trade["isMaker"] is False


async def test_a_triggered_stop_limit_rests_at_its_limit(holder):
    order = await holder.placed(
        "SELL", "STOP_LOSS_LIMIT", quantity="0.01", stopPrice="49000.00", price="48950.00",
        timeInForce="GTC",
    )  # fmt: skip
    await holder.pin("BTC", "48000.00")
    rests = await holder.ask("order", symbol="BTCUSDT", orderId=order["orderId"])
    assert (rests["status"], rests["isWorking"]) == ("NEW", True)
    await holder.pin("BTC", "49500.00")
    done = await holder.ask("order", symbol="BTCUSDT", orderId=order["orderId"])
    assert (done["status"], done["cummulativeQuoteQty"]) == ("FILLED", "489.50000000")


async def test_what_would_trigger_at_once_is_refused(holder):
    for side, kind, stop in (("SELL", "STOP_LOSS", "50000.00"), ("BUY", "TAKE_PROFIT", "50500.00")):
        refused = await holder.order(side, kind, quantity="0.01", stopPrice=stop)
        assert refused.json() == {"code": -2010, "msg": "Order would trigger immediately."}


async def test_a_waiting_stop_holds_its_money_and_gives_it_back(holder):
    placed = await holder.placed("SELL", "TAKE_PROFIT", quantity="0.02", stopPrice="60000.00")
    assert (await holder.balances())["BTC"] == ("0.00000000", "0.02000000")
    await holder.signed("DELETE", "/api/v3/order", symbol="BTCUSDT", orderId=placed["orderId"])
    assert (await holder.balances())["BTC"] == ("0.02000000", "0.00000000")


async def test_a_purchase_pays_what_it_costs_when_it_is_triggered(client):
    await client.pin("BTC", "50000.00")
    await client.placed("BUY", "STOP_LOSS", quantity="0.19", stopPrice="51000.00")
    await client.pin("BTC", "52700.00")
    (order,) = await client.ask("allOrders", symbol="BTCUSDT")
    # 0.19 at 52,702.63 and the commission are more than the 10,000 that the account has.
    assert order["status"] == "EXPIRED"
    assert Decimal("0.189") < Decimal(order["executedQty"]) < Decimal("0.19")
    free, locked = (await client.balances())["USDT"]
    assert 0 <= Decimal(free) < 1
    assert Decimal(locked) == 0


async def test_what_is_announced_names_the_types(client):
    info = await client.get("/api/v3/exchangeInfo", symbol="BTCUSDT")
    assert set(info["symbols"][0]["orderTypes"]) == {
        "LIMIT",
        "LIMIT_MAKER",
        "MARKET",
        "STOP_LOSS",
        "STOP_LOSS_LIMIT",
        "TAKE_PROFIT",
        "TAKE_PROFIT_LIMIT",
    }


def opened(directory, clock):
    journal = Journal.open(directory)
    return Exchange.restored(Market("uchat", clock, Synthetic("uchat")), journal), journal


def test_what_was_accepted_before_a_crash_is_matched_after_it_and_stops_go_on_waiting(tmp_path):
    clock, btc = FixedClock(), BY_PAIR["BTCUSDT"]
    exchange, journal = opened(tmp_path, clock)
    account, _ = exchange.ledger.open_account("somebody", "a" * 16, {"USDT": Decimal(100_000)})
    price = exchange.market.price(btc)
    stop = (price * 2).quantize(btc.tick)
    market = Ticket("market", btc.pair, "BUY", "MARKET", quantity=Decimal("0.01"))
    exchange.accept(account, market)
    waiting = Ticket(
        "stop", btc.pair, "BUY", "STOP_LOSS", quantity=Decimal("0.01"), stop_price=stop
    )
    exchange.execute(exchange.accept(account, waiting))
    journal._commit(journal._pending)
    journal.close()
    again, journal = opened(tmp_path, clock)
    (left,) = list(again.open)
    assert left.client_order_id == "stop"
    assert left.waits_for_price
    assert again.ledger.accounts["somebody"].balance("BTC").free == Decimal("0.01")
    fresh = again.accept(again.ledger.accounts["somebody"], market)
    assert fresh.order_id == 3
    journal.close()


async def test_nothing_is_matched_before_it_is_on_disk(tmp_path):
    exchange, journal = opened(tmp_path, FixedClock())
    account, _ = exchange.ledger.open_account("somebody", "a" * 16, {"USDT": Decimal(100_000)})
    ticket = Ticket("market", "BTCUSDT", "BUY", "MARKET", quantity=Decimal("0.01"))
    placing = asyncio.create_task(place(exchange, account, ticket))
    await asyncio.sleep(0)
    (order,) = list(exchange.open)
    assert (order.status, order.executed, placing.done()) == ("NEW", 0, False)
    told = []
    journal.publish = lambda reports: told.extend(
        (report.body.get("x"), rows.open_orders(journal.reader)) for report in reports
    )
    writing = asyncio.create_task(journal.run())
    done, trades = await placing
    assert (done.status, len(trades)) == ("FILLED", 1)
    journal.finish()
    await writing
    journal.close()
    # The stream tells of NEW when the order is on disk as such, of the trade when that is.
    assert [(kind, len(on_disk)) for kind, on_disk in told if kind] == [("NEW", 1), ("TRADE", 0)]
