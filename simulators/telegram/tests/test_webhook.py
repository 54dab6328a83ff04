"""Updates by webhook: with the secret, again until they are taken."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest_asyncio
from aiohttp import web

from uchat_platform.testing import eventually


@dataclass
class Receiver:
    """A webhook that refuses so often."""

    refusals: int = 0
    url: str = ""
    got: list[tuple[str | None, Any]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token")
        self.got.append((secret, await request.json()))
        if len(self.got) <= self.refusals:
            return web.Response(status=503)
        return web.Response()


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    one = Receiver()
    app = web.Application()
    app.router.add_post("/hook", one.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    one.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield one
    await runner.cleanup()


async def test_an_update_is_pushed_until_it_is_taken_in_order(world, receiver):
    receiver.refusals = 2
    user = await world.person()
    await world.bot.set_webhook(receiver.url, secret_token="s3cret")
    await world.post("/sim/messages", {"user_id": user, "text": "second"})
    await eventually(lambda: len(receiver.got) == 4)
    texts = [update["message"]["text"] for _, update in receiver.got]
    assert texts == ["/start", "/start", "/start", "second"]
    assert {secret for secret, _ in receiver.got} == {"s3cret"}
    await eventually(lambda: len(world.simulator.updates) == 0)


async def test_a_webhook_that_is_away_is_told_by_get_webhook_info(world):
    await world.person()
    await world.bot.set_webhook("http://127.0.0.1:9/")
    await eventually(lambda: "last_error_message" in world.simulator.webhook.info())
    info = await world.bot.get_webhook_info()
    assert info.last_error_message.startswith("Connection failed")
    assert info.pending_update_count == 1
