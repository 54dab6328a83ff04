"""Profit by both methods, by asset and by day; the curve; the ledger; what it is told in."""

from decimal import Decimal

import pytest
from services.execution.tests.hands import by_hand, compared, opened
from services.execution.tests.world import buy, sell

from uchat_contracts.ids import new_person_id
from uchat_platform.errors import InvalidInputError

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]


async def traded(world, person):
    """Bought at 96,000 and at 90,000, sold a half at 100,000."""
    await world.bought(person, buy("0.01"))
    await world.pin("BTC", "90000.00")
    await world.bought(person, buy("0.01"))
    await world.pin("BTC", "100000.00")
    await world.bought(person, sell("0.01"))


async def test_both_methods_count_the_same_money_at_different_times(world, person):
    await traded(world, person)
    average = await world.app.performance.pnl(person, "day")
    fifo = await world.app.performance.pnl(person, "day", "fifo")
    assert average.realised > fifo.realised > 0
    assert average.realised + average.unrealised == fifo.realised + fifo.unrealised
    assert average.realised + average.unrealised == average.total_now - 10_000
    assert average.total_then == 10_000
    [asset] = fifo.assets
    assert (asset.symbol, asset.trades, asset.realised) == ("BTC", 3, fifo.realised)
    trades = await world.app.portfolios.trades(person, None, None, 10)
    assert average.fees == sum(trade.fee for trade in trades)
    [today] = average.results
    assert (today.trades, today.realised, today.fees) == (3, average.realised, average.fees)
    assert today.change == average.total_now - 10_000
    with pytest.raises(InvalidInputError):
        await world.app.performance.pnl(person, "day", "lifo")


async def test_projections_can_be_thrown_away_and_made_anew(world, person):
    await traded(world, person)
    before = await world.app.performance.pnl(person, "all", "fifo")
    for table in ("projection", "lot", "result"):
        await world.pool.execute(f"DELETE FROM {table}")
    after = await world.app.performance.pnl(person, "all", "fifo")
    assert after.assets == before.assets
    assert after.results[0].realised == before.results[0].realised


async def test_every_leg_is_compared_with_its_arrival_and_with_what_was_approved(world, person):
    await world.bought(person, buy("0.01"))
    [order] = await world.app.portfolios.orders(
        person, None, open_only=False, before=None, limit=10
    )
    assert order.arrival_price == 96_000
    assert order.slippage == (order.average_price - 96_000) * order.filled > 0
    assert order.slippage_bps == (order.slippage / 960 * 10_000).quantize(Decimal("0.01"))
    assert order.slippage_approved_bps is not None
    pnl = await world.app.performance.pnl(person, "day")
    assert pnl.slippage == order.slippage


async def test_a_deposit_is_no_gain_and_a_hand_trade_counts(world, person):
    account = await opened(world, person)
    await by_hand(world, account, "deposits", asset="USDT", amount="5000")
    await by_hand(world, account, "trades", symbol="BTCUSDT", side="BUY", quantity="0.02")
    await compared(world, account)
    await by_hand(world, account, "withdrawals", asset="BTC", amount="0.01")
    await compared(world, account)
    pnl = await world.app.performance.pnl(person, "week", "fifo")
    assert pnl.trades == 1
    [week] = pnl.results
    # What was withdrawn took its own cost along, and left at the market's price.
    left_at = 5000 - week.deposited
    gone = left_at - await cost_gone(world, account)
    assert week.change == pnl.realised + pnl.unrealised + gone
    equity = await world.app.performance.equity(person, "day")
    assert equity.points[0].total == 10_000
    assert abs(equity.return_pct) < Decimal("0.5")
    assert equity.change == week.change


async def cost_gone(world, account):
    """What the withdrawn units had cost: half of the purchase."""
    row = await world.pool.fetchrow(
        "SELECT quantity * price + fee AS cost FROM fill WHERE account = $1", account.account
    )
    return row["cost"] / 2


async def test_the_curve_knows_its_deepest_fall(world, person):
    account = await opened(world, person)
    notes = [(50, 10_000), (40, 12_000), (30, 9_000), (20, 12_600)]
    await world.pool.executemany(
        "INSERT INTO equity (account, at, total, deposited)"
        " VALUES ($1, now() - make_interval(mins => $2), $3, 10000)",
        [(account.account, minutes, Decimal(total)) for minutes, total in notes],
    )
    await world.pool.execute(
        "UPDATE account SET opened_at = now() - interval '2 hours' WHERE account = $1",
        account.account,
    )
    equity = await world.app.performance.equity(person, "all")
    assert (equity.max_drawdown_pct, equity.points[2].total) == (25, 9_000)
    assert equity.max_drawdown_at == equity.points[2].at
    assert equity.points[3].drawdown_pct == 0
    assert equity.return_pct == 0  # it holds its opening again
    assert equity.drawdown_pct == Decimal("20.63")


async def test_figures_are_told_in_the_persons_time_zone_and_currency(world, person):
    assert (await world.app.choices.of(person)).time_zone == "UTC"
    chosen = await world.app.choices.change(person, "Pacific/Auckland", "btc")
    assert (chosen.time_zone, chosen.conversion.source) == ("Pacific/Auckland", "synthetic")
    pnl = await world.app.performance.pnl(person, "day", own_currency=True)
    assert (pnl.currency, pnl.time_zone) == ("BTC", "Pacific/Auckland")
    assert pnl.total_now == pnl.points[-1].total == (10_000 * chosen.conversion.rate).normalize()
    assert (await world.app.performance.pnl(person, "day")).currency == "USDT"
    noted = await world.app.choices.change(person, "", "EUR")
    assert (noted.time_zone, noted.conversion) == ("Pacific/Auckland", None)
    assert "EUR" in noted.currency_note
    equity = await world.app.performance.equity(person, "day", own_currency=True)
    assert (equity.currency, equity.currency_note) == ("USDT", noted.currency_note)
    with pytest.raises(InvalidInputError):
        await world.app.choices.change(person, "Mars/Olympus", "")
    with pytest.raises(InvalidInputError):
        await world.app.choices.change(person, "", "€")


async def test_today_begins_where_the_person_lives(world, person):
    account = await opened(world, person)
    await world.pool.execute(
        "UPDATE account SET opened_at = now() - interval '2 days' WHERE account = $1",
        account.account,
    )
    await world.pool.execute("DELETE FROM equity")
    # Worth more by 100 in each of the last hours: what counts is what the day began with.
    await world.pool.execute(
        "INSERT INTO equity (account, at, total, deposited) SELECT $1,"
        " date_trunc('hour', now()) - make_interval(hours => n), 10000 - 100 * n, 10000"
        " FROM generate_series(0, 40) AS n",
        account.account,
    )
    seen = {}
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        await world.app.choices.change(person, zone, "")
        begins = (await world.app.performance.pnl(person, "day")).since
        today = (await world.app.portfolios.of(person)).change_today
        hours = await world.pool.fetchval(
            "SELECT extract(epoch FROM date_trunc('hour', now()) - $1)::int / 3600", begins
        )
        assert today == 100 * hours
        seen[zone] = begins
    # 25 hours apart: never the same day.
    assert len(set(seen.values())) == 2


async def test_who_becomes_another_person_keeps_what_they_chose(world, person):
    other = new_person_id()
    await world.app.choices.change(person, "Asia/Kolkata", "")
    async with world.app.books.unit() as unit:
        await unit.results.hand_over(person, other)
        await unit.results.hand_over(new_person_id(), other)
    assert (await world.app.choices.of(other)).time_zone == "Asia/Kolkata"


async def test_the_ledger_is_told_entry_by_entry_and_sums_up_to_zero(world, person):
    await world.bought(person, buy("0.01"))
    entries, before = [], None
    while True:
        page = await world.app.performance.ledger(person, before, 3)
        entries += page
        if len(page) < 3:
            break
        before = (int(page[-1].transaction), page[-1].n)
    assert len({(each.transaction, each.n) for each in entries}) == len(entries)
    assert {each.book for each in entries} >= {"free", "reserved", "venue:paper", "fees:paper"}
    for asset in ("USDT", "BTC"):
        assert sum(each.amount for each in entries if each.asset == asset) == 0
    assert entries[-1].kind == "deposit"


async def test_ten_thousand_fills_are_answered_from_few_rows(world, person):
    account = await opened(world, person)
    await world.pool.execute(FILLS, account.account)
    await world.app.performance.pnl(person, "month", "fifo")
    rows = await world.pool.fetchval("SELECT count(*) FROM result")
    assert rows <= 10_000 / 60 + 2
    assert (await world.app.performance.pnl(person, "all", "fifo")).trades == 10_000
    async with world.app.books.unit() as unit:
        assert not await unit.results.behind(account.account)


# One trade every 15 seconds: bought and sold in turn.
FILLS = """
WITH made AS (
    INSERT INTO ledger_tx (source_key, kind, account, at)
    SELECT 'fill:paper:' || $1 || ':BTC:' || n, 'fill', $1, now() - n * interval '15 s'
    FROM generate_series(1, 10000) AS n RETURNING id, source_key
), numbered AS (
    SELECT id, split_part(source_key, ':', 5)::int AS n FROM made
), entries AS (
    INSERT INTO ledger_entry (tx_id, n, book, asset, amount)
    SELECT id, k, CASE WHEN k % 2 = 1 THEN 'free:' || $1 ELSE 'venue:paper' END,
        CASE WHEN k < 3 THEN 'BTC' ELSE 'USDT' END,
        (CASE WHEN n % 2 = 1 THEN 1 ELSE -1 END) * (CASE WHEN k IN (1, 4) THEN 1 ELSE -1 END)
            * (CASE WHEN k < 3 THEN 0.001 ELSE 96 END)
    FROM numbered, generate_series(1, 4) AS k
)
INSERT INTO fill (venue, account, symbol, trade_id, order_id, side, quantity, price, fee,
    fee_asset, at)
SELECT 'paper', $1, 'BTC', n::text, 'o' || n, CASE WHEN n % 2 = 1 THEN 'buy' ELSE 'sell' END,
    0.001, 96000, 0, 'USDT', now() - n * interval '15 s'
FROM numbered
"""
