"""The chat page as a person sees it: by the names of its controls, not by its insides."""

import re
from dataclasses import dataclass, field
from typing import Self

from playwright.async_api import ConsoleMessage, Locator, Page, expect

PASSWORD = "Correct horse 9"
ANSWER_MS = 20_000


@dataclass(slots=True)
class ChatPage:
    """One window. `complaints` are errors of the page's console, as a broken policy."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)

    @classmethod
    async def open(cls, page: Page, url: str) -> Self:
        """Open the page."""
        opened = cls(page, url)

        def hear(message: ConsoleMessage) -> None:
            if message.type == "error":
                opened.complaints.append(message.text)

        page.on("pageerror", lambda error: opened.complaints.append(str(error)))
        page.on("console", hear)
        await page.goto(url)
        return opened

    async def try_it(self) -> None:
        """Sign in as a guest."""
        await self.page.get_by_role("button", name="Try it").click()
        await self.ready()

    async def sign_in(self, email: str) -> None:
        """Sign in by e-mail and password."""
        await self.page.get_by_label("E-mail").fill(email)
        await self.page.get_by_label("Password").fill(PASSWORD)
        await self.page.locator("form").get_by_role("button", name="Sign in").click()
        await self.ready()

    async def ready(self) -> None:
        """Wait until the conversation is loaded."""
        await expect(self.composer).to_be_visible()
        await expect(
            self.page.get_by_role("status", name="Loading the conversation")
        ).to_be_hidden()

    async def say(self, text: str) -> None:
        """Write a message."""
        await self.composer.fill(text)
        await self.composer.press("Enter")

    @property
    def composer(self) -> Locator:
        """Return the field to write in."""
        return self.page.get_by_label("Message", exact=True)

    @property
    def mine(self) -> Locator:
        """Return the person's own messages."""
        return self.page.get_by_role("article", name="You", exact=True)

    @property
    def answers(self) -> Locator:
        """Return the complete answers."""
        return self.page.get_by_role("article", name="Assistant", exact=True).filter(
            has=self.page.locator("time")
        )

    @property
    def running(self) -> Locator:
        """Return the answers that are being written."""
        return self.page.get_by_role("article", name="Assistant, answering")

    @property
    def banner(self) -> Locator:
        """Return what tells that the connection is lost."""
        return self.page.get_by_text("Reconnecting…")

    async def expect_conversation(self, *mine: str, answers: int) -> None:
        """Wait until exactly these messages and so many answers are shown."""
        pattern = [re.compile(re.escape(text)) for text in mine]
        await expect(self.mine).to_have_text(pattern, timeout=ANSWER_MS)
        await expect(self.answers).to_have_count(answers, timeout=ANSWER_MS)

    async def title(self) -> str:
        """Return the name of the conversation that is shown."""
        return await self.page.get_by_role("heading", level=1).inner_text()
