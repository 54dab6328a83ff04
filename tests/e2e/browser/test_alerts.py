"""Alerts in a real browser: set on a phone, told as a notice on whatever page is open."""

from decimal import Decimal
from typing import Literal

import aiohttp
import pytest
from playwright.async_api import ViewportSize, expect

from tests.e2e.browser.chat_page import ANSWER_MS
from tests.e2e.browser.conftest import OpenPage
from tests.e2e.browser.test_accessibility import faults
from tests.e2e.browser.trading_page import TradingPage
from tests.e2e.story.test_alerts import pin, price_now
from tests.support.stack import Stack

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(120)]
PHONE = ViewportSize(width=360, height=740)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_an_alert_is_set_in_the_settings_and_told_on_the_page(
    open_page: OpenPage,
    stack: Stack,
    http: aiohttp.ClientSession,
    scheme: Literal["light", "dark"],
):
    exchange = str(stack.endpoints()["exchange"])
    window = await open_page(viewport=PHONE)
    page, trading = window.page, TradingPage(window.page)
    await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    await window.try_it()
    await trading.go_to("Settings")
    form = page.get_by_role("form", name="Set an alert")
    level = ((await price_now(http, exchange)) * Decimal("1.1")).quantize(Decimal(1))
    await form.get_by_label("Asset").fill("avax")
    await form.get_by_role("textbox", name="Price").fill(str(level))
    await form.get_by_role("button", name="Set the alert").click()
    row = page.get_by_role("list", name="Alerts that are set").get_by_role("listitem")
    await expect(row).to_contain_text("AVAX rises to", timeout=ANSWER_MS)
    await expect(page.get_by_text("Daily summary")).to_be_visible()
    assert await faults(window) == []
    try:
        await pin(http, exchange, level + 1)
        notice = page.get_by_role("status", name="Alerts").get_by_role("article")
        await expect(notice).to_contain_text("Simulated, source: ", timeout=ANSWER_MS)
    finally:
        await pin(http, exchange, None)
    assert await faults(window) == []
    wide = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide, "nothing is wider than a phone"
    await notice.get_by_role("button", name="Delete").click()
    await expect(notice).to_have_count(0)
    assert window.complaints == []
