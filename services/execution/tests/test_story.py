"""From a proposal to fills, on real servers."""

from decimal import Decimal

import pytest
from services.execution.tests.world import buy

pytestmark = pytest.mark.integration


async def test_a_purchase_is_proposed_approved_and_executed_once(world, person):
    card = await world.propose(person, buy("0.01"))
    assert card.state == "awaiting_approval", card.reason
    assert card.rev == card.version == 1
    assert card.plan is not None
    assert card.plan.legs[0].quantity == Decimal("0.01")
    assert card.plan_hash == card.plan.hash(card.decision_id, person, 1)
    status, approved = await world.answer(card, via="telegram", wait_ms=5000)
    assert status == "accepted"
    assert approved.state == "executed", approved.reason
    assert approved.resolved.via == "telegram"
    [order] = approved.result.orders
    assert order.status == "filled"
    assert order.filled == Decimal("0.01")
    [placed] = await world.journal()
    assert placed["client_order_id"] == order.client_order_id
    portfolio = await world.app.portfolios.of(person)
    [held] = portfolio.holdings
    assert held.symbol == "BTC"
    assert held.quantity == Decimal("0.01")
    spent = order.average_price * order.filled + order.fee
    assert portfolio.cash == Decimal(10_000) - spent
    assert portfolio.cash_reserved == 0
    assert held.average_cost * held.quantity == spent
    await world.check_books()
