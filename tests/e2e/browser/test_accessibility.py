"""What axe finds wrong with the page, in both colour schemes: nothing (WCAG 2.2 AA)."""

from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.async_api import expect

from tests.e2e.browser.chat_page import ChatPage
from tests.e2e.browser.conftest import OpenPage
from tests.e2e.browser.trading_page import TradingPage

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(120)]
AXE = Path(__file__).parents[3] / "web/node_modules/axe-core/axe.min.js"
WATCH_DARKENING = """() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  window.darkening = new Promise((resolve) => {
    const fading = () => document.getAnimations().map((each) => each.effect.target.outerHTML);
    dark.addEventListener("change", () => resolve(fading()), { once: true });
  });
}"""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


async def faults(window: ChatPage) -> list[str]:
    """Return each rule that is broken, with the elements that break it."""
    await window.page.evaluate(AXE.read_text())
    found: dict[str, Any] = await window.page.evaluate(
        "rules => axe.run(document, { runOnly: rules })", RULES
    )
    assert found["passes"], "axe looked at nothing"
    return [
        f"{each['id']}: {', '.join(str(node['target']) for node in each['nodes'])}"
        for each in found["violations"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_no_fault(open_page: OpenPage, scheme: Literal["light", "dark"]):
    window = await open_page()
    # While the page is being drawn: a scheme that fades left labels behind then.
    await window.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    await expect(window.page.get_by_role("button", name="Try it")).to_be_visible()
    assert await faults(window) == []
    await window.try_it()
    assert await faults(window) == []
    await window.say("Compare ETH and SOL")
    await window.expect_conversation("Compare ETH and SOL", answers=1)
    await window.answers.locator("summary").first.click()
    await expect(window.answers.get_by_role("table").first).to_be_visible()
    assert await faults(window) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_no_fault_with_cards_and_the_other_pages(
    open_page: OpenPage, scheme: Literal["light", "dark"]
):
    window = await open_page()
    trading = TradingPage(window.page)
    await window.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    await window.try_it()
    await window.say("buy 0.01 BTC")
    approve = trading.card("0.01 BTC").get_by_role("button", name="Approve")
    await expect(approve).to_be_visible()
    assert await faults(window) == []
    await approve.click()
    await trading.go_to("Dashboard")
    await expect(trading.portfolio.get_by_role("row").nth(1)).to_be_visible()
    assert await faults(window) == []
    await window.page.get_by_role("button", name="Open the chat").click()
    assert await faults(window) == []
    await window.page.keyboard.press("Escape")
    await expect(window.page.get_by_role("button", name="Open the chat")).to_be_focused()
    await window.page.get_by_role("button", name="Stop all trading").click()
    assert await faults(window) == []
    await window.page.keyboard.press("Escape")
    await trading.go_to("Settings")
    await window.page.get_by_role("button", name="Link Telegram").click()
    await expect(window.page.get_by_role("img", name="Code that opens the bot")).to_be_visible()
    assert await faults(window) == []


async def test_with_reduced_motion_the_colour_scheme_changes_in_one_step(open_page: OpenPage):
    window = await open_page()
    await expect(window.page.get_by_role("button", name="Try it")).to_be_visible()
    await window.page.emulate_media(color_scheme="light", reduced_motion="reduce")
    await window.page.evaluate(WATCH_DARKENING)
    await window.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert await window.page.evaluate("darkening") == []


async def test_everything_can_be_done_by_keyboard(open_page: OpenPage):
    window = await open_page()
    keyboard = window.page.keyboard
    try_it = window.page.get_by_role("button", name="Try it")
    # A key that is pressed before the page is drawn moves the focus nowhere.
    await expect(try_it).to_be_visible()
    await keyboard.press("Tab")
    await expect(try_it).to_be_focused()
    await keyboard.press("Enter")
    await expect(window.composer).to_be_focused()
    await keyboard.type("first line")
    await keyboard.press("Shift+Enter")
    await keyboard.type("second line")
    await keyboard.press("Enter")
    await window.expect_conversation("first line\nsecond line", answers=1)
    await expect(window.composer).to_be_focused()
    await expect(window.composer).to_have_value("")
