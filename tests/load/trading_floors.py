"""What bare parts of trading cost in this run: an order at the exchange, alone and 100 at once."""

import asyncio
import secrets
import time
from datetime import UTC, datetime

import aiohttp
import asyncpg

from tests.load.figures import Repeated, quantile
from tests.load.floors import p50_ms
from tests.support.stack import Stack
from uchat_execution.adapters.binance_api import BinanceApi, Credentials
from uchat_platform.clock import SystemClock


class BareOrders:
    """Orders at the exchange by whoever does nothing else."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http, self._url = http, url
        self._api = BinanceApi(http, url, SystemClock())
        self._keys = Credentials(f"floor-{secrets.token_hex(8)}", secrets.token_hex(16))

    async def open(self) -> None:
        """Open an account with plenty of money."""
        body = {
            "api_key": self._keys.api_key, "secret": self._keys.secret,
            "balances": {"USDT": "10000000"},
        }  # fmt: skip
        async with self._http.post(f"{self._url}/sim/accounts", json=body) as response:
            response.raise_for_status()

    async def place(self) -> None:
        """Buy a little."""
        params = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.0002"}
        answer = await self._api.signed(
            "POST", "/api/v3/order", params, self._keys, signed_at=datetime.now(UTC)
        )
        if not answer.ok:
            raise ValueError(f"Expected an order to be taken, found {answer.body}")


async def order_ms(stack: Stack, repetitions: int, times: int) -> Repeated:
    """Return the round trip of an order that is on the exchange's disk, in milliseconds."""
    async with aiohttp.ClientSession() as http:
        bare = BareOrders(http, str(stack.endpoints()["exchange"]))
        await bare.open()
        return await p50_ms(bare.place, repetitions=repetitions, times=times)


async def orders_at_once_s(stack: Stack, repetitions: int, count: int) -> Repeated:
    """Return how long so many bare orders take that are sent at once, in seconds."""
    values: list[float] = []
    async with aiohttp.ClientSession() as http:
        bare = BareOrders(http, str(stack.endpoints()["exchange"]))
        await bare.open()
        for _ in range(repetitions):
            begin = time.perf_counter()
            await asyncio.gather(*(bare.place() for _ in range(count)))
            values.append(time.perf_counter() - begin)
    return Repeated(tuple(values))


async def queries_ms(stack: Stack, repetitions: int, times: int, queries: int) -> Repeated:
    """Return p99 of so many smallest queries, one after the other, in milliseconds."""
    connection = await asyncpg.connect(str(stack.endpoints()["postgres"]))
    values: list[float] = []
    try:
        for _ in range(repetitions):
            took: list[float] = []
            for _ in range(times):
                begin = time.perf_counter()
                for _ in range(queries):
                    await connection.fetchval("SELECT 1")
                took.append((time.perf_counter() - begin) * 1000)
            values.append(quantile(took, 0.99))
    finally:
        await connection.close()
    return Repeated(tuple(values))
