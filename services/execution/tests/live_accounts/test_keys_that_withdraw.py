"""A key that can move funds out places no order, from whenever on it can."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from services.execution.tests.live_accounts.steps import (
    allowed,
    compared,
    heard,
    open_orders,
    propose,
    told_of_keys,
)
from services.execution.tests.world import buy, sell

from uchat_execution.domain.live import Key, told_rights
from uchat_execution.domain.venues import BY_NAME
from uchat_platform.errors import InvalidInputError
from uchat_platform.testing import eventually

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]


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


async def resting(world, person):
    """Side and state of what is open, latest first."""
    return [(each.side, each.status) for each in await open_orders(world, person)]


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
        return await resting(live, person) == [("sell", "open"), ("buy", "open")]

    await eventually(both_rest)
    change = {"account": account.main.api_key, "api_key": key.api_key, "secret": key.secret}
    change |= {"enable_spot_trading": True, "enable_withdrawals": True}
    await live.simulator.post("/sim/keys", json=change)
    await compared(live, held.account, whole=True)
    assert await resting(live, person) == [("sell", "open")]
    [changed] = await told_of_keys(await bus_for("sessions"), person, 1)
    assert [each.side for each in changed.cancelling] == ["buy"]
    assert [each.side for each in changed.still_open] == ["sell"]
    assert "Cancelled there now: buy 0.001 BTC at 95,500" in changed.text
    assert "“cancel all my orders on Binance”" in changed.text
    # Their owner cancels the rest, by the same key.
    await live.app.cancelling.cancel(person, [], None, "binance")
    assert await resting(live, person) == []
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
