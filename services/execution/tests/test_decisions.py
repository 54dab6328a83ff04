"""Answers to decisions, on real servers: one counts, and only to what was seen and in time."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest
from services.execution.tests.world import buy, proposed, sell

from uchat_contracts import ids
from uchat_platform.errors import NotFoundError, NotPermittedError
from uchat_platform.testing import eventually

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]


async def test_fifty_answers_at_once_are_one_order_and_all_get_the_recorded_outcome(world, person):
    other = await world.replica()
    card = await world.propose(person, buy("0.01"))
    apps, interfaces = [world.app, other], ["web_ui", "telegram", "api"]
    answers = await asyncio.gather(
        *(world.answer(card, app=apps[n % 2], via=interfaces[n % 3]) for n in range(50))
    )
    assert [status for status, _ in answers].count("accepted") == 1
    assert {status for status, _ in answers} == {"accepted", "already_resolved"}
    done = await world.until(person, card.decision_id, "executed")
    assert all(told.resolved.via == done.resolved.via for _, told in answers)
    assert len(await world.journal()) == 1
    await world.check_books()


async def test_the_same_operation_again_gets_the_first_outcome(world, person):
    card = await world.propose(person, buy("0.01"))
    first = await world.answer(card, op_id="op")
    again = await world.answer(card, op_id="op")
    assert (first[0], again[0]) == ("accepted", "duplicate")
    assert again[1].resolved.op_id == "op"
    assert (await world.answer(card, op_id="other"))[0] == "already_resolved"


async def test_a_rejection_orders_nothing_and_cannot_be_taken_back(world, person):
    card = await world.propose(person, buy("0.01"))
    status, rejected = await world.answer(card, "reject", via="telegram")
    assert (status, rejected.state) == ("accepted", "rejected")
    assert (await world.answer(card))[0] == "already_resolved"
    assert await world.journal() == []


async def test_an_answer_to_another_plan_or_person_counts_for_nothing(world, person):
    card = await world.propose(person, buy("0.01"))
    status, now = await world.answer(card, plan_hash="0" * 64)
    assert (status, now.state) == ("superseded", "awaiting_approval")
    with pytest.raises(NotFoundError):
        await world.answer(card, person=ids.new_person_id())
    with pytest.raises(NotFoundError):
        await world.app.resolving.get(ids.derived_decision_id("turn_x", 0), person)


async def test_nobody_can_answer_after_the_time_is_over(world, person):
    card = await world.propose(person, buy("0.01"))
    other = await world.propose(person, buy("0.02"))
    await world.pool.execute(
        "UPDATE decision SET expires_at = now() - interval '1 second',"
        " card = jsonb_set(card, '{expires_at}', to_jsonb(now() - interval '1 second'))"
        " WHERE decision_id = $1",
        card.decision_id,
    )
    early, _ = await world.answer(card)
    assert early == "expired"
    expired = await world.until(person, card.decision_id, "expired")
    assert expired.reason.code == "expired"
    assert (await world.answer(card))[0] == "expired"
    assert (await world.card(person, other.decision_id)).state == "awaiting_approval"
    assert await world.journal() == []


async def test_a_repeated_proposal_changes_nothing(world, person):
    event = proposed(person, [buy("0.01")])
    await asyncio.gather(*(world.app.proposing.propose(event) for _ in range(5)))
    card = await world.card(person, event.decision_id)
    await world.answer(card)
    await world.until(person, event.decision_id, "executed")
    await world.app.proposing.propose(event)
    assert (await world.card(person, event.decision_id)).state == "executed"


@pytest.mark.parametrize(
    ("leg", "code"),
    [
        (buy("0.05"), "order_too_large"),
        (buy("1", "NOPE"), "symbol_not_allowed"),
        (sell("0.01"), "insufficient_balance"),
        (sell("0.00001"), "insufficient_balance"),
        (buy("0.0000001"), "quantity_below_min"),
    ],
)
async def test_a_denial_is_a_card_with_its_reason(world, person, leg, code):
    card = await world.propose(person, leg)
    assert (card.state, card.reason.code) == ("denied", code)
    assert (await world.answer(card))[0] == "already_resolved"


async def test_a_price_that_left_the_collar_needs_a_new_approval(world, person):
    card = await world.propose(person, buy("0.01"))
    await world.pin("BTC", "98000.00")
    status, _ = await world.answer(card)
    assert status == "accepted"
    again = await world.until(person, card.decision_id, "awaiting_approval")
    assert again.version == 2
    assert again.plan_hash != card.plan_hash
    assert again.resolved is None
    assert again.reason.code == "price_moved"
    assert again.plan.legs[0].price >= 98000
    assert await world.journal() == []
    # The old approval is for the old plan.
    assert (await world.answer(card))[0] == "superseded"
    await world.answer(again)
    await world.until(person, card.decision_id, "executed")
    assert len(await world.journal()) == 1


async def test_a_plan_of_many_legs_sells_first_and_reports_each(world, person):
    await world.bought(person, buy("0.02"))
    card = await world.propose(person, buy("0.3", "ETH"), sell("0.01"), buy("2", "SOL"))
    assert [leg.side for leg in card.plan.legs] == ["sell", "buy", "buy"]
    await world.answer(card)
    done = await world.until(person, card.decision_id, "executed")
    assert [order.status for order in done.result.orders] == ["filled"] * 3
    placed = await world.journal()
    assert [order["side"].lower() for order in placed] == ["buy", "sell", "buy", "buy"]
    await world.check_books()


async def test_a_resting_order_reserves_and_can_be_cancelled(world, person):
    card = await world.propose(person, buy("0.01", type="limit", limit_price="90000"))
    await world.answer(card)

    async def resting():
        orders = await world.app.portfolios.orders(
            person, None, open_only=True, before=None, limit=10
        )
        return orders if orders and orders[0].status == "open" else None

    [order] = await eventually(resting)
    portfolio = await world.app.portfolios.of(person)
    assert portfolio.cash_reserved == Decimal(900) + Decimal("0.9")
    [cancelled] = await world.app.cancelling.cancel(person, [order.order_id], None)
    assert cancelled.status == "cancelled"
    done = await world.until(person, card.decision_id, "cancelled")
    assert done.result.orders[0].status == "cancelled"
    portfolio = await world.app.portfolios.of(person)
    assert (portfolio.cash, portfolio.cash_reserved) == (Decimal(10_000), Decimal(0))
    await world.check_books()


async def test_a_resting_order_is_filled_when_the_price_comes(world, person):
    card = await world.propose(person, buy("0.01", type="limit", limit_price="90000"))
    await world.answer(card)
    await world.until(person, card.decision_id, "executing")
    await world.pin("BTC", "89000.00")
    done = await world.until(person, card.decision_id, "executed", timeout_s=15)
    assert done.result.orders[0].filled == Decimal("0.01")
    await world.check_books()


async def test_profit_and_positions_follow_the_fills(world, person):
    await world.bought(person, buy("0.02"))
    await world.pin("BTC", "99000.00")
    sold = await world.bought(person, sell("0.01"))
    portfolio = await world.app.portfolios.of(person)
    [held] = portfolio.holdings
    assert held.quantity == Decimal("0.01")
    trades = await world.app.portfolios.trades(person, "BTC", None, 10)
    bought = trades[-1]
    proceeds = sold.result.orders[0].average_price * Decimal("0.01") - sold.result.orders[0].fee
    paid = sum(t.price * t.quantity + t.fee for t in trades if t.side == "buy")
    assert bought.side == "buy"
    assert portfolio.realised == proceeds - paid / 2
    assert held.unrealised == held.value - paid / 2
    pnl = await world.app.performance.pnl(person, "day")
    assert pnl.realised == portfolio.realised
    assert pnl.total_then == Decimal(10_000)
    assert pnl.total_now == portfolio.total
    assert pnl.fees == sum(trade.fee for trade in trades)
    assert pnl.points[-1].total == portfolio.total


async def test_the_time_to_wait_ends_without_an_end(world, person):
    card = await world.propose(person, buy("0.01", type="limit", limit_price="90000"))
    status, now = await world.answer(card, wait_ms=300)
    assert status == "accepted"
    assert now.state in ("approved", "executing")


async def test_decisions_page_latest_first(world, person):
    cards = [await world.propose(person, buy(f"0.0{n}1")) for n in range(1, 3)]
    page = await world.app.resolving.page(person, ["open"], None, 1)
    assert [card.decision_id for card in page] == [cards[1].decision_id]
    before = (page[0].proposed_at, page[0].decision_id)
    rest = await world.app.resolving.page(person, [], before, 5)
    assert [card.decision_id for card in rest] == [cards[0].decision_id]


async def test_nothing_is_approved_while_trading_is_stopped(world, person):
    card = await world.propose(person, buy("0.01"))
    stopped = await world.app.safety.throw(person, on=True, via="telegram")
    assert stopped.on
    with pytest.raises(NotPermittedError) as caught:
        await world.answer(card)
    assert caught.value.code == "kill_switch_on"
    assert (await world.card(person, card.decision_id)).state == "awaiting_approval"
    denied = await world.propose(person, buy("0.01"))
    assert denied.reason.code == "kill_switch_on"
    await world.app.safety.throw(person, on=False, via="web_ui")
    assert (await world.answer(card))[0] == "accepted"
    await world.until(person, card.decision_id, "executed")


async def test_the_life_of_a_market_plan_is_two_minutes(world, person):
    card = await world.propose(person, buy("0.01"))
    life = card.expires_at - card.proposed_at
    assert timedelta(seconds=118) < life <= timedelta(seconds=120)
