"""Connections to a real Valkey, and one to none."""

import pytest

from uchat_gateway.adapters import valkey

# On a busy machine an answer takes its time; Valkey is not away because of that.
PATIENCE_S = 30


@pytest.fixture
async def client(valkey_database):
    client = valkey.connect(valkey_database, PATIENCE_S)
    yield client
    await client.aclose()


@pytest.fixture
async def other(valkey_database):
    client = valkey.connect(valkey_database, PATIENCE_S)
    yield client
    await client.aclose()


@pytest.fixture
async def away():
    client = valkey.connect("redis://127.0.0.1:9")
    yield client
    await client.aclose()
