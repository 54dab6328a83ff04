"""From a wish to a filled position, on the real sessions, execution and notifier services."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from uchat_contracts import ids
from uchat_contracts.trading import LegRequest, PlanRequest
from uchat_platform.testing import eventually

pytestmark = pytest.mark.timeout(120)
V1 = "/api/v1"
PREFIX = f"{V1}/unified-chat"


def wish(quantity="0.01"):
    return PlanRequest(legs=[LegRequest(symbol="BTC", side="buy", quantity=quantity)])


@pytest.fixture
async def trader(execution_service, person):
    async def is_open():
        return (await person.http.get(f"{V1}/portfolio")).status_code == 200

    assert await eventually(is_open, timeout_s=20)
    return person


async def whoami(person):
    return (await person.http.get(f"{V1}/auth/me")).json()["id"]


async def propose(trader, brain, log, quantity="0.01"):
    brain.proposals = [wish(quantity)]
    answer = await trader.post(log, f"buy {quantity} BTC")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def get(person, path, **params):
    answer = await person.http.get(f"{V1}/{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_purchase_is_approved_on_a_socket_and_seen_everywhere(trader, brain):
    log, other = await trader.new_session(), await trader.new_session()
    me = await whoami(trader)
    before = await get(trader, "portfolio")
    assert Decimal(before["cash"]) == 10_000
    there = await trader.live(other)
    reply = await propose(trader, brain, log)
    assert reply["requires_approval"] is True, reply
    card = reply["decision"]
    pending = await get(trader, "unified-chat/decisions", state="open")
    assert [each["decision_id"] for each in pending["decisions"]] == [card["decision_id"]]
    frame = {
        "t": "decide",
        "decision_id": card["decision_id"],
        "choice": "approve",
        "plan_hash": card["plan_hash"],
        "op_id": "o-1",
        "iface": "web_ui",
    }
    await there.say(frame)
    ack = await there.until(t="ack", re="o-1")
    assert ack["status"] == "accepted", ack
    assert ack["canonical"]["resolved"]["via"] == "web_ui"
    async with asyncio.timeout(15):
        while True:
            event = await there.until(t="ev", type="execution", log=me)
            if event["data"]["state"] == "executed":
                break
    await there.until(t="ev", type="portfolio.changed", log=me)
    late = await trader.http.post(
        f"{PREFIX}/decision/approve",
        json={"decision_id": card["decision_id"], "approved": False, "op_id": "o-2"},
    )
    assert (late.status_code, late.json()["code"]) == (409, "already_resolved")
    assert late.json()["decision"]["state"] == "executed"
    (position,) = (await get(trader, "positions"))["positions"]
    assert (position["symbol"], Decimal(position["quantity"])) == ("BTC", Decimal("0.01"))
    (order,) = (await get(trader, "orders", symbol="BTC"))["orders"]
    assert order["status"] == "filled"
    assert (await get(trader, "trades"))["trades"][0]["order_id"] == order["order_id"]
    assert Decimal((await get(trader, "portfolio"))["cash"]) < 10_000
    assert (await get(trader, "pnl", period="all"))["points"] is not None


async def test_rest_approves_and_waits_for_the_fill(trader, brain):
    reply = await propose(trader, brain, await trader.new_session(), "0.002")
    wanted = {
        "decision_id": reply["decision_id"],
        "approved": True,
        "op_id": "o-1",
        "wait": 8,
    }
    done = await trader.http.post(f"{PREFIX}/decision/approve", json=wanted)
    assert done.status_code == 200, done.text
    assert (done.json()["status"], done.json()["decision"]["state"]) == ("accepted", "executed")
    again = await trader.http.post(f"{PREFIX}/decision/approve", json=wanted)
    assert again.json()["status"] == "duplicate"


async def test_a_wish_beyond_the_limits_is_denied_to_the_caller(trader, brain):
    reply = await propose(trader, brain, await trader.new_session(), "5")
    assert reply["requires_approval"] is False
    assert reply["decision"]["state"] == "denied"
    assert reply["decision"]["reason"]["text"]


async def test_brakes_and_limits(trader, brain):
    assert (await get(trader, "kill-switch"))["on"] is False
    me, socket = await whoami(trader), await trader.live(await trader.new_session())
    thrown = await trader.http.post(f"{V1}/kill-switch", json={"on": True, "interface": "web_ui"})
    assert (thrown.status_code, thrown.json()["on"]) == (200, True)
    assert thrown.json()["effective_at"]
    event = await socket.until(t="ev", type="kill_switch", log=me)
    assert (event["data"]["on"], event["data"]["changed_via"]) == (True, "web_ui")
    assert (await trader.http.post(f"{V1}/kill-switch", json={"on": False})).status_code == 200
    assert Decimal((await get(trader, "risk/limits"))["per_order"]) > 0
    until = (datetime.now(UTC) + timedelta(days=7)).isoformat()
    granted = await trader.http.post(f"{V1}/mandates", json={"per_day": 100, "expires_at": until})
    assert granted.status_code == 201, granted.text
    event = await socket.until(t="ev", type="mandate", log=me)
    assert event["data"]["mandate_id"] == granted.json()["mandate_id"]
    active = await get(trader, "mandates", active="true")
    assert [each["mandate_id"] for each in active["mandates"]] == [granted.json()["mandate_id"]]
    gone = await trader.http.delete(f"{V1}/mandates/{granted.json()['mandate_id']}")
    assert gone.json()["state"] == "revoked"
    plan = await get(trader, "allocation", amount="5000", profile="balanced")
    assert plan["lines"]
    cancelled = await trader.http.post(f"{V1}/orders/cancel", json={})
    assert cancelled.json()["orders"] == []
    for path in ("orders", "trades", "mandates", "unified-chat/decisions"):
        for cursor in ("x", "\u00e9", "W10=", "WyIyMDI2LTAxLTAxIiwgIngiXQ=="):
            answer = await trader.http.get(f"{V1}/{path}", params={"cursor": cursor})
            assert answer.status_code in (200, 400), (path, cursor, answer.text)


async def test_two_people_with_a_card_become_one_without_executing_it(
    trader, brain, telegram, notifier_service
):
    me, external_id = await whoami(trader), ids.new_ulid()
    tess = await telegram.meet(external_id)
    code = await telegram.continue_code(tess.person_id)
    signed = (await trader.http.post(f"{V1}/links/continue", json={"code": code})).json()
    other = trader.as_who(signed["access_token"])
    reply = await propose(other, brain, tess.home_session_id)
    assert reply["requires_approval"] is True
    made = (await trader.http.post(f"{V1}/links/telegram")).json()
    await telegram.claim(made["code"], external_id)
    confirmed = await trader.http.post(f"{V1}/links/{made['id']}/confirm", json={})
    assert confirmed.status_code == 200, confirmed.text
    gone = await other.http.get(f"{V1}/auth/me")
    assert (gone.status_code, gone.json()["code"]) == (401, "token_revoked")
    approval = await trader.http.post(
        f"{PREFIX}/decision/approve",
        json={
            "decision_id": reply["decision_id"],
            "approved": True,
            "plan_hash": reply["decision"]["plan_hash"],
        },
    )
    assert approval.status_code in (404, 409), approval.text
    assert (await get(trader, "orders"))["orders"] == []
    assert (await get(trader, "unified-chat/decisions", state="open"))["decisions"] == []

    async def is_told():
        told = (await get(trader, "deliveries"))["deliveries"]
        return {each["interface"] for each in told} == {"telegram"}

    assert await eventually(is_told, timeout_s=10)
    assert me


async def test_health_names_all_parts(trader, notifier_service):
    async def parts():
        report = (await trader.http.get(f"{PREFIX}/health")).json()
        up = report["components"]
        return all(up[name] == "up" for name in ("execution", "market", "venue", "notifier"))

    assert await eventually(parts, timeout_s=10)
