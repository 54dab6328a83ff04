"""What an answer says about an order, and what only the venue's evidence may end."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from services.execution.tests.hands import by_hand, opened
from services.execution.tests.world import buy

from uchat_execution.adapters.binance_api import Answer, BinanceApi, NoAnswerError
from uchat_execution.adapters.venue_clock import MOST, Skew, VenueClock
from uchat_execution.adapters.venue_outcomes import outcome_of, outcome_without
from uchat_execution.domain.orders import NewOrder, OrderRef
from uchat_execution.ports import NotPlacedError, OutcomeUnknownError, RejectedByVenueError
from uchat_platform.errors import UnavailableError
from uchat_platform.health import Health
from uchat_platform.testing import eventually

DUPLICATE = "Duplicate order sent."
POOR = "Account has insufficient balance for requested action."
WINDOW = {"claim_window_ms": 1500}


def answered(status, code, message="any words"):
    return outcome_of(Answer(status, {"code": code, "msg": message}))


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (503, -1008, "Server is currently overloaded with other requests."),
        (408, -1007, "Timeout waiting for response from backend server."),
        (500, -1006, "An unexpected response was received from the message bus."),
        (500, -1000, "An unknown error occurred while processing the request."),
        (400, -1000, "An unknown error occurred while processing the request."),
        (400, -2010, DUPLICATE),
        (400, -2010, "Words that are not in the table."),
        (500, -2010, POOR),
        (503, -1021, "Timestamp for this request is outside of the recvWindow."),
        (502, -1003, "Too many requests."),
        (400, -9999, "A code that nobody knows."),
        (302, -1, "Moved."),
    ],
)
def test_whatever_is_not_in_the_table_is_unknown(status, code, message):
    assert isinstance(answered(status, code, message), OutcomeUnknownError)


@pytest.mark.parametrize("body", [None, [], "text", 5, {}, {"code": "x"}, {"msg": POOR}])
def test_an_answer_of_another_shape_is_unknown(body):
    assert isinstance(outcome_of(Answer(400, body)), OutcomeUnknownError)


@pytest.mark.parametrize(
    ("status", "code", "message", "ours"),
    [
        (400, -2010, POOR, "insufficient_balance"),
        (400, -2010, "Order would trigger immediately.", "would_trigger"),
        (400, -2010, "This symbol is not permitted for this account.", "symbol_not_permitted"),
        (400, -2010, "Stop loss orders are not supported for this symbol.", "type_refused"),
        (400, -1013, "Filter failure: LOT_SIZE", "quantity_refused"),
        (400, -1013, "Filter failure: MAX_NUM_ORDERS", "filter_refused"),
        (400, -1104, "Not all sent parameters were read.", "order_malformed"),
        (400, -1022, "Signature for this request is not valid.", "venue_credentials_refused"),
        (401, -2015, "Invalid API-key, IP, or permissions.", "venue_credentials_refused"),
    ],
)
def test_a_definite_refusal_is_for_good(status, code, message, ours):
    refused = answered(status, code, message)
    assert isinstance(refused, RejectedByVenueError)
    assert refused.code == ours


@pytest.mark.parametrize(
    ("status", "code", "ours"),
    [
        (400, -1021, "window_passed"),
        (429, -1003, "venue_rate_limited"),
        (418, -1003, "venue_rate_limited"),
        (429, -1015, "venue_rate_limited"),
    ],
)
def test_what_passes_may_be_tried_again_under_a_new_id(status, code, ours):
    passing = answered(status, code)
    assert isinstance(passing, NotPlacedError)
    assert passing.code == ours


def test_only_a_connection_that_never_was_is_no_placement():
    assert isinstance(outcome_without(NoAnswerError("reset")), OutcomeUnknownError)
    assert isinstance(outcome_without(NoAnswerError("refused", sent=False)), NotPlacedError)


class Told:
    """An exchange that tells a time which is so far ahead, after so long."""

    def __init__(self, ahead, takes=0.0):
        self.ahead, self.takes = ahead, takes

    async def public(self, path, params=None):
        assert path == "/api/v3/time"
        await asyncio.sleep(self.takes / 2)
        now = datetime.now(UTC) + self.ahead
        await asyncio.sleep(self.takes / 2)
        return Answer(200, {"serverTime": int(now.timestamp() * 1000)})


async def database_now():
    return datetime.now(UTC)


@pytest.mark.parametrize(("ahead_ms", "off"), [(0, False), (400, False), (-700, True), (900, True)])
async def test_clocks_that_differ_too_much_are_noticed_either_way(ahead_ms, off):
    health = Health("execution")
    clock = VenueClock(Told(timedelta(milliseconds=ahead_ms)), database_now, health)
    skew = await clock.measure()
    assert abs(skew.ahead - timedelta(milliseconds=ahead_ms)) < timedelta(milliseconds=60)
    assert clock.is_off is off
    assert health.report()["others"] == {"venue_clock": not off}


async def test_a_slow_way_is_no_skew():
    clock = VenueClock(Told(timedelta(0), takes=0.3), database_now, Health("execution"))
    skew = await clock.measure()
    assert skew.error >= timedelta(milliseconds=140)
    assert not clock.is_off
    assert Skew(MOST * 2, MOST * 2).certain == timedelta(0)


async def test_a_clock_that_cannot_be_asked_changes_nothing():
    class Away:
        async def public(self, path, params=None):
            raise NoAnswerError("away")

    clock = VenueClock(Away(), database_now, Health("execution"))
    clock.skew = Skew(MOST * 2, timedelta(0))
    with pytest.raises(UnavailableError):
        await clock.measure()
    assert clock.is_off


@pytest.mark.integration
@pytest.mark.timeout(90)
async def test_nothing_is_signed_while_the_clocks_differ(world, person):
    account = await opened(world, person)
    venue = world.app.executor.venue.paper
    assert isinstance(venue.api, BinanceApi)
    clock = VenueClock(Told(timedelta(seconds=2)), database_now, Health("execution"))
    await clock.measure()
    object.__setattr__(venue, "clock", clock)
    ref = OrderRef(account.account, "BTC", "USDT", "cid", datetime.now(UTC))
    order = NewOrder(ref, "buy", "market", Decimal("0.01"), None, datetime.now(UTC), 3000)
    with pytest.raises(NotPlacedError) as refused:
        await venue.place(order)
    assert refused.value.code == "clock_skew"
    assert await world.journal() == []


@pytest.mark.integration
@pytest.mark.timeout(90)
async def test_a_cancelled_worker_leaves_its_claim_to_the_sweeper(world, person):
    card = await world.propose(person, buy("0.01"))
    await opened(world, person)
    await world.fault("delay_ms", on="place", times=1, ms=1000)
    await world.answer(card)
    state = "SELECT state FROM orders"

    async def submitting():
        return await world.pool.fetchval(state) == "submitting"

    await eventually(submitting)
    await world.stop(world.app)
    assert await world.pool.fetchval(state) == "submitting"
    await world.replica(**WINDOW)
    await world.until(person, card.decision_id, "executed", timeout_s=20)
    assert len(await world.journal()) == 1


@pytest.mark.integration
@pytest.mark.timeout(90)
async def test_an_older_order_that_was_traded_since_does_not_hide_an_absence(world, person):
    account = await opened(world, person)
    await by_hand(
        world, account, "trades", symbol="BTCUSDT", side="BUY", quantity="0.01", price="90000"
    )
    await asyncio.sleep(1.1)  # older than what the question allows for clocks that differ
    since = datetime.now(UTC)
    await world.pin("BTC", "89000.00")
    ref = OrderRef(account.account, "BTC", "USDT", "neversent", since)
    assert await world.app.executor.venue.find(ref) is None
