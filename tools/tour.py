"""Take the pictures of `docs/tour/`: drives the running product as a person would.

`uchat up` in one window, `python -m tools.tour` in another. It plays one person: on Telegram, then
in a browser on a desktop and on a phone, in light and in dark. Needs Chromium (`tools.chromium`).
"""

import argparse
import asyncio
import json
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import aiohttp
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect
from tools import chromium

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "docs/tour"
MOST_BYTES = 150_000
ANSWER_S = 30
FIRST_WORDS = ("I have $5000 to invest in crypto", "buy 0.012 BTC", "buy 0.3 ETH", "buy 4 SOL")

Message = dict[str, Any]
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
DEVICES: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 800}},
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
        body = {"first_name": name, "username": name.lower()}
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

    async def take(self, what: str) -> None:
        """Save what is seen now.

        Raises:
            TourError: the picture is larger than a page should have to load.
        """
        path = TARGET / f"{self.device}-{what}-{self.scheme}.png"
        await self.page.mouse.move(0, 0)
        taken = await self.page.screenshot(path=path, animations="disabled", caret="hide")
        if len(taken) > MOST_BYTES:
            raise TourError(f"Expected {MOST_BYTES} bytes at most, found {len(taken)} in {path}")
        print(f"{path.relative_to(ROOT)}  {len(taken) // 1000} kB")

    async def go_to(self, name: str) -> None:
        """Open a page by the navigation."""
        navigation = self.page.get_by_role("navigation", name="Main")
        await navigation.get_by_role("link", name=name).first.click()

    async def widget(self) -> None:
        """Open the chat on the dashboard, at its end."""
        await self.page.get_by_role("button", name="Open the chat").click()
        await expect(self.page.get_by_role("region", name="Chat widget")).to_be_visible()
        await self.page.wait_for_timeout(400)


async def open_window(browser: Browser, device: str, scheme: Scheme, state: Any) -> BrowserContext:
    """Return a browser profile, signed in by a state of another one if there is any."""
    return await browser.new_context(
        **DEVICES[device], color_scheme=scheme, locale="en-GB", storage_state=state
    )


async def prepare(browser: Browser, telegram: Telegram) -> Any:
    """Trade on Telegram, continue on the web; return the state of a browser that is signed in."""
    await telegram.join("Ada")
    await telegram.ask(FIRST_WORDS[0], "Continue on the web")
    for order in FIRST_WORDS[1:]:
        await telegram.approve(order)
    context = await open_window(browser, "desktop", "light", None)
    page = await context.new_page()
    answer = await telegram.ask("How's my BTC position doing?", "Continue on the web")
    await page.goto(str(button(answer, "Continue on the web")["url"]))
    await expect(page.get_by_text(FIRST_WORDS[0])).to_be_visible(timeout=ANSWER_S * 1000)
    state = await context.storage_state()
    await context.close()
    return state


async def order(page: Page, text: str) -> None:
    """Write an order into the conversation and wait for its card."""
    composer = page.get_by_label("Message", exact=True)
    await composer.fill(text)
    await composer.press("Enter")
    approve = page.get_by_role("button", name="Approve")
    await expect(approve.last).to_be_visible(timeout=ANSWER_S * 1000)
    await page.wait_for_timeout(500)


async def web_pictures(camera: Camera, url: str) -> None:
    """Take the pictures of the web app; leaves nothing waiting for an answer."""
    page = camera.page
    await page.goto(f"{url}/#/dashboard")
    portfolio = page.get_by_role("region", name="Portfolio")
    await expect(portfolio.get_by_text("BTC").first).to_be_visible(timeout=ANSWER_S * 1000)
    await page.wait_for_timeout(800)
    await camera.take("dashboard")
    await camera.widget()
    await camera.take("widget")
    await page.get_by_role("button", name="Close the chat").click()
    await camera.go_to("AI Money Manager")
    await page.get_by_role("status", name="Loading the conversation").wait_for(state="hidden")
    await page.wait_for_timeout(500)
    await camera.take("manager")
    await order(page, "buy 0.002 BTC")
    await camera.take("card")
    await page.get_by_role("button", name="Approve").last.click()
    filled = page.get_by_role("article").filter(has_text=re.compile("Bought 0.002 BTC"))
    await expect(filled.last).to_be_visible(timeout=ANSWER_S * 1000)


async def telegram_picture(camera: Camera, telegram: Telegram) -> None:
    """Take the picture of the simulated Telegram."""
    await camera.page.goto(f"{telegram.base}/?user={telegram.id}")
    await expect(
        camera.page.get_by_text("Filled").or_(camera.page.get_by_text("0.002")).last
    ).to_be_visible()
    await camera.page.wait_for_timeout(800)
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
        for device in DEVICES:
            for scheme in SCHEMES:
                context = await open_window(browser, device, scheme, state)
                camera = Camera(await context.new_page(), device, scheme)
                await web_pictures(camera, url)
                await telegram_picture(camera, telegram)
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
