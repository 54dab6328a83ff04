"""The whole story, by public interfaces only: Telegram, a browser, and Telegram again."""

import re

import aiohttp
import pytest
from playwright.async_api import expect

from tests.e2e.browser.conftest import OpenPage
from tests.e2e.browser.trading_page import TradingPage
from tests.support.stack import Stack
from tests.support.telegram import TelegramUser, button_of, has_button
from tests.support.trading import journal

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]


async def test_complete_user_journey(
    open_page: OpenPage, stack: Stack, http: aiohttp.ClientSession
):
    endpoints = stack.endpoints()
    telegram = await TelegramUser.new(http, endpoints["telegram_simulator"])
    plan = await telegram.ask("I have $5000 to invest in crypto")
    assert "BTC" in plan["text"]
    url = str(button_of(plan, "Continue on the web")["url"])

    window = await open_page(url=url)
    trading = TradingPage(window.page)
    await trading.go_to("Dashboard")
    widget = await trading.ask_widget("Show me the portfolio allocation")
    answers = widget.get_by_role("article", name="Assistant")
    await expect(answers).to_have_count(2)
    await expect(answers.last).to_contain_text(re.compile(r"\$5,?000"))

    await trading.go_to("AI Money Manager")
    said = window.page.get_by_role("article", name="You")
    await expect(said.first).to_contain_text("I have $5000 to invest in crypto")
    await expect(said.last).to_contain_text("Show me the portfolio allocation")
    await window.say("buy 0.01 BTC")
    card = trading.card("0.01 BTC")
    await expect(card.get_by_role("button", name="Approve")).to_be_visible()
    on_telegram = await telegram.card()
    await card.get_by_role("button", name="Approve").click()
    await expect(card.get_by_text(re.compile("filled|bought", re.IGNORECASE)).first).to_be_visible()
    changed = await telegram.until(
        "the card to change in place",
        lambda m: m["message_id"] == on_telegram["message_id"] and not has_button(m, "Approve"),
    )
    assert "web" in changed["text"].lower()

    await trading.go_to("Dashboard")
    await expect(trading.portfolio.get_by_text("BTC").first).to_be_visible()
    position = await telegram.ask("How's my BTC position doing?")
    assert "0.01" in position["text"]

    before = await trading.portfolio.inner_text()
    await telegram.write("buy 0.005 BTC")
    await telegram.press(await telegram.card(after=on_telegram), "Approve")
    await expect(trading.portfolio).not_to_have_text(before)
    await expect(trading.portfolio.get_by_text(re.compile(r"0\.015")).first).to_be_visible()
    quantities = [o["quantity"] for o in await journal(http, endpoints["exchange"])]
    assert quantities.count("0.01") >= 1
