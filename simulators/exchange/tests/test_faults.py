"""Bad days to order: what each fault answers, whom it meets, and how often."""

import asyncio

import httpx
import pytest

from uchat_platform.testing import eventually

OTHER, OTHER_SECRET = "another_account", "another_secret_of_it"


async def placed_ids(client):
    return [each["clientOrderId"] for each in await client.ask("allOrders", symbol="BTCUSDT")]


@pytest.mark.parametrize(
    ("kind", "status", "placed"),
    [
        ("accept_then_timeout", 408, True),
        ("accept_then_1007", 408, True),
        ("accept_then_500", 500, True),
        ("accept_then_503", 503, True),
        ("accept_then_502", 502, True),
        ("accept_then_garbage", 200, True),
        ("slow_answer", 200, True),
        ("delay_ms", 200, True),
        ("lost", 408, False),
        ("unknown_1007", 408, False),
        ("http_500", 500, False),
        ("http_503", 503, False),
        ("http_429", 429, False),
        ("http_418", 418, False),
        ("html_502", 502, False),
    ],
)
async def test_faults_happen_as_often_as_asked_for(client, kind, status, placed):
    await client.fault(kind, ms=10)
    answer = await client.order(quantity="0.01")
    assert answer.status_code == status
    if status in (418, 429):
        assert answer.headers["retry-after"] == "1"
    assert len(await placed_ids(client)) == int(placed)
    assert (await client.order(quantity="0.01")).status_code == 200


@pytest.mark.parametrize(
    ("kind", "placed"),
    [
        ("accept_then_drop", True),
        ("accept_then_hang", True),
        ("drop", False),
        ("hang", False),
    ],
)
async def test_a_connection_can_be_cut_before_and_after_the_order_was_accepted(
    client, kind, placed
):
    await client.fault(kind, ms=10)
    with pytest.raises(httpx.TransportError):
        await client.order(quantity="0.01")
    assert len(await placed_ids(client)) == int(placed)


async def test_planned_faults_can_be_seen_and_forgotten(client):
    first = await client.http.post("/sim/faults", json={"kind": "http_503", "count": 10})
    await client.fault("http_429", on="query")
    assert (await client.order(quantity="0.01")).status_code == 503
    seen = (await client.get("/sim/faults"))["faults"]
    assert [(each["kind"], each["on"], each["times"], each["happened"]) for each in seen] == [
        ("http_503", "place", 10, 1),
        ("http_429", "query", 1, 0),
    ]
    left = await client.http.delete(f"/sim/faults?id={first.json()['id']}")
    assert left.json()["planned"] == 1
    assert (await client.http.delete("/sim/faults")).json()["planned"] == 0
    await client.fault("http_503", times=10)
    await client.fault("none")
    assert (await client.order(quantity="0.01")).status_code == 200


async def test_a_fault_can_be_for_one_account(client):
    other = type(client)(client.http, OTHER, OTHER_SECRET)
    await other.open(USDT="10000")
    await client.fault("http_503", account=OTHER)
    assert (await client.order(quantity="0.01")).status_code == 200
    assert (await other.order(quantity="0.01")).status_code == 503
    nobody = await client.http.post("/sim/faults", json={"kind": "lost", "account": "x" * 9})
    assert nobody.status_code == 401


async def test_chance_is_drawn_from_a_seed(client):
    async def statuses(seed):
        await client.fault("http_503", probability=0.5, seed=seed)
        found = [(await client.order(quantity="0.001")).status_code for _ in range(12)]
        await client.fault("none")
        return found

    first = await statuses("one")
    assert 1 < first.count(503) < 11
    assert await statuses("one") == first
    assert await statuses("two") != first


async def test_a_late_fill_comes_after_the_cancel_was_told(client):
    await client.pin("BTC", "60000.00")
    await client.limit("BUY", "0.1", "50000.00", newClientOrderId="gone")
    await client.fault("late_fill", ms=20, share=0.25)
    params = {"symbol": "BTCUSDT", "origClientOrderId": "gone"}
    cancelled = (await client.signed("DELETE", "/api/v3/order", **params)).json()
    assert (cancelled["status"], cancelled["executedQty"]) == ("CANCELED", "0.00000000")

    async def filled():
        found = await client.ask("order", **params)
        return found["status"] == "CANCELED" and found["executedQty"] == "0.02500000"

    await eventually(filled)
    (trade,) = await client.ask("myTrades", symbol="BTCUSDT")
    assert trade["qty"] == "0.02500000"
    assert (await client.balances())["USDT"] == ("8748.75000000", "0.00000000")


async def test_answers_can_lag_behind_by_order_trade_and_balance(client):
    await client.pin("BTC", "60000.00")
    await client.limit("BUY", "0.01", "50000.00", newClientOrderId="before")
    await client.fault("read_lag", ms=1500)
    placed = await client.placed(quantity="0.01", newClientOrderId="unseen")
    await client.signed("DELETE", "/api/v3/order", symbol="BTCUSDT", origClientOrderId="before")
    params = {"symbol": "BTCUSDT", "origClientOrderId": "unseen"}
    assert (await client.signed("GET", "/api/v3/order", **params)).json()["code"] == -2013
    assert await placed_ids(client) == ["before"]
    assert [each["clientOrderId"] for each in await client.ask("openOrders")] == ["before"]
    assert await client.ask("myTrades", symbol="BTCUSDT") == []
    assert (await client.balances())["USDT"] == ("9499.50000000", "500.50000000")

    async def seen():
        return (await client.signed("GET", "/api/v3/order", **params)).status_code == 200

    await eventually(seen)
    assert (await client.ask("order", **params))["orderId"] == placed["orderId"]
    assert await client.ask("openOrders") == []
    await client.http.delete("/sim/faults")
    assert await placed_ids(client) == ["before", "unseen"]


async def test_the_clock_can_be_wrong_for_all_or_for_one(client):
    real = (await client.get("/api/v3/time"))["serverTime"]
    await client.fault("clock_skew", ms=30_000)
    assert (await client.get("/api/v3/time"))["serverTime"] - real >= 30_000
    assert (await client.order(quantity="0.01")).json()["code"] == -1021
    await client.fault("none")
    await client.fault("clock_skew", ms=-30_000, account=client.key)
    assert (await client.get("/api/v3/time"))["serverTime"] - real < 20_000
    assert "ahead" in (await client.order(quantity="0.01")).json()["msg"]
    await client.fault("none")
    assert (await client.order(quantity="0.01")).status_code == 200


async def test_public_answers_fail_too(client):
    await client.fault("http_503", on="market")
    assert (await client.http.get("/api/v3/ticker/price")).status_code == 503
    assert (await client.http.get("/api/v3/ticker/price")).status_code == 200


async def test_a_hang_hangs(client):
    await client.fault("accept_then_hang", ms=5000)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await client.order(quantity="0.01")
    assert len(await placed_ids(client)) == 1
