"""Prices come from a walk, a file or another exchange; each says so, and orders match at them."""

from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import httpx
import orjson
import pytest
from exchange_client import Client
from starlette.requests import Request
from starlette.responses import JSONResponse

from uchat_platform.errors import InvalidInputError
from uchat_platform.testing import eventually
from uchat_sim_exchange.domain.instruments import BY_PAIR
from uchat_sim_exchange.prices import replay
from uchat_sim_exchange.prices.choosing import Choice
from uchat_sim_exchange.prices.live import day_of
from uchat_sim_exchange.serving import served as other_served
from uchat_sim_exchange.testing import exchange_process, exchange_server

BTC = BY_PAIR["BTCUSDT"]
NOBODY = "http://127.0.0.1:9"
CANDLES = """symbol,time,open,high,low,close
BTC,1700000000,100,130,90,120
BTCUSDT,1700000060000,120,121,80,90
ETH,2023-11-14T22:13:20Z,10,10,10,10
NOPE,1700000000,1,1,1,1
"""


@asynccontextmanager
async def served(directory, **choice):
    async with (
        exchange_server(directory, choice=Choice(**choice)) as url,
        httpx.AsyncClient(base_url=url, timeout=20) as http,
    ):
        yield Client(http)


async def ticker(client, pair="BTCUSDT"):
    return await client.get("/api/v3/ticker/24hr", symbol=pair)


async def test_live_prices_are_those_of_the_other_exchange_and_orders_match_there(tmp_path):
    async with served(tmp_path / "real") as real:
        await real.pin("BTC", "50000.00")
        url = str(real.http.base_url)
        async with served(tmp_path / "paper", source="live", url=url) as paper:
            told = await ticker(paper)
            assert (told["lastPrice"], told["source"]) == ("50000.00000000", "live:127.0.0.1")
            # The other exchange is a simulator here, and passes for nothing else.
            assert told["simulated"] is True
            there = await ticker(real)
            assert (told["bidPrice"], told["askPrice"]) == (there["bidPrice"], there["askPrice"])
            await paper.open(USDT="10000")
            bought = await paper.placed(quantity="0.01")
            assert bought["fills"][0]["price"] == there["askPrice"]
            bars = await paper.get("/api/v3/klines", symbol="BTCUSDT", interval="1d", limit=3)
            assert len(bars) == 3
            await real.pin("BTC", "51000.00")

            async def moved():
                return (await ticker(paper))["lastPrice"] == "51000.00000000"

            await eventually(moved)


async def test_the_market_is_closed_while_live_prices_are_away(tmp_path):
    async with exchange_process(tmp_path / "real") as real:
        async with served(tmp_path / "paper", source="live", url=real.url) as paper:
            await paper.open(USDT="10000")
            before = await ticker(paper)
            await real.stop()

            async def refused():
                answer = await paper.order(quantity="0.0001")
                return answer.status_code == 400 and answer.json()["msg"] == "Market is closed."

            await eventually(refused, timeout_s=15, every_s=0.3)
            # The last price stays, with the time that it is of.
            assert (await ticker(paper))["closeTime"] <= before["closeTime"] + 7_000
            await real.start()

            async def open_again():
                answer = await paper.order(quantity="0.0001")
                return answer.status_code == 200

            await eventually(open_again, timeout_s=15, every_s=0.3)


class Other:
    """Another exchange that lists no FIL, has halted ETH, and tells nonsense of SOL."""

    halted = True

    async def __call__(self, scope, receive, send):
        response = await self.answer(Request(scope, receive))
        await response(scope, receive, send)

    async def answer(self, request):
        pairs = orjson.loads(request.query_params["symbols"])
        if "FILUSDT" in pairs:
            return JSONResponse({"code": -1121, "msg": "Invalid symbol."}, 400)
        return JSONResponse([self.told(pair) for pair in pairs])

    def told(self, pair):
        if pair == "SOLUSDT":
            return {"symbol": pair, "lastPrice": "much"}
        nobody = pair == "ETHUSDT" and self.halted
        return {
            "symbol": pair,
            "closeTime": int(datetime.now(UTC).timestamp() * 1000),
            **dict.fromkeys(("lastPrice", "openPrice", "highPrice", "lowPrice"), "100"),
            "bidPrice": "0" if nobody else "99.9",
            "askPrice": "0" if nobody else "100.1",
            "volume": "1",
        }


async def test_what_the_other_exchange_halts_or_lists_no_more_closes_nothing_else(tmp_path):
    other = Other()
    async with (
        other_served(other, "127.0.0.1", 0) as port,
        served(tmp_path, source="live", url=f"http://127.0.0.1:{port}") as paper,
    ):
        await paper.open(USDT="10000")
        listed = {each["symbol"] for each in (await paper.get("/api/v3/exchangeInfo"))["symbols"]}
        assert {"BTCUSDT", "AAVEUSDT"} <= listed
        assert not listed & {"FILUSDT", "ETHUSDT", "SOLUSDT"}
        assert (await paper.placed(quantity="1"))["status"] == "FILLED"
        other.halted = False

        async def opened():
            return (await paper.order(symbol="ETHUSDT", quantity="1")).is_success

        await eventually(opened)
        other.halted = True

        async def closed():
            answer = await paper.order(symbol="ETHUSDT", quantity="1")
            return answer.status_code == 400 and answer.json()["msg"] == "Market is closed."

        await eventually(closed, timeout_s=15, every_s=0.3)
        assert (await paper.placed(quantity="1"))["status"] == "FILLED"


async def test_auto_stays_with_simulated_prices_where_live_ones_do_not_come(tmp_path):
    async with served(tmp_path, source="auto", url=NOBODY) as client:
        told = await ticker(client)
        assert (told["source"], told["simulated"]) == ("synthetic", True)


async def test_auto_decides_once_for_a_journal(tmp_path):
    async with served(tmp_path / "real") as real:
        url = str(real.http.base_url)
        async with served(tmp_path / "paper", source="auto", url=url) as client:
            assert (await ticker(client))["source"] == "live:127.0.0.1"
        # Nobody answers now: what is owned is not valued at prices of another world.
        async with served(tmp_path / "paper", source="auto", url=NOBODY) as client:
            assert await client.get("/api/v3/ticker/24hr") == []
        async with served(tmp_path / "paper", source="synthetic") as client:
            assert (await ticker(client))["source"] == "synthetic"
        async with served(tmp_path / "paper", source="auto", url=url) as client:
            assert (await ticker(client))["source"] == "synthetic"


async def test_a_file_is_played_from_the_start_and_lists_what_it_has(tmp_path):
    file = tmp_path / "candles.csv"
    file.write_text(CANDLES)
    async with served(tmp_path / "paper", source="replay", file=file) as client:
        told = await ticker(client)
        assert (told["source"], told["simulated"]) == ("replay", True)
        assert 90 <= Decimal(told["lastPrice"]) <= 130
        info = await client.get("/api/v3/exchangeInfo")
        assert {each["baseAsset"] for each in info["symbols"]} == {"BTC", "ETH"}
        await client.open(USDT="10000")
        refused = await client.order(symbol="SOLUSDT", quantity="1")
        assert refused.json()["code"] == -1121


def played(tmp_path: Path, text: str, name="candles.csv", speed=1.0) -> replay.Replay:
    file = tmp_path / name
    file.write_text(text)
    return replay.read(file, 1_000_000, speed)


def test_a_candle_goes_to_its_near_end_first_and_the_file_begins_again(tmp_path):
    prices = played(tmp_path, CANDLES)
    seen = [prices.price(BTC, 1_000_000 + second) for second in (0, 20, 40, 60, 80, 100, 120)]
    assert seen == [100, 90, 130, 120, 121, 80, 100]
    assert prices.price(BTC, 1_000_000 - 20) == 80
    assert played(tmp_path, CANDLES, speed=20).price(BTC, 1_000_001) == 90


def test_lines_of_json_are_candles_too(tmp_path):
    line = '{"symbol": "BTC", "time": 1700000000, "open": 5, "high": 6, "low": 4, "close": 5.5}\n'
    assert played(tmp_path, line, "candles.jsonl").price(BTC, 1_000_000) == 5


@pytest.mark.parametrize(
    "text",
    ["", "symbol,time\nBTC,1\n", CANDLES.replace("100,", "-1,"), CANDLES.replace("BTC", "X")],
)
def test_a_file_without_candles_is_refused(tmp_path, text):
    with pytest.raises(InvalidInputError):
        played(tmp_path, text.replace("ETH", "Y"))


async def test_a_replay_without_a_file_does_not_start(tmp_path):
    with pytest.raises(InvalidInputError, match="UCHAT_MARKET_REPLAY_FILE"):
        async with served(tmp_path, source="replay"):
            pass


def test_what_a_real_exchange_tells_is_put_on_the_tick():
    entry = {
        "symbol": "BTCUSDT", "lastPrice": "96000.014", "bidPrice": "96000.019",
        "askPrice": "96000.021", "openPrice": "95000.00000000", "highPrice": "97000.1",
        "lowPrice": "94000.1", "volume": "123.4",
        "closeTime": int(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1000),
    }  # fmt: skip
    day = day_of(BTC, entry)
    assert (day.last, day.bid, day.ask) == (
        Decimal("96000.01"), Decimal("96000.01"), Decimal("96000.03"),
    )  # fmt: skip
    with pytest.raises(ValueError, match="BTCUSDT"):
        day_of(BTC, {**entry, "askPrice": "95000"})
