"""Every risk check: its code, and that its sentence says what would be allowed."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from uchat_contracts.trading import Collar, Leg, Plan, Reason, RiskLimits
from uchat_execution.domain import risk
from uchat_execution.domain.accounts import Balance
from uchat_execution.domain.modes import Demand, Standing

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
D = Decimal
LIMITS = RiskLimits(
    per_order=D(2500),
    per_asset_share=D("0.4"),
    daily_loss_share=D("0.05"),
    price_collar_bps=100,
    orders_per_minute=10,
    drawdown_share=D("0.15"),
    gross_share=D("0.5"),
)


def leg(symbol="BTC", side="buy", quantity="0.01", price="96000", n=1, **more):
    quantity, price = D(quantity), D(price)
    return Leg(
        **{
            "n": n,
            "symbol": symbol,
            "side": side,
            "type": "market",
            "quantity": quantity,
            "price": price,
            "notional": quantity * price,
            "fee": quantity * price / 1000,
            "fee_asset": "USDT",
            **more,
        }
    )


def plan(*legs):
    legs = list(legs) or [leg()]
    return Plan(
        account="a",
        venue="paper",
        simulated=True,
        quote_currency="USDT",
        legs=legs,
        collar=Collar(max_deviation_bps=100, as_of=NOW),
        total=sum((each.notional for each in legs), D(0)),
        fees=D(1),
        expires_at=NOW + timedelta(minutes=2),
    )


def situation(**changes):
    limits = LIMITS.model_copy(update=changes.pop("limits", {}))
    whole = {
        "limits": limits,
        "stopped": False,
        "merging": False,
        "balances": {"USDT": Balance("USDT", D(10000)), "BTC": Balance("BTC", D("0.01"))},
        "prices": {"BTC": D(96000), "ETH": D(3400)},
        "steps": {"BTC": D("0.00001"), "ETH": D("0.0001")},
        "day_start": D(10960),
        "recent_orders": 0,
        "incoming": {},
        "peak": D(10960),
        "as_of": {"BTC": NOW, "ETH": NOW},
        "now": NOW,
        **changes,
    }
    return risk.Situation(**whole)


def demanding(state, code="drift"):
    return Standing(demands=(Demand("x", state, Reason(code=code, text="The books differ.")),))


def ago(seconds):
    return NOW - timedelta(seconds=seconds)


def stop(limit_price):
    more = {"type": "stop", "trigger_price": D(90000), "limit_price": D(limit_price)}
    return leg(side="sell", **more)


ETH = {"USDT": Balance("USDT", D(10000)), "ETH": Balance("ETH", D(1))}
CASES = {
    "kill_switch_on": (plan(leg(side="sell")), {"stopped": True}, "Release the stop"),
    "account_merging": (plan(), {"merging": True}, "being joined"),
    "trading_halted": (plan(leg(side="sell")), {"standing": demanding("halted")}, "books differ"),
    "trading_reducing": (plan(), {"standing": demanding("reducing")}, "Only selling is allowed"),
    "account_reconciling": (
        plan(leg(side="sell")),
        {"standing": demanding("halted", "account_reconciling")},
        "books differ",
    ),
    "mode_emergency": (plan(), {"standing": Standing(mode="emergency")}, "only selling"),
    "symbol_not_allowed": (plan(), {"limits": {"symbols": ["ETH", "ADA"]}}, "ADA, ETH may"),
    "insufficient_balance": (plan(leg(side="sell", quantity="0.02")), {}, "You have 0.01 BTC"),
    "order_too_large": (
        plan(leg(quantity="0.03")),
        {},
        "Up to 0.02604 BTC would be allowed",
    ),
    "rate_limit": (plan(), {"recent_orders": 10}, "At most 10 orders a minute"),
    "rejection_streak": (
        plan(),
        {"rejected_in_row": 5, "rejected_at": ago(59)},
        "until 12:00:01 UTC",
    ),
    "cooldown": (plan(), {"stopped_out_at": ago(1)}, "until 12:00:59 UTC"),
    "asset_share_exceeded": (
        plan(leg(quantity="0.025")),
        {"incoming": {"BTC": D(2000)}},
        "For up to 1,424.00 USDT more of it would be allowed",
    ),
    "gross_exposure": (
        plan(leg(quantity="0.02")),
        {"incoming": {"ETH": D(4000)}},
        "For up to 520.00 USDT more would be allowed",
    ),
    "price_unavailable": (plan(), {"prices": {}}, "no current price"),
    "daily_loss_limit": (
        plan(),
        {"day_start": D(12000)},
        "only selling is allowed, until midnight",
    ),
    "max_drawdown": (
        plan(),
        {"peak": D(13000)},
        "until it is worth more than 11,050.00 USDT again",
    ),
    "price_collar": (plan(stop("80000")), {}, "Down to 85,500.00 USDT would be allowed"),
    "reference_stale": (plan(), {"as_of": {"BTC": ago(6)}}, "older than 5 s"),
}


@pytest.mark.parametrize("code", CASES)
def test_each_check_refuses_with_its_code_and_says_what_would_do(code):
    refused_plan, changes, words = CASES[code]
    assert risk.check(plan(leg(quantity="0.001")), situation()) is None
    refused = risk.check(refused_plan, situation(**changes))
    assert refused.code == code
    assert words in refused.text


def test_cash_counts_over_all_legs_with_their_fees():
    five = [leg("ETH", quantity="0.7", price="3400", n=n) for n in range(1, 6)]
    limits = {"per_asset_share": D(1), "gross_share": D(1), "orders_per_minute": 100}
    refused = risk.check(plan(*five), situation(limits=limits))
    assert refused.code == "insufficient_balance"
    assert "you have 470.48 USDT left for it" in refused.text


@pytest.mark.parametrize(
    "changes",
    [
        {"standing": demanding("reducing")},
        {"standing": Standing(mode="emergency")},
        {"rejected_in_row": 9, "rejected_at": ago(1)},
        {"stopped_out_at": ago(1)},
        {"day_start": D(20000)},
        {"peak": D(20000)},
        {"limits": {"symbols": ["ETH"]}},
    ],
)
def test_what_only_sells_is_allowed(changes):
    assert risk.check(plan(leg(side="sell")), situation(**changes)) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"rejected_in_row": 5, "rejected_at": ago(60)},
        {"rejected_in_row": 4, "rejected_at": ago(1)},
        {"stopped_out_at": ago(60)},
        {"as_of": {"BTC": ago(5)}},
        {"peak": D(12000)},
    ],
)
def test_pauses_end_and_limits_are_not_reached_early(changes):
    assert risk.check(plan(leg(quantity="0.001")), situation(**changes)) is None


def test_a_limit_that_is_better_than_the_market_is_no_collar():
    cheap = leg(type="limit", quantity="0.001", limit_price=D(70000), price="70000")
    assert risk.check(plan(cheap), situation()) is None
    dear = leg(type="limit", quantity="0.001", limit_price=D(101000), price="101000")
    refused = risk.check(plan(dear), situation())
    assert refused.code == "price_collar"
    assert "Up to 100,800.00 USDT would be allowed" in refused.text


def test_a_claim_waits_by_itself_for_the_next_minute():
    busy = situation(recent_orders=10)
    assert risk.check(plan(leg(quantity="0.001")), busy, counts_orders=False) is None


def test_limits_of_scopes_are_each_at_their_tightest():
    narrow = LIMITS.model_copy(
        update={
            "per_order": D(5000),
            "per_asset_share": D("0.1"),
            "cooldown_s": 600,
            "drawdown_share": None,
            "four_eyes_above": D(300),
            "symbols": ["BTC", "ETH"],
        }
    )
    wide = LIMITS.model_copy(update={"symbols": ["ETH", "ADA"]})
    made = risk.effective(wide, [narrow])
    assert (made.per_order, made.per_asset_share, made.cooldown_s) == (D(2500), D("0.1"), 600)
    assert (made.drawdown_share, made.four_eyes_above) == (D("0.15"), D(300))
    assert made.symbols == ["ETH"]
    nothing = risk.effective(made, [LIMITS.model_copy(update={"symbols": ["ADA"]})])
    assert risk.check(plan(), situation(limits={"symbols": nothing.symbols})).code == (
        "symbol_not_allowed"
    )


def test_looser_limits_are_named():
    assert risk.loosened(LIMITS, LIMITS) == []
    tighter = LIMITS.model_copy(update={"per_order": D(100), "cooldown_s": 61, "symbols": ["BTC"]})
    assert risk.loosened(LIMITS, tighter) == []
    assert risk.loosened(tighter, LIMITS) == ["per_order", "cooldown_s", "symbols"]
    without = LIMITS.model_copy(update={"drawdown_share": None})
    assert risk.loosened(LIMITS, without) == ["drawdown_share"]
    assert risk.loosened(without, LIMITS) == []


def test_limits_that_are_none_are_refused():
    assert risk.faults(LIMITS, "USDT") == []
    wrong = LIMITS.model_copy(
        update={"per_order": D(0), "drawdown_share": D(2), "cooldown_s": -1, "quote_currency": "X"}
    )
    assert len(risk.faults(wrong, "USDT")) == 4
