"""A real browser, its windows, and a person who uses both the page and the API.

Starting the browser takes longer than most tests here: one serves all, in the event loop that it
shares with them (`loop_scope`). A profile is of one test and gone with it.
"""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, ViewportSize, async_playwright
from tools import chromium

from tests.e2e.browser.chat_page import ChatPage
from tests.e2e.conftest import new_client
from tests.support.api import Api
from tests.support.stack import Stack
from uchat_contracts.ids import new_ulid

DESKTOP = ViewportSize(width=1280, height=820)

OpenPage = Callable[..., Awaitable[ChatPage]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Return a running Chromium; where there is none, skip, but on CI fail."""
    path = chromium.find()
    if path is None:
        missing = "No Chromium here: run `python -m tools.chromium`"
        pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)  # noqa: TID251
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(
            executable_path=path, args=["--disable-dev-shm-usage"]
        )
        yield running
        await running.close()


@pytest_asyncio.fixture(loop_scope="session")
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """Return an HTTP client that keeps no cookies, of the loop of these tests."""
    async with new_client() as session:
        yield session


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser, stack: Stack) -> AsyncIterator[OpenPage]:
    """Return what opens the page; each call in a new browser profile, unless `beside` a window."""
    profiles: list[BrowserContext] = []

    async def open_page(
        beside: ChatPage | None = None, viewport: ViewportSize = DESKTOP, url: str = ""
    ) -> ChatPage:
        if beside is None:
            context = await browser.new_context(viewport=viewport, locale="en-GB")
            context.set_default_timeout(15_000)
            profiles.append(context)
        else:
            context = beside.page.context
        return await ChatPage.open(await context.new_page(), url or stack.url)

    yield open_page
    for profile in profiles:
        await profile.close()


@dataclass(frozen=True, slots=True)
class Account:
    """A person with an e-mail address, signed in at the API."""

    email: str
    api: Api


@pytest_asyncio.fixture(loop_scope="session")
async def account(stack: Stack, http: aiohttp.ClientSession) -> Account:
    """Return a new person of `stack`."""
    email = f"{new_ulid().lower()}@example.com"
    return Account(email, await Api.register(http, stack.url, email))
