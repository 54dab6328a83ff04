"""What a person does with decisions and money at the HTTP interface."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import aiohttp

from tests.support.api import CHAT, Answer, Api

Card = dict[str, Any]
FINAL = {"executed", "partially_executed", "failed", "rejected", "expired", "denied", "superseded"}


async def eventually(what: str, look: Callable[[], Awaitable[Any]], timeout_s: float = 15) -> Any:
    """Return the first true value of an asynchronous look.

    Raises:
        AssertionError: nothing true was seen in time; it shows the last value.
    """
    value: Any = None
    try:
        async with asyncio.timeout(timeout_s):
            while not (value := await look()):
                await asyncio.sleep(0.03)
    except TimeoutError:
        raise AssertionError(f"Expected {what} within {timeout_s} s, found {value!r}") from None
    return value


async def propose(person: Api, text: str, log: str = "", **more: Any) -> Card:
    """Ask for a trade and return the card that the reply came with."""
    reply = await person.say(log or person.home, text, **more)
    assert reply["requires_approval"], f"Expected a card for {text!r}, found {reply}"
    assert reply["decision"]["decision_id"] == reply["decision_id"]
    return reply["decision"]


async def decide(person: Api, card: Card, *, approved: bool = True, **more: Any) -> Answer:
    """Answer a card."""
    body = {"decision_id": card["decision_id"], "approved": approved}
    body |= {"plan_hash": card["plan_hash"], **more}
    return await person.request("POST", f"{CHAT}/decision/approve", json=body)


async def decision(person: Api, decision_id: str) -> Card:
    """Return a decision as it stands."""
    return await person.expect(200, "GET", f"{CHAT}/decision/{decision_id}")


async def outcome(person: Api, decision_id: str, timeout_s: float = 15) -> Card:
    """Return a decision once nothing more will happen to it."""

    async def look() -> Card | None:
        card = await decision(person, decision_id)
        return card if card["state"] in FINAL else None

    return await eventually(f"{decision_id} to end", look, timeout_s)


async def held(person: Api, symbol: str) -> Decimal:
    """Return how much of an asset a person has."""
    portfolio = await person.expect(200, "GET", "/api/v1/portfolio")
    found = [h for h in portfolio["holdings"] if h["symbol"] == symbol]
    return Decimal(found[0]["quantity"]) if found else Decimal(0)


async def journal(http: aiohttp.ClientSession, exchange: str) -> list[dict[str, Any]]:
    """Return every order that the exchange has ever taken."""
    orders: list[dict[str, Any]] = []
    while True:
        params = {"after": str(len(orders))}
        async with http.get(f"{exchange}/sim/journal", params=params) as response:
            response.raise_for_status()
            page = (await response.json())["orders"]
        orders += page
        if not page:
            return orders


def cards(view_entries: list[dict[str, Any]]) -> dict[str, Card]:
    """Return the newest card of each decision in a history, by id."""
    found: dict[str, Card] = {}
    for entry in view_entries:
        if entry["type"] in ("decision", "decision.resolved", "execution"):
            card = entry["data"]
            known = found.get(card["decision_id"])
            if known is None or known["rev"] < card["rev"]:
                found[card["decision_id"]] = card
    return found
