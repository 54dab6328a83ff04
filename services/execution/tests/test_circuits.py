"""Whoever does not answer is left alone for a while, and then asked by one call only."""

from datetime import UTC, datetime

import pytest
from services.execution.tests.test_market_data import NOON, market_of

from uchat_execution.adapters.binance_api import NoAnswerError, binance_api
from uchat_execution.adapters.circuits import Breaker, Circuits
from uchat_execution.adapters.listings import Listings
from uchat_execution.adapters.market_exchange import ExchangeMarketData
from uchat_execution.service.quotes import MarketDataService
from uchat_platform.clock import SystemClock
from uchat_platform.health import Health
from uchat_platform.testing import eventually
from uchat_sim_exchange.testing import exchange_process


class Clock:
    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def breaker(clock):
    return Breaker("venue", Health("execution"), clock)


def fail(breaker, times):
    for _ in range(times):
        assert breaker.lets()
        breaker.done(ok=False)


def test_it_opens_after_five_failures_in_a_row_and_a_success_begins_anew(breaker):
    fail(breaker, 4)
    assert breaker.lets()
    breaker.done(ok=True)
    fail(breaker, 4)
    assert breaker.state == "closed"
    fail(breaker, 1)
    assert breaker.state == "open"
    assert not breaker.lets()
    assert breaker.health.report()["others"] == {"venue_circuit": "open"}


def test_after_the_pause_one_call_tries_and_decides(breaker, clock):
    fail(breaker, 5)
    clock.seconds = 1
    assert breaker.lets()
    assert breaker.state == "half_open"
    assert not breaker.lets()
    breaker.done(ok=True)
    assert breaker.state == "closed"
    assert breaker.lets()


def test_pauses_grow_to_five_seconds(breaker, clock):
    fail(breaker, 5)
    for pause in (1, 2, 4, 5, 5):
        clock.seconds += pause - 0.1
        assert not breaker.lets()
        clock.seconds += 0.1
        fail(breaker, 1)
    assert breaker.state == "open"


def test_a_try_that_was_given_up_lets_another_one_try(breaker, clock):
    fail(breaker, 5)
    clock.seconds = 1
    assert breaker.lets()
    breaker.done(ok=None)
    assert breaker.lets()


def test_calls_that_were_under_way_when_it_opened_do_not_open_it_again(breaker, clock):
    for _ in range(8):
        assert breaker.lets()
    for _ in range(5):
        breaker.done(ok=False)
    clock.seconds = 0.9
    for _ in range(3):
        breaker.done(ok=False)
    clock.seconds = 1
    assert breaker.lets()


@pytest.mark.integration
async def test_an_exchange_that_is_away_is_not_called_and_one_that_is_back_is(tmp_path):
    circuits = Circuits.of(Health("execution"))
    async with (
        exchange_process(tmp_path) as exchange,
        binance_api(exchange.url, SystemClock(), circuits) as api,
    ):
        assert (await api.public("/api/v3/ping")).ok
        # A refusal is an answer.
        for _ in range(6):
            assert (await api.public("/api/v3/depth")).status == 400
        await exchange.kill()
        for _ in range(5):
            with pytest.raises(NoAnswerError):
                await api.public("/api/v3/ping")
        with pytest.raises(NoAnswerError, match="for a while") as refused:
            await api.public("/api/v3/ping")
        assert not refused.value.sent
        assert circuits.states() == {"market": "open", "venue": "closed"}
        await exchange.start()

        async def back():
            try:
                return (await api.public("/api/v3/ping")).ok
            except NoAnswerError:
                return False

        await eventually(back, timeout_s=10)
        assert circuits.states()["market"] == "closed"


@pytest.mark.integration
async def test_the_status_tells_the_source_and_how_old_its_prices_are(tmp_path):
    async with market_of(tmp_path) as market:
        service = MarketDataService(market, lambda: {"market": "half_open"})
        status = await service.status(NOON)
        assert (status.latest.source, status.latest.simulated) == ("synthetic", True)
        assert (status.fresh, status.circuits) == (True, {"market": "half_open"})
        assert not (await service.status(datetime(2027, 1, 1, tzinfo=UTC))).fresh
    async with binance_api("http://127.0.0.1:9", SystemClock()) as api:
        away = ExchangeMarketData(
            api, Listings(api), Health("execution"), source="paper", simulated=True
        )
        nothing = await MarketDataService(away).status(datetime.now(UTC))
        assert (nothing.latest, nothing.fresh) == (None, False)
