"""The judge finds what it is there to find, and nothing in what is right."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.support.orders.evidence import Approved, Books, Decided, Leg, Placed, Stop
from tests.support.orders.judge import judge, judge_end
from uchat_contracts import ids
from uchat_contracts.trading import Collar, Plan
from uchat_contracts.trading import Leg as PlanLeg
from uchat_execution.domain.orders import client_order_id

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PERSON, DECISION = ids.new_person_id(), "d1"
PLAN = Plan(
    account="acct_1", venue="paper", simulated=True, quote_currency="USDT",
    legs=[
        PlanLeg(
            n=1, symbol="BTC", side="buy", type="market", quantity=Decimal("0.01"),
            price=Decimal(50_000), notional=Decimal(500), fee=Decimal("0.5"), fee_asset="USDT",
        )
    ],
    collar=Collar(max_deviation_bps=100, as_of=NOW),
    total=Decimal(500), fees=Decimal("0.5"), expires_at=NOW + timedelta(minutes=2),
)  # fmt: skip
HASH = PLAN.hash(DECISION, PERSON, 1)
OUR_ID = client_order_id(DECISION, HASH, 1, 1)
PLACED = Placed(
    order_id=7, account="key", client_order_id=OUR_ID, symbol="BTCUSDT", side="BUY", type="MARKET",
    quantity=Decimal("0.01"), executed=Decimal("0.01"), price=Decimal(0), status="FILLED",
    placed_at=NOW + timedelta(seconds=1),
)  # fmt: skip
LEG = Leg(
    order_id="o1", decision_id=DECISION, version=1, leg=1, attempt=1, epoch=1, account="acct_1",
    symbol="BTC", client_order_id=OUR_ID, state="filled", quantity=Decimal("0.01"),
    filled=Decimal("0.01"), venue_order_id="7", deadline=NOW + timedelta(seconds=3), reason=None,
)  # fmt: skip
APPROVED = Approved(DECISION, 1, PERSON, PLAN, HASH)
DECIDED = Decided(DECISION, PERSON, "executed", 1, None)


def books(leg: Leg = LEG, approved: Approved = APPROVED, decided: Decided = DECIDED) -> Books:
    held = {("acct_1", "BTC"): Decimal("0.01")}
    return Books([leg], [approved], [decided], {"acct_1": PERSON}, held=held)


def found(written: Books, orders: list[Placed], **more) -> set[str]:
    return set(judge_end(written, orders, **more).counts)


def test_what_is_right_is_no_fault():
    venue = {"acct_1": {"BTC": Decimal("0.01"), "USDT": Decimal(0)}}
    stops = [Stop(PERSON, NOW - timedelta(hours=1), NOW), Stop("somebody", NOW)]
    judged = judge_end(books(), [PLACED], stops, venue)
    assert judged.faults == 0
    assert (judged.approved, judged.legs, judged.orders) == (1, 1, 1)


def test_a_later_attempt_is_the_same_leg():
    second = client_order_id(DECISION, HASH, 1, 2)
    leg = replace(LEG, attempt=2, client_order_id=second)
    assert found(books(leg), [replace(PLACED, client_order_id=second)]) == set()
    both = [PLACED, replace(PLACED, order_id=8, client_order_id=second)]
    assert "double" in found(books(leg), both)


def test_what_a_hand_placed_is_nobodys_leg():
    assert found(books(), [PLACED, replace(PLACED, order_id=8, client_order_id="hand-1")]) == set()


@pytest.mark.parametrize(
    ("fault", "orders"),
    [
        ("double", [PLACED, replace(PLACED, order_id=8)]),
        ("stranger", [PLACED, replace(PLACED, order_id=8, client_order_id="whose")]),
        ("altered", [replace(PLACED, quantity=Decimal("0.02"))]),
        ("altered", [replace(PLACED, side="SELL")]),
        ("late", [replace(PLACED, placed_at=NOW + timedelta(seconds=4))]),
        ("late", [replace(PLACED, placed_at=NOW + timedelta(minutes=3))]),
        ("lost", []),
        ("untold", [replace(PLACED, executed=Decimal("0.005"))]),
    ],
)
def test_what_the_journal_gives_away(fault: str, orders: list[Placed]):
    assert fault in found(books(), orders)


@pytest.mark.parametrize(
    ("fault", "written"),
    [
        ("unsettled", books(replace(LEG, state="unknown"))),
        ("untold", books(replace(LEG, state="not_placed", venue_order_id=None))),
        ("stranger", books(approved=replace(APPROVED, version=2))),
        ("forged", books(approved=replace(APPROVED, plan_hash="0" * 64))),
        ("not_final", books(decided=replace(DECIDED, state="executing"))),
    ],
)
def test_what_the_books_give_away(fault: str, written: Books):
    assert fault in found(written, [PLACED])


def test_an_approved_leg_needs_an_order_or_a_reason():
    gone = replace(LEG, state="not_placed", venue_order_id=None, filled=Decimal(0))
    assert "unexplained" in found(books(gone), [])
    judged = judge_end(books(replace(gone, reason="expired")), [])
    assert judged.faults == 0
    assert judged.reasons == {"expired": 1}


def test_a_resting_order_keeps_its_decision_open():
    leg = replace(LEG, state="open", filled=Decimal(0))
    order = replace(PLACED, executed=Decimal(0), status="NEW")
    assert found(books(leg, decided=replace(DECIDED, state="executing")), [order]) == set()


def test_what_is_placed_while_trading_is_stopped_is_a_fault():
    assert "after_stop" in judge(books(), [PLACED], [Stop(PERSON, NOW)]).counts


def test_the_exchange_and_the_books_hold_the_same():
    other = {"acct_1": {"BTC": Decimal("0.02")}}
    assert found(books(), [PLACED], venue=other) == {"venue_differs"}


@pytest.mark.parametrize("fault", ["unbalanced", "skewed", "torn", "misfilled"])
def test_what_the_database_gives_away(fault: str):
    written = books()
    getattr(written, fault).append("BTC")
    assert found(written, [PLACED]) == {fault}


def test_only_known_faults_are_counted():
    with pytest.raises(KeyError):
        judge(books(), []).add("nonsense", "x")
