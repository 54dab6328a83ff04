"""How trading holds up when much happens at once: bursts, a long history, the stop switch."""

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import aiohttp
import asyncpg

from tests.load.figures import Repeated, quantile
from tests.support.api import Api
from tests.support.stack import Stack
from tests.support.trading import FINAL, decide, eventually, journal, outcome, propose

AT_ONCE = 100
PEOPLE = 50
FILLS = 10_000
BUY = "buy $10 of BTC"
_STATES = "SELECT count(*) FROM execution.decision WHERE decision_id = ANY($1) AND state = ANY($2)"
# Pairs of a purchase and a sale of the same size at the same price: a long history, and the same
# balances before and after, here and at the exchange.
_HISTORY = """
INSERT INTO execution.fill (venue, account, symbol, trade_id, order_id, decision_id, side, quantity,
    price, fee, fee_asset, realised, at)
SELECT venue, account, (ARRAY['BTC', 'ETH', 'SOL'])[1 + (n / 2) % 3], 'bench-' || n, 'bench-' || n,
    'bench', CASE n % 2 WHEN 0 THEN 'buy' ELSE 'sell' END, 0.001, 50000, 0, 'USDT', 0,
    clock_timestamp() - interval '60 days' + n * interval '8 minutes'
FROM execution.account, generate_series(0, $2 - 1) n WHERE person = $1
"""
_LATE_CLAIMS = """
SELECT count(*) FROM execution.orders o JOIN execution.account a USING (account)
WHERE a.person = $1 AND o.claimed_at > $2
"""


async def accepted_ms(stack: Stack, repetitions: int, times: int) -> tuple[Repeated, Repeated]:
    """Return p50 and p99 of approve → taken by the exchange, in milliseconds, one at a time."""
    middle: list[float] = []
    late: list[float] = []
    async with aiohttp.ClientSession() as http:
        for _ in range(repetitions):
            person = await Api.guest(http, stack.url)
            begun = [await _approve(person) for _ in range(times)]
            orders = await journal(http, str(stack.endpoints()["exchange"]))
            taken = {each["client_order_id"]: _seconds(each["placed_at"]) for each in orders}
            took = [(taken[order] - at) * 1000 for order, at in begun]
            middle.append(quantile(took, 0.5))
            late.append(quantile(took, 0.99))
    return Repeated(tuple(middle)), Repeated(tuple(late))


async def burst_s(stack: Stack, repetitions: int) -> Repeated:
    """Return how long 100 decisions take that are approved at once, until all are settled."""
    connector = aiohttp.TCPConnector(limit=AT_ONCE)
    async with aiohttp.ClientSession(connector=connector) as http:
        people = await _guests(stack, http, PEOPLE)
        connection = await asyncpg.connect(str(stack.endpoints()["postgres"]))
        try:
            return Repeated(tuple([await _burst(people, connection) for _ in range(repetitions)]))
        finally:
            await connection.close()


async def portfolio_ms(stack: Stack, repetitions: int, times: int) -> tuple[Repeated, Repeated]:
    """Return p99 of a portfolio over 10,000 fills and, as its floor, of an empty request."""
    values: list[float] = []
    floors: list[float] = []
    async with aiohttp.ClientSession() as http:
        person = await Api.guest(http, stack.url)
        card = await propose(person, BUY)
        await decide(person, card)
        await outcome(person, card["decision_id"])
        await _add_history(stack, person.person)
        for _ in range(repetitions):
            values.append(await _p99(person, "/api/v1/portfolio", times))
            floors.append(await _p99(person, "/readyz", times))
    return Repeated(tuple(values)), Repeated(tuple(floors))


async def stop_ms(stack: Stack, repetitions: int, times: int) -> Repeated:
    """Return p99 of a press on the stop switch → nothing is claimed any more.

    Three approvals of the person are under way at each press.

    Raises:
        ValueError: something was claimed after the switch had changed.
    """
    values: list[float] = []
    async with aiohttp.ClientSession() as http:
        connection = await asyncpg.connect(str(stack.endpoints()["postgres"]))
        try:
            for _ in range(repetitions):
                took = [await _press(stack, http, connection) for _ in range(times)]
                values.append(quantile(took, 0.99))
        finally:
            await connection.close()
    return Repeated(tuple(values))


async def _approve(person: Api) -> tuple[str, float]:
    card = await propose(person, BUY)
    begin = time.time()
    answer = await decide(person, card)
    if answer.status != 200:
        raise ValueError(f"Expected the approval to be taken, found {answer}")
    done = await outcome(person, card["decision_id"])
    (order,) = done["result"]["orders"]
    return order["client_order_id"], begin


async def _burst(people: Sequence[Api], connection: Any) -> float:
    cards: list[tuple[Api, dict[str, Any]]] = []
    for _ in range(AT_ONCE // len(people)):
        made = await _few_at_once([propose(person, BUY) for person in people])
        cards += zip(people, made, strict=True)
    ids = [card["decision_id"] for _, card in cards]
    begin = time.perf_counter()
    answers = await asyncio.gather(*(decide(person, card) for person, card in cards))
    if refused := [answer for answer in answers if answer.status != 200]:
        raise ValueError(f"Expected all approvals to be taken, found {refused[:3]}")

    async def ended() -> bool:
        return await connection.fetchval(_STATES, ids, sorted(FINAL)) == len(ids)

    await eventually("all to be settled", ended, 60)
    return time.perf_counter() - begin


async def _press(stack: Stack, http: aiohttp.ClientSession, connection: Any) -> float:
    person = await Api.guest(http, stack.url)
    cards = [await propose(person, BUY) for _ in range(3)]
    approving = [asyncio.create_task(decide(person, card)) for card in cards]
    await asyncio.sleep(0.005)
    begin = time.perf_counter()
    body = {"on": True, "interface": "api"}
    switch = await person.expect(200, "POST", "/api/v1/kill-switch", json=body)
    took = (time.perf_counter() - begin) * 1000
    await asyncio.gather(*approving)
    changed = datetime.fromisoformat(switch["changed_at"])
    if late := await connection.fetchval(_LATE_CLAIMS, person.person, changed):
        raise ValueError(f"Expected nothing to be claimed after {changed}, found {late}")
    return took


async def _add_history(stack: Stack, person: str) -> None:
    connection = await asyncpg.connect(str(stack.endpoints()["postgres"]))
    try:
        await connection.execute(_HISTORY, person, FILLS)
        await connection.execute("ANALYZE execution.fill")
    finally:
        await connection.close()


async def _p99(person: Api, path: str, times: int) -> float:
    took: list[float] = []
    for _ in range(times):
        begin = time.perf_counter()
        await person.expect(200, "GET", path)
        took.append((time.perf_counter() - begin) * 1000)
    return quantile(took, 0.99)


async def _guests(stack: Stack, http: aiohttp.ClientSession, count: int) -> list[Api]:
    return await _few_at_once([Api.guest(http, stack.url) for _ in range(count)])


async def _few_at_once(work: Sequence[Any], lanes: int = 8) -> list[Any]:
    slots = asyncio.Semaphore(lanes)

    async def one(each: Any) -> Any:
        async with slots:
            return await each

    return await asyncio.gather(*(one(each) for each in work))


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
