"""The trading pages of the web app, as a person with a mouse sees them."""

from dataclasses import dataclass

from playwright.async_api import Locator, Page, expect


@dataclass(frozen=True, slots=True)
class TradingPage:
    """One window: the dashboard with its widget, and the AI Money Manager tab."""

    page: Page

    async def go_to(self, name: str) -> None:
        """Open a page by the main navigation."""
        main = self.page.get_by_role("navigation", name="Main")
        await main.get_by_role("link", name=name).first.click()

    @property
    def portfolio(self) -> Locator:
        """Return the dashboard's portfolio."""
        return self.page.get_by_role("region", name="Portfolio")

    def card(self, title: str) -> Locator:
        """Return the newest card with this in its title."""
        return self.page.get_by_role("article").filter(has_text=title).last

    async def ask_widget(self, text: str) -> Locator:
        """Write into the widget; returns the widget."""
        widget = self.page.get_by_role("region", name="Chat widget")
        if not await widget.is_visible():
            await self.page.get_by_role("button", name="Open the chat").click()
        await widget.get_by_role("textbox", name="Message").fill(text)
        await widget.get_by_role("textbox", name="Message").press("Enter")
        await expect(widget.get_by_text(text)).to_be_visible()
        return widget
