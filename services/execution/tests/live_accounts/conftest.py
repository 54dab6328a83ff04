"""The simulator as Binance behind a venue worker, and an account there."""

import pytest
from services.execution.tests.live_exchange import at_exchange, binance_at, worker_of


@pytest.fixture
async def live(still_world):
    """A replica that reaches the exchange as if it were Binance; BTC is at 96,000 USDT."""
    body = {"symbol": "BTC", "price": "96000.00"}
    assert (await still_world.simulator.post("/sim/prices", json=body)).is_success
    async with binance_at(still_world.url) as binance, worker_of({"binance": binance}) as reached:
        await still_world.replica(live=reached)
        yield still_world
        await still_world.stop(still_world.app)


@pytest.fixture
async def account(live):
    return await at_exchange(live.simulator, USDT="5000", BTC="0.01")
