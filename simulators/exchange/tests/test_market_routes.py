import itertools
from decimal import Decimal

import pytest


async def test_the_day_of_all_symbols_is_told_at_once(client):
    day = await client.get("/api/v3/ticker/24hr")
    assert len(day) >= 20
    for each in day:
        low, high = Decimal(each["lowPrice"]), Decimal(each["highPrice"])
        assert low <= Decimal(each["lastPrice"]) <= high
        assert low <= Decimal(each["openPrice"]) <= high
        assert Decimal(each["bidPrice"]) < Decimal(each["askPrice"])
    some = await client.get("/api/v3/ticker/24hr", symbols='["BTCUSDT","ETHUSDT"]')
    assert [each["symbol"] for each in some] == ["BTCUSDT", "ETHUSDT"]
    one = await client.get("/api/v3/ticker/bookTicker", symbol="BTCUSDT")
    assert set(one) == {"symbol", "bidPrice", "bidQty", "askPrice", "askQty"}


async def test_a_book_has_twenty_levels_a_side_outwards(client):
    depth = await client.get("/api/v3/depth", symbol="BTCUSDT")
    bids = [Decimal(price) for price, _ in depth["bids"]]
    asks = [Decimal(price) for price, _ in depth["asks"]]
    assert len(bids) == len(asks) == 20
    assert bids == sorted(bids, reverse=True)
    assert asks == sorted(asks)
    assert bids[0] < asks[0]
    assert len((await client.get("/api/v3/depth", symbol="BTCUSDT", limit=5))["asks"]) == 5


@pytest.mark.parametrize("interval", ["1m", "1h", "1d", "1w"])
async def test_candles_follow_one_another_and_stay_as_they_were(client, interval):
    bars = await client.get("/api/v3/klines", symbol="ETHUSDT", interval=interval, limit=12)
    again = await client.get("/api/v3/klines", symbol="ETHUSDT", interval=interval, limit=12)
    assert len(bars) == 12
    assert bars[1:-1] == [bar for bar in again if bars[1][0] <= bar[0] <= bars[-2][0]]
    for bar, following in itertools.pairwise(bars):
        assert bar[6] + 1 == following[0]
        assert bar[4] == following[1]
        opened, high, low, closed = (Decimal(value) for value in bar[1:5])
        assert low <= min(opened, closed) <= max(opened, closed) <= high
    first = await client.get(
        "/api/v3/klines", symbol="ETHUSDT", interval=interval, startTime=bars[2][0], limit=3
    )
    assert first == bars[2:5]


async def test_public_trades_have_the_prices_of_their_seconds(client):
    trades = await client.get("/api/v3/trades", symbol="SOLUSDT", limit=30)
    assert 29 <= len(trades) <= 31
    assert [each["id"] for each in trades] == sorted({each["id"] for each in trades})


async def test_a_pinned_price_stands_until_it_is_let_go(client):
    free = (await client.get("/api/v3/ticker/price", symbol="BTCUSDT"))["price"]
    await client.pin("BTCUSDT", "12345.67")
    assert (await client.get("/api/v3/ticker/24hr", symbol="BTCUSDT"))["lastPrice"] == (
        "12345.67000000"
    )
    depth = await client.get("/api/v3/depth", symbol="BTCUSDT", limit=1)
    assert Decimal(depth["bids"][0][0]) < Decimal("12345.67") < Decimal(depth["asks"][0][0])
    await client.pin("BTC", None)
    now = (await client.get("/api/v3/ticker/price", symbol="BTCUSDT"))["price"]
    assert abs(Decimal(now) / Decimal(free) - 1) < Decimal("0.01")
    answer = await client.http.post("/sim/prices", json={"symbol": "BTC", "price": "1.001"})
    assert answer.json()["code"] == -1013


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/api/v3/depth", -1102),
        ("/api/v3/depth?symbol=NOPE", -1121),
        ("/api/v3/klines?symbol=BTCUSDT&interval=7m", -1120),
        ("/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=x", -1100),
        ("/api/v3/ticker/24hr?symbols=BTCUSDT", -1100),
        ("/api/v3/ticker/24hr?symbols=[]", -1102),
    ],
)
async def test_questions_that_make_no_sense_are_refused(client, path, code):
    answer = await client.http.get(path)
    assert answer.status_code == 400
    assert answer.json()["code"] == code


async def test_it_says_that_it_is_there_and_what_time_it_is(client):
    assert await client.get("/api/v3/ping") == {}
    assert (await client.get("/api/v3/time"))["serverTime"] > 1_700_000_000_000
    assert (await client.get("/readyz"))["ready"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/sim/accounts", {"api_key": "short"}),
        ("/sim/faults", {"kind": "earthquake"}),
        ("/sim/prices", {"price": "1"}),
    ],
)
async def test_what_tests_ask_for_wrongly_is_refused(client, path, body):
    answer = await client.http.post(path, json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert (await client.http.get("/sim/journal?limit=0")).status_code == 422
