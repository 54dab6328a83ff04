import base64
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal

import httpx
import pytest
from aiohttp import web

from uchat_execution.adapters.binance_api import Answer, binance_api
from uchat_execution.adapters.listings import Listings
from uchat_execution.adapters.paper_keys import PaperKeys
from uchat_execution.adapters.venue_binance import BinanceVenue
from uchat_execution.adapters.venue_outcomes import outcome_of
from uchat_execution.domain.orders import NewOrder, OrderRef
from uchat_execution.ports import (
    AccountUnknownError,
    NotPlacedError,
    OutcomeUnknownError,
    RejectedByVenueError,
)
from uchat_platform.clock import SystemClock
from uchat_platform.errors import InvalidInputError, UnavailableError
from uchat_sim_exchange.testing import exchange_process, exchange_server

CLOCK = SystemClock()
ACCOUNT = "acct_01JD0000000000000000000000"
KEYS = PaperKeys(b"k" * 32)


@asynccontextmanager
async def venue_at(url):
    async with binance_api(url, CLOCK) as api:
        yield BinanceVenue(api, Listings(api), KEYS)


@pytest.fixture
async def url(tmp_path):
    async with exchange_server(tmp_path) as running:
        yield running


@pytest.fixture
async def venue(url):
    async with venue_at(url) as venue:
        await venue.open_account(ACCOUNT, {"USDT": Decimal(10_000)})
        yield venue


@pytest.fixture
async def simulator(url):
    async with httpx.AsyncClient(base_url=url) as http:
        yield http


def order(client_order_id="first", window_ms=3000, ago=timedelta(0), **changes):
    signed_at = CLOCK.now() - ago
    account, symbol = changes.pop("account", ACCOUNT), changes.pop("symbol", "BTC")
    whole = {
        "side": "buy", "type": "market", "quantity": Decimal("0.01"), "limit_price": None,
        **changes,
    }  # fmt: skip
    ref = OrderRef(account, symbol, "USDT", client_order_id, signed_at)
    return NewOrder(ref, signed_at=signed_at, window_ms=window_ms, **whole)


def limit(price, **changes):
    return order(type="limit", limit_price=Decimal(price), **changes)


async def journal(simulator):
    return (await simulator.get("/sim/journal")).json()["orders"]


async def fault(simulator, kind, **more):
    assert (await simulator.post("/sim/faults", json={"kind": kind, **more})).is_success


async def pin(simulator, symbol, price):
    body = {"symbol": symbol, "price": price}
    assert (await simulator.post("/sim/prices", json=body)).is_success


async def test_a_placed_order_comes_back_with_its_fills(venue, simulator):
    sent = order(quantity=Decimal("0.0100"))
    placed = await venue.place(sent)
    assert placed.ref == sent.ref
    assert placed.status == "filled"
    assert placed.filled == sum(fill.quantity for fill in placed.fills) == Decimal("0.01")
    assert {fill.fee_asset for fill in placed.fills} == {"USDT"}
    entry = (await journal(simulator))[0]
    assert entry["client_order_id"] == "first"
    assert entry["symbol"] == "BTCUSDT"
    found = await venue.find(sent.ref)
    assert found.venue_order_id == placed.venue_order_id == str(entry["order_id"])
    assert [(each.trade_id, each.price, each.quantity) for each in found.fills] == [
        (each.trade_id, each.price, each.quantity) for each in placed.fills
    ]
    btc, locked = (await venue.balances(ACCOUNT))["BTC"]
    assert (btc, locked) == (Decimal("0.01"), 0)


async def test_an_account_is_opened_once_and_keeps_its_money(venue):
    await venue.place(order())
    before = await venue.balances(ACCOUNT)
    await venue.open_account(ACCOUNT, {"USDT": Decimal(10_000)})
    assert await venue.balances(ACCOUNT) == before


async def test_accounts_have_keys_of_their_own(venue):
    other = "acct_01JD0000000000000000000001"
    assert KEYS.of(other) != KEYS.of(ACCOUNT)
    await venue.place(order())
    await venue.open_account(other, {"USDT": Decimal(5)})
    assert await venue.balances(other) == {"USDT": (Decimal(5), Decimal(0))}
    stranger = OrderRef(other, "BTC", "USDT", "first", CLOCK.now())
    assert await venue.find(stranger) is None


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"quantity": Decimal("0.000001")}, "quantity_refused"),
        ({"quantity": Decimal("0.00001")}, "notional_refused"),
        ({"quantity": Decimal(1)}, "insufficient_balance"),
        ({"side": "sell"}, "insufficient_balance"),
        ({"symbol": "NOPE"}, "symbol_unknown_to_venue"),
        ({"type": "limit", "limit_price": Decimal("50000.001")}, "price_refused"),
        ({"client_order_id": "not an id"}, "order_malformed"),
    ],
)
async def test_refusals_are_definite_and_place_nothing(venue, simulator, changes, code):
    with pytest.raises(RejectedByVenueError) as refused:
        await venue.place(order(**changes))
    assert refused.value.code == code
    assert await journal(simulator) == []


async def test_an_account_that_the_exchange_does_not_know_is_to_be_opened_again(venue, simulator):
    with pytest.raises(AccountUnknownError) as refused:
        await venue.place(order(account="acct_nobody"))
    assert refused.value.code == "venue_account_unknown"
    assert await journal(simulator) == []


@pytest.mark.parametrize(
    ("kind", "placed"),
    [
        ("accept_then_drop", True),
        ("accept_then_503", True),
        ("accept_then_garbage", True),
        ("accept_then_timeout", True),
        ("http_503", False),
        ("html_502", False),
        ("lost", False),
    ],
)
async def test_whatever_is_not_on_the_list_is_of_unknown_outcome(venue, simulator, kind, placed):
    await fault(simulator, kind, ms=20)
    sent = order()
    with pytest.raises(OutcomeUnknownError):
        await venue.place(sent)
    assert len(await journal(simulator)) == int(placed)
    found = await venue.find(sent.ref)
    assert (found is not None) == placed
    assert not placed or found.status == "filled"


async def test_an_order_is_sent_once_even_if_the_connection_breaks(venue, simulator):
    await fault(simulator, "accept_then_drop", times=5)
    with pytest.raises(OutcomeUnknownError):
        await venue.place(order())
    assert len(await journal(simulator)) == 1


async def test_a_rate_limit_passes_and_says_when(venue, simulator):
    await fault(simulator, "http_429")
    with pytest.raises(NotPlacedError) as refused:
        await venue.place(order())
    assert refused.value.code == "venue_rate_limited"
    assert refused.value.retry_after_s == 1
    assert (await venue.place(order())).status == "filled"


@pytest.mark.parametrize(("said", "seconds"), [("7", 7), ("²", None), ("soon", None)])
async def test_a_pause_that_is_no_number_of_seconds_is_none(said, seconds):
    async def refuse(_):
        return web.json_response({"code": -1003}, status=429, headers={"Retry-After": said})

    app = web.Application()
    app.router.add_get("/{path:.*}", refuse)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with binance_api(f"http://127.0.0.1:{runner.addresses[0][1]}", CLOCK) as api:
        answer = await api.public("/api/v3/time")
    await runner.cleanup()
    assert (answer.status, answer.retry_after_s) == (429, seconds)


async def test_an_order_that_is_late_is_not_sent(venue, simulator):
    with pytest.raises(NotPlacedError) as late:
        await venue.place(order(window_ms=3000, ago=timedelta(seconds=4)))
    assert late.value.code == "window_passed"
    assert await journal(simulator) == []


async def test_an_order_that_is_late_at_the_venue_is_refused_there(venue, simulator):
    await fault(simulator, "delay_ms", ms=300)
    with pytest.raises(NotPlacedError) as late:
        await venue.place(order(window_ms=200))
    assert late.value.code == "window_passed"
    assert await journal(simulator) == []


async def test_an_open_order_with_the_same_id_may_be_this_very_one(venue, simulator):
    await pin(simulator, "BTC", "60000.00")
    first = limit("50000.00")
    assert (await venue.place(first)).status == "open"
    with pytest.raises(OutcomeUnknownError):
        await venue.place(first)
    assert (await venue.find(first.ref)).status == "open"
    assert len(await journal(simulator)) == 1


async def test_a_resting_order_is_found_partly_cancelled_and_stays_so(venue, simulator):
    await pin(simulator, "BTC", "60000.00")
    resting = limit("50000.00")
    await venue.place(resting)
    assert (await venue.balances(ACCOUNT))["USDT"][1] == Decimal("500.5")
    cancelled = await venue.cancel(resting.ref)
    assert (cancelled.status, cancelled.filled, cancelled.fills) == ("cancelled", 0, ())
    assert (await venue.cancel(resting.ref)).status == "cancelled"
    assert (await venue.balances(ACCOUNT))["USDT"] == (Decimal(10_000), 0)


async def test_cancelling_what_is_filled_returns_it_with_its_fills(venue, simulator):
    await pin(simulator, "BTC", "60000.00")
    resting = limit("50000.00")
    await venue.place(resting)
    await pin(simulator, "BTC", "49000.00")
    found = await venue.cancel(resting.ref)
    assert found.status == "filled"
    assert [(fill.price, fill.maker) for fill in found.fills] == [(Decimal(50_000), True)]


async def test_cancelling_what_never_was_finds_nothing(venue):
    assert await venue.cancel(OrderRef(ACCOUNT, "BTC", "USDT", "never", CLOCK.now())) is None


async def test_a_lagging_order_query_is_no_evidence_of_absence(venue, simulator):
    sent = order()
    await venue.place(sent)
    await fault(simulator, "not_found", on="query")
    with pytest.raises(UnavailableError):
        await venue.find(sent.ref)
    assert (await venue.find(sent.ref)).status == "filled"


@pytest.mark.parametrize("kind", ["http_503", "html_502", "http_429"])
async def test_a_question_without_an_answer_is_no_evidence(venue, simulator, kind):
    ref = order().ref
    await fault(simulator, kind, on="query")
    with pytest.raises(UnavailableError):
        await venue.find(ref)
    await fault(simulator, kind, on="cancel")
    with pytest.raises(UnavailableError):
        await venue.cancel(ref)
    assert await venue.find(ref) is None


async def test_without_the_exchange_nothing_is_placed_and_an_answered_order_outlives_a_kill(
    tmp_path,
):
    async with exchange_process(tmp_path) as exchange, venue_at(exchange.url) as venue:
        await venue.open_account(ACCOUNT, {"USDT": Decimal(10_000)})
        sent = order()
        placed = await venue.place(sent)
        await exchange.kill()
        # The first may go out on a connection that has just died: that says nothing.
        with pytest.raises((NotPlacedError, OutcomeUnknownError)):
            await venue.place(order("second"))
        with pytest.raises(NotPlacedError) as away:
            await venue.place(order("third"))
        assert away.value.code == "venue_unreachable"
        with pytest.raises(UnavailableError):
            await venue.find(sent.ref)
        with pytest.raises(UnavailableError):
            await venue.open_account(ACCOUNT, {})
        await exchange.start()
        assert (await venue.find(sent.ref)).fills == tuple(placed.fills)


async def test_rules_are_unavailable_until_they_were_read(venue):
    with pytest.raises(UnavailableError):
        await venue.rules()
    await venue.listings.refresh()
    assert (await venue.rules())["BTC"].quantity_step == Decimal("0.00001")


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (400, -2010, "Duplicate order sent."),
        (400, -2010, "Something new."),
        (400, -9999, "Something new."),
        (500, -1013, "Filter failure: LOT_SIZE"),
        (503, -1021, "Timestamp for this request is outside of the recvWindow."),
        (503, -1008, "Server is currently overloaded with other requests."),
        (408, -1007, "Timeout waiting for response from backend server."),
        (400, -1006, "An unexpected response was received from the message bus."),
        (404, None, ""),
        (302, None, ""),
    ],
)
def test_only_what_the_table_names_is_definite(status, code, message):
    body = {"code": code, "msg": message} if code else []
    assert isinstance(outcome_of(Answer(status, body)), OutcomeUnknownError)


def test_the_secret_of_paper_accounts_is_thirty_two_bytes_in_base64(tmp_path):
    path = tmp_path / "paper"
    path.write_bytes(base64.b64encode(b"k" * 32) + b"\n")
    assert PaperKeys.load(path) == KEYS
    for content in (b"short", base64.b64encode(b"k" * 31)):
        path.write_bytes(content)
        with pytest.raises(InvalidInputError):
            PaperKeys.load(path)
    with pytest.raises(InvalidInputError):
        PaperKeys.load(tmp_path / "nowhere")
