"""Balances that nobody can explain hold an account back until they agree or an operator decides."""

from decimal import Decimal

import pytest
from services.execution.tests.hands import by_hand, compared, held, opened
from services.execution.tests.world import buy

from uchat_execution.domain.orders import SymbolRules
from uchat_execution.domain.statements import drift
from uchat_execution.service.reconciling.asking import Asking
from uchat_platform.errors import ConflictError

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]


async def gone(world, account, asset, units):
    """Let units of the books vanish that the exchange still has."""
    async with world.app.books.unit() as unit:
        await unit.truth.connection.execute(
            "UPDATE balance SET free = free - $3 WHERE account = $1 AND asset = $2",
            account.account, asset, units,
        )  # fmt: skip


async def state_of(world, person, account):
    async with world.app.books.unit() as unit:
        return await unit.states.standing(person, account.account)


async def test_drift_found_twice_restricts_to_selling_and_is_released(world, person):
    account = await opened(world, person)
    await compared(world, account)
    await gone(world, account, "USDT", Decimal(100))
    first = await compared(world, account)
    assert (first.drift, first.drift_rounds) == ({"USDT": Decimal(100)}, 1)
    assert (await state_of(world, person, account)).state == "active"
    await compared(world, account)
    standing = await state_of(world, person, account)
    assert standing.state == "reducing"
    [demand] = standing.demands
    assert demand.reason.code == "drift"
    assert "100 USDT more" in demand.reason.text
    assert (await world.propose(person, buy("0.01"))).state == "denied"
    await gone(world, account, "USDT", Decimal(-100))
    await compared(world, account)
    assert (await state_of(world, person, account)).state == "active"
    assert (await world.bought(person, buy("0.01"))).state == "executed"


async def test_only_an_operator_adjusts_the_books_and_only_once(world, person):
    account = await opened(world, person)
    await by_hand(world, account, "deposits", asset="BTC", amount="0.5")
    await compared(world, account)
    await gone(world, account, "BTC", Decimal("0.2"))
    for _ in range(3):
        standing = await compared(world, account)
    assert (standing.drift, standing.drift_rounds) == ({"BTC": Decimal("0.2")}, 3)
    asking = Asking(world.app.books, by="ops")
    assert (await asking.account_of(person)) == account.account
    assert (await asking.adjust(account.account)).drift == {"BTC": Decimal("0.2")}
    standing = await compared(world, account)
    assert (standing.drift, standing.adjust_asked_by) == ({}, None)
    assert (await held(world, account))["BTC"].quantity == Decimal("0.5")
    assert (await state_of(world, person, account)).state == "active"
    movements = "SELECT kind, amount, source, note FROM movement WHERE kind = 'adjustment'"
    [row] = await world.pool.fetch(movements)
    assert (row["amount"], row["source"]) == (Decimal("0.2"), "recon")
    assert "ops" in row["note"]
    await compared(world, account)
    assert len(await world.pool.fetch(movements)) == 1
    with pytest.raises(ConflictError):
        await asking.adjust(account.account)


def test_dust_is_no_drift():
    rules = {
        "BTC": SymbolRules("BTC", "USDT", *[Decimal("0.00001")] * 3, *[Decimal(1)] * 4),
    }
    found = {"BTC": Decimal("0.00001"), "USDT": Decimal("-0.01"), "XYZ": Decimal("0.1")}
    assert drift(found, rules, "USDT") == {"XYZ": Decimal("0.1")}
    assert drift({"BTC": Decimal("-0.00002")}, rules, "USDT") == {"BTC": Decimal("-0.00002")}
