"""The simulator as Binance, and an account there with a key that may trade."""

import httpx
import pytest
from services.execution.tests.live_exchange import at_exchange, binance_at

from uchat_sim_exchange.testing import exchange_server


@pytest.fixture
async def url(tmp_path):
    async with exchange_server(tmp_path) as running:
        yield running


@pytest.fixture
async def simulator(url):
    async with httpx.AsyncClient(base_url=url) as http:
        yield http


@pytest.fixture
async def binance(url):
    async with binance_at(url) as exchange:
        exchange.client.public.enableRateLimit = False
        yield exchange


@pytest.fixture
async def at(simulator):
    return await at_exchange(simulator, USDT="10000")


@pytest.fixture
async def account(binance, at):
    made = binance.account(await at.key(enable_spot_trading=True))
    binance.client.keyed(made.credentials).enableRateLimit = False
    return made
