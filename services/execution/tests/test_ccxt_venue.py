"""Binance spot by ccxt, against the simulator: one order each, whatever the exchange does."""

from datetime import timedelta
from decimal import Decimal, getcontext
from pathlib import Path

import httpx
import pytest
from services.execution.tests.live_exchange import at_exchange, binance_at

from uchat_execution.adapters.ccxt_api import rights
from uchat_execution.domain.orders import NewOrder, OrderRef, client_order_id
from uchat_execution.domain.venues import BY_NAME, VENUES, Credentials
from uchat_execution.ports import NotPlacedError, OutcomeUnknownError, RejectedByVenueError
from uchat_execution.ports.reconciling import AccountLostError
from uchat_platform.clock import SystemClock
from uchat_platform.errors import InvalidInputError, UnavailableError
from uchat_sim_exchange.testing import exchange_server

CLOCK = SystemClock()
ROOT = Path(__file__).parents[3]
ID = client_order_id("dec", "ab" * 32, 1, 1)


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


def order(client_id=ID, ago=timedelta(0), **changes):
    signed_at = CLOCK.now() - ago
    whole = {
        "side": "buy", "type": "market", "quantity": Decimal("0.01"), "limit_price": None,
        "window_ms": 3000, **changes,
    }  # fmt: skip
    ref = OrderRef("acct", "BTC", "USDT", client_id, signed_at, "binance")
    return NewOrder(ref, signed_at=signed_at, **whole)


def limit(price="20000", **changes):
    return order(type="limit", limit_price=Decimal(price), **changes)


async def fault(simulator, kind, **more):
    answer = await simulator.post("/sim/faults", json={"kind": kind, "times": 1, **more})
    assert answer.is_success, answer.text


async def placed_there(simulator, client_id=ID):
    """How often the exchange has an order of an id, of whatever account."""
    found, after = [], 0
    while after is not None:
        page = (await simulator.get("/sim/journal", params={"after": after})).json()
        found += [each for each in page["orders"] if each["client_order_id"] == client_id]
        after = page["next"]
    return len(found)


def own_id(request):
    return client_order_id(request.node.name, "cd" * 32, 1, 1)


async def test_a_market_order_comes_back_with_its_fills_and_is_found_again(account, request):
    sent = order(own_id(request))
    placed = await account.place(sent)
    assert (placed.ref, placed.status, placed.filled) == (sent.ref, "filled", Decimal("0.01"))
    assert sum(fill.quantity for fill in placed.fills) == placed.filled
    assert {type(fill.price) for fill in placed.fills} == {Decimal}
    assert await account.find(sent.ref) == placed
    seen = await account.by_number(sent.ref, placed.venue_order_id)
    assert (seen.order, seen.side, seen.client_order_id) == (placed, "buy", own_id(request))
    assert (await account.balances())["BTC"] == (Decimal("0.01"), Decimal(0))


async def test_a_resting_order_is_listed_filled_in_part_and_cancelled(account, simulator, request):
    book = {"symbol": "BTC", "bids": [["95000", "1"]], "asks": [["96000", "0.004"]]}
    assert (await simulator.post("/sim/books", json=book)).is_success
    sent = limit("96000", client_id=own_id(request))
    placed = await account.place(sent)
    assert (placed.status, placed.filled) == ("partially_filled", Decimal("0.004"))
    [resting] = await account.open_orders("USDT")
    assert (resting.symbol, resting.client_order_id) == ("BTC", own_id(request))
    cancelled = await account.cancel(sent.ref)
    assert (cancelled.status, cancelled.filled) == ("cancelled", Decimal("0.004"))
    # Again, it is as it was.
    assert await account.cancel(sent.ref) == cancelled


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"time_in_force": "ioc"}, "LIMIT"),
        ({"post_only": True}, "LIMIT_MAKER"),
        ({"type": "take_profit", "limit_price": None, "trigger_price": Decimal(20_000)},
         "TAKE_PROFIT"),
        ({"type": "stop", "limit_price": Decimal(900_000), "trigger_price": Decimal(800_000)},
         "STOP_LOSS_LIMIT"),
    ],
)  # fmt: skip
async def test_every_kind_of_order_is_the_exchanges_own(account, simulator, request, changes, kind):
    whole = {"type": "limit", "limit_price": Decimal(20_000), **changes}
    await account.place(order(own_id(request), quantity=Decimal("0.005"), **whole))
    answer = await simulator.get("/sim/journal", params={"limit": 5000})
    mine = [o for o in answer.json()["orders"] if o["client_order_id"] == own_id(request)]
    assert [each["type"] for each in mine] == [kind]


@pytest.mark.parametrize(
    ("kind", "times"),
    [
        ("accept_then_drop", 1),
        ("accept_then_503", 1),
        ("accept_then_502", 1),
        ("accept_then_1007", 1),
        ("accept_then_garbage", 1),
        ("lost", 0),
        ("drop", 0),
        ("http_500", 0),
        ("html_502", 0),
    ],
)
async def test_what_is_not_certain_is_unknown_and_asked_for_not_sent_again(
    account, simulator, request, kind, times
):
    sent = order(own_id(request), window_ms=500)
    await fault(simulator, kind, on="place", **({"ms": 100} if kind == "lost" else {}))
    with pytest.raises(OutcomeUnknownError):
        await account.place(sent)
    assert await placed_there(simulator, own_id(request)) == times
    found = await account.find(sent.ref)
    assert (found is not None) == bool(times)


async def test_an_order_that_hangs_after_it_was_accepted_is_unknown(
    account, simulator, request, monkeypatch
):
    monkeypatch.setattr("uchat_execution.adapters.ccxt_api.account._ENGINE_S", 0.2)
    await fault(simulator, "accept_then_hang", on="place", ms=5000)
    sent = order(own_id(request), window_ms=500)
    with pytest.raises(OutcomeUnknownError):
        await account.place(sent)
    assert (await account.find(sent.ref)).status == "filled"


async def test_a_taken_id_is_unknown_since_the_open_order_may_be_this_one(account, request):
    sent = limit(client_id=own_id(request))
    await account.place(sent)
    with pytest.raises(OutcomeUnknownError):
        await account.place(sent)
    assert (await account.cancel(sent.ref)).status == "cancelled"


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


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        # ccxt would truncate the quantity, and round the price.
        ({"quantity": Decimal("0.0100001")}, "quantity_refused"),
        ({"quantity": Decimal("0.000001")}, "quantity_refused"),
        ({"type": "limit", "limit_price": Decimal("20000.129")}, "price_refused"),
        ({"type": "stop", "trigger_price": Decimal("800000.001")}, "price_refused"),
        ({"quantity": Decimal("0.00001")}, "notional_refused"),
        ({"quantity": Decimal(1)}, "insufficient_balance"),
    ],
)
async def test_nothing_is_rounded_and_refusals_are_definite(
    account, simulator, request, changes, code
):
    with pytest.raises(RejectedByVenueError) as refused:
        await account.place(order(own_id(request), **changes))
    assert refused.value.code == code
    assert await placed_there(simulator, own_id(request)) == 0


async def test_a_market_order_is_by_quantity_never_by_an_amount_of_money(
    account, simulator, request
):
    placed = await account.place(order(own_id(request), quantity=Decimal("0.012")))
    assert placed.quantity == placed.filled == Decimal("0.012")


async def test_no_answer_to_a_question_is_no_evidence(account, simulator, request):
    sent = order(own_id(request))
    await account.place(sent)
    for kind in ("http_500", "html_502", "drop"):
        await fault(simulator, kind, on="query")
        with pytest.raises(UnavailableError):
            await account.find(sent.ref)
    await fault(simulator, "not_found", on="query")
    # "No such order", while the other lists have it.
    with pytest.raises(UnavailableError):
        await account.find(sent.ref)


async def test_statements_say_what_was_done_by_hand(account, at):
    since = CLOCK.now() - timedelta(seconds=1)
    await at.by_hand("trades", symbol="BTCUSDT", side="BUY", quantity="0.02")
    await at.by_hand("trades", symbol="BTCUSDT", side="SELL", quantity="0.01")
    await at.by_hand("deposits", asset="ETH", amount="2")
    await at.by_hand("withdrawals", asset="USDT", amount="10", fee="1")
    (first, second), more = await account.trades("BTC", "USDT", None, since)
    assert (first.side, second.side, more) == ("buy", "sell", False)
    later, _ = await account.trades("BTC", "USDT", first.fill.trade_id, since)
    assert later == [second]
    told = await account.transfers(since)
    assert {(each.kind, each.asset, each.amount, each.fee) for each in told} == {
        ("deposit", "ETH", Decimal(2), Decimal(0)),
        ("withdrawal", "USDT", Decimal(10), Decimal(1)),
    }
    names = await account.client_ids("BTC", "USDT", [first.venue_order_id])
    assert set(names) == {first.venue_order_id}


async def test_what_a_key_may_do_is_asked_of_the_exchange(binance, at):
    reading = await binance.rights(await at.key())
    assert (reading.read, reading.trade, reading.withdraw) == (True, False, False)
    thief = await binance.rights(await at.key(enable_withdrawals=True))
    assert thief.withdraw
    for wrong in (Credentials("x" * 16, "y" * 16), Credentials(at.main.api_key, "y" * 16)):
        with pytest.raises(InvalidInputError, match="does not accept this key"):
            await binance.rights(wrong)
        with pytest.raises((AccountLostError, UnavailableError)):
            await binance.account(wrong).balances()


async def test_prices_are_the_exchanges_and_not_simulated(binance):
    quotes = await binance.quotes(["BTC", "NOPE"])
    assert set(quotes) == {"BTC"}
    assert (quotes["BTC"].source, quotes["BTC"].simulated) == ("binance", False)
    assert len(await binance.daily_closes("BTC", 5)) == 5
    assert binance.rules()["BTC"].quantity_step == Decimal("0.00001")


async def test_an_asset_without_a_price_takes_no_other_ones_and_is_not_asked_for_again_and_again(
    binance, monkeypatch
):
    tell, asked = binance.client.public.fetch_tickers, []

    async def fetch(markets):
        asked.append(markets)
        told = await tell(markets)
        return told | {"ETH/USDT": {**told["ETH/USDT"], "last": None}}

    monkeypatch.setattr(binance.client.public, "fetch_tickers", fetch)
    for _ in range(3):
        assert set(await binance.quotes(["BTC", "ETH"])) == {"BTC"}
    assert len(asked) == 1


class Told:
    """An exchange that answers a question about a key as its documentation says."""

    def __init__(self, answer):
        async def asked():
            return answer

        self.private_get_account_config = self.private_get_v5_user_query_api = asked


@pytest.mark.parametrize(
    ("venue", "answer", "expected"),
    [
        ("okx", {"data": [{"perm": "read_only"}]}, (True, False, False)),
        ("okx", {"data": [{"perm": "read_only,trade,withdraw"}]}, (True, True, True)),
        ("bybit", {"result": {"readOnly": 1, "permissions": {"Spot": ["SpotTrade"],
                   "Wallet": []}}}, (True, False, False)),
        ("bybit", {"result": {"readOnly": 0, "permissions": {"Spot": ["SpotTrade"],
                   "Wallet": ["Withdraw"]}}}, (True, True, True)),
    ],
)  # fmt: skip
async def test_what_other_exchanges_say_of_a_key_is_understood(venue, answer, expected):
    found = await rights.ASK[venue](Told(answer))
    assert (found.read, found.trade, found.withdraw) == expected


async def test_nobody_else_rounds_as_ccxt_does(account):
    context = getcontext()
    before = context.rounding
    await account.place(order())
    assert (getcontext() is context, context.rounding) == (True, before)


def test_the_table_of_exchanges_agrees_with_ccxt():
    import ccxt.async_support as ccxt

    for traits in VENUES:
        says = getattr(ccxt, traits.venue)()
        creates = says.features["spot"]["createOrder"]
        assert traits.oco == bool(says.has.get("createOcoOrder")), traits.venue
        assert traits.quote_market_buy == bool(creates["marketBuyByCost"]), traits.venue
        has_triggers = bool(creates["stopLossPrice"] and creates["takeProfitPrice"])
        assert traits.triggers == has_triggers, traits.venue
        assert traits.needs_passphrase == says.requiredCredentials["password"], traits.venue
    assert [each.venue for each in VENUES if each.tested] == ["binance"]
    assert {each.venue for each in VENUES if each.readable} == rights.ASK.keys()
    # Without a deadline of its own, what is unknown could be placed at any time.
    assert all(each.deadline for each in VENUES if each.tested)
    assert BY_NAME["binance"].client_id_lookup


def test_the_page_about_exchanges_says_what_the_table_says():
    page = (ROOT / "docs" / "venues.md").read_text().splitlines()
    for traits in VENUES:
        (row,) = [line for line in page if f"| `{traits.venue}` |" in line]
        name, _, orders, by_id, _, deadline, by_amount, triggers, oco = row.strip("| ").split(" | ")
        assert name == traits.name
        assert orders.startswith("proven") == traits.tested
        assert ("cannot be connected" in orders) == (not traits.readable)
        assert deadline.strip("`") == (traits.deadline or "none")
        said = [each == "yes" for each in (by_id, by_amount, triggers, oco)]
        assert said == [
            traits.client_id_lookup,
            traits.quote_market_buy,
            traits.triggers,
            traits.oco,
        ]
