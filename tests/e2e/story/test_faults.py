"""What people get when something is away, and that nothing is lost or done twice meanwhile."""

import asyncio
import signal
import time

import aiohttp
import pytest

from tests.e2e.story.conftest import on_the_web
from tests.load import brakes
from tests.support.api import CHAT, Api
from tests.support.stack import Stack, wait_for
from tests.support.telegram import TelegramUser, has_button
from tests.support.trading import decide, eventually, journal, outcome, propose
from uchat_telegram.domain.words import REPEATED

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

COINS = ("BTC", "ETH", "SOL", "ADA")


async def test_error_handling_and_fallbacks(
    telegram: TelegramUser, stack: Stack, http: aiohttp.ClientSession, exchange: str
):
    web = await on_the_web(telegram, http, stack.url)
    unknown = await web.request(
        "POST",
        f"{CHAT}/decision/approve",
        json={"decision_id": "00000000-0000-5000-8000-000000000000", "approved": True},
    )
    assert unknown.status == 404
    too_much = await web.say(web.home, "buy 5 BTC")
    assert not too_much["requires_approval"]
    card = await propose(web, "buy 0.001 BTC")
    pid = stack.pids()["exchange"]
    stack.kill("exchange", signal.SIGSTOP)
    try:
        taken = await decide(web, card)
        assert taken.status == 200, "an approval does not wait for the exchange"
        held_back = await asyncio.gather(
            *(web.say(web.home, "What is the price of BTC?", interface="api") for _ in range(2))
        )
        assert all(reply["content"] for reply in held_back)
    finally:
        stack.kill("exchange", signal.SIGKILL)
    stack.wait_restarted("exchange", pid)
    done = await outcome(web, card["decision_id"], 90)
    orders = [order["client_order_id"] for order in (done.get("result") or {}).get("orders", [])]
    placed = [o for o in await journal(http, exchange) if o["client_order_id"] in orders]
    assert (done["state"] == "executed") == (len(placed) == 1)
    assert len(placed) <= 1
    again = await telegram.ask("What is the price of BTC?", 30)
    assert "BTC" in again["text"]


async def test_nothing_is_lost_or_said_twice_when_the_telegram_leader_is_killed(
    telegram: TelegramUser, stack: Stack
):
    await telegram.ask("hello")
    for n, coin in enumerate(COINS):
        await telegram.write(f"What is the price of {coin}?")
        if n == 1:
            for name in stack.names("telegram"):
                stack.kill(name)

    async def answers() -> dict[str, list[str]]:
        texts = [m["text"] for m in await telegram.from_bot()]
        return {coin: [t for t in texts if f"({coin})" in t] for coin in COINS}

    async def answered() -> bool:
        return all((await answers()).values())

    await eventually("an answer to each question", answered, 60)
    await asyncio.gather(*(telegram.messages() for _ in range(3)))
    told = await answers()
    unmarked = {coin: [t for t in texts if REPEATED not in t] for coin, texts in told.items()}
    assert all(len(texts) <= 1 for texts in unmarked.values()), told
    assert sum(map(len, told.values())) <= len(COINS) + 1, "at most one repeat for a crash"


async def test_what_happened_while_telegram_was_away_is_told_after(
    telegram: TelegramUser,
    stack: Stack,
    http: aiohttp.ClientSession,
    request: pytest.FixtureRequest,
):
    web = await on_the_web(telegram, http, stack.url)
    await telegram.faults(kind="outage", seconds=600)
    begin = time.monotonic()
    try:
        cards = [await propose(web, f"buy ${amount} of BTC") for amount in (11, 12)]
        assert (await decide(web, cards[0])).status == 200
        assert (await decide(web, cards[1], approved=False)).status == 200
        await outcome(web, cards[0]["decision_id"])
        await asyncio.sleep(request.config.getoption("--outage") - (time.monotonic() - begin))
        # At last: a card lives for two minutes.
        await propose(web, "buy $13 of BTC")
    finally:
        await telegram.faults(kind="none")
    await telegram.until("the card that still waits", lambda m: has_button(m, "Approve"), 60)
    shown = [m for m in await telegram.from_bot() if "BTC" in m["text"]]
    assert len(shown) == 3, "one message for each decision"
    assert [has_button(m, "Approve") for m in shown] == [False, False, True]


async def test_the_kill_switch_stops_claims_and_sends(stack: Stack):
    tally = await brakes.trials(stack, count=9, seed=7, at_once=4)
    assert tally.faults == []
    assert tally.ended.total() == 9


async def test_linking_supersedes_what_waits_first(
    telegram: TelegramUser, person: Api, exchange: str
):
    await telegram.ask("hello")
    await telegram.write("buy 0.003 BTC")
    theirs = await telegram.card()
    code = await person.expect((200, 201), "POST", "/api/v1/links/telegram")
    await telegram.write(f"/start {code['code']}")
    asked = await telegram.until("whether to link", lambda m: has_button(m, "Link"))
    await telegram.press(asked, "Link")

    async def waits() -> dict | None:
        links = (await person.expect(200, "GET", "/api/v1/links"))["links"]
        return next((x for x in links if x["state"] == "awaiting_confirmation"), None)

    link = await eventually("a link to confirm", waits)
    shown = await telegram.until("the number", lambda m: str(link["match_number"]) in m["text"])
    assert shown
    await person.expect(
        200, "POST", f"/api/v1/links/{link['id']}/confirm", json={"may_approve": True}
    )
    await telegram.until(
        "the card to be closed",
        lambda m: m["message_id"] == theirs["message_id"] and not has_button(m, "Approve"),
        30,
    )
    listed = await person.expect(200, "GET", f"{CHAT}/decisions", params={"state": "open"})
    assert listed["decisions"] == []
    await telegram.write("buy 0.004 BTC")
    await telegram.card(after=theirs)
    mine = await person.expect(200, "GET", f"{CHAT}/decisions", params={"state": "open"})
    assert [c["plan"]["legs"][0]["quantity"] for c in mine["decisions"]] == ["0.004"]
    placed = [o for o in await journal(person.http, exchange) if o["quantity"] == "0.003"]
    assert placed == []


def test_the_supervisor_brings_a_simulator_back(stack: Stack):
    pid = stack.kill("exchange")
    stack.wait_restarted("exchange", pid)
    wait_for("the product to be ready", stack.is_ready)
