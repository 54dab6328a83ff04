"""Accounts at a live exchange: connected by a key, read, shown as of when they are, and removed."""

import asyncio
from decimal import Decimal

import pytest
from services.execution.tests.live_accounts.steps import compared, heard, waiting
from services.execution.tests.live_exchange import at_exchange
from services.execution.tests.world import buy

from uchat_contracts.trading import AlertRequest
from uchat_execution.domain.live import CONSENT_VERSION
from uchat_platform.errors import ConflictError, NotFoundError, UnavailableError
from uchat_platform.testing import eventually

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]


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


async def test_a_secret_is_nowhere_in_the_database(live, person, account):
    credentials = await account.key(enable_spot_trading=True)
    await live.app.connecting.connect(person, "binance", credentials, via="web_ui")
    rows = await live.pool.fetch("SELECT k::text AS row FROM venue_key k")
    sealed = bytes.fromhex(rows[0]["row"].split("\\\\x")[1].split(",")[0].strip('"'))
    for part in (credentials.secret, credentials.api_key):
        assert part not in rows[0]["row"]
        assert part.encode() not in sealed


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
            return giving.done() or await waiting(live)

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
    with pytest.raises(UnavailableError, match="no exchange that is connected here") as refused:
        await live.app.connecting.connect(person, "okx", await account.key(), via="web_ui")
    assert refused.value.code == "venue_not_configured"


async def test_without_a_worker_paper_goes_on_and_live_says_so(world, person):
    venues = await world.app.connecting.venues(person)
    assert not any(each.served for each in venues)
    with pytest.raises(NotFoundError) as none:
        await world.app.portfolios.of(person, "binance")
    assert none.value.code == "venue_not_connected"
    assert (await world.bought(person, buy("0.01"))).state == "executed"


async def test_alerts_on_the_portfolio_look_at_the_account_on_paper_alone(live, person, account):
    wished = AlertRequest(kind="portfolio", way="below", level=Decimal(9_000))
    alert = await live.app.alerting.set(person, wished, via="web_ui")
    await live.stop(live.app)
    small = await at_exchange(live.simulator, USDT="100")
    await live.app.connecting.connect(person, "binance", await small.key(), via="web_ui")
    await live.pin("BTC", "95000.00")
    assert await live.app.alert_watch.look() == 0
    assert (await live.app.alerting.get(person, alert.alert_id)).state == "armed"


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
