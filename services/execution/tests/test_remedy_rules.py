"""What a version changes, what is left to be done, and how many people it takes: without I/O."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uchat_contracts import ids
from uchat_contracts.trading import Approval, Card, Collar, Leg, Plan, PlanRequest, Reason
from uchat_execution.domain import four_eyes, remedies
from uchat_execution.domain.changes import changes
from uchat_execution.domain.decisions import entering, outcome
from uchat_execution.domain.orders import Order

D = Decimal
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
OWNER = ids.new_person_id()
WHY = Reason(code="price_moved", text="The price moved.")


def leg(n, side, symbol, quantity, price, **more):
    quantity, price = D(quantity), D(price)
    return Leg(
        n=n, symbol=symbol, side=side, type=more.pop("type", "market"), quantity=quantity,
        price=price, notional=quantity * price, fee=quantity * price / 1000, fee_asset="USDT",
        **more,
    )  # fmt: skip


def plan(*legs):
    return Plan(
        account="acct_1", venue="paper", simulated=True, quote_currency="USDT", legs=list(legs),
        collar=Collar(max_deviation_bps=100, as_of=NOW),
        total=sum(each.notional for each in legs), fees=sum(each.fee for each in legs),
        expires_at=NOW,
    )  # fmt: skip


def order(of, state="filled", filled=None, **more):
    filled = of.quantity if filled is None else D(filled)
    return Order(
        order_id=f"ord_{of.n}", decision_id="d", version=1, leg=of.n, attempt=1, rev=3,
        account="acct_1", venue="paper", symbol=of.symbol, quote_currency="USDT", side=of.side,
        type=of.type, quantity=of.quantity, price=of.price, limit_price=of.limit_price,
        client_order_id=f"c{of.n}", state=state, fee_asset="USDT", created_at=NOW, updated_at=NOW,
        next_at=NOW, filled=filled, quote_filled=filled * of.price,
        fee=filled * of.price / 1000, **more,
    )  # fmt: skip


def card(of, purpose="rebalance", state="executing", **more):
    return Card(
        decision_id="d", rev=3, version=1, state=state,
        session_id=ids.new_conversation_id(), user_id=OWNER, interface="web_ui", proposed_at=NOW,
        updated_at=NOW, plan=of, plan_hash=of.hash("d", OWNER, 1),
        request=PlanRequest(
            legs=[{"symbol": "BTC", "side": "buy", "quantity": "1"}], purpose=purpose
        ),
        **more,
    )  # fmt: skip


def texts(former, now):
    return [change.text for change in changes(former, now)]


def test_a_change_reads_as_a_person_would_say_it():
    former = plan(leg(1, "buy", "BTC", "0.01", "67210"))
    now = plan(leg(1, "buy", "BTC", "0.01", "68020"))
    assert texts(former, now) == [
        "BTC: was 67,210 USDT, now 68,020 USDT, +1.2 %",
        "Total: was 672.10 USDT, now 680.20 USDT, +1.2 %",
        "Fees: was 0.67 USDT, now 0.68 USDT, +1.2 %",
    ]
    assert changes(former, former) == []


def test_a_drift_that_reads_as_nothing_is_not_told():
    former = plan(leg(1, "buy", "BTC", "0.01", "67210"))
    assert changes(former, plan(leg(1, "buy", "BTC", "0.01", "67215"))) == []


def test_legs_that_come_go_or_become_another_kind_are_told():
    former = plan(leg(1, "sell", "ETH", "1", "3000"), leg(2, "buy", "BTC", "0.01", "67210"))
    limit = leg(1, "buy", "BTC", "0.01", "66000", type="limit", limit_price=D(66000))
    found = changes(former, plan(limit, leg(2, "buy", "SOL", "2", "180")))
    assert [(each.what, each.leg, each.text) for each in found[:4]] == [
        ("legs", None, "No longer: sell 1 ETH"),
        ("legs", 1, "BTC: was a market order, now a limit order"),
        ("limit_price", 1, "BTC limit: none before, now 66,000 USDT"),
        ("legs", 2, "New: buy 2 SOL"),
    ]
    assert (found[2].was, found[2].now) == (None, "66000")


def test_the_rest_of_every_leg_is_the_remedy_and_the_reason_tells_both():
    made = plan(leg(1, "buy", "ETH", "1", "3000"), leg(2, "buy", "SOL", "4", "180"))
    orders = [order(made.legs[0]), order(made.legs[1], "cancelled", 1, reason=WHY)]
    done = outcome(card(made, "allocation"), orders, NOW)
    assert done.state == "partially_executed"
    assert done.reason.text == (
        "Done: bought 1 ETH, bought 1 SOL. Not done: buying 3 SOL. The price moved."
    )
    [wish] = done.remedy.legs
    assert (wish.symbol, wish.side, wish.quantity, done.remedy.purpose) == (
        "SOL",
        "buy",
        D(3),
        "remedy",
    )


def test_what_the_person_cancelled_is_not_wished_for_again():
    made = plan(leg(1, "buy", "ETH", "1", "3000", type="limit", limit_price=D(3000)))
    assert remedies.remedy(made, [order(made.legs[0], "cancelled", "0.4")]) is None
    by_hand = order(made.legs[0], "cancelled", "0.4", cancel_at=NOW, reason=WHY)
    assert remedies.remedy(made, [by_hand]) is None
    ended = order(made.legs[0], "cancelled", "0.4", reason=WHY)
    [wish] = remedies.remedy(made, [ended]).legs
    assert (wish.type, wish.quantity, wish.limit_price) == ("limit", D("0.6"), D(3000))


def test_purchases_shrink_to_what_the_sales_brought():
    made = plan(leg(1, "sell", "BTC", "0.01", "60000"), leg(2, "buy", "ETH", "0.2", "3000"))
    # Half of it was sold and the person cancelled the rest: half can be bought.
    sold = order(made.legs[0], "cancelled", "0.005")
    orders = [sold, order(made.legs[1], "not_placed", 0, reason=WHY)]
    [wish] = remedies.remedy(made, orders).legs
    assert (wish.side, wish.symbol) == ("buy", "ETH")
    assert D("0.1") <= wish.quantity <= D("0.1003")


def test_a_purchase_waits_for_no_other_money_than_its_sales():
    made = plan(leg(1, "sell", "BTC", "0.01", "60000"), leg(2, "buy", "ETH", "0.2", "3000"))
    purchase = made.legs[1]
    failed = [order(made.legs[0], "rejected", 0), order(purchase, "ready", 0)]
    assert remedies.unfunded(card(made), failed, purchase).code == "sale_fell_short"
    # Orders that were wished for one by one do not depend on one another.
    assert remedies.unfunded(card(made, "trade"), failed, purchase) is None
    sold = [order(made.legs[0]), order(purchase, "ready", 0)]
    assert remedies.unfunded(card(made), sold, purchase) is None
    # A worse price within the collar is no shortage.
    slipped = sold[0].but(quote_filled=D(595), fee=D("0.595"))
    assert remedies.unfunded(card(made), [slipped, sold[1]], purchase) is None


amounts = st.decimals("0", "1", places=3)


@given(sold=amounts, bought=amounts, price=st.integers(1, 100_000))
def test_a_remedy_never_buys_more_than_is_left_nor_than_can_be_paid(sold, bought, price):
    made = plan(leg(1, "sell", "BTC", "1", price), leg(2, "buy", "ETH", "1", price))
    orders = [
        order(made.legs[0], "filled" if sold == 1 else "cancelled", sold, cancel_at=NOW),
        order(made.legs[1], "filled" if bought == 1 else "not_placed", bought, reason=WHY),
    ]
    remedy = remedies.remedy(made, orders)
    for wish in remedy.legs if remedy else []:
        assert wish.side == "buy"
        assert wish.quantity <= 1 - bought
        costs = wish.quantity * price * D("1.001")
        own = max(D(0), made.legs[1].notional + made.legs[1].fee - price * D("0.999"))
        left = own + sold * price * D("0.999") - bought * price * D("1.001")
        assert costs <= left + D("0.01")


def approval(by, choice="approve"):
    return Approval(choice=choice, by=by, via="web_ui", at=NOW)


def test_two_people_decide_and_one_of_them_is_the_owner():
    made = plan(leg(1, "buy", "BTC", "0.01", "60000"))
    assert four_eyes.needed(made, None) == 1
    # Charged at the worst price that it may get: 606.
    assert four_eyes.needed(made, D("605.99")) == 2
    assert four_eyes.needed(made, D(606)) == 1
    other, third = ids.new_person_id(), ids.new_person_id()
    held = card(made)
    for people, enough in (
        ([OWNER], False), ([other], False), ([other, third], False), ([OWNER, OWNER], False),
        ([OWNER, other], True), ([other, OWNER], True),
    ):  # fmt: skip
        assert four_eyes.is_enough(held, [approval(each) for each in people], 2) is enough


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, None),
        ({"resolved": None}, "approval_missing"),
        ({"resolved": approval(OWNER, "reject")}, "approval_missing"),
        ({"approvals_needed": 2, "approvals": [approval(OWNER)]}, "approval_missing"),
        ({"plan_hash": "0" * 64}, "approval_hash_mismatch"),
        ({"version": 2}, "approval_hash_mismatch"),
        ({"decision_id": "another"}, "approval_hash_mismatch"),
        ({"user_id": ids.new_person_id()}, "approval_hash_mismatch"),
    ],
)
def test_nothing_is_sent_of_a_plan_that_is_not_the_approved_one(changed, code):
    made = plan(leg(1, "buy", "BTC", "0.01", "60000"))
    approved = card(made, resolved=approval(OWNER), approvals=[approval(OWNER)])
    refused = four_eyes.unapproved(approved.model_copy(update=changed), approved.plan_hash)
    assert (refused.code if refused else None) == code


def test_an_order_of_another_plan_is_never_sent():
    made = plan(leg(1, "buy", "BTC", "0.01", "60000"))
    approved = card(made, resolved=approval(OWNER), approvals=[approval(OWNER)])
    assert four_eyes.unapproved(approved, "0" * 64).code == "approval_hash_mismatch"


def test_a_card_that_waits_may_enter_the_same_state_as_its_next_event():
    waiting = card(plan(leg(1, "buy", "BTC", "0.01", "60000")), state="awaiting_approval")
    assert entering(waiting, "awaiting_approval", NOW).rev == waiting.rev + 1
