"""Rules without any I/O: plans, risk, the ledger, allocation, states."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from uchat_contracts import ids
from uchat_contracts.trading import PlanRequest, RiskLimits
from uchat_execution.domain import allocation, ledger, pricing, risk
from uchat_execution.domain.accounts import Account, Balance
from uchat_execution.domain.allocation import Candidate
from uchat_execution.domain.decisions import standing
from uchat_execution.domain.mandates import SignedLimit, charged
from uchat_execution.domain.market import Quote
from uchat_execution.domain.money import percent, share
from uchat_execution.domain.orders import (
    ImpossibleTransitionError,
    Order,
    SymbolRules,
    VenueFill,
    client_order_id,
)
from uchat_execution.domain.pricing import Terms, UnpriceableError

D = Decimal
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ACCOUNT = Account(
    "acct_1", ids.new_person_id(), "paper", True, "USDT", D(10000), D(10000), True, 0, NOW
)
LIMITS = RiskLimits(
    per_order=D(2500),
    per_asset_share=D("0.4"),
    daily_loss_share=D("0.05"),
    price_collar_bps=100,
    orders_per_minute=10,
)


def rules(symbol, step="0.00001"):
    return SymbolRules(symbol, "USDT", D(step), D(step), D(9000), D("0.01"), D(5), D(10), D(10))


def quote(symbol, price, at=NOW):
    price = D(price)
    return Quote(symbol, "USDT", price, price - D("0.5"), price + D("0.5"), D(0), at, "test", True)


def terms(**prices):
    prices = prices or {"BTC": "96000", "ETH": "3400"}
    return Terms(
        rules={symbol: rules(symbol) for symbol in prices},
        quotes={symbol: quote(symbol, price) for symbol, price in prices.items()},
        collar_bps=100,
        now=NOW,
    )


def wish(*legs):
    return PlanRequest(legs=list(legs))


def leg(symbol="BTC", side="buy", **more):
    more = more or {"quantity": "0.01"}
    return {"symbol": symbol, "side": side, **more}


def situation(**changes):
    whole = {
        "limits": LIMITS,
        "stopped": False,
        "merging": False,
        "balances": {"USDT": Balance("USDT", D(10000))},
        "prices": {"BTC": D(96000), "ETH": D(3400)},
        "steps": {"BTC": D("0.00001"), "ETH": D("0.0001")},
        "day_start": D(10000),
        "recent_orders": 0,
        "incoming": {},
        **changes,
    }
    return risk.Situation(**whole)


def test_a_plan_is_priced_at_the_side_that_it_meets_and_sells_first():
    request = wish(leg("BTC", "buy", amount="960"), leg("ETH", "sell", quantity="0.5"))
    plan, warnings = pricing.plan(request, ACCOUNT, terms())
    assert [(one.n, one.symbol, one.side, one.price) for one in plan.legs] == [
        (1, "ETH", "sell", D("3399.5")),
        (2, "BTC", "buy", D("96000.5")),
    ]
    assert plan.legs[1].quantity == D("0.00999")
    assert plan.legs[1].notional == D("0.00999") * D("96000.5")
    assert plan.legs[1].fee == plan.legs[1].notional / 1000
    assert plan.expires_at == NOW + timedelta(seconds=120)
    assert not warnings


def test_a_quantity_between_two_steps_is_rounded_down_and_said_so():
    plan, [warning] = pricing.plan(wish(leg(quantity="0.012345678")), ACCOUNT, terms())
    assert plan.legs[0].quantity == D("0.01234")
    assert warning.code == "rounded"


def test_a_limit_order_lives_longer_and_may_not_be_far_worse_than_the_market():
    limit = leg(quantity="0.01", type="limit", limit_price="90000")
    plan, _ = pricing.plan(wish(limit), ACCOUNT, terms())
    assert plan.expires_at == NOW + timedelta(minutes=15)
    assert plan.legs[0].price == plan.legs[0].limit_price == 90000
    with pytest.raises(UnpriceableError) as caught:
        pricing.plan(wish({**limit, "limit_price": "120000"}), ACCOUNT, terms())
    assert caught.value.reason.code == "price_collar"


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (wish(leg("NOPE")), "symbol_not_allowed"),
        (wish(leg("USDT", amount="10")), "symbol_not_allowed"),
        (wish(leg(quantity="0.000001")), "quantity_below_min"),
        (wish(leg(quantity="0.00002")), "notional_below_min"),
        (wish(leg(quantity="9001")), "quantity_above_max"),
        (wish(leg(quantity="1", type="limit", limit_price="1e17")), "price_collar"),
        (wish(leg("ETH", "sell", quantity="1", type="limit", limit_price="9e16")), "price_collar"),
        (PlanRequest(legs=[leg()], quote_currency="EUR"), "quote_currency_unsupported"),
    ],
)
def test_what_cannot_be_priced_is_refused_with_a_reason(request_, code):
    with pytest.raises(UnpriceableError) as caught:
        pricing.plan(request_, ACCOUNT, terms())
    assert caught.value.reason.code == code
    assert caught.value.reason.text.endswith(".")


def test_a_limit_between_two_ticks_is_never_worse_than_was_said():
    for side, said, becomes in (
        ("buy", "90000.009", "90000.00"),
        ("sell", "99000.001", "99000.01"),
    ):
        request = wish(leg("BTC", side, quantity="0.01", type="limit", limit_price=said))
        plan, [warning] = pricing.plan(request, ACCOUNT, terms())
        assert plan.legs[0].limit_price == D(becomes)
        assert warning.code == "rounded"


def test_an_empty_side_of_the_book_is_no_price():
    market = terms()
    empty = replace(market.quotes["BTC"], ask=D(0))
    with pytest.raises(UnpriceableError) as caught:
        pricing.plan(wish(leg(amount="10")), ACCOUNT, replace(market, quotes={"BTC": empty}))
    assert caught.value.reason.code == "price_unavailable"


def test_without_a_price_of_what_is_held_only_selling_is_possible():
    held = {
        "USDT": Balance("USDT", D(9000)),
        "OLD": Balance("OLD", D(1)),
        "ETH": Balance("ETH", D(1)),
    }
    plan, _ = pricing.plan(wish(leg(quantity="0.01")), ACCOUNT, terms())
    assert risk.check(plan, situation(balances=held)).code == "price_unavailable"
    plan, _ = pricing.plan(wish(leg("ETH", "sell", quantity="0.1")), ACCOUNT, terms())
    assert risk.check(plan, situation(balances=held)) is None


def test_an_old_price_is_none():
    old = replace(terms(), now=NOW + timedelta(seconds=6))
    with pytest.raises(UnpriceableError) as caught:
        pricing.plan(wish(leg()), ACCOUNT, old)
    assert caught.value.reason.code == "price_unavailable"


@pytest.mark.parametrize(
    ("legs", "changes", "code"),
    [
        ([leg(quantity="0.01")], {}, None),
        ([leg(quantity="0.01")], {"stopped": True}, "kill_switch_on"),
        ([leg(quantity="0.01")], {"merging": True}, "account_merging"),
        ([leg(quantity="0.05")], {}, "order_too_large"),
        ([leg(quantity="0.01")], {"recent_orders": 10}, "rate_limit"),
        (
            [leg(quantity="0.01")],
            {"balances": {"USDT": Balance("USDT", D(960))}},
            "insufficient_balance",
        ),
        # Each alone would do; both together do not.
        (
            [leg(quantity="0.01"), leg("ETH", quantity="0.3")],
            {"balances": {"USDT": Balance("USDT", D(1900))}},
            "insufficient_balance",
        ),
        ([leg("ETH", "sell", quantity="0.1")], {}, "insufficient_balance"),
        (
            [leg(quantity="0.02")],
            {"balances": {"USDT": Balance("USDT", D(7000)), "BTC": Balance("BTC", D("0.03"))}},
            "asset_share_exceeded",
        ),
        # What is on its way counts as if it were held.
        ([leg(quantity="0.02")], {"incoming": {"BTC": D(2400)}}, "asset_share_exceeded"),
        ([leg(quantity="0.01")], {"day_start": D(10600)}, "daily_loss_limit"),
        (
            [leg("BTC", "sell", quantity="0.01")],
            {"day_start": D(20000), "balances": {"BTC": Balance("BTC", D(1))}},
            None,
        ),
    ],
)
def test_risk_has_a_stable_code_for_each_refusal(legs, changes, code):
    plan, _ = pricing.plan(wish(*legs), ACCOUNT, terms())
    denied = risk.check(plan, situation(**changes))
    assert (denied.code if denied else None) == code


def test_a_refusal_says_what_would_be_allowed():
    plan, _ = pricing.plan(wish(leg(quantity="0.05")), ACCOUNT, terms())
    denied = risk.check(plan, situation())
    assert "2,500.00 USDT" in denied.text
    assert "Up to 0.02604 BTC would be allowed" in denied.text
    allowed, _ = pricing.plan(wish(leg(quantity="0.02604")), ACCOUNT, terms())
    assert risk.check(allowed, situation()) is None


def test_the_effect_is_what_the_plan_does_to_cash_and_holdings():
    plan, _ = pricing.plan(wish(leg(quantity="0.01")), ACCOUNT, terms())
    effect = pricing.effect(plan, {"USDT": Balance("USDT", D(10000))}, {"BTC": D(96000)})
    assert effect.cash_after == 10000 - plan.total - plan.fees
    assert effect.holdings_after == {"BTC": D("0.01")}
    assert sum(effect.shares_after.values()) == pytest.approx(D(1), abs=D("0.0002"))


def test_a_share_in_tenths_of_a_percent_is_rounded_once():
    assert percent(share(D("1144.63"), D("9998.93"))) == "11.4 %"


def test_client_order_ids_are_the_same_for_the_same_and_differ_else():
    made = client_order_id("d1", "h1", 1, 1)
    assert made == client_order_id("d1", "h1", 1, 1)
    assert len(made) == 26
    others = {
        client_order_id("d2", "h1", 1, 1),
        client_order_id("d1", "h2", 1, 1),
        client_order_id("d1", "h1", 2, 1),
        client_order_id("d1", "h1", 1, 2),
    }
    assert made not in others
    assert len(others) == 4


def order(**changes):
    whole = {
        "order_id": "ord_1", "decision_id": "d1", "version": 1, "leg": 1, "attempt": 1, "rev": 1,
        "account": "acct_1", "venue": "paper", "symbol": "BTC", "quote_currency": "USDT",
        "side": "buy", "type": "market", "quantity": D(1), "price": D(100), "limit_price": None,
        "client_order_id": "c", "state": "ready", "fee_asset": "USDT", "created_at": NOW,
        "updated_at": NOW, "next_at": NOW, **changes,
    }  # fmt: skip
    return Order(**whole)


def test_an_order_never_leaves_an_end():
    for state in ("filled", "rejected", "not_placed"):
        with pytest.raises(ImpossibleTransitionError):
            order(state=state).entering("ready", NOW)
    assert order(state="cancelled").entering("filled", NOW).state == "filled"


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (["filled", "filled"], "executed"),
        (["filled", "open"], "executing"),
        (["filled", "rejected"], "partially_executed"),
        (["rejected", "not_placed"], "failed"),
        (["cancelled"], "cancelled"),
    ],
)
def test_a_decision_stands_where_its_orders_stand(states, expected):
    orders = [order(state=state, filled=D(state == "filled")) for state in states]
    assert standing(orders)[0] == expected


amounts = st.decimals("0.00001", "1000", places=5)
fills = st.tuples(
    st.sampled_from(["buy", "sell"]),
    amounts,
    st.decimals("0.01", "200000", places=2),
    st.decimals("0", "5", places=8),
    st.sampled_from(["USDT", "BTC", "BNB"]),
    st.booleans(),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(fills, max_size=12))
def test_every_posting_balances_and_the_projection_is_the_sum_of_the_entries(trades):
    balances = {"USDT": Balance("USDT", D(10**9)), "BNB": Balance("BNB", D(1000), cost=D(600000))}
    start, total = dict(balances), {}
    for n, (side, units, price, fee, fee_asset, reserves) in enumerate(trades):
        made = order(
            side=side, quantity=units, price=price, reserved=units * price if reserves else D(0)
        )
        fill = VenueFill(str(n), price, units, fee, fee_asset, False, NOW)
        posting, left = ledger.filled(made, fill, balances)
        sums = {}
        for entry in posting.entries:
            sums[entry.asset] = sums.get(entry.asset, D(0)) + entry.amount
            if entry.book in ("free:acct_1", "reserved:acct_1"):
                total[entry.asset] = total.get(entry.asset, D(0)) + entry.amount
        assert not any(sums.values())
        assert 0 <= left.reserved <= made.reserved
        for asset, (free, reserved) in posting.moved().items():
            held = balances.get(asset, Balance(asset))
            profit = posting.profits.get(asset)
            balances[asset] = Balance(
                asset,
                held.free + free,
                held.reserved + reserved,
                held.cost + (profit.cost if profit else 0),
                held.realised + (profit.realised if profit else 0),
            )
    for asset, amount in total.items():
        began = start.get(asset, Balance(asset))
        assert balances[asset].quantity == began.quantity + amount


def test_profit_is_by_average_cost_with_fees():
    balances = {"USDT": Balance("USDT", D(1000))}
    fill = VenueFill("1", D(100), D(1), D("0.1"), "USDT", False, NOW)
    bought, _ = ledger.filled(order(), fill, balances)
    assert bought.profits["BTC"].cost == D("100.1")
    held = {"USDT": Balance("USDT", D(900)), "BTC": Balance("BTC", D(2), cost=D("220.2"))}
    fill = VenueFill("2", D(130), D(1), D("0.13"), "USDT", False, NOW)
    sold, _ = ledger.filled(order(side="sell", order_id="ord_2"), fill, held)
    # 130 - 0.13 - 220.2 / 2
    assert sold.realised == D("19.77")
    assert sold.profits["BTC"].cost == D("-110.1")


@given(
    st.dictionaries(
        st.sampled_from(["A", "B", "C", "D", "E", "F", "G"]), st.floats(0.05, 3), min_size=1
    ),
    st.sampled_from(list(allocation.PROFILES.values())),
)
def test_weights_keep_the_cap_and_the_cash(volatilities, character):
    invested = 1 - character.cash
    weights = allocation.weights(volatilities, invested, character.cap)
    assert set(weights) == set(volatilities)
    assert all(0 <= weight <= character.cap for weight in weights.values())
    assert sum(weights.values()) <= invested
    if len(volatilities) * character.cap >= invested:
        assert sum(weights.values()) >= invested - D("0.001")
    calm = sorted(volatilities, key=lambda symbol: volatilities[symbol])
    assert all(weights[a] >= weights[b] for a, b in pairwise(calm))


def test_an_allocation_fits_the_amount_and_the_steps():
    names = ["BTC", "ETH", "SOL", "BNB", "XRP", "ADA"]
    candidates = [
        Candidate(name, name, quote(name, 100 * (n + 1)), rules(name, "0.001"), 0.4 + n / 10)
        for n, name in enumerate(names)
    ]
    made = allocation.allocate(D(5000), "balanced", candidates, NOW)
    assert len(made.lines) == 6
    spent = sum(line.amount for line in made.lines)
    assert spent + made.cash == 5000
    assert made.cash >= 1000
    assert all(line.quantity % D("0.001") == 0 for line in made.lines)
    assert all(line.amount <= 1250 for line in made.lines)


def test_a_mandate_covers_up_to_the_last_cent_of_the_day():
    plan, _ = pricing.plan(wish(leg(quantity="0.01")), ACCOUNT, terms())
    mandate = SignedLimit(
        mandate_id="mdt_1", person=ACCOUNT.person, per_day=charged(plan), quote_currency="USDT",
        symbols=(), rev=1, granted_at=NOW, granted_via="web_ui", expires_at=NOW + timedelta(days=1),
        ended=None, ended_at=None, revoked_via=None, used_day=NOW.date(), used=D(0),
    )  # fmt: skip
    yesterday = NOW.date() - timedelta(days=1)
    assert mandate.outside(plan, NOW) is None
    assert replace(mandate, used=D(900), used_day=yesterday).outside(plan, NOW) is None
    for changes in (
        {"used": D("0.01")},
        {"symbols": ("ETH",)},
        {"expires_at": NOW},
        {"ended": "revoked"},
    ):
        assert replace(mandate, **changes).outside(plan, NOW), changes


def test_a_triggered_order_is_charged_at_the_worst_price_that_it_may_get():
    stop = leg("BTC", "buy", quantity="0.01", type="stop", trigger_price="97000")
    plan, _ = pricing.plan(wish(stop), ACCOUNT, terms())
    assert charged(plan) == D(970) * D("1.05")
