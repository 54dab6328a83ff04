"""A portfolio gets to wanted weights by one plan: sales pay for purchases."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.execution.tests.test_domain import quote, rules
from services.execution.tests.test_remedies import plan
from services.execution.tests.world import buy

from uchat_execution.domain.accounts import Balance
from uchat_execution.domain.rebalancing import Market, rebalance
from uchat_platform.errors import InvalidInputError

D = Decimal
PRICES = {"BTC": "96000", "ETH": "3400", "SOL": "180"}
MARKET = Market(
    {symbol: rules(symbol) for symbol in PRICES},
    {symbol: quote(symbol, price) for symbol, price in PRICES.items()},
)


def held(**units):
    return {asset: Balance(asset, D(amount)) for asset, amount in units.items()}


def orders(weights, **units):
    wanted = {symbol: D(weight) for symbol, weight in weights.items()}
    return rebalance(wanted, held(**units), MARKET, "USDT")


def test_what_is_too_much_is_sold_and_pays_for_what_is_too_little():
    [sale, purchase] = orders({"BTC": "0.5", "ETH": "0.5"}, USDT="0", BTC="0.1")
    assert (sale.symbol, sale.side) == ("BTC", "sell")
    assert D("0.0499") < sale.quantity < D("0.0501")
    assert (purchase.symbol, purchase.side) == ("ETH", "buy")
    assert D(4750) < purchase.amount < sale.quantity * 96000


def test_what_is_not_named_stays_and_what_is_hardly_off_too():
    assert orders({"BTC": "0.5"}, USDT="4810", BTC="0.05", ETH="0.001") == []
    [purchase] = orders({"BTC": "0.6"}, USDT="5200", BTC="0.05", SOL="1")
    assert purchase.symbol == "BTC"


def test_a_weight_of_nothing_sells_everything():
    [sale] = orders({"BTC": "0"}, USDT="100", BTC="0.1")
    assert sale.all


@given(
    weights=st.dictionaries(st.sampled_from(sorted(PRICES)), st.integers(0, 33), min_size=1),
    units=st.dictionaries(st.sampled_from(sorted(PRICES)), st.integers(0, 1000), min_size=1),
    cash=st.integers(0, 100_000),
)
def test_purchases_never_cost_more_than_cash_and_sales_bring(weights, units, cash):
    balances = {"USDT": Balance("USDT", D(cash))}
    balances |= {symbol: Balance(symbol, D(n) / 1000) for symbol, n in units.items()}
    wanted = {symbol: D(weight) / 100 for symbol, weight in weights.items()}
    made = rebalance(wanted, balances, MARKET, "USDT")
    money = D(cash)
    for leg in made:
        price = MARKET.quotes[leg.symbol]
        if leg.side == "sell":
            sold = balances[leg.symbol].free if leg.all else leg.quantity
            money += min(sold, balances[leg.symbol].free) * price.bid * D("0.999")
        else:
            money -= leg.amount * D("1.001")
    assert money >= 0


@pytest.mark.integration
@pytest.mark.timeout(90)
async def test_it_is_one_plan_under_one_approval(world, person):
    for symbol, price in PRICES.items():
        await world.pin(symbol, price)
    await world.bought(person, buy("0.02"), buy("2", "SOL"))
    made = await world.app.rebalancing.plan(person, {"BTC": D("0.1"), "ETH": D("0.2")}, "")
    assert made.planned.denied is None
    assert made.request.purpose == "rebalance"
    card = await plan(world, person, "rebalance", *[leg.model_dump() for leg in made.request.legs])
    assert [(leg.symbol, leg.side) for leg in card.plan.legs] == [("BTC", "sell"), ("ETH", "buy")]
    await world.answer(card)
    done = await world.until(person, card.decision_id, "executed")
    assert len(done.result.orders) == 2
    shares = {each.symbol: each.share for each in (await world.app.portfolios.of(person)).holdings}
    assert abs(shares["BTC"] - D("0.1")) < D("0.005")
    assert abs(shares["ETH"] - D("0.2")) < D("0.005")
    # Everything is as wished now; what was not named was left alone.
    assert "SOL" in shares
    again = await world.app.rebalancing.plan(person, {"BTC": D("0.1"), "ETH": D("0.2")}, "")
    assert (again.request, again.planned) == (None, None)
    whole = await world.app.rebalancing.plan(person, {}, "cautious")
    assert ("SOL", True) in [(leg.symbol, leg.side == "sell") for leg in whole.request.legs] or any(
        leg.symbol == "SOL" for leg in whole.planned.plan.legs
    )
    for wrong in ({}, {"BTC": D("0.6"), "ETH": D("0.6")}, {"BTC": D(2)}, {"NOPE": D("0.1")}):
        with pytest.raises(InvalidInputError):
            await world.app.rebalancing.plan(person, wrong, "")
