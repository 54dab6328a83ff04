"""What the measures say of prices whose answer is known."""

import math
import random

import numpy as np
import pytest

from uchat_ai_core.domain.quant.indicators import LEAST, indicators
from uchat_ai_core.domain.quant.risk import risk
from uchat_ai_core.domain.quant.screen import Listed, screen
from uchat_ai_core.domain.quant.series import returns_of
from uchat_ai_core.domain.quant.weights import capped, risk_parity, shrunk, weights


def walk(swing, *, days=90, drift=0.0, seed=1):
    chance = random.Random(seed)
    path = [100.0]
    for _ in range(days - 1):
        path.append(path[-1] * math.exp(chance.gauss(drift, swing)))
    return path


SERIES = {f"C{n}": walk(0.01 * n, seed=n) for n in range(1, 7)}


def test_indicators_of_a_steady_rise():
    seen = indicators([100 * 1.01**day for day in range(60)])
    assert seen.rsi == pytest.approx(100)
    assert seen.trend == "up"
    assert seen.change_7d_pct == pytest.approx((1.01**7 - 1) * 100)
    assert seen.volatility_pct == pytest.approx(0, abs=1e-6)
    assert seen.drawdown_pct == 0
    assert seen.macd > seen.macd_signal > 0 or seen.macd == pytest.approx(seen.macd_signal, rel=0.2)


def test_bands_are_two_deviations_around_the_mean():
    prices = SERIES["C3"]
    seen = indicators(prices)
    window = np.array(prices[-20:])
    assert seen.middle == pytest.approx(window.mean())
    assert seen.upper - seen.middle == pytest.approx(2 * window.std())
    assert seen.zscore == pytest.approx((prices[-1] - window.mean()) / window.std())


def test_too_few_closes_have_no_indicators():
    assert indicators(SERIES["C1"][:LEAST]) is not None
    assert indicators(SERIES["C1"][: LEAST - 1]) is None


def test_risk_of_the_market_itself():
    market = SERIES["C2"]
    found = risk({"C2": 1.0}, SERIES, market)
    days = returns_of({"C2": market})[:, 0]
    assert found.beta == pytest.approx(1)
    assert found.volatility_pct == pytest.approx(days.std(ddof=1) * math.sqrt(365) * 100)
    assert found.var_95_pct == pytest.approx(-np.quantile(days, 0.05) * 100)
    assert found.worst_day_pct >= found.cvar_95_pct >= found.var_95_pct
    assert found.contributions_pct == {"C2": pytest.approx(100)}


def test_half_in_cash_is_half_the_risk():
    whole, half = (risk({"C2": part}, SERIES, SERIES["C1"]) for part in (1.0, 0.5))
    assert half.volatility_pct == pytest.approx(whole.volatility_pct / 2)
    assert half.beta == pytest.approx(whole.beta / 2)


def test_in_risk_parity_each_brings_the_same():
    moves = returns_of(SERIES)
    found = risk_parity(moves)
    brought = found * (shrunk(moves) @ found)
    assert brought == pytest.approx([brought.mean()] * len(found))


def test_nothing_swings_less_than_minimum_variance():
    covariance = shrunk(returns_of(SERIES))

    def variance(found):
        parts = np.array(list(found.values()))
        return parts @ covariance @ parts

    least = variance(weights("minimum_variance", SERIES, cap=1, invested=1))
    chance = np.random.default_rng(1)
    for parts in chance.dirichlet(np.ones(len(SERIES)), size=200):
        assert variance(dict(zip(SERIES, parts, strict=True))) >= least - 1e-12


@pytest.mark.parametrize("method", ["hrp", "risk_parity", "minimum_variance"])
def test_weights_keep_the_cap_and_the_cash_and_favour_the_calm(method):
    found = weights(method, SERIES, cap=0.25, invested=0.8)
    assert sum(found.values()) == pytest.approx(0.8)
    assert all(0 <= each <= 0.25 + 1e-9 for each in found.values())
    assert found["C1"] > found["C6"]


def test_hrp_of_two_is_inverse_variance():
    pair = {name: SERIES[name] for name in ("C1", "C4")}
    covariance = shrunk(returns_of(pair))
    share = covariance[1, 1] / (covariance[0, 0] + covariance[1, 1])
    assert weights("hrp", pair, cap=1, invested=1)["C1"] == pytest.approx(share)


def test_a_cap_that_is_too_tight_leaves_the_rest_in_cash():
    assert capped({"A": 3, "B": 1}, cap=0.2, invested=0.8) == {"A": 0.2, "B": 0.2}


def test_a_rise_is_a_momentum_setup_with_its_stop_below_and_its_target_above():
    path = [100 * 1.006**day * (1 + 0.025 * math.sin(day)) for day in range(60)]
    found = screen({"UP": Listed(path[-1] * 0.999, path[-1], path)}, "momentum")
    for setup in found:
        assert setup.stop < setup.entry < setup.target
        assert 1 <= setup.strength <= 99
    assert [each.symbol for each in found] == ["UP"]


def test_a_sharp_fall_is_a_mean_reversion_setup_whose_target_is_the_mean():
    path = [100 + math.sin(day) for day in range(56)] + [97, 94, 91, 88]
    (setup,) = screen({"LOW": Listed(87.9, 88.0, path)}, "mean_reversion")
    assert setup.target == pytest.approx(sum(path[-20:]) / 20)
    assert setup.stop < 88 < setup.target
    assert screen({"LOW": Listed(87.9, 88.0, path)}, "momentum") == []


def test_what_trades_at_a_wide_spread_is_weaker_and_not_liquid():
    path = [100 + math.sin(day) for day in range(56)] + [97, 94, 91, 88]
    (tight,) = screen({"LOW": Listed(87.95, 88.0, path)})
    (wide,) = screen({"LOW": Listed(87.5, 88.0, path)})
    assert wide.strength < tight.strength
    assert screen({"LOW": Listed(87.5, 88.0, path)}, "liquidity") == []
