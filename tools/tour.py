"""Take the pictures of `docs/tour/`: drives the running product as a person would.

`uchat up` in one window, `python -m tools.tour` in another. It plays one person: on Telegram, then
in a browser on a desktop and on a phone, in light and in dark. Needs Chromium (`tools.chromium`).
"""

import argparse
import asyncio
import itertools
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import aiohttp
from playwright.async_api import Browser, BrowserContext, Locator, Page, async_playwright, expect
from tools import chromium

from uchat_contracts.ids import new_ulid

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "docs/tour"
MOST_BYTES = 180_000
ANSWER_S = 30
DASHBOARD_HEIGHT = 1150
IDEA = "I have $5000 to invest in crypto"
FIRST_ORDERS = ("buy 0.012 BTC", "buy 0.3 ETH", "buy 4 SOL")
# Another one for each window: the same again, so soon, is warned of.
ORDERS = ("0.002 BTC", "0.05 ETH", "0.8 SOL", "0.003 BTC")

Message = dict[str, Any]
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
DEVICES: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1200, "height": 750}},
    "phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
}


class TourError(Exception):
    """The product did not show what the tour goes to see."""


@dataclass(slots=True)
class Telegram:
    """One person at the simulated Telegram."""

    http: aiohttp.ClientSession
    base: str
    id: int = 0

    async def join(self, name: str) -> None:
        """Become a person whom nobody has seen before."""
        body = {"first_name": name, "username": f"{name}_{new_ulid()[-6:]}".lower()}
        self.id = int((await self._post("users", body))["id"])

    async def ask(self, text: str, wanted: str) -> Message:
        """Write to the bot and return the first new message with a button called so."""
        known = {message["message_id"] for message in await self.messages()}
        await self._post("messages", {"user_id": self.id, "text": text})

        def fits(message: Message) -> bool:
            return message["message_id"] not in known and bool(button(message, wanted))

        return (await self.until(lambda messages: [m for m in messages if fits(m)]))[0]

    async def approve(self, text: str) -> None:
        """Order something, and approve it there."""
        card = await self.ask(text, "Approve")
        pressed = {"message_id": card["message_id"], "data": button(card, "Approve")["data"]}
        await self._post("callbacks", {"user_id": self.id, **pressed})
        await self.until(
            lambda messages: [] if any(button(m, "Approve") for m in messages) else messages
        )

    async def messages(self) -> list[Message]:
        """Return the whole chat."""
        return (await self._chat())["messages"]

    async def until(self, look: Callable[[list[Message]], list[Message]]) -> list[Message]:
        """Return what is seen in the chat as soon as anything is."""
        async with asyncio.timeout(ANSWER_S):
            chat = await self._chat()
            while not (found := look(chat["messages"])):
                chat = await self._chat({"wait": "20", "version": str(chat["version"])})
            return found

    async def _chat(self, params: dict[str, str] | None = None) -> dict[str, Any]:
        url = f"{self.base}/sim/chats/{self.id}/messages"
        async with self.http.get(url, params=params, raise_for_status=True) as response:
            return await response.json()

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        url = f"{self.base}/sim/{path}"
        async with self.http.post(url, json=body, raise_for_status=True) as response:
            return await response.json()


def button(message: Message, label: str) -> dict[str, Any]:
    """Return the button of a message with this in its label; empty if there is none."""
    rows: list[list[dict[str, Any]]] = message.get("buttons") or []
    fitting = [each for row in rows for each in row if label in each["text"]]
    return fitting[0] if fitting else {}


@dataclass(frozen=True, slots=True)
class Camera:
    """One window, and what its pictures are called."""

    page: Page
    device: str
    scheme: Scheme

    async def take(self, what: str, height: int | None = None) -> None:
        """Save what is seen now, in a window of this height.

        Raises:
            TourError: the picture is larger than a page should have to load.
        """
        path = TARGET / f"{self.device}-{what}-{self.scheme}.png"
        usual = self.page.viewport_size
        if usual is not None and height is not None:
            await self.page.set_viewport_size({"width": usual["width"], "height": height})
        await self.page.mouse.move(0, 0)
        # What has just come is still moving into its place.
        await self.page.wait_for_timeout(700)
        taken = await self.page.screenshot(path=path, animations="disabled", caret="hide")
        if usual is not None:
            await self.page.set_viewport_size(usual)
        if len(taken) > MOST_BYTES:
            raise TourError(f"Expected {MOST_BYTES} bytes at most, found {len(taken)} in {path}")
        print(f"{path.relative_to(ROOT)}  {len(taken) // 1000} kB")

    async def go_to(self, name: str) -> None:
        """Open a page by the navigation."""
        navigation = self.page.get_by_role("navigation", name="Main")
        await navigation.get_by_role("link", name=name).first.click()


async def open_window(browser: Browser, device: str, scheme: Scheme, state: Any) -> BrowserContext:
    """Return a browser profile, signed in by a state of another one if there is any."""
    return await browser.new_context(
        **DEVICES[device], color_scheme=scheme, locale="en-GB", storage_state=state
    )


async def prepare(browser: Browser, telegram: Telegram) -> Any:
    """Trade on Telegram, continue on the web; return the state of a browser that is signed in."""
    await telegram.join("Ada")
    await telegram.ask(IDEA, "Continue on the web")
    for first in FIRST_ORDERS:
        await telegram.approve(first)
    context = await open_window(browser, "desktop", "light", None)
    page = await context.new_page()
    answer = await telegram.ask("How's my BTC position doing?", "Continue on the web")
    await page.goto(str(button(answer, "Continue on the web")["url"]))
    await expect(page.get_by_text(IDEA).first).to_be_visible(timeout=ANSWER_S * 1000)
    state = await context.storage_state()
    await context.close()
    return state


async def say(within: Page | Locator, text: str) -> None:
    """Write a message and wait until it is answered."""
    answers = within.get_by_role("article", name="Assistant", exact=True).filter(
        has=within.page.locator("time") if isinstance(within, Locator) else within.locator("time")
    )
    before = await answers.count()
    composer = within.get_by_label("Message", exact=True)
    await composer.fill(text)
    await composer.press("Enter")
    await expect(answers).not_to_have_count(before, timeout=ANSWER_S * 1000)


async def web_pictures(camera: Camera, url: str, thing: str) -> None:
    """Take the pictures of the web app and buy a thing; leaves nothing waiting for an answer."""
    page = camera.page
    await page.goto(f"{url}/#/dashboard")
    portfolio = page.get_by_role("region", name="Portfolio")
    await expect(portfolio.get_by_text("BTC").first).to_be_visible(timeout=ANSWER_S * 1000)
    await camera.take("dashboard", DASHBOARD_HEIGHT)
    await page.get_by_role("button", name="Open the chat").click()
    await say(page.get_by_role("region", name="Chat widget"), "How's my BTC position doing?")
    await camera.take("widget")
    await page.get_by_role("button", name="Close the chat").click()
    await camera.go_to("AI Money Manager")
    await page.get_by_role("status", name="Loading the conversation").wait_for(state="hidden")
    await say(page, IDEA)
    await camera.take("manager")
    await say(page, f"buy {thing}")
    approve = page.get_by_role("button", name="Approve").last
    await expect(approve).to_be_visible(timeout=ANSWER_S * 1000)
    await camera.take("card")
    await approve.click()
    bought = page.get_by_text(f"Bought {thing}").last
    await expect(bought).to_be_visible(timeout=ANSWER_S * 1000)


async def telegram_picture(camera: Camera, telegram: Telegram, thing: str) -> None:
    """Take the picture of the simulated Telegram, where the web's order is told of."""
    page = camera.page
    await page.goto(f"{telegram.base}/?user={telegram.id}")
    await page.evaluate("name => localStorage.setItem('telegram-theme', name)", camera.scheme)
    await page.reload()
    await expect(page.get_by_text(f"Filled {thing}").last).to_be_visible()
    await camera.take("telegram")


async def tour(url: str, telegram_url: str) -> None:
    """Take all pictures."""
    path = chromium.find()
    if path is None:
        raise TourError("No Chromium here: run `python -m tools.chromium`")
    TARGET.mkdir(parents=True, exist_ok=True)
    async with aiohttp.ClientSession() as http, async_playwright() as playwright:
        telegram = Telegram(http, telegram_url)
        browser = await playwright.chromium.launch(
            executable_path=path, args=["--disable-dev-shm-usage"]
        )
        state = await prepare(browser, telegram)
        windows = itertools.product(DEVICES, SCHEMES)
        for (device, scheme), thing in zip(windows, ORDERS, strict=True):
            context = await open_window(browser, device, scheme, state)
            camera = Camera(await context.new_page(), device, scheme)
            await web_pictures(camera, url, thing)
            await telegram_picture(camera, telegram, thing)
            # A refresh token works once: the next window goes on with the newest.
            state = await context.storage_state()
            await context.close()
        await browser.close()


def main() -> int:
    """Read the addresses of the running product and take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, default=Path(".uchat"), help="of `uchat up`")
    data_dir: Path = parser.parse_args().data_dir
    endpoints_file = data_dir / "run/endpoints.json"
    if not endpoints_file.exists():
        print(f"tour: nothing runs on {data_dir}: start the product by `uchat up`")
        return 1
    endpoints: dict[str, Any] = json.loads(endpoints_file.read_text())
    asyncio.run(tour(endpoints["gateway"], endpoints["telegram_simulator"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
