"""Latency, limits, fees, held books: what can be set and what follows."""

import time
from datetime import timedelta
from decimal import Decimal

import httpx
import pytest
from exchange_client import Client

from uchat_platform.testing import FixedClock, eventually
from uchat_sim_exchange.application import open_exchange
from uchat_sim_exchange.errors import ExchangeError
from uchat_sim_exchange.limits import Limits
from uchat_sim_exchange.rules import Rules
from uchat_sim_exchange.settings import ExchangeSettings


async def rules(client, **changes):
    answer = await client.http.post("/sim/rules", json=changes)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def book(client, symbol="BTC", **sides):
    answer = await client.http.post("/sim/books", json={"symbol": symbol, **sides})
    assert answer.status_code == 200, answer.text


async def test_an_order_that_waits_longer_than_its_window_is_none(client):
    await rules(client, place_ms=300, spread=0)
    begun = time.monotonic()
    assert (await client.placed(quantity="0.01"))["status"] == "FILLED"
    assert time.monotonic() - begun >= 0.3
    late = await client.order(quantity="0.01", recvWindow=200)
    assert late.json()["code"] == -1021
    refused = (await client.get("/sim/journal", rejected="true"))["orders"]
    assert [each["code"] for each in refused] == [-1021]
    assert len((await client.get("/sim/journal"))["orders"]) == 1


def test_an_exchange_starts_with_the_rules_of_its_settings():
    settings = ExchangeSettings(
        exchange_latency_ms=5, exchange_maker_bps="1", exchange_weight_per_minute=6000
    )
    rules = settings.rules()
    assert (rules.place_ms, rules.cancel_ms, rules.weight_per_minute) == (5, 5, 6000)
    assert (rules.fees.maker_bps, rules.fees.taker_bps) == (1, 10)


def test_latency_is_drawn_from_a_seed_around_its_median():
    drawn = [Rules(seed="a", spread=0.3).delay_s(100) for _ in range(3)]
    assert len(set(drawn)) == 1
    source = Rules(seed="a", spread=0.3)
    many = sorted(source.delay_s(100) for _ in range(500))
    assert many[0] < 0.07 < many[250] < 0.13 < many[-1]
    assert Rules().delay_s(0) == 0


async def test_a_resting_order_fills_in_parts_as_the_book_allows(client):
    await book(client, bids=[["49000.00", "1"]], asks=[["50000.00", "0.004"]])
    order = await client.limit("BUY", "0.01", "50000.00")
    assert (order["status"], order["executedQty"]) == ("PARTIALLY_FILLED", "0.00400000")
    await book(client, bids=[["49000.00", "1"]], asks=[["49990.00", "0.005"]])
    params = {"symbol": "BTCUSDT", "orderId": order["orderId"]}
    more = await client.ask("order", **params)
    assert (more["status"], more["executedQty"]) == ("PARTIALLY_FILLED", "0.00900000")
    await book(client, bids=[["49000.00", "1"]], asks=[["49990.00", "1"]])
    assert (await client.ask("order", **params))["status"] == "FILLED"
    trades = await client.ask("myTrades", **params)
    assert [(each["qty"], each["price"], each["isMaker"]) for each in trades] == [
        ("0.00400000", "50000.00000000", False),
        ("0.00500000", "50000.00000000", True),
        ("0.00100000", "50000.00000000", True),
    ]


async def test_a_touch_fills_by_chance_only(client):
    await rules(client, touch=0)
    await book(client, asks=[["50000.00", "1"]], bids=[["49000.00", "1"]])
    order = await client.limit("BUY", "0.01", "49500.00")
    await book(client, asks=[["49500.00", "1"]], bids=[["49000.00", "1"]])
    params = {"symbol": "BTCUSDT", "orderId": order["orderId"]}
    assert (await client.ask("order", **params))["status"] == "NEW"
    await rules(client, touch=1)

    async def filled():
        return (await client.ask("order", **params))["status"] == "FILLED"

    await eventually(filled)


async def test_maker_and_taker_pay_their_own_rate(client):
    told = await rules(client, maker_bps="5", taker_bps="20")
    assert (told["maker_bps"], told["taker_bps"]) == ("5", "20")
    assert (await client.ask("account"))["takerCommission"] == 20
    await book(client, asks=[["50000.00", "0.01"]], bids=[])
    taken = await client.limit("BUY", "0.02", "50000.00")
    assert taken["fills"][0]["commission"] == "1.00000000"
    await book(client, asks=[["49000.00", "1"]], bids=[])
    trades = await client.ask("myTrades", symbol="BTCUSDT")
    assert [each["commission"] for each in trades] == ["1.00000000", "0.25000000"]
    assert (await client.balances())["USDT"] == ("8998.75000000", "0.00000000")


async def test_too_much_weight_is_refused_and_going_on_is_banned(tmp_path):
    clock = FixedClock()
    rules = Rules(weight_per_minute=40)
    async with open_exchange(tmp_path, "uchat", clock, rules) as app:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://exchange") as http:
            first = await http.get("/api/v3/exchangeInfo")
            assert first.headers["x-mbx-used-weight-1m"] == "20"
            limits = first.json()["rateLimits"]
            assert [(each["rateLimitType"], each["limit"]) for each in limits] == [
                ("REQUEST_WEIGHT", 40)
            ]
            assert (await http.get("/api/v3/exchangeInfo")).status_code == 200
            for _ in range(10):
                refused = await http.get("/api/v3/ping")
                assert (refused.status_code, refused.json()["code"]) == (429, -1003)
                assert refused.headers["retry-after"] == "60"
            banned = await http.get("/api/v3/ping")
            assert (banned.status_code, banned.headers["retry-after"]) == (418, "120")
            clock.advance(timedelta(seconds=90))
            assert (await http.get("/api/v3/ping")).headers["retry-after"] == "30"
            clock.advance(timedelta(seconds=30))
            assert (await http.get("/api/v3/ping")).status_code == 200


def test_bans_grow():
    limits, now = Limits(Rules(weight_per_minute=1)), 0
    lengths = []
    for _ in range(3):
        try:
            for _ in range(20):
                limits_status(limits, now)
        except ExchangeError as e:
            lengths.append(int(e.headers["Retry-After"]))
            now += lengths[-1] * 1000
    assert lengths == [120, 240, 480]


def limits_status(limits, now):
    try:
        limits.weigh("address", 2, now)
    except ExchangeError as e:
        if e.status == 418:
            raise


async def test_orders_of_an_account_are_counted(client):
    await rules(client, orders_per_10s=2)
    answers = [await client.order(quantity="0.001") for _ in range(6)]
    refused = [each for each in answers if each.status_code == 429]
    assert refused, "six orders took more than twenty seconds"
    assert refused[0].json()["code"] == -1015
    assert 0 < int(refused[0].headers["retry-after"]) <= 10
    other = Client(client.http, "another_account", "another_secret_of_it")
    await other.open(USDT="1000")
    assert (await other.order(quantity="0.001")).status_code == 200


@pytest.mark.parametrize("body", [{"touch": 2}, {"place_ms": -1}, {"maker_bps": "x"}])
async def test_rules_that_make_no_sense_are_refused(client, body):
    assert (await client.http.post("/sim/rules", json=body)).status_code == 422


async def test_an_old_journal_is_opened_with_what_it_has(tmp_path):
    async with open_exchange(tmp_path, "uchat") as app:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://exchange") as http:
            client = Client(http)
            await client.open(USDT="10000")
            await client.limit("BUY", "0.01", "1000.00")
    import sqlite3

    with sqlite3.connect(tmp_path / "journal.sqlite3") as db:
        for column in ("stop_price", "working_ms"):
            db.execute(f"ALTER TABLE orders DROP COLUMN {column}")
        db.execute("DROP TABLE rejection")
    db.close()
    async with open_exchange(tmp_path, "uchat") as app:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://exchange") as http:
            (order,) = await Client(http).ask("openOrders")
    assert (order["isWorking"], Decimal(order["stopPrice"])) == (True, 0)
