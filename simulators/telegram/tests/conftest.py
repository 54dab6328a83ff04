"""A simulator on a free port, a bot and a person."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest_asyncio
from aiogram import Bot, methods, types
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from pydantic import BaseModel

from uchat_sim_telegram.app import running
from uchat_sim_telegram.server import Simulator
from uchat_sim_telegram.settings import SimulatorSettings

TOKEN = "42:simulated"


def _complete() -> None:
    # The adapter imports aiogram without finishing its models; its tests may have run before.
    for model in [*vars(types).values(), *vars(methods).values()]:
        if isinstance(model, type) and issubclass(model, BaseModel):
            model.model_rebuild(_types_namespace=vars(types))


_complete()


@dataclass(repr=False)
class World:
    """What a test needs: the simulator, its address, a bot and the test API."""

    simulator: Simulator
    url: str
    bot: Bot
    http: aiohttp.ClientSession

    def another_bot(self) -> Bot:
        server = TelegramAPIServer.from_base(self.url)
        return Bot(TOKEN, session=AiohttpSession(api=server))

    async def get(self, path: str) -> Any:
        async with self.http.get(self.url + path) as response:
            return await response.json()

    async def post(self, path: str, body: Any = None) -> Any:
        async with self.http.post(self.url + path, json=body or {}) as response:
            return await response.json()

    async def person(self, name: str = "Ada") -> int:
        """Let a person join and say hello, so that the bot may write."""
        user = (await self.post("/sim/users", {"first_name": name, "username": name.lower()}))["id"]
        await self.post("/sim/messages", {"user_id": user, "text": "/start"})
        return user

    async def chat(self, user: int) -> Any:
        return await self.get(f"/sim/chats/{user}/messages")


@pytest_asyncio.fixture
async def world() -> AsyncIterator[World]:
    async with running(SimulatorSettings(), port=0) as (simulator, url):
        async with aiohttp.ClientSession() as http:
            one = World(simulator, url, None, http)  # type: ignore[arg-type]
            one.bot = one.another_bot()
            try:
                yield one
            finally:
                await one.bot.session.close()
