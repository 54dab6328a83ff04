"""Decisions: proposed once, answered once wherever it is first, executed once, shown everywhere."""

import asyncio
from decimal import Decimal

import aiohttp
import pytest

from tests.e2e.story.conftest import on_the_web
from tests.support.api import CHAT, Api
from tests.support.live import Socket
from tests.support.stack import Stack
from tests.support.telegram import TelegramUser, has_button
from tests.support.trading import (
    cards,
    decide,
    decision,
    eventually,
    held,
    journal,
    outcome,
    propose,
)
from tests.support.view import LogView

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]


async def test_decision_approval_workflow(person: Api, exchange: str):
    await person.say(person.home, "show my portfolio")
    card = await propose(person, "buy 0.01 BTC")
    assert card["state"] == "awaiting_approval"
    (leg,) = card["plan"]["legs"]
    assert (leg["symbol"], leg["side"], Decimal(leg["quantity"])) == ("BTC", "buy", Decimal("0.01"))
    assert Decimal(leg["fee"]) > 0
    assert Decimal(card["effect"]["cash_after"]) < Decimal(card["effect"]["cash_before"])
    wrong = await decide(person, card | {"plan_hash": "0" * 64})
    assert (wrong.status, wrong.code) == (409, "superseded")
    taken = await decide(person, card, op_id="op-1", wait=5)
    assert taken.status == 200
    again = await decide(person, card, op_id="op-1")
    assert again.status == 200
    other = await decide(person, card, op_id="op-2", approved=False)
    assert (other.status, other.code) == (409, "already_resolved")
    assert other.body["decision"]["resolved"]["choice"] == "approve"
    done = await outcome(person, card["decision_id"])
    assert done["state"] == "executed"
    (order,) = done["result"]["orders"]
    assert Decimal(order["filled"]) == Decimal("0.01")
    placed = [
        o
        for o in await journal(person.http, exchange)
        if o["client_order_id"] == order["client_order_id"]
    ]
    assert len(placed) == 1
    assert await held(person, "BTC") == Decimal("0.01")
    told = (await person.say(person.home, "show my portfolio"))["content"]
    assert "Since my answer over the API" in told
    assert "BTC from 0 to 0.01" in told
    assert "approved over the API" in told
    rejected = await propose(person, "buy 0.005 BTC")
    assert (await decide(person, rejected, approved=False)).status == 200
    assert (await decision(person, rejected["decision_id"]))["state"] == "rejected"
    assert await held(person, "BTC") == Decimal("0.01")


async def test_nobody_answers_the_decision_of_another(person: Api, stranger: Api):
    card = await propose(person, "buy 0.001 BTC")
    assert (await decide(stranger, card)).status == 404
    hidden = await stranger.request("GET", f"{CHAT}/decision/{card['decision_id']}")
    assert hidden.status == 404
    assert (await decision(person, card["decision_id"]))["state"] == "awaiting_approval"


async def test_real_time_synchronization(
    telegram: TelegramUser, stack: Stack, http: aiohttp.ClientSession
):
    web = await on_the_web(telegram, http, stack.url)
    beside = await web.new_session(title="something else")
    here, elsewhere = LogView(web.person), LogView(web.person)
    shown_here, shown_beside = LogView(web.home), LogView(beside)
    a = Socket(http, stack.url, web.token, {web.home: shown_here, web.person: here}, "a")
    b = Socket(http, stack.url, web.token, {beside: shown_beside, web.person: elsewhere}, "b")
    async with a, b:
        card = await propose(web, "buy 0.002 BTC")
        await b.until(lambda: _state(elsewhere, card) == "awaiting_approval")
        on_telegram = await telegram.card()
        assert "0.002" in on_telegram["text"]
        await a.send(
            {"t": "decide", "decision_id": card["decision_id"], "choice": "approve",
             "plan_hash": card["plan_hash"], "op_id": "o-1"}
        )  # fmt: skip
        await a.until(lambda: _state(shown_here, card) == "executed")
        await b.until(lambda: _state(elsewhere, card) == "executed")
        await b.until(
            lambda: any(e.kind == "portfolio.changed" for e in elsewhere.entries.values())
        )
    assert _state(shown_beside, card) is None
    edited = await telegram.until(
        "the card to change in place",
        lambda m: m["message_id"] == on_telegram["message_id"] and not has_button(m, "Approve"),
    )
    assert edited["edited"] >= 1
    told = await web.expect(
        200, "GET", "/api/v1/deliveries", params={"about": f"decision:{card['decision_id']}"}
    )
    assert {d["interface"] for d in told["deliveries"]} == {"telegram"}


async def test_multi_interface_trading_flow(
    telegram: TelegramUser, stack: Stack, http: aiohttp.ClientSession
):
    web = await on_the_web(telegram, http, stack.url)
    card = await propose(web, "buy $150 of ETH", interface="web_chat")
    on_telegram = await telegram.card()
    await telegram.press(on_telegram, "Approve")
    done = await outcome(web, card["decision_id"])
    assert done["state"] == "executed"
    assert done["resolved"]["via"] == "telegram"
    late = await decide(web, card, op_id="late")
    assert (late.status, late.code) == (409, "already_resolved")
    assert await held(web, "ETH") > 0
    answer = await telegram.ask("How's my ETH position doing?")
    assert "ETH" in answer["text"]
    assert "USDT" in answer["text"] or "$" in answer["text"]
    await telegram.write("sell all my ETH")
    selling = await telegram.card(after=on_telegram)
    await telegram.press(selling, "Approve")

    async def sold() -> bool:
        return await held(web, "ETH") == 0

    await eventually("the ETH to be sold", sold)


async def test_autonomous_mode_across_platforms(
    telegram: TelegramUser, stack: Stack, http: aiohttp.ClientSession
):
    web = await on_the_web(telegram, http, stack.url)
    until = "2099-01-01T00:00:00Z"
    too_long = await web.request(
        "POST", "/api/v1/mandates", json={"per_day": "100", "expires_at": until}
    )
    assert too_long.status == 422 or too_long.code == "expiry_too_far"
    mandate = await web.expect(
        201, "POST", "/api/v1/mandates", json={"per_day": "100", "expires_at": _in_a_week()}
    )
    await telegram.write("trade for me within it")

    async def executed() -> list[dict]:
        listed = await web.expect(200, "GET", f"{CHAT}/decisions", params={"state": "executed"})
        return listed["decisions"]

    (card,) = await eventually("a trade within the mandate", executed)
    assert card["resolved"]["mandate_id"] == mandate["mandate_id"]
    assert Decimal(card["plan"]["total"]) <= 100
    await telegram.until("the mark of the mandate", lambda m: "mandate" in m["text"].lower())
    bigger = await propose(web, "buy 0.01 BTC")
    assert bigger["state"] == "awaiting_approval"
    revoked = await web.expect(200, "DELETE", f"/api/v1/mandates/{mandate['mandate_id']}")
    assert revoked["state"] == "revoked"
    after = await propose(web, "buy $10 of BTC")
    assert after["state"] == "awaiting_approval"


async def test_fifty_decisions_are_each_answered_on_three_interfaces_at_once(
    telegram: TelegramUser, stack: Stack, http: aiohttp.ClientSession, exchange: str
):
    web = await on_the_web(telegram, http, stack.url)
    before = len(await journal(http, exchange))
    view = LogView(web.person)
    async with Socket(http, stack.url, web.token, {web.person: view}) as socket:
        for n in range(50):
            card = await propose(web, "buy $12 of BTC")

            def asks(m: dict, part: str = card["decision_id"]) -> bool:
                return any(part in str(b.get("data")) for row in m["buttons"] for b in row)

            shown = await telegram.until("the card", asks)
            frame = {"t": "decide", "decision_id": card["decision_id"], "choice": "approve"}
            frame |= {"plan_hash": card["plan_hash"], "op_id": f"ws-{n}"}
            answers = await asyncio.gather(
                decide(web, card, op_id=f"rest-{n}"),
                socket.send(frame),
                telegram.press(shown, "Approve"),
            )
            assert answers[0].status in (200, 409)
            await socket.until(lambda c=card: _state(view, c) == "executed", 20)
            canonical = await decision(web, card["decision_id"])
            assert canonical["resolved"]["op_id"] is not None
            if answers[0].status == 409:
                assert answers[0].body["decision"]["resolved"] == canonical["resolved"]
            await telegram.until(
                "the outcome on the card",
                lambda m, s=shown: (
                    m["message_id"] == s["message_id"] and not has_button(m, "Approve")
                ),
            )
    placed = (await journal(http, exchange))[before:]
    mine = {
        o["client_order_id"]
        for c in cards(await web.history(web.home)).values()
        for o in c["result"]["orders"]
    }
    assert len(mine) == 50
    assert sum(o["client_order_id"] in mine for o in placed) == 50


def _state(view: LogView, card: dict) -> str | None:
    """Return the state that a view shows of a decision."""
    newest = None
    for seq in sorted(view.entries):
        data = view.entries[seq].data
        if data.get("decision_id") == card["decision_id"]:
            newest = data["state"]
    return newest


def _in_a_week() -> str:
    from datetime import UTC, datetime, timedelta

    return (datetime.now(UTC) + timedelta(days=7)).isoformat()
