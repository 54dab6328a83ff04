"""The dashboard, its cards and the settings in a real browser, on the whole product."""

import asyncio
import re

import pytest
from playwright.async_api import ViewportSize, expect

from tests.e2e.browser.chat_page import ANSWER_MS, ChatPage
from tests.e2e.browser.conftest import OpenPage
from tests.e2e.browser.trading_page import TradingPage

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(120)]
PHONE = ViewportSize(width=360, height=740)
BOUGHT = re.compile("Bought 0.01 BTC")


async def two_windows(open_page: OpenPage) -> tuple[ChatPage, TradingPage, TradingPage]:
    """Return a guest's conversation, its cards, and the dashboard in a second window."""
    first = await open_page()
    await first.try_it()
    second = await open_page(beside=first)
    await second.ready()
    dashboard = TradingPage(second.page)
    await dashboard.go_to("Dashboard")
    await expect(dashboard.portfolio.get_by_text("10,000.00").first).to_be_visible()
    return first, TradingPage(first.page), dashboard


async def test_a_card_raised_in_the_conversation_is_approved_on_the_dashboard(
    open_page: OpenPage,
):
    conversation, chat, dashboard = await two_windows(open_page)
    await conversation.say("buy 0.01 BTC")
    asked = dashboard.card("0.01 BTC")
    await asked.get_by_role("button", name="Approve").click(timeout=ANSWER_MS)
    for window in (asked, chat.card("0.01 BTC")):
        await expect(window.get_by_text(BOUGHT)).to_be_visible(timeout=ANSWER_MS)
        await expect(window.get_by_text("Approved by you on the dashboard")).to_be_visible()
        await expect(window.get_by_role("button", name="Approve")).to_have_count(0)
    # Nobody has reloaded anything.
    # Results have a row of the same asset, once they are there.
    holdings = dashboard.portfolio.get_by_role("region", name="Holdings table")
    await expect(holdings.get_by_role("row", name=re.compile("BTC"))).to_be_visible()
    await expect(holdings.get_by_text("0.01", exact=True)).to_be_visible()
    assert conversation.complaints == []


async def test_of_two_answers_at_once_both_windows_show_the_one_that_counts(
    open_page: OpenPage,
):
    conversation, chat, dashboard = await two_windows(open_page)
    await conversation.say("buy 0.01 BTC")
    cards = [chat.card("0.01 BTC"), dashboard.card("0.01 BTC")]
    names = ("Approve", "Reject")
    buttons = [
        card.get_by_role("button", name=name) for card, name in zip(cards, names, strict=True)
    ]
    for button in buttons:
        await expect(button).to_be_enabled(timeout=ANSWER_MS)
    # A real click waits for its button to stand still, which the other one ends.
    pressed = [await button.element_handle() for button in buttons]
    await asyncio.gather(*(each.evaluate("button => button.click()") for each in pressed))
    outcome = re.compile("(Approved|Rejected) by you on the (web chat|dashboard)")
    seen: list[str] = []
    for card in cards:
        step = card.get_by_role("listitem").filter(has_text=outcome)
        await expect(step).to_be_visible(timeout=ANSWER_MS)
        seen.append(await step.inner_text())
    assert seen[0] == seen[1]


async def test_the_brake_holds_a_card_until_it_is_released(open_page: OpenPage):
    conversation, chat, dashboard = await two_windows(open_page)
    await conversation.say("buy 0.01 BTC")
    card = chat.card("0.01 BTC")
    approve = card.get_by_role("button", name="Approve")
    await expect(approve).to_be_visible(timeout=ANSWER_MS)
    await dashboard.page.get_by_role("button", name="Stop all trading").click()
    await dashboard.page.get_by_role("button", name="Stop trading now").click()
    await expect(card.get_by_text("Trading is stopped")).to_be_visible()
    await expect(approve).to_be_disabled()
    await dashboard.page.get_by_role("button", name="Resume trading").click()
    dialog = dashboard.page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Resume trading").click()
    await expect(card.get_by_text("Trading is stopped")).to_have_count(0)
    await approve.click()
    await expect(card.get_by_text(BOUGHT)).to_be_visible(timeout=ANSWER_MS)


async def test_inside_a_mandate_an_order_approves_itself_until_it_is_revoked(
    open_page: OpenPage,
):
    window = await open_page()
    await window.try_it()
    trading = TradingPage(window.page)
    await trading.go_to("Settings")
    await window.page.get_by_label("Amount a day").fill("100")
    await window.page.get_by_role("button", name="Grant the mandate").click()
    await expect(window.page.get_by_role("button", name="Revoke")).to_be_visible()
    await trading.go_to("AI Money Manager")
    await window.say("buy BTC for 40 USDT")
    card = trading.card("BTC")
    await expect(card.get_by_text("within your mandate")).to_be_visible(timeout=ANSWER_MS)
    await expect(card.get_by_text(re.compile("Bought"))).to_be_visible(timeout=ANSWER_MS)
    await trading.go_to("Settings")
    await window.page.get_by_role("button", name="Revoke").click()
    await window.page.get_by_role("button", name="Revoke now").click()
    await expect(window.page.get_by_role("button", name="Grant the mandate")).to_be_visible()
    await trading.go_to("AI Money Manager")
    await window.say("buy BTC for 30 USDT")
    await expect(trading.card("BTC").get_by_role("button", name="Approve")).to_be_visible(
        timeout=ANSWER_MS
    )


async def test_a_phone_has_every_page_without_scrolling_sideways(open_page: OpenPage):
    window = await open_page(viewport=PHONE)
    await window.try_it()
    trading = TradingPage(window.page)
    await window.say("buy 0.01 BTC")
    await trading.card("0.01 BTC").get_by_role("button", name="Approve").click(timeout=ANSWER_MS)
    await expect(trading.card("0.01 BTC").get_by_text(BOUGHT)).to_be_visible(timeout=ANSWER_MS)
    for name in ("Dashboard", "Settings", "AI Money Manager"):
        main = window.page.get_by_role("navigation", name="Main")
        await main.get_by_role("link", name=name).click()
        await expect(main.get_by_role("link", name=name)).to_have_attribute("aria-current", "page")
        width = await window.page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], name
        # The page scrolls within its bars: nothing makes the bars scroll away.
        height = await window.page.evaluate("document.documentElement.scrollHeight")
        assert height <= PHONE["height"], name


async def test_a_link_that_no_longer_works_says_so_and_leaves_no_code_behind(open_page: OpenPage):
    window = await open_page()
    await expect(window.page.get_by_role("button", name="Try it")).to_be_visible()
    await window.page.goto(f"{window.url}/#continue={'a' * 43}")
    await expect(window.page.get_by_role("heading", level=1)).to_have_text(
        "This link no longer works"
    )
    assert "continue" not in window.page.url
    await window.page.get_by_role("button", name="Sign in here instead").click()
    await expect(window.page.get_by_role("button", name="Try it")).to_be_visible()
