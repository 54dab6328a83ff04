"""Accounts at a live exchange: read with a key that can only read, traded by who has said so."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from services.execution.tests.live_exchange import at_exchange, binance_at, worker_of
from services.execution.tests.world import buy, proposed, sell

from uchat_contracts import subjects
from uchat_contracts.events import OutcomeProposed
from uchat_contracts.trading import AlertRequest, KeyChanged, PlanRequest
from uchat_execution.domain.live import CONSENT_VERSION, Key, told_rights
from uchat_execution.domain.venues import BY_NAME
from uchat_execution.service.operating import Operating
from uchat_platform.bus import PartitionReader
from uchat_platform.errors import ConflictError, InvalidInputError, NotFoundError
from uchat_platform.testing import eventually

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]


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


async def compared(world, account_id, *, whole=False):
    """Have an account compared with its exchange now."""
    reconciler = world.app.reconciler
    async with world.app.books.unit() as unit:
        standing = await unit.truth.standing(account_id)
    standing = replace(standing, full_at=None) if whole else standing
    await reconciler.rounds.run(standing, reconciler.gate.since)


def heard(books):
    """What units tell of from now on."""
    told, listener = [], books.listener
    object.__setattr__(books, "listener", lambda abouts: (told.extend(abouts), listener(abouts)))
    return told


async def allowed(world, person, venue="binance"):
    async with world.app.books.unit() as unit:
        await unit.venues.switch(venue, on=True, by="an operator")
    await world.app.connecting.consent(person, venue, CONSENT_VERSION, via="web_ui")


async def propose(world, person, *legs, venue="binance"):
    event = proposed(person, list(legs))
    event = event.model_copy(update={"request": PlanRequest(legs=list(legs), venue=venue)})
    await world.app.proposing.propose(event)
    return await world.card(person, event.decision_id)


async def test_a_key_that_only_reads_shows_portfolio_trades_and_profit(live, person, account):
    key = await live.app.connecting.connect(person, "binance", await account.key(), via="web_ui")
    assert (key.may_trade, len(key.masked)) == (False, 5)
    before = await live.app.portfolios.of(person, "binance")
    assert (before.venue, before.simulated, before.cash) == ("binance", False, Decimal(5000))
    assert before.total == Decimal(5000) + before.holdings[0].value
    # What is on paper is another account, as before.
    assert (await live.app.portfolios.of(person)).cash == Decimal(10_000)
    told = heard(live.app.books)
    await account.by_hand("trades", symbol="BTCUSDT", side="BUY", quantity="0.01")
    await account.by_hand("deposits", asset="USDT", amount="100")
    await compared(live, key.account)
    await compared(live, key.account)
    portfolio = await live.app.portfolios.of(person, "binance")
    assert portfolio.holdings[0].quantity == Decimal("0.02")
    [trade] = await live.app.portfolios.trades(person, None, None, 10, "binance")
    assert (trade.source, trade.side) == ("external", "buy")
    assert (await live.app.performance.pnl(person, "all", venue="binance")).fees == trade.fee
    assert portfolio.deposited == before.deposited + 100
    async with live.app.books.unit() as unit:
        assert (await unit.states.standing(person, key.account)).state == "active"
        assert await unit.safety.concerned("everybody", "", 10) == [person]
    # Interfaces go on showing the paper account by themselves.
    assert f"portfolio:{key.account}" not in told
    await live.check_books()


async def test_a_key_that_can_move_funds_away_is_refused_and_nothing_is_stored(
    live, person, account
):
    thief = await account.key(enable_withdrawals=True, enable_spot_trading=True)
    with pytest.raises(InvalidInputError) as refused:
        await live.app.connecting.connect(person, "binance", thief, via="web_ui")
    assert refused.value.code == "venue_key_can_withdraw"
    assert await live.app.connecting.keys(person) == []
    assert await live.pool.fetchval("SELECT count(*) FROM venue_key") == 0


async def test_a_key_that_becomes_able_to_move_funds_away_trades_no_more_and_its_owner_is_told(
    live, person, account
):
    key = await account.key(enable_spot_trading=True)
    held = await live.app.connecting.connect(person, "binance", key, via="web_ui")
    await allowed(live, person)
    approved = await propose(live, person, buy("0.001"))
    assert approved.state == "awaiting_approval", approved.reason
    told = heard(live.app.books)
    change = {"account": account.main.api_key, "api_key": key.api_key, "secret": key.secret}
    change |= {"enable_spot_trading": True}
    await live.simulator.post("/sim/keys", json=change | {"enable_withdrawals": True})
    await compared(live, held.account, whole=True)
    await compared(live, held.account, whole=True)
    assert told.count(f"venue_key:{held.account}") == 1
    await live.answer(approved)
    over = await live.until(person, approved.decision_id, "failed", "cancelled", "denied")
    assert "venue_key_can_withdraw" in str(over.result) + str(over.reason)
    assert (await propose(live, person, buy("0.001"))).reason.code == "venue_key_can_withdraw"
    assert [each.may_withdraw for each in await live.app.connecting.keys(person)] == [True]
    assert await live.journal() == []
    # It is read as before, and trades again once it cannot.
    assert (await live.app.portfolios.of(person, "binance")).cash == Decimal(5000)
    await live.simulator.post("/sim/keys", json=change)
    await compared(live, held.account, whole=True)
    assert (await propose(live, person, buy("0.001"))).state == "awaiting_approval"


async def key_changed(bus, person):
    """The first that a person is told of a key of theirs."""
    wanted = f"uchat.proposed.v1.*.outcome.{person}"
    async with PartitionReader(bus, subjects.PROPOSED, wanted, 0) as reader:
        async for batch in reader.batches():
            for each in batch:
                told = OutcomeProposed.model_validate_json(each.payload)
                if told.kind == "venue_key":
                    return KeyChanged.model_validate(told.data)
    return None


async def open_orders(world, person):
    page = await world.app.portfolios.orders(
        person, None, open_only=True, before=None, limit=9, venue="binance"
    )
    return [(each.side, each.status) for each in page]


async def test_a_key_that_can_move_funds_away_leaves_no_purchase_open_and_sales_are_told_of(
    live, person, account, bus_for
):
    key = await account.key(enable_spot_trading=True)
    held = await live.app.connecting.connect(person, "binance", key, via="web_ui")
    await allowed(live, person)
    for leg in (
        buy("0.001", type="limit", limit_price="95500"),
        sell("0.002", type="limit", limit_price="97000"),
    ):
        card = await propose(live, person, leg)
        assert card.state == "awaiting_approval", card.reason
        await live.answer(card)

    async def both_rest():
        return await open_orders(live, person) == [("sell", "open"), ("buy", "open")]

    await eventually(both_rest)
    change = {"account": account.main.api_key, "api_key": key.api_key, "secret": key.secret}
    change |= {"enable_spot_trading": True, "enable_withdrawals": True}
    await live.simulator.post("/sim/keys", json=change)
    await compared(live, held.account, whole=True)
    assert await open_orders(live, person) == [("sell", "open")]
    changed = await key_changed(await bus_for("sessions"), person)
    assert [each.side for each in changed.cancelling] == ["buy"]
    assert [each.side for each in changed.still_open] == ["sell"]
    assert "Cancelled there now: buy 0.001 BTC at 95,500" in changed.text
    assert "“cancel all my orders on Binance”" in changed.text
    # Their owner cancels the rest, by the same key.
    await live.app.cancelling.cancel(person, [], None, "binance")
    assert await open_orders(live, person) == []
    await live.check_books()


@pytest.mark.parametrize("venue", ["binance", "okx"])
@pytest.mark.parametrize(
    ("trade", "withdraw", "says"),
    [
        (True, True, "can move funds out"),
        (True, False, "read and trade"),
        (False, False, "only read"),
    ],
)
def test_what_a_key_may_do_by_now_is_said_of_every_exchange(venue, trade, withdraw, says):
    key = Key("acct", venue, "…ab12", trade, datetime.now(UTC), "web_ui", withdraw)
    assert says in told_rights(BY_NAME[venue], key)


async def test_a_secret_is_nowhere_in_the_database(live, person, account):
    credentials = await account.key(enable_spot_trading=True)
    await live.app.connecting.connect(person, "binance", credentials, via="web_ui")
    rows = await live.pool.fetch("SELECT k::text AS row FROM venue_key k")
    sealed = bytes.fromhex(rows[0]["row"].split("\\\\x")[1].split(",")[0].strip('"'))
    for part in (credentials.secret, credentials.api_key):
        assert part not in rows[0]["row"]
        assert part.encode() not in sealed


async def test_orders_go_out_only_when_operator_and_person_have_said_so(live, person, account):
    assert (await propose(live, person, buy("0.001"))).reason.code == "venue_not_connected"
    await live.app.connecting.connect(person, "binance", await account.key(), via="web_ui")
    assert (await propose(live, person, buy("0.001"))).reason.code == "venue_key_read_only"
    await live.app.connecting.disconnect(person, "binance", via="web_ui")
    trading = await account.key(enable_spot_trading=True)
    await live.app.connecting.connect(person, "binance", trading, via="web_ui")
    assert (await propose(live, person, buy("0.001"))).reason.code == "live_trading_off"
    async with live.app.books.unit() as unit:
        await unit.venues.switch("binance", on=True, by="an operator")
    assert (await propose(live, person, buy("0.001"))).reason.code == "live_consent_missing"
    with pytest.raises(InvalidInputError, match="text has changed"):
        await live.app.connecting.consent(person, "binance", "0", via="web_ui")
    await allowed(live, person)
    card = await propose(live, person, buy("0.001"))
    assert (card.state, card.plan.simulated, card.plan.venue) == (
        "awaiting_approval",
        False,
        "binance",
    )
    # Taken back between approval and claim, it counts as well.
    await live.stop(live.app)
    assert (await live.answer(card))[0] == "accepted"
    await live.app.connecting.withdraw(person, "binance", via="telegram")
    live.start(live.app)
    over = await live.until(person, card.decision_id, "failed", "cancelled", "denied")
    assert "consent" in str(over.result) + str(over.reason)
    assert await live.journal() == []


async def test_an_approved_order_is_at_the_exchange_once_and_in_the_books(live, person, account):
    trading = await account.key(enable_spot_trading=True)
    await live.app.connecting.connect(person, "binance", trading, via="web_ui")
    await allowed(live, person)
    alert = await live.app.alerting.set(person, AlertRequest(kind="fill"), via="api")
    card = await propose(live, person, buy("0.001"))
    assert card.state == "awaiting_approval", card.reason
    await live.answer(card)
    card = await live.until(person, card.decision_id, "executed")
    told = (await live.app.alerting.get(person, alert.alert_id)).fired.text
    assert told.startswith("An order is filled: bought 0.001 BTC")
    assert "Binance, real money, " in told
    [order] = await live.journal()
    assert order["client_order_id"] == card.result.orders[0].client_order_id
    portfolio = await live.app.portfolios.of(person, "binance")
    assert portfolio.holdings[0].quantity == Decimal("0.011")
    assert (await live.app.portfolios.of(person)).holdings == []
    await live.check_books()


async def test_an_order_that_was_accepted_without_an_answer_is_found_and_not_sent_again(
    live, person, account
):
    trading = await account.key(enable_spot_trading=True)
    await live.app.connecting.connect(person, "binance", trading, via="web_ui")
    await allowed(live, person)
    await live.fault("accept_then_drop", on="place", times=1)
    card = await propose(live, person, buy("0.001"))
    await live.answer(card)
    await live.until(person, card.decision_id, "executed", timeout_s=20)
    assert len(await live.journal()) == 1
    await live.check_books()


async def test_a_removed_key_is_gone_at_once_and_its_books_stay(live, person, account):
    key = await live.app.connecting.connect(person, "binance", await account.key(), via="web_ui")
    with pytest.raises(ConflictError) as twice:
        await live.app.connecting.connect(person, "binance", await account.key(), via="web_ui")
    assert twice.value.code == "venue_connected"
    await live.app.connecting.disconnect(person, "binance", via="web_ui")
    with pytest.raises(NotFoundError, match="connected no account"):
        await live.app.portfolios.of(person, "binance")
    assert await live.pool.fetchval("SELECT count(*) FROM venue_key") == 0
    count = "SELECT count(*) FROM movement WHERE account = $1"
    assert await live.pool.fetchval(count, key.account) == 2


async def test_a_consent_that_meets_a_removal_does_not_outlive_it(live, person, account):
    connecting, books = live.app.connecting, live.app.books
    await connecting.connect(person, "binance", await account.key(), via="web_ui")
    async with books.unit() as unit:
        # A removal until just before its end.
        found = await unit.accounts.of_person(person, "binance", lock=True)
        await unit.venues.remove(found.account)
        await unit.venues.withdraw(person, "binance", "web_ui")
        giving = asyncio.ensure_future(
            connecting.consent(person, "binance", CONSENT_VERSION, via="telegram")
        )

        async def waits_or_is_done():
            waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
            return giving.done() or await live.pool.fetchval(waiting)

        await eventually(waits_or_is_done, every_s=0.01)
    with pytest.raises(NotFoundError):
        await giving
    async with books.unit() as unit:
        assert await unit.venues.consents(person) == []


async def test_the_list_says_what_each_exchange_can_and_why_nothing_is_sent(live, person, account):
    await live.app.connecting.connect(person, "binance", await account.key(), via="web_ui")
    venues = {each.venue: each for each in await live.app.connecting.venues(person)}
    assert venues["binance"].served
    assert venues["binance"].spot_only
    assert venues["binance"].barred.code == "venue_key_read_only"
    assert (venues["okx"].tested, venues["okx"].served) == (False, False)
    with pytest.raises(Exception, match="no exchange that is connected here"):
        await live.app.connecting.connect(person, "okx", await account.key(), via="web_ui")


async def test_without_a_worker_paper_goes_on_and_live_says_so(world, person):
    venues = await world.app.connecting.venues(person)
    assert not any(each.served for each in venues)
    with pytest.raises(NotFoundError) as none:
        await world.app.portfolios.of(person, "binance")
    assert none.value.code == "venue_not_connected"
    assert (await world.bought(person, buy("0.01"))).state == "executed"


async def test_what_an_order_met_is_the_price_at_its_own_exchange(still_world, person):
    world = still_world
    await world.simulator.post("/sim/prices", json={"symbol": "BTC", "price": "96000.00"})
    async with binance_at(world.url) as binance, worker_of({"binance": binance}) as reached:
        app = await world.replica(live=reached, running=False)
        # What is known here of the paper market stays at the price before.
        await world.simulator.post("/sim/prices", json={"symbol": "BTC", "price": "90000.00"})
        world.start(app)
        account = await at_exchange(world.simulator, USDT="5000")
        trading = await account.key(enable_spot_trading=True)
        await app.connecting.connect(person, "binance", trading, via="web_ui")
        await allowed(world, person)
        card = await propose(world, person, buy("0.001"))
        await world.answer(card)
        await world.until(person, card.decision_id, "executed")
        arrival = await world.pool.fetchval("SELECT arrival_price FROM orders")
        assert abs(arrival - 90_000) < 500
        await world.stop(app)


async def test_alerts_on_the_portfolio_look_at_the_account_on_paper_alone(live, person, account):
    wished = AlertRequest(kind="portfolio", way="below", level=Decimal(9_000))
    alert = await live.app.alerting.set(person, wished, via="web_ui")
    await live.stop(live.app)
    small = await at_exchange(live.simulator, USDT="100")
    await live.app.connecting.connect(person, "binance", await small.key(), via="web_ui")
    await live.pin("BTC", "95000.00")
    assert await live.app.alert_watch.look() == 0
    assert (await live.app.alerting.get(person, alert.alert_id)).state == "armed"


async def test_who_is_halted_or_in_an_emergency_trades_with_real_money_no_more(
    live, person, account
):
    key = await account.key(enable_spot_trading=True)
    held = await live.app.connecting.connect(person, "binance", key, via="web_ui")
    await allowed(live, person)
    operating = Operating(live.app.books)
    await operating.set(person, "halted", "asked by the bank", via="cli")
    assert {venue: each.state for venue, each in (await operating.trading(person)).items()} == {
        "paper": "halted", "binance": "halted",
    }  # fmt: skip
    denied = await propose(live, person, buy("0.001"))
    assert (denied.state, denied.reason.code) == ("denied", "trading_halted")
    # Connecting it anew is no way around that.
    await live.app.connecting.disconnect(person, "binance", via="web_ui")
    held = await live.app.connecting.connect(person, "binance", key, via="web_ui")
    await allowed(live, person)
    assert (await propose(live, person, buy("0.001"))).reason.code == "trading_halted"
    await operating.set(person, "active", "", via="cli")
    assert (await propose(live, person, buy("0.001"))).state == "awaiting_approval"
    # A claim of the live account that is under way ends before the mode counts.
    async with live.app.books.unit() as unit:
        await unit.accounts.get(held.account, lock=True)
        setting = asyncio.ensure_future(live.app.modes.set(person, "emergency", via="web_ui"))
        done, _ = await asyncio.wait([setting], timeout=0.5)
        assert not done
    assert (await setting).mode == "emergency"
    assert (await propose(live, person, buy("0.001"))).state == "denied"


async def test_what_was_not_compared_with_its_exchange_for_long_is_not_shown_as_of_now(
    live, person, account
):
    key = await live.app.connecting.connect(person, "binance", await account.key(), via="web_ui")
    assert not (await live.app.portfolios.of(person, "binance")).stale
    await compared(live, key.account)
    await live.stop(live.app)
    await live.pool.execute("UPDATE account SET opened_at = opened_at - interval '1 hour'")
    since = await live.pool.fetchval(
        "UPDATE reconciliation SET reconciled_at = reconciled_at - interval '20 minutes'"
        " WHERE account = $1 RETURNING reconciled_at",
        key.account,
    )
    shown = await live.app.portfolios.of(person, "binance")
    assert (shown.stale, shown.as_of) == (True, since)
    await compared(live, key.account)
    assert not (await live.app.portfolios.of(person, "binance")).stale
