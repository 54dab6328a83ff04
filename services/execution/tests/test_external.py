"""What people do at the exchange by hand is in the books, once, and stops nothing."""

import asyncio
from decimal import Decimal

import pytest
from services.execution.tests.hands import by_hand, compared, held, opened
from services.execution.tests.world import buy, sell

from uchat_platform.testing import eventually

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]


async def test_a_hand_trade_is_in_portfolio_trades_and_profit_within_15_seconds(world, person):
    account = await opened(world, person)
    loop = asyncio.get_running_loop()
    began = loop.time()
    await by_hand(world, account, "trades", symbol="BTCUSDT", side="BUY", quantity="0.02")

    async def there():
        return (await world.app.portfolios.of(person)).holdings

    [holding] = await eventually(there, timeout_s=15, every_s=0.1)
    assert loop.time() - began < 15
    assert holding.quantity == Decimal("0.02")
    [trade] = await world.app.portfolios.trades(person, None, None, 10)
    assert (trade.source, trade.decision_id, trade.side) == ("external", None, "buy")
    assert holding.average_cost * holding.quantity == trade.price * trade.quantity + trade.fee
    assert (await world.app.performance.pnl(person, "day")).fees == trade.fee
    # It goes on as if nothing had happened.
    assert (await world.bought(person, sell("0.02"))).state == "executed"
    assert (await world.app.portfolios.of(person)).holdings == []
    await world.check_books()


async def test_what_was_found_before_is_not_booked_again(world, person):
    account = await opened(world, person)
    for side in ("BUY", "SELL"):
        await by_hand(world, account, "trades", symbol="BTCUSDT", side=side, quantity="0.02")
    await by_hand(world, account, "deposits", asset="USDT", amount="500")
    await compared(world, account)
    before = await held(world, account)
    assert before["BTC"].quantity == 0
    await world.pool.execute("DELETE FROM trade_cursor")
    await world.pool.execute("UPDATE reconciliation SET full_at = NULL, moves_from = NULL")
    await compared(world, account)
    assert await held(world, account) == before
    count = "SELECT count(*) FROM {} WHERE account = $1"
    for table, rows in (("fill", 2), ("movement", 3), ("ledger_tx", 4)):
        assert await world.pool.fetchval(count.format(table), account.account) == rows
    await world.check_books()


async def test_however_many_look_at_once_everything_is_booked_once(world, person):
    account = await opened(world, person)
    other = await world.replica()
    for quantity in ("0.01", "0.02", "0.03"):
        await by_hand(world, account, "trades", symbol="BTCUSDT", side="BUY", quantity=quantity)
    await by_hand(world, account, "deposits", asset="ETH", amount="1")
    both = [world.app, other] * 3
    await asyncio.gather(*(compared(world, account, app) for app in both))
    balances = await held(world, account)
    assert (balances["BTC"].quantity, balances["ETH"].quantity) == (Decimal("0.06"), 1)
    assert (await compared(world, account)).drift == {}
    await world.check_books()


async def test_a_round_trip_that_moved_only_cash_is_found(world, person):
    account = await opened(world, person)
    await compared(world, account)
    for side in ("BUY", "SELL"):
        await by_hand(world, account, "trades", symbol="ETHUSDT", side=side, quantity="0.5")
    standing = await compared(world, account)
    assert standing.drift == {}
    trades = await world.app.portfolios.trades(person, "ETH", None, 10)
    assert [trade.side for trade in trades] == ["sell", "buy"]
    assert trades[0].realised < 0
    await world.check_books()


async def test_deposits_and_withdrawals_are_no_profit(world, person):
    account = await opened(world, person)
    await by_hand(world, account, "deposits", asset="USDT", amount="1000")
    await by_hand(world, account, "deposits", asset="BTC", amount="0.1")
    await by_hand(world, account, "withdrawals", asset="USDT", amount="250", fee="1.5")
    await compared(world, account)
    portfolio = await world.app.portfolios.of(person)
    assert portfolio.cash == Decimal("10748.5")
    [bitcoin] = portfolio.holdings
    assert (bitcoin.quantity, bitcoin.average_cost) == (Decimal("0.1"), Decimal(96_000))
    assert portfolio.deposited == Decimal("10748.5") + 9600
    assert portfolio.unrealised == portfolio.change_today == portfolio.realised == 0
    pnl = await world.app.performance.pnl(person, "day")
    assert (pnl.change_pct, pnl.total_then) == (0, portfolio.total)
    await by_hand(world, account, "withdrawals", asset="BTC", amount="0.04")
    await compared(world, account)
    [bitcoin] = (await world.app.portfolios.of(person)).holdings
    assert (bitcoin.quantity, bitcoin.average_cost) == (Decimal("0.06"), Decimal(96_000))
    await world.check_books()


async def test_movements_are_listed_latest_first_by_pages(world, person):
    account = await opened(world, person)
    await by_hand(world, account, "deposits", asset="ETH", amount="2")
    await by_hand(world, account, "trades", symbol="BTCUSDT", side="BUY", quantity="0.01")
    await by_hand(world, account, "withdrawals", asset="USDT", amount="10")
    await compared(world, account)
    movements = world.app.registrations()[2].servicer.movements
    whole = await movements.of(person, None, 10)
    assert whole[-1].kind == "opening"
    assert {(each.kind, each.asset, each.amount) for each in whole} == {
        ("opening", "USDT", Decimal(10_000)),
        ("deposit", "ETH", Decimal(2)),
        ("external", "BTC", Decimal("0.01")),
        ("withdrawal", "USDT", Decimal(-10)),
    }
    assert "market price" in next(each.note for each in whole if each.kind == "deposit")
    last = whole[1]
    assert await movements.of(person, (last.at, last.movement_id), 10) == whole[2:]


async def test_a_hand_trade_beside_our_own_orders_is_told_apart(world, person):
    account = await opened(world, person)
    own = await world.bought(person, buy("0.01"))
    await by_hand(world, account, "trades", symbol="BTCUSDT", side="BUY", quantity="0.02")
    standing = await compared(world, account)
    assert standing.drift == {}
    trades = await world.app.portfolios.trades(person, None, None, 10)
    assert {trade.source: trade.decision_id for trade in trades} == {
        "external": None,
        "decision": own.decision_id,
    }
    assert sum(trade.quantity for trade in trades) == Decimal("0.03")
    await world.check_books()


async def test_what_is_told_has_the_new_portfolio(world, person):
    account = await opened(world, person)
    rev = "SELECT rev FROM account WHERE account = $1"
    before = await world.pool.fetchval(rev, account.account)
    await by_hand(world, account, "deposits", asset="USDT", amount="5")
    await compared(world, account)
    assert await world.pool.fetchval(rev, account.account) == before + 1
