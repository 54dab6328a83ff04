"""A key that was revoked at its exchange: its owner is told once, nothing is sent by it."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest
from services.execution.tests.live_accounts.steps import (
    allowed,
    compared,
    open_orders,
    propose,
    told_of_keys,
)
from services.execution.tests.live_exchange import at_exchange, binance_at
from services.execution.tests.world import buy, sell

from uchat_contracts import ids
from uchat_execution.domain.venues import Credentials
from uchat_platform.errors import ConflictError
from uchat_platform.testing import eventually

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]


async def connect(world, person, key):
    return await world.app.connecting.connect(person, "binance", key, via="web_ui")


async def trades(world, person, key):
    """Connect a key that may trade, and allow everything else that it takes."""
    held = await connect(world, person, key)
    await allowed(world, person)
    return held


async def revoke(world, key):
    assert (await world.simulator.delete(f"/sim/keys/{key.api_key}")).is_success


async def restore(world, account, key):
    body = {"account": account.main.api_key, "api_key": key.api_key, "secret": key.secret}
    assert (
        await world.simulator.post("/sim/keys", json=body | {"enable_spot_trading": True})
    ).is_success


@pytest.mark.parametrize("whole", [True, False])
async def test_the_owner_is_told_once_and_nothing_is_proposed_until_the_key_works_again(
    live, person, account, bus_for, whole
):
    key = await account.key(enable_spot_trading=True)
    held = await trades(live, person, key)
    await compared(live, held.account)
    await revoke(live, key)
    for _ in range(3):
        await compared(live, held.account, whole=whole)
    [shown] = await live.app.connecting.keys(person)
    assert shown.refused_at is not None
    venues = {each.venue: each for each in await live.app.connecting.venues(person)}
    assert venues["binance"].barred.code == "venue_key_refused"
    assert venues["binance"].key == shown
    # What is shown of it is not of now, and says so at once.
    assert (await live.app.portfolios.of(person, "binance")).stale
    denied = await propose(live, person, buy("0.001"))
    assert (denied.state, denied.reason.code) == ("denied", "venue_key_refused")
    assert "Connect a new key of the same account" in denied.reason.text
    await restore(live, account, key)
    await compared(live, held.account)
    assert not (await live.app.portfolios.of(person, "binance")).stale
    assert (await propose(live, person, buy("0.001"))).state == "awaiting_approval"
    refused, again = await told_of_keys(await bus_for("sessions"), person, 2)
    assert (refused.rev, again.rev) == (1, 2)
    assert refused.text.startswith("Binance does not accept your key any more")
    assert (refused.refused_at, again.refused_at) == (shown.refused_at, None)
    assert again.text.startswith("Your key at Binance can read and trade now")
    rows = await live.pool.fetchval("SELECT rev FROM venue_key")
    assert rows == 2


async def test_what_was_approved_is_not_sent_with_a_key_that_is_refused(live, person, account):
    key = await account.key(enable_spot_trading=True)
    held = await trades(live, person, key)
    card = await propose(live, person, buy("0.001"))
    assert card.state == "awaiting_approval", card.reason
    await revoke(live, key)
    await compared(live, held.account, whole=True)
    await live.answer(card)
    over = await live.until(person, card.decision_id, "failed", "cancelled", "denied")
    assert over.reason.code == "venue_key_refused"
    assert await live.journal() == []


async def test_the_rounds_that_run_by_themselves_find_it(live, person, account):
    key = await account.key()
    held = await connect(live, person, key)

    async def due():
        await live.pool.execute(
            "UPDATE reconciliation SET next_at = clock_timestamp() WHERE account = $1", held.account
        )
        [shown] = await live.app.connecting.keys(person)
        return shown.refused_at

    assert await due() is None
    await revoke(live, key)
    assert await eventually(due)


async def test_an_exchange_that_is_away_says_nothing_of_the_key(live, person, account):
    held = await connect(live, person, await account.key())
    await live.fault("http_503", on="query", times=1000)
    await live.app.reconciler.rounds.rechecking.again(
        await live.app.portfolios.keeper.of(person, "binance")
    )
    [shown] = await live.app.connecting.keys(person)
    assert (shown.account, shown.refused_at) == (held.account, None)


async def test_another_key_of_the_account_takes_the_place_also_while_orders_are_open(
    live, person, account, bus_for
):
    key = await account.key(enable_spot_trading=True)
    held = await trades(live, person, key)
    card = await propose(live, person, sell("0.002", type="limit", limit_price="97000"))
    await live.answer(card)

    async def rests():
        return [each.status for each in await open_orders(live, person)] == ["open"]

    await eventually(rests)
    await revoke(live, key)
    await compared(live, held.account, whole=True)
    [told] = await told_of_keys(await bus_for("sessions"), person, 1)
    assert "Open there, as far as known: sell 0.002 BTC at 97,000" in told.text
    assert (told.cancelling, told.still_open) == ([], [])
    with pytest.raises(ConflictError, match="connect a key of it that is accepted first"):
        await live.app.connecting.disconnect(person, "binance", via="web_ui")
    # One of another account is none.
    other = await at_exchange(live.simulator, USDT="1")
    with pytest.raises(ConflictError) as refused:
        await connect(live, person, await other.key())
    assert refused.value.code == "venue_account_differs"
    made = await account.key(enable_spot_trading=True)
    replaced = await connect(live, person, made)
    assert (replaced.account, replaced.refused_at) == (held.account, None)
    assert replaced.masked == made.masked
    await live.app.cancelling.cancel(person, [], None, "binance")

    async def nothing_rests():
        return await open_orders(live, person) == []

    await eventually(nothing_rests)
    with pytest.raises(ConflictError) as twice:
        await connect(live, person, await account.key())
    assert twice.value.code == "venue_connected"
    await live.check_books()


class AnsweredLate:
    """Answers what a key may do when something else has happened meanwhile."""

    def __init__(self, gateway, meanwhile):
        self.gateway, self.meanwhile = gateway, meanwhile

    async def rights(self, venue, account):
        try:
            return await self.gateway.rights(venue, account)
        finally:
            await self.meanwhile()


async def test_what_is_told_late_of_the_key_before_is_not_held_against_the_one_in_its_place(
    live, person, account
):
    key = await account.key()
    held = await connect(live, person, key)
    await revoke(live, key)
    await compared(live, held.account, whole=True)
    async with live.app.books.unit() as unit:
        asked = await unit.accounts.get(held.account)

    async def another_one():
        await connect(live, person, await account.key())

    rechecking = live.app.reconciler.rounds.rechecking
    late = AnsweredLate(rechecking.gateway, another_one)
    assert await replace(rechecking, gateway=late).again(asked)
    [shown] = await live.app.connecting.keys(person)
    assert (shown.account, shown.refused_at) == (held.account, None)


async def test_an_account_at_an_exchange_is_connected_by_one_person_only(live, person, account):
    second = ids.new_person_id()
    await connect(live, person, await account.key())
    with pytest.raises(ConflictError) as taken:
        await connect(live, second, await account.key(enable_spot_trading=True))
    assert taken.value.code == "venue_account_taken"
    assert person not in taken.value.detail
    assert await live.app.connecting.keys(second) == []
    # Another account of the exchange is nobody's business, and what is removed is free again.
    await connect(live, second, await (await at_exchange(live.simulator, USDT="1")).key())
    await live.app.connecting.disconnect(second, "binance", via="web_ui")
    await live.app.connecting.disconnect(person, "binance", via="web_ui")
    await connect(live, second, await account.key())


async def test_of_two_who_connect_the_same_account_at_once_one_does(live, person, account):
    keys = [await account.key() for _ in range(6)]
    done = await asyncio.gather(
        *(connect(live, ids.new_person_id(), key) for key in keys), return_exceptions=True
    )
    refused = [each for each in done if isinstance(each, BaseException)]
    assert [getattr(each, "code", each) for each in refused] == 5 * ["venue_account_taken"]
    assert await live.pool.fetchval("SELECT count(*) FROM venue_key") == 1


async def test_a_key_that_was_deleted_at_the_exchange_keeps_nobody_out(live, person, account):
    key, second = await account.key(), ids.new_person_id()
    held = await connect(live, person, key)
    await revoke(live, key)
    await compared(live, held.account, whole=True)
    await connect(live, second, await account.key())
    # It is theirs now, whatever becomes of the key before.
    await restore(live, account, key)
    await compared(live, held.account)
    [shown] = await live.app.connecting.keys(person)
    assert shown.refused_at is not None
    with pytest.raises(ConflictError) as taken:
        await connect(live, person, await account.key())
    assert taken.value.code == "venue_account_taken"


async def test_which_account_it_is_cannot_be_told_from_the_database(live, person, account):
    await connect(live, person, await account.key())
    mark = await live.pool.fetchval("SELECT account_mark FROM venue_key")
    assert len(mark) == 64
    async with binance_at(live.url) as binance:
        told = await binance.rights(Credentials(account.main.api_key, account.main.secret))
    assert told.account.isdigit()
    assert told.account not in mark


async def test_accounts_from_before_are_known_after_the_next_look(live, person, account):
    held = await connect(live, person, await account.key())
    mark = await live.pool.fetchval("SELECT account_mark FROM venue_key")
    await live.pool.execute("UPDATE venue_key SET account_mark = NULL")
    await compared(live, held.account, whole=True)
    assert await live.pool.fetchval("SELECT account_mark FROM venue_key") == mark
    assert Decimal(5000) == (await live.app.portfolios.of(person, "binance")).cash
