"""Orders with real money: sent once, and only if everybody has said so."""

import asyncio
from decimal import Decimal

import pytest
from services.execution.tests.live_accounts.steps import allowed, propose, waiting
from services.execution.tests.live_exchange import at_exchange, binance_at, worker_of
from services.execution.tests.world import buy

from uchat_contracts.trading import AlertRequest
from uchat_execution.service.operating import Operating
from uchat_platform.errors import InvalidInputError
from uchat_platform.testing import eventually

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]


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
        await eventually(lambda: waiting(live), every_s=0.01)
        assert not setting.done()
    assert (await setting).mode == "emergency"
    assert (await propose(live, person, buy("0.001"))).state == "denied"
