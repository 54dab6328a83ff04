"""What the assistant remembers, seen and taken back in the settings."""

import pytest
from playwright.async_api import ViewportSize, expect

from tests.e2e.browser.chat_page import ANSWER_MS
from tests.e2e.browser.conftest import OpenPage
from tests.e2e.browser.test_accessibility import faults
from tests.e2e.browser.trading_page import TradingPage

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(120)]
PHONE = ViewportSize(width=360, height=740)


async def test_what_was_told_is_listed_and_deleted_and_the_assistant_knows_it_no_more(
    open_page: OpenPage,
):
    window = await open_page(viewport=PHONE)
    trading = TradingPage(window.page)
    await window.try_it()
    await window.say("my goal is to retire early")
    await window.expect_conversation("my goal is to retire early", answers=1)
    await trading.go_to("Settings")
    told = window.page.get_by_role("list", name="What is remembered").get_by_role("listitem")
    await expect(told).to_have_count(1, timeout=ANSWER_MS)
    await expect(told).to_contain_text("Goal: retire early")
    assert await faults(window) == []
    wide = await window.page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide
    await told.get_by_role("button", name="Delete: Goal: retire early").click()
    await expect(told).to_have_count(0, timeout=ANSWER_MS)
    await trading.go_to("AI Money Manager")
    await window.say("what is my goal?")
    await expect(window.answers.last).to_contain_text(
        "You have not told me a goal yet", timeout=ANSWER_MS
    )
