"""One brain behind every interface: what is said on one is known on the others."""

import re

import aiohttp
import pytest

from tests.e2e.story.conftest import continued, on_the_web
from tests.support.api import CHAT, Api
from tests.support.live import Socket
from tests.support.stack import Stack
from tests.support.telegram import TelegramUser, continue_code
from tests.support.view import LogView

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]


async def test_unified_ai_manager_processing(
    telegram: TelegramUser, stack: Stack, http: aiohttp.ClientSession
):
    web = await on_the_web(telegram, http, stack.url)
    await telegram.ask("I have $7000 to invest")
    rest = await web.say(web.home, "How much money did I say I have?", interface="widget")
    assert "7,000" in rest["content"] or "7000" in rest["content"]
    assert 0 <= rest["confidence"] <= 1
    assert rest["intent"]
    assert rest["sources"], "what was said is cited"
    view = LogView(web.home)
    async with Socket(http, stack.url, web.token, {web.home: view}) as socket:
        await socket.say(web.home, "c-1", "What is the price of BTC?")
        await socket.until(
            lambda: any(e.data.get("client_msg_id") == "c-1" for e in view.entries.values())
        )
    origins = [
        e["data"]["origin"]["interface"]
        for e in await web.history(web.home)
        if e["type"] == "message" and e["data"]["role"] == "user"
    ]
    assert origins == ["telegram", "telegram", "widget", "web_chat"]


async def test_cross_platform_session_creation(
    telegram: TelegramUser, stack: Stack, http: aiohttp.ClientSession
):
    first = await telegram.ask("hi")
    web = await continued(http, stack.url, continue_code(first))
    assert re.fullmatch(r"unified_[0-9A-Z]{26}", web.home)
    listed = await web.expect(200, "GET", f"{CHAT}/sessions")
    assert [s["session_id"] for s in listed["sessions"] if s["home"]] == [web.home]
    again = await telegram.ask("hi again")
    same = await continued(http, stack.url, continue_code(again))
    assert (same.person, same.home) == (web.person, web.home)
    used = await Api(http, stack.url).request(
        "POST", "/api/v1/links/continue", json={"code": continue_code(again)}
    )
    assert (used.status, used.code) in {(410, "code_expired"), (404, "code_unknown")}
    opened = await web.new_session(title="beside", interface="web_chat")
    assert opened != web.home
    assert (await web.say(opened, "hello"))["session_id"] == opened


async def test_interface_aware_responses(
    telegram: TelegramUser, stack: Stack, http: aiohttp.ClientSession
):
    web = await on_the_web(telegram, http, stack.url)
    quick = await telegram.ask("Compare BTC, ETH and SOL")
    long = await web.say(web.home, "Compare BTC, ETH and SOL", interface="web_chat")
    short = await web.say(web.home, "Compare BTC, ETH and SOL", interface="widget")
    assert long["mode"] == "trading"
    assert short["mode"] == "quick"
    assert {"summary", "detail"} <= {part["type"] for part in long["parts"]}
    assert len(short["content"]) < len(long["content"])
    for symbol in ("BTC", "ETH", "SOL"):
        assert symbol in quick["text"]


async def test_telegram_to_web_continuity(
    telegram: TelegramUser, stack: Stack, http: aiohttp.ClientSession
):
    answer = await telegram.ask("I have $5000 to invest in crypto")
    web = await continued(http, stack.url, continue_code(answer))
    entries = await web.history(web.home)
    said = [e["data"] for e in entries if e["type"] == "message"]
    assert said[0]["origin"]["interface"] == "telegram"
    assert said[0]["parts"][0]["text"] == "I have $5000 to invest in crypto"
    sources = {source["tool"] for source in said[1]["sources"]}
    assert "allocation" in " ".join(sources), "its figures come from tools"
    built_on = await web.say(web.home, "Show me the portfolio allocation", interface="widget")
    assert re.search(r"5,?000", built_on["content"])


async def test_web_to_telegram_continuity(
    telegram: TelegramUser, stack: Stack, http: aiohttp.ClientSession
):
    web = await on_the_web(telegram, http, stack.url)
    await web.say(web.home, "I want to save for a house", interface="web_chat")
    answer = await telegram.ask("What is my goal?")
    assert "house" in answer["text"]
