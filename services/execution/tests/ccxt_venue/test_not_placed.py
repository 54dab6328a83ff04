"""When nothing was placed for certain, and when to come again."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest
from services.execution.tests.ccxt_venue.orders import CLOCK, fault, order, own_id, placed_there
from services.execution.tests.live_exchange import at_exchange, binance_at

from uchat_execution.adapters.binance_api import Answer
from uchat_execution.adapters.ccxt_api.client import RefusedError, RestingError
from uchat_execution.domain.orders import client_order_id
from uchat_execution.ports import NotPlacedError
from uchat_platform.errors import UnavailableError


async def test_what_comes_too_late_is_refused_by_the_exchange_itself(
    binance, at, simulator, request
):
    class Slow:
        def now(self):
            return CLOCK.now() - timedelta(seconds=10)

    late = binance.account(await at.key(enable_spot_trading=True))
    object.__setattr__(late, "clock", Slow())
    with pytest.raises(NotPlacedError) as refused:
        await late.place(order(own_id(request), ago=timedelta(seconds=5)))
    assert refused.value.code == "window_passed"
    assert await placed_there(simulator, own_id(request)) == 0


async def test_nothing_is_signed_while_the_exchanges_clock_differs(
    binance, account, simulator, request
):
    await fault(simulator, "clock_skew", on="time", ms=2000, times=20)
    await binance.compared.measure()
    with pytest.raises(NotPlacedError) as refused:
        await account.place(order(own_id(request)))
    assert refused.value.code == "clock_skew"
    await simulator.delete("/sim/faults")
    await binance.compared.measure()
    assert (await account.place(order(own_id(request)))).status == "filled"


async def test_after_a_rate_limit_nothing_is_sent_until_it_is_over(account, simulator, request):
    await fault(simulator, "http_429", on="place", ms=30_000)
    with pytest.raises(NotPlacedError) as refused:
        await account.place(order(own_id(request)))
    assert (refused.value.code, refused.value.retry_after_s) == ("venue_rate_limited", 30)
    with pytest.raises(NotPlacedError) as resting:
        await account.place(order(own_id(request)))
    assert 0 < resting.value.retry_after_s <= 30
    with pytest.raises(UnavailableError, match="takes no requests"):
        await account.balances()
    assert await placed_there(simulator, own_id(request)) == 0


async def test_an_answer_that_was_under_way_does_not_shorten_a_ban(binance):
    client, asked = binance.client, asyncio.Barrier(2)

    async def refused(status, seconds):
        async with client.asking():
            await asked.wait()
            await asyncio.sleep(0.01 if status == 429 else 0)
            raise RefusedError(Answer(status, {"code": -1003}, seconds))

    ends = await asyncio.gather(refused(418, 7200.0), refused(429, 1.0), return_exceptions=True)
    assert [type(each) for each in ends] == [RefusedError, RefusedError]
    with pytest.raises(RestingError) as resting:
        await client.asking().__aenter__()
    assert resting.value.seconds > 7000


async def test_who_orders_too_often_waits_and_nobody_else_does(
    binance, account, simulator, request
):
    assert (await simulator.post("/sim/rules", json={"orders_per_10s": 1})).is_success
    refused = None
    for n in range(6):
        try:
            await account.place(order(client_order_id(f"{request.node.name}{n}", "cd" * 32, 1, 1)))
        except NotPlacedError as e:
            refused = refused or e
    assert refused is not None, "six orders took more than ten seconds"
    assert (refused.code, bool(refused.retry_after_s)) == ("venue_rate_limited", True)
    with pytest.raises(NotPlacedError):
        await account.place(order(own_id(request)))
    assert "USDT" in await account.balances()
    assert "BTC" in await binance.quotes(["BTC"])
    other = binance.account(await (await at_exchange(simulator, USDT="500")).key(
        enable_spot_trading=True
    ))  # fmt: skip
    assert (await other.place(order(own_id(request), quantity=Decimal("0.001")))).filled


async def test_an_exchange_that_cannot_be_reached_has_placed_nothing(at):
    async with binance_at(str(at.http.base_url)) as gone:
        account = gone.account(at.main)
        gone.client.keyed(at.main).urls["api"]["private"] = "http://127.0.0.1:9/api/v3"
        with pytest.raises(NotPlacedError) as refused:
            await account.place(order())
    assert refused.value.code == "venue_unreachable"
