import itertools
import math
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from uchat_sim_exchange.domain.instruments import INSTRUMENTS
from uchat_sim_exchange.domain.price_path import bid_ask, change_pct, log_bound, price_at

instruments = st.sampled_from(INSTRUMENTS)
seconds = st.integers(min_value=1_500_000_000, max_value=2_500_000_000)


@settings(max_examples=60)
@given(instruments, seconds, st.text(max_size=8))
def test_same_seed_and_second_give_the_same_price(instrument, second, seed):
    assert price_at(seed, instrument, second) == price_at(seed, instrument, second)


@settings(max_examples=200)
@given(instruments, seconds)
def test_price_is_on_the_tick_and_in_bounds(instrument, second):
    price = price_at("uchat", instrument, second)
    assert price % instrument.tick == 0
    assert abs(math.log(price / instrument.anchor_price)) <= log_bound(instrument) + 0.01


@settings(max_examples=200)
@given(instruments, seconds)
def test_a_second_moves_the_price_by_a_second_of_volatility(instrument, second):
    now = price_at("uchat", instrument, second)
    after = price_at("uchat", instrument, second + 1)
    sigma = instrument.volatility / math.sqrt(365 * 24 * 3600)
    tick_share = float(instrument.tick / now)
    assert abs(math.log(after / now)) <= 12 * sigma + 2 * tick_share


def test_spread_of_daily_returns_matches_the_volatility():
    btc = INSTRUMENTS[0]
    start = 1_700_000_000
    prices = [price_at("uchat", btc, start + day * 86_400) for day in range(401)]
    returns = [math.log(b / a) for a, b in itertools.pairwise(prices)]
    deviation = math.sqrt(sum(r * r for r in returns) / len(returns)) * math.sqrt(365)
    assert 0.35 < deviation < 0.55


def test_another_seed_is_another_market():
    btc = INSTRUMENTS[0]
    assert price_at("a", btc, 1_790_000_000) != price_at("b", btc, 1_790_000_000)


@settings(max_examples=200)
@given(instruments, seconds)
def test_bid_is_below_ask_around_the_price(instrument, second):
    price = price_at("uchat", instrument, second)
    bid, ask = bid_ask(instrument, price)
    assert bid < ask
    assert bid <= price <= ask
    assert bid % instrument.tick == 0
    assert ask % instrument.tick == 0


def test_change_is_in_percent_to_two_decimals():
    assert change_pct(Decimal(110), Decimal(100)) == Decimal("10.00")
    assert change_pct(Decimal(1), Decimal(3)) == Decimal("-66.67")


def test_twenty_symbols_or_more_are_listed_once_each():
    symbols = [instrument.symbol for instrument in INSTRUMENTS]
    assert len(symbols) >= 20
    assert len(set(symbols)) == len(symbols)
