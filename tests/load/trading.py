"""How quickly an approval becomes an order and is shown elsewhere, and Telegram gets an answer."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import aiohttp

from tests.load.figures import Repeated, quantile
from tests.support.api import Api
from tests.support.stack import Stack
from tests.support.telegram import TelegramUser, continue_code, has_button
from tests.support.trading import decide, journal, outcome, propose

PAUSE_S = 1.2
"""Between two messages of one chat: Telegram takes about one a second."""


async def approvals_ms(stack: Stack, repetitions: int, times: int) -> tuple[Repeated, Repeated]:
    """Return p50 of approve → taken by the exchange, and → shown on Telegram, in milliseconds."""
    placed: list[float] = []
    shown: list[float] = []
    async with aiohttp.ClientSession() as http:
        for _ in range(repetitions):
            telegram, web = await _one_person(stack, http)
            took = [await _approve(stack, http, web, telegram) for _ in range(times)]
            placed.append(quantile([first for first, _ in took], 0.5))
            shown.append(quantile([second for _, second in took], 0.5))
    return Repeated(tuple(placed)), Repeated(tuple(shown))


async def answers_started_ms(stack: Stack, repetitions: int, times: int) -> Repeated:
    """Return p50 of a Telegram update → the answer has started to show, in milliseconds."""
    values: list[float] = []
    async with aiohttp.ClientSession() as http:
        for _ in range(repetitions):
            telegram, _ = await _one_person(stack, http)
            took = [await _first_sign(http, telegram) for _ in range(times)]
            values.append(quantile(took, 0.5))
    return Repeated(tuple(values))


async def _one_person(stack: Stack, http: aiohttp.ClientSession) -> tuple[TelegramUser, Api]:
    telegram = await TelegramUser.new(http, str(stack.endpoints()["telegram_simulator"]))
    hello = await telegram.ask("hello")
    web = Api(http, stack.url)
    body = {"code": continue_code(hello)}
    signed_in = await web.expect(200, "POST", "/api/v1/links/continue", json=body)
    web.token, web.person = signed_in["access_token"], signed_in["user_id"]
    web.home = signed_in["session_id"]
    return telegram, web


async def _approve(
    stack: Stack, http: aiohttp.ClientSession, web: Api, telegram: TelegramUser
) -> tuple[float, float]:
    card = await propose(web, "buy $10 of BTC")
    on_telegram = await telegram.until(
        "the card", lambda m: has_button(m, "Approve") and not m.get("edited")
    )
    await asyncio.sleep(PAUSE_S)
    begin = time.time()
    answer = await decide(web, card)
    if answer.status != 200:
        raise ValueError(f"Expected the approval to be taken, found {answer}")
    done = await outcome(web, card["decision_id"])
    (order,) = done["result"]["orders"]
    orders = await journal(http, str(stack.endpoints()["exchange"]))
    (taken,) = [o for o in orders if o["client_order_id"] == order["client_order_id"]]
    edited = await telegram.until(
        "the outcome",
        lambda m: m["message_id"] == on_telegram["message_id"] and bool(m["edited"]),
    )
    placed_at = datetime.fromisoformat(taken["placed_at"]).timestamp()
    return (placed_at - begin) * 1000, (edited["first_edited_at"] - begin) * 1000


async def _first_sign(http: aiohttp.ClientSession, telegram: TelegramUser) -> float:
    known = {m["message_id"] for m in await telegram.from_bot()}
    begin = time.time()
    await telegram.write("What is the price of BTC?")
    answer = await telegram.until("an answer", lambda m: m["message_id"] not in known)
    begun = [answer["at"], *(draft["at"] for draft in await _drafts(http, telegram))]
    started = min(at for at in begun if at >= begin)
    await asyncio.sleep(PAUSE_S)
    return (started - begin) * 1000


async def _drafts(http: aiohttp.ClientSession, telegram: TelegramUser) -> list[dict[str, Any]]:
    async with http.get(f"{telegram.base}/sim/chats/{telegram.id}/messages") as response:
        return (await response.json()).get("drafts", [])


async def order_floor_ms(stack: Stack, repetitions: int, times: int) -> Repeated:
    """Return the round trip of an empty request to the exchange, in milliseconds."""
    url = f"{stack.endpoints()['exchange']}/api/v3/time"

    async def once(http: aiohttp.ClientSession) -> float:
        begin = time.perf_counter()
        async with http.get(url) as response:
            await response.read()
        return (time.perf_counter() - begin) * 1000

    async with aiohttp.ClientSession() as http:
        return await _medians(lambda: once(http), repetitions, times)


async def _medians(step: Callable[[], Awaitable[float]], repetitions: int, times: int) -> Repeated:
    medians = [quantile([await step() for _ in range(times)], 0.5) for _ in range(repetitions)]
    return Repeated(tuple(medians))
