"""Alerts: set in words on Telegram, told on every interface when the market crosses."""

import asyncio
import time
from datetime import datetime
from decimal import Decimal
from typing import Any

import aiohttp
import pytest

from tests.e2e.story.conftest import on_the_web
from tests.support.live import Socket
from tests.support.stack import Stack
from tests.support.telegram import TelegramUser, has_button
from tests.support.trading import eventually
from tests.support.view import LogView

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]
SYMBOL = "AVAX"
WITHIN_S = 2.0


async def pin(http: aiohttp.ClientSession, exchange: str, price: Decimal | None) -> None:
    """Fix the price of an asset that no other test trades; None lets it go."""
    body = {"symbol": SYMBOL, "price": None if price is None else str(price)}
    async with http.post(f"{exchange}/sim/prices", json=body) as response:
        assert response.status < 400, await response.text()


async def price_now(http: aiohttp.ClientSession, exchange: str) -> Decimal:
    """Return what the asset costs at the exchange."""
    params = {"symbol": f"{SYMBOL}USDT"}
    async with http.get(f"{exchange}/api/v3/ticker/24hr", params=params) as response:
        return Decimal((await response.json())["lastPrice"])


async def test_alert_reaches_web_and_telegram(
    telegram: TelegramUser, stack: Stack, http: aiohttp.ClientSession, exchange: str
):
    web = await on_the_web(telegram, http, stack.url)
    level = ((await price_now(http, exchange)) * Decimal("1.1")).quantize(Decimal(1))
    answer = await telegram.ask(f"tell me when {SYMBOL} rises to {level}")
    assert "Alert set" in answer["text"]
    [alert] = (await web.expect(200, "GET", "/api/v1/alerts"))["alerts"]
    assert (alert["symbol"], alert["way"], alert["created_via"]) == (SYMBOL, "above", "telegram")
    mine = LogView(web.person)
    arrived: dict[str, float] = {}

    def told() -> dict[str, Any] | None:
        found = [entry.data for entry in mine.entries.values() if entry.kind == "alert"]
        return found[0] if found else None

    async def on_telegram() -> Any:
        message = await telegram.until("the alert", lambda m: has_button(m, "Snooze 1 h"))
        arrived["telegram"] = time.time()
        return message

    async with Socket(http, stack.url, web.token, {web.person: mine}, "a") as socket:
        waiting = asyncio.create_task(on_telegram())
        try:
            await pin(http, exchange, level + 1)
            await socket.until(lambda: told() is not None, timeout_s=10)
            arrived["web"] = time.time()
            message = await waiting
        finally:
            waiting.cancel()
            await pin(http, exchange, None)
    data = told()
    assert data is not None
    fired = data["fired"]
    assert (data["state"], fired["simulated"]) == ("done", True)
    assert f"Simulated, source: {fired['source']}," in fired["text"]
    assert fired["text"] in message["text"]
    noticed = datetime.fromisoformat(fired["at"]).timestamp()
    late = {name: round(at - noticed, 3) for name, at in arrived.items()}
    assert max(late.values()) < WITHIN_S, late

    await telegram.press(message, "Delete")

    async def gone() -> bool:
        return (await web.expect(200, "GET", "/api/v1/alerts"))["alerts"] == []

    await eventually("the alert to be deleted", gone)
    about = {"about": f"alert:{alert['alert_id']}"}
    told_by = (await web.expect(200, "GET", "/api/v1/deliveries", params=about))["deliveries"]
    assert [each["interface"] for each in told_by] == ["telegram"]
