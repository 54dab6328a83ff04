"""Telegram users beside the people of the other end-to-end tests."""

import aiohttp
import pytest

from tests.support.api import Api
from tests.support.stack import Stack
from tests.support.telegram import TelegramUser, continue_code


@pytest.fixture
def exchange(stack: Stack) -> str:
    """Return where the simulated exchange is."""
    return str(stack.endpoints()["exchange"])


@pytest.fixture
async def telegram(stack: Stack, http: aiohttp.ClientSession) -> TelegramUser:
    """Return a Telegram user who has never written to the bot."""
    return await TelegramUser.new(http, str(stack.endpoints()["telegram_simulator"]))


async def on_the_web(telegram: TelegramUser, http: aiohttp.ClientSession, base: str) -> Api:
    """Sign in by the button of the bot's newest answer."""
    message = await telegram.ask("hello")
    return await continued(http, base, continue_code(message))


async def continued(http: aiohttp.ClientSession, base: str, code: str) -> Api:
    """Sign in by a one-time code."""
    api = Api(http, base)
    signed_in = await api.expect(200, "POST", "/api/v1/links/continue", json={"code": code})
    api.token, api.person = signed_in["access_token"], signed_in["user_id"]
    api.home = signed_in["session_id"]
    return api
