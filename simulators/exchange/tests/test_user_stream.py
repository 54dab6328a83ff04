"""What listeners hear: after the journal has it, in order, and what faults do to it."""

import hashlib
import hmac
import time
from contextlib import asynccontextmanager

import orjson
import pytest
from websockets.asyncio.client import connect

KEY, SECRET = "key_of_the_tests", "secret_of_the_tests"


class Stream:
    def __init__(self, socket):
        self.socket = socket
        self.asked = 0

    async def ask(self, method, **params):
        self.asked += 1
        await self.socket.send(
            orjson.dumps({"id": self.asked, "method": method, "params": params}).decode()
        )
        answer = orjson.loads(await self.socket.recv())
        assert answer["id"] == self.asked
        return answer

    async def subscribe(self, key=KEY, secret=SECRET, **changes):
        params = {"apiKey": key, "timestamp": int(time.time() * 1000), **changes}
        payload = "&".join(f"{name}={params[name]}" for name in sorted(params))
        signature = hmac.new(secret.encode(), payload.encode(), hashlib.sha256).hexdigest()
        return await self.ask("userDataStream.subscribe.signature", **params, signature=signature)

    async def events(self, number):
        found = [orjson.loads(await self.socket.recv()) for _ in range(number)]
        assert all(each["subscriptionId"] == 0 for each in found)
        return [each["event"] for each in found]

    async def orders(self, number):
        """Return the next reports of orders; what is told of balances is left out."""
        found = []
        while len(found) < number:
            event = orjson.loads(await self.socket.recv())["event"]
            if event["e"] == "executionReport":
                found.append(event)
        return found


@asynccontextmanager
async def connected(url):
    async with connect(url.replace("http", "ws") + "/ws-api/v3", proxy=None) as socket:
        yield Stream(socket)


@pytest.fixture
async def stream(url, client):
    async with connected(url) as stream:
        answer = await stream.subscribe()
        assert answer["status"] == 200
        assert answer["result"] == {"subscriptionId": 0}
        yield stream


async def test_a_market_order_is_told_as_new_and_then_fill_by_fill(client, stream):
    await client.http.post(
        "/sim/books",
        json={"symbol": "BTC", "asks": [["50000.00", "0.01"], ["50010.00", "1"]], "bids": []},
    )
    order = await client.placed(quantity="0.02", newClientOrderId="mine")
    new, position, first, second, after = await stream.events(5)
    assert [each["e"] for each in (new, position, first, second, after)] == [
        "executionReport",
        "outboundAccountPosition",
        "executionReport",
        "executionReport",
        "outboundAccountPosition",
    ]
    assert (new["x"], new["X"], new["c"], new["w"]) == ("NEW", "NEW", "mine", False)
    assert (first["x"], first["X"], first["l"], first["L"], first["z"]) == (
        "TRADE",
        "PARTIALLY_FILLED",
        "0.01000000",
        "50000.00000000",
        "0.01000000",
    )
    assert (second["X"], second["z"], second["i"]) == ("FILLED", "0.02000000", order["orderId"])
    assert [first["t"], second["t"]] == [fill["tradeId"] for fill in order["fills"]]
    assert {"a": "BTC", "f": "0.02000000", "l": "0.00000000"} in after["B"]


async def test_a_cancel_is_told_under_its_own_id(client, stream):
    await client.pin("BTC", "60000.00")
    await client.limit("BUY", "0.01", "50000.00", newClientOrderId="mine")
    await client.signed(
        "DELETE", "/api/v3/order", symbol="BTCUSDT", origClientOrderId="mine",
        newClientOrderId="the_cancel",
    )  # fmt: skip
    new, cancelled = await stream.orders(2)
    assert (new["x"], cancelled["x"], cancelled["X"]) == ("NEW", "CANCELED", "CANCELED")
    assert (cancelled["c"], cancelled["C"]) == ("the_cancel", "mine")


async def test_a_stop_is_told_again_when_it_begins_to_work(client, stream):
    await client.pin("BTC", "50000.00")
    await client.placed(quantity="0.01")
    await client.placed(
        "SELL", "STOP_LOSS", quantity="0.01", stopPrice="49000.00", newClientOrderId="stop"
    )
    await client.pin("BTC", "48900.00")
    found = [each for each in await stream.orders(5) if each["c"] == "stop"]
    assert [(each["x"], each["w"]) for each in found] == [
        ("NEW", False),
        ("NEW", True),
        ("TRADE", False),
    ]


async def test_deposits_and_withdrawals_are_told(client, stream):
    for route, amount in (("deposits", "5"), ("withdrawals", "2")):
        body = {"account": KEY, "asset": "ETH", "amount": amount}
        assert (await client.http.post(f"/sim/{route}", json=body)).is_success
    came, holds, went, left = await stream.events(4)
    assert (came["e"], came["a"], came["d"]) == ("balanceUpdate", "ETH", "5.00000000")
    assert went["d"] == "-2.00000000"
    assert holds["B"] == [{"a": "ETH", "f": "5.00000000", "l": "0.00000000"}]
    assert left["B"][0]["f"] == "3.00000000"


async def test_faults_repeat_lose_and_delay_events(client, stream):
    await client.pin("BTC", "60000.00")
    await client.fault("duplicate_event")
    await client.limit("BUY", "0.01", "50000.00", newClientOrderId="twice")
    first, again = await stream.orders(2)
    assert first == again
    await client.fault("lost_event", times=2)
    await client.limit("BUY", "0.01", "50000.00", newClientOrderId="unheard")
    await client.fault("late_event", ms=50)
    await client.limit("BUY", "0.01", "50000.00", newClientOrderId="late")
    (late,) = await stream.orders(1)
    assert late["c"] == "late"


async def test_a_fault_can_cut_the_stream(client, stream):
    await client.fault("drop_stream")
    await client.placed(quantity="0.01")
    heard = [message async for message in stream.socket]
    assert heard == []
    assert stream.socket.close_code == 1001


async def test_a_listener_hears_of_its_own_account_until_it_unsubscribes(client, url, stream):
    other = type(client)(client.http, "another_account", "another_secret_of_it")
    await other.open(USDT="1000")
    await other.placed(quantity="0.001", symbol="BTCUSDT")
    assert (await stream.subscribe())["error"]["code"] == -2035
    assert (await stream.ask("session.subscriptions"))["result"] == [{"subscriptionId": 0}]
    assert (await stream.ask("userDataStream.unsubscribe"))["status"] == 200
    await client.placed(quantity="0.001", symbol="BTCUSDT")
    assert (await stream.ask("ping"))["result"] == {}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"timestamp": 1}, -1021),
        ({"secret": "another secret"}, -1022),
        ({"key": "nobody_has_this_key"}, -2015),
    ],
)
async def test_who_is_not_known_or_late_hears_nothing(client, url, changes, code):
    async with connected(url) as stream:
        assert (await stream.subscribe(**changes))["error"]["code"] == code
        assert (await stream.ask("userDataStream.start"))["error"]["code"] == -1020
