"""What the exchange is asked: statements, rights of keys, prices."""

from datetime import timedelta
from decimal import Decimal

import pytest
from services.execution.tests.ccxt_venue.orders import CLOCK

from uchat_execution.domain.venues import Credentials
from uchat_execution.ports.reconciling import AccountLostError
from uchat_platform.errors import InvalidInputError, UnavailableError


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
