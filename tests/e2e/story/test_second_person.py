"""A plan that needs two people: the second one is told, and answers where they are."""

import asyncio
import sys
from pathlib import Path

import aiohttp
import pytest

from tests.e2e.story.conftest import on_the_web
from tests.support.api import Api
from tests.support.live import Socket
from tests.support.stack import Stack
from tests.support.telegram import TelegramUser, has_button
from tests.support.trading import decide, journal, outcome, propose
from tests.support.view import LogView

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]


async def uchat(stack: Stack, *arguments: str) -> None:
    """Run `uchat org` as an operator does."""
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("uchat"), "org", *arguments,
        env={"UCHAT_DATA_DIR": str(stack.data_dir)},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()


async def test_an_approver_is_asked_on_every_interface_and_approves_on_telegram(
    person: Api, stack: Stack, telegram: TelegramUser, http: aiohttp.ClientSession, exchange: str
):
    boss = await on_the_web(telegram, http, stack.url)
    bystander = await TelegramUser.new(http, telegram.base)
    colleague = await on_the_web(bystander, http, stack.url)
    heard = len(await bystander.from_bot())
    await uchat(stack, "create", "acme", "--name", "Acme", "--four-eyes-above", "100")
    await uchat(stack, "assign", "acme", person.person, colleague.person)
    await uchat(stack, "assign", "acme", boss.person, "--role", "approver")
    seen = LogView(boss.person)
    async with Socket(http, stack.url, boss.token, {boss.person: seen}, "boss") as web:
        card = await propose(person, "buy 0.01 BTC")
        assert card["approvals_needed"] == 2
        await web.until(lambda: _of(seen, card).get("state") == "awaiting_approval")
        assert _of(seen, card)["owner"]["organisation"] == "Acme"
        asked = await telegram.card()
        assert "Not yours" in asked["text"]
        assert "a second person of your organisation" in asked["text"]
        first = await decide(person, card)
        assert (first.status, first.body["status"]) == (200, "awaiting_second")
        await telegram.until("the owner's approval", lambda m: "is the second one" in m["text"])
        await telegram.press(asked, "Approve")
        done = await outcome(person, card["decision_id"])
        await web.until(lambda: _of(seen, card).get("state") == "executed")
    assert (done["state"], done["resolved"]["via"]) == ("executed", "telegram")
    assert {each["by"] for each in done["approvals"]} == {person.person, boss.person}
    (order,) = done["result"]["orders"]
    placed = [each["client_order_id"] for each in await journal(http, exchange)]
    assert placed.count(order["client_order_id"]) == 1
    ended = await telegram.until("the end", lambda m: "Filled 0.01 BTC" in m["text"])
    assert ended["message_id"] == asked["message_id"]
    assert not has_button(ended, "Approve")
    about = {"about": f"decision:{card['decision_id']}"}
    for who, interfaces in ((boss, {"telegram"}), (colleague, set())):
        told = await who.expect(200, "GET", "/api/v1/deliveries", params=about)
        assert {each["interface"] for each in told["deliveries"]} == interfaces
    assert len(await bystander.from_bot()) == heard


def _of(view: LogView, card: dict) -> dict:
    found = [
        entry.data for entry in view.entries.values()
        if entry.data.get("decision_id") == card["decision_id"]
    ]  # fmt: skip
    return max(found, key=lambda each: each["rev"], default={})
