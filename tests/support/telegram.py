"""A person who uses Telegram: plays a user at the simulated Bot API."""

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import aiohttp

_names = itertools.count(1)
Message = dict[str, Any]


@dataclass(slots=True)
class TelegramUser:
    """One user and their private chat with the bot."""

    http: aiohttp.ClientSession
    base: str
    id: int

    @classmethod
    async def new(cls, http: aiohttp.ClientSession, base: str) -> Self:
        """Make a user whom nobody has seen before."""
        name = f"tester{next(_names)}"
        body = {"first_name": name.capitalize(), "username": name}
        async with http.post(f"{base}/sim/users", json=body) as response:
            response.raise_for_status()
            return cls(http, base, int((await response.json())["id"]))

    async def write(self, text: str) -> None:
        """Send a message to the bot."""
        await self._post("messages", {"user_id": self.id, "text": text})

    async def press(self, message: Message, label: str) -> None:
        """Press a button of a message, by a part of its label."""
        button = button_of(message, label)
        body = {"user_id": self.id, "message_id": message["message_id"], "data": button["data"]}
        await self._post("callbacks", body)

    async def messages(self) -> list[Message]:
        """Return the whole chat, oldest first."""
        async with self.http.get(f"{self.base}/sim/chats/{self.id}/messages") as response:
            response.raise_for_status()
            return (await response.json())["messages"]

    async def from_bot(self) -> list[Message]:
        """Return what the bot has written and not deleted."""
        found = await self.messages()
        return [m for m in found if m["from"] == "bot" and not m.get("deleted")]

    async def until(self, what: str, fits: Callable[[Message], bool], timeout_s: float = 15) -> Any:
        """Return the newest message of the bot that fits, as soon as there is one.

        Raises:
            AssertionError: none came in time; it shows the chat.
        """
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    for message in reversed(await self.from_bot()):
                        if fits(message):
                            return message
                    await asyncio.sleep(0.03)
        except TimeoutError:
            shown = [(m["from"], m["text"], m.get("buttons")) for m in await self.messages()]
            raise AssertionError(f"Expected {what} in the chat, found {shown}") from None

    async def ask(self, text: str, timeout_s: float = 15) -> Message:
        """Send a message and return the answer to it."""
        known = {m["message_id"] for m in await self.from_bot()}
        await self.write(text)
        return await self.until(
            f"an answer to {text!r}", lambda m: m["message_id"] not in known, timeout_s
        )

    async def card(self, timeout_s: float = 15, *, after: Message | None = None) -> Message:
        """Return the newest card that can be approved, which came after another message."""
        known = after["message_id"] if after else 0
        return await self.until(
            "a card to approve",
            lambda m: m["message_id"] > known and has_button(m, "Approve"),
            timeout_s,
        )

    async def faults(self, **body: Any) -> None:
        """Have the Bot API misbehave."""
        await self._post("faults", body)

    async def _post(self, what: str, body: dict[str, Any]) -> None:
        async with self.http.post(f"{self.base}/sim/{what}", json=body) as response:
            if response.status >= 400:
                raise AssertionError(f"Expected {what} to be taken, found {await response.text()}")


def buttons_of(message: Message) -> list[dict[str, Any]]:
    """Return all buttons of a message."""
    return [button for row in message.get("buttons") or [] for button in row]


def has_button(message: Message, label: str) -> bool:
    """Tell whether a message has a button with this in its label."""
    return any(label in button["text"] for button in buttons_of(message))


def button_of(message: Message, label: str) -> dict[str, Any]:
    """Return the button with this in its label."""
    found = [button for button in buttons_of(message) if label in button["text"]]
    assert found, f"Expected a button {label!r}, found {buttons_of(message)}"
    return found[0]


def continue_code(message: Message) -> str:
    """Return the one-time code behind "Continue on the web"."""
    return str(button_of(message, "Continue on the web")["url"]).partition("#continue=")[2]
