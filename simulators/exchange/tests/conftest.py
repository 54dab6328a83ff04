"""Lets the tests of the exchange share their client, and an exchange with an account."""

import sys
from pathlib import Path

import httpx
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from exchange_client import Client

from uchat_sim_exchange.testing import exchange_server


@pytest.fixture
async def url(tmp_path):
    async with exchange_server(tmp_path / "exchange") as running:
        yield running


@pytest.fixture
async def client(url):
    async with httpx.AsyncClient(base_url=url, timeout=20) as http:
        client = Client(http)
        await client.open(USDT="10000")
        yield client
