import asyncio
from decimal import Decimal

import pytest

from uchat_platform.testing import eventually


async def books(client, symbol="BTCUSDT"):
    depth = await client.get("/api/v3/depth", symbol=symbol)
    return depth["bids"], depth["asks"]


async def test_a_market_order_walks_the_book_and_pays_ten_basis_points_in_usdt(client):
    await client.pin("BTC", "50000.00")
    order = await client.placed(quantity="0.1", newClientOrderId="first")
    assert order["status"] == "FILLED"
    assert order["executedQty"] == "0.10000000"
    cost = sum(Decimal(fill["price"]) * Decimal(fill["qty"]) for fill in order["fills"])
    fees = sum(Decimal(fill["commission"]) for fill in order["fills"])
    assert cost == Decimal(order["cummulativeQuoteQty"])
    assert abs(fees - cost / 1000) < Decimal("0.0000001")
    assert {fill["commissionAsset"] for fill in order["fills"]} == {"USDT"}
    balances = await client.balances()
    assert balances["BTC"] == ("0.10000000", "0.00000000")
    assert Decimal(balances["USDT"][0]) == 10_000 - cost - fees
    assert Decimal(balances["USDT"][1]) == 0


async def test_a_large_order_gets_worse_prices_level_by_level_and_what_it_took_is_gone(client):
    await client.http.post(
        "/sim/accounts",
        json={"api_key": "whale_whale", "secret": "s" * 20, "balances": {"USDT": "1000000000"}},
    )
    whale = type(client)(client.http, "whale_whale", "s" * 20)
    await client.pin("BTC", "50000.00")
    while True:
        before = await client.get("/api/v3/depth", symbol="BTCUSDT")
        wanted = sum(Decimal(quantity) for _, quantity in before["asks"][:3])
        order = await whale.placed(quantity=str(wanted))
        after = await client.get("/api/v3/depth", symbol="BTCUSDT")
        if before["lastUpdateId"] == after["lastUpdateId"]:
            break  # no new second in between: the book is the same one
    prices = [Decimal(fill["price"]) for fill in order["fills"]]
    assert prices == [Decimal(price) for price, _ in before["asks"][:3]]
    assert prices == sorted(set(prices))
    assert after["asks"][0] == before["asks"][3]


async def test_a_market_order_deeper_than_the_book_expires_with_what_it_got(client):
    client.key, client.secret = "whale_whale", "s" * 20
    await client.open(USDT="1000000000")
    order = await client.placed(symbol="OPUSDT", quantity="10000000")
    assert order["status"] == "EXPIRED"
    assert 0 < Decimal(order["executedQty"]) < 10_000_000
    assert len(order["fills"]) == 20
    assert all(locked == "0.00000000" for _, locked in (await client.balances()).values())


async def test_a_market_order_by_quote_spends_no_more_than_that(client):
    order = await client.placed(symbol="ETHUSDT", quoteOrderQty="250")
    spent = Decimal(order["cummulativeQuoteQty"])
    assert Decimal(249) < spent <= 250
    assert Decimal(order["executedQty"]) % Decimal("0.0001") == 0


async def test_a_sale_needs_what_it_sells_and_brings_the_price_less_the_fee(client):
    refused = await client.order("SELL", quantity="0.01")
    assert refused.json() == {
        "code": -2010,
        "msg": "Account has insufficient balance for requested action.",
    }
    await client.placed(quantity="0.02")
    before = Decimal((await client.balances())["USDT"][0])
    sold = await client.placed("SELL", quantity="0.01")
    after = Decimal((await client.balances())["USDT"][0])
    fees = sum(Decimal(fill["commission"]) for fill in sold["fills"])
    assert after - before == Decimal(sold["cummulativeQuoteQty"]) - fees


async def test_a_limit_order_rests_locks_its_money_and_fills_when_the_price_comes(client):
    await client.pin("BTC", "60000.00")
    order = await client.limit("BUY", "0.1", "55000.00", newClientOrderId="rests")
    assert order["status"] == "NEW"
    assert order["fills"] == []
    assert (await client.balances())["USDT"] == ("4494.50000000", "5505.50000000")
    assert [each["clientOrderId"] for each in await client.ask("openOrders")] == ["rests"]
    await client.pin("BTC", "54000.00")
    found = await client.ask("order", symbol="BTCUSDT", origClientOrderId="rests")
    assert found["status"] == "FILLED"
    assert await client.ask("openOrders") == []
    trades = await client.ask("myTrades", symbol="BTCUSDT", orderId=order["orderId"])
    assert [(trade["price"], trade["isMaker"]) for trade in trades] == [("55000.00000000", True)]
    assert (await client.balances())["USDT"] == ("4494.50000000", "0.00000000")


async def test_resting_orders_are_filled_by_time_alone(client):
    price = Decimal((await client.get("/api/v3/ticker/price", symbol="BTCUSDT"))["price"])
    await client.pin("BTC", str(price))
    above = (price * Decimal("1.01")).quantize(Decimal("0.01"))
    await client.placed(quantity="0.001")
    order = await client.limit("SELL", "0.001", str(above))
    client_side = type(client)(client.http)
    await client.pin("BTC", str((price * Decimal("1.02")).quantize(Decimal("0.01"))))

    async def filled():
        found = await client_side.ask("order", symbol="BTCUSDT", orderId=order["orderId"])
        return found["status"] == "FILLED"

    await eventually(filled)


async def test_ioc_takes_what_is_there_and_fok_takes_all_or_nothing(client):
    client.key, client.secret = "whale_whale", "s" * 20
    await client.open(USDT="1000000000")
    await client.pin("OP", "2.000")
    _, asks = await books(client, "OPUSDT")
    best = asks[0][0]
    # More than a second's book ever has at its best price, whichever second it is.
    fok = await client.limit("BUY", "1000000", best.rstrip("0"), "FOK", symbol="OPUSDT")
    assert (fok["status"], fok["executedQty"], fok["fills"]) == ("EXPIRED", "0.00000000", [])
    assert (await client.balances())["USDT"] == ("1000000000.00000000", "0.00000000")
    ioc = await client.limit("BUY", "1000000", best.rstrip("0"), "IOC", symbol="OPUSDT")
    assert ioc["status"] == "EXPIRED"
    assert 0 < Decimal(ioc["executedQty"]) < 1_000_000
    assert (await client.balances())["USDT"][1] == "0.00000000"


async def test_a_maker_order_that_would_take_is_refused(client):
    await client.pin("BTC", "50000.00")
    refused = await client.order("BUY", "LIMIT_MAKER", quantity="0.01", price="51000.00")
    assert refused.json()["code"] == -2010
    assert "immediately match" in refused.json()["msg"]
    rests = await client.placed(
        "BUY", "LIMIT_MAKER", quantity="0.01", price="49000.00", newOrderRespType="RESULT"
    )
    assert rests["status"] == "NEW"


async def test_cancelling_gives_the_money_back_once(client):
    await client.pin("BTC", "60000.00")
    await client.limit("BUY", "0.05", "55000.00", newClientOrderId="gone")
    params = {"symbol": "BTCUSDT", "origClientOrderId": "gone"}
    first = await client.signed("DELETE", "/api/v3/order", **params)
    assert first.json()["status"] == "CANCELED"
    again = await client.signed("DELETE", "/api/v3/order", **params)
    assert again.json() == {"code": -2011, "msg": "Unknown order sent."}
    assert (await client.balances())["USDT"] == ("10000.00000000", "0.00000000")


async def test_cancelling_all_leaves_other_symbols_alone(client):
    await client.pin("BTC", "60000.00")
    await client.pin("ETH", "3000.00")
    for number in range(3):
        await client.limit("BUY", "0.01", f"5{number}000.00")
    await client.limit("BUY", "0.1", "2000.00", symbol="ETHUSDT")
    cancelled = await client.signed("DELETE", "/api/v3/openOrders", symbol="BTCUSDT")
    assert [each["status"] for each in cancelled.json()] == ["CANCELED"] * 3
    assert [each["symbol"] for each in await client.ask("openOrders")] == ["ETHUSDT"]


async def test_a_client_id_is_unique_among_open_orders_only(client):
    await client.pin("BTC", "60000.00")
    await client.limit("BUY", "0.01", "55000.00", newClientOrderId="same")
    again = await client.order(
        "BUY", "LIMIT", quantity="0.01", price="55000.00", timeInForce="GTC",
        newClientOrderId="same",
    )  # fmt: skip
    assert again.json() == {"code": -2010, "msg": "Duplicate order sent."}
    await client.pin("BTC", "54000.00")
    second = await client.placed(quantity="0.01", newClientOrderId="same")
    third = await client.placed(quantity="0.01", newClientOrderId="same")
    found = await client.ask("order", symbol="BTCUSDT", origClientOrderId="same")
    assert found["orderId"] == third["orderId"] == second["orderId"] + 1


@pytest.mark.parametrize(
    ("quantity", "price", "failure"),
    [
        ("0.000001", "50000.00", "LOT_SIZE"),
        ("0.0100001", "50000.00", "LOT_SIZE"),
        ("9000.00001", "50000.00", "LOT_SIZE"),
        ("0.01", "50000.001", "PRICE_FILTER"),
        ("0.01", "0", "PRICE_FILTER"),
        ("0.00009", "50000.00", "NOTIONAL"),
    ],
)
async def test_filters_refuse_what_is_off_the_steps_or_too_small(client, quantity, price, failure):
    refused = await client.order("BUY", "LIMIT", quantity=quantity, price=price, timeInForce="GTC")
    assert refused.status_code == 400
    assert refused.json() == {"code": -1013, "msg": f"Filter failure: {failure}"}


async def test_a_market_order_too_small_by_quote_is_refused(client):
    assert (await client.order(quoteOrderQty="4.99")).json()["msg"] == "Filter failure: NOTIONAL"


async def test_what_is_announced_is_what_is_demanded(client):
    info = await client.get("/api/v3/exchangeInfo")
    assert len(info["symbols"]) >= 20
    for symbol in info["symbols"]:
        filters = {each["filterType"]: each for each in symbol["filters"]}
        step = Decimal(filters["LOT_SIZE"]["stepSize"])
        price = Decimal(
            (await client.get("/api/v3/ticker/price", symbol=symbol["symbol"]))["price"]
        )
        least = (Decimal(filters["NOTIONAL"]["minNotional"]) * 2 / price // step + 1) * step
        placed = await client.placed(symbol=symbol["symbol"], quantity=format(least, "f"))
        assert placed["status"] == "FILLED", symbol["symbol"]


async def test_an_order_test_checks_and_places_nothing(client):
    params = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.01"}
    assert (await client.signed("POST", "/api/v3/order/test", **params)).json() == {}
    params["quantity"] = "0.0000001"
    refused = await client.signed("POST", "/api/v3/order/test", **params)
    assert refused.json()["code"] == -1013
    assert await client.ask("allOrders", symbol="BTCUSDT") == []


async def test_orders_of_fifty_at_once_are_numbered_without_gaps_and_money_adds_up(client):
    await client.pin("SOL", "100.00")
    orders = await asyncio.gather(
        *(client.placed(symbol="SOLUSDT", quantity="0.5") for _ in range(50))
    )
    assert sorted(order["orderId"] for order in orders) == list(range(1, 51))
    spent = sum(
        Decimal(fill["price"]) * Decimal(fill["qty"]) + Decimal(fill["commission"])
        for order in orders
        for fill in order["fills"]
    )
    balances = await client.balances()
    assert Decimal(balances["USDT"][0]) == 10_000 - spent
    assert balances["SOL"][0] == "25.00000000"
    trades = await client.ask("myTrades", symbol="SOLUSDT", limit=1000)
    assert sum(Decimal(trade["qty"]) for trade in trades) == 25


async def test_histories_page_by_number(client):
    for _ in range(5):
        await client.placed(symbol="SOLUSDT", quantity="0.1")
    seen, after = [], 0
    while True:
        page = await client.get("/sim/journal", after=after, limit=2)
        seen += page["orders"]
        if page["next"] is None:
            break
        after = page["next"]
    assert [each["order_id"] for each in seen] == [1, 2, 3, 4, 5]
    assert {each["quantity"] for each in seen} == {"0.1"}
    assert {each["status"] for each in seen} == {"FILLED"}
    assert seen[0]["placed_at"].endswith("Z")
    orders = await client.ask("allOrders", symbol="SOLUSDT", orderId=3, limit=2)
    assert [each["orderId"] for each in orders] == [3, 4]
    latest = await client.ask("allOrders", symbol="SOLUSDT", limit=2)
    assert [each["orderId"] for each in latest] == [4, 5]
    trades = await client.ask("myTrades", symbol="SOLUSDT", fromId=4)
    assert [each["id"] for each in trades] == [4, 5]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"side": "HOLD", "type": "MARKET", "quantity": "1"}, -1117),
        ({"side": "BUY", "type": "STOP_LOSS", "quantity": "1"}, -1102),
        ({"side": "BUY", "type": "TRAILING", "quantity": "1"}, -1116),
        (
            {"side": "BUY", "type": "LIMIT", "quantity": "1", "price": "1", "timeInForce": "X"},
            -1115,
        ),
        ({"side": "BUY", "type": "LIMIT", "quantity": "1", "timeInForce": "GTC"}, -1102),
        ({"side": "BUY", "type": "MARKET"}, -1102),
        ({"side": "BUY", "type": "MARKET", "quantity": "1", "price": "1"}, -1106),
        ({"side": "BUY", "type": "MARKET", "quantity": "1e3"}, -1100),
        ({"side": "BUY", "type": "MARKET", "quantity": "-1"}, -1100),
        ({"side": "BUY", "type": "MARKET", "quantity": "1", "newClientOrderId": "a b"}, -1100),
        ({"side": "BUY", "type": "MARKET", "quantity": "1", "symbol": "NOPEUSDT"}, -1121),
    ],
)
async def test_orders_that_make_no_sense_are_refused_by_binances_codes(client, params, code):
    refused = await client.signed("POST", "/api/v3/order", **{"symbol": "BTCUSDT", **params})
    assert refused.status_code == 400
    assert refused.json()["code"] == code
