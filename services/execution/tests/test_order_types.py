"""All kinds of orders: how they are priced, refused, sent, filled in part and taken back."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from services.execution.tests.test_domain import ACCOUNT, NOW, leg, rules, terms, wish
from services.execution.tests.world import buy, sell

from uchat_execution.adapters.listings import Listings
from uchat_execution.domain import pricing
from uchat_execution.domain.accounts import Balance
from uchat_execution.domain.orders import PLAIN, TRIGGERS
from uchat_execution.domain.pricing import UnpriceableError
from uchat_platform.errors import NotFoundError
from uchat_platform.testing import eventually

D = Decimal


def market(*, offers=PLAIN | TRIGGERS, held=None, **more):
    """BTC at 96,000 USDT, ask and bid half a dollar away."""
    base = terms()
    listed = {"BTC": replace(rules("BTC"), offers=offers, **more), "ETH": rules("ETH")}
    return replace(base, rules=listed, balances={"BTC": held} if held else {})


def planned(*legs, **more):
    return pricing.plan(wish(*legs), ACCOUNT, market(**more))


def refusal(*legs, **more):
    with pytest.raises(UnpriceableError) as caught:
        planned(*legs, **more)
    assert caught.value.reason.text.endswith(".")
    return caught.value.reason


def triggered(side, kind, trigger, **more):
    return leg("BTC", side, quantity="0.01", type=kind, trigger_price=trigger, **more)


@pytest.mark.parametrize(
    ("side", "kind", "right", "wrong"),
    [
        ("sell", "stop", "90000", "97000"),
        ("buy", "stop", "97000", "90000"),
        ("sell", "take_profit", "97000", "90000"),
        ("buy", "take_profit", "90000", "97000"),
    ],
)
def test_a_trigger_is_on_its_own_side_of_the_market(side, kind, right, wrong):
    plan, warnings = planned(triggered(side, kind, right))
    [made] = plan.legs
    assert (made.trigger_price, made.price, made.limit_price) == (D(right), D(right), None)
    assert not made.kept_here
    assert not warnings
    assert plan.expires_at == NOW + timedelta(minutes=15)
    assert refusal(triggered(side, kind, wrong)).code == "trigger_already_reached"
    assert refusal(triggered(side, kind, "96000")).code == "trigger_already_reached"


def test_a_triggered_order_with_a_limit_is_priced_by_it_and_measured_by_its_trigger():
    plan, _ = planned(triggered("sell", "stop", "80000", limit_price="79500"))
    assert (plan.legs[0].price, plan.legs[0].trigger_price) == (D(79500), D(80000))
    reason = refusal(triggered("sell", "stop", "80000", limit_price="75000"))
    assert (reason.code, "trigger" in reason.text) == ("price_collar", True)
    assert refusal(triggered("sell", "stop", "0.01")).code == "trigger_far_away"


def test_what_the_venue_lacks_is_kept_here_if_it_is_a_trigger():
    plan, [said] = planned(triggered("sell", "stop", "90000"), offers=PLAIN)
    assert plan.legs[0].kept_here
    assert said.code == "kept_here"
    for lacking, request in (
        ("post_only", leg(quantity="0.01", type="limit", limit_price="90000", post_only=True)),
        ("ioc", leg(quantity="0.01", type="limit", limit_price="97000", time_in_force="ioc")),
        ("fok", leg(quantity="0.01", type="limit", limit_price="97000", time_in_force="fok")),
        ("market", triggered("sell", "stop", "90000")),
    ):
        offers = (PLAIN | TRIGGERS) - {lacking, "stop"}
        assert refusal(request, offers=offers).code == "order_type_unsupported"


def test_post_only_never_takes_and_costs_what_a_maker_pays():
    rest = {"quantity": "0.01", "type": "limit", "limit_price": "90000", "post_only": True}
    plan, _ = planned(leg(**rest), maker_fee_bps=D(5))
    assert plan.legs[0].fee == plan.legs[0].notional * 5 / 10_000
    assert refusal(leg(**{**rest, "limit_price": "96000.50"})).code == "would_take"
    assert refusal(leg("BTC", "sell", **{**rest, "limit_price": "95000"})).code == "would_take"


def test_an_order_for_at_once_away_from_the_market_says_that_it_would_do_nothing():
    one = {"quantity": "0.01", "type": "limit", "time_in_force": "ioc"}
    _, [said] = planned(leg(**one, limit_price="90000"))
    assert said.code == "not_marketable"
    _, nothing = planned(leg(**one, limit_price="97000"))
    assert not nothing


def test_a_limit_outside_the_range_of_the_venue_is_refused_with_the_range():
    narrow = {"price_up": {"buy": D("1.2")}, "price_down": {"buy": D("0.9")}}
    far = leg(quantity="0.01", type="limit", limit_price="80000")
    reason = refusal(far, **narrow)
    assert reason.code == "price_out_of_range"
    assert "86,400.00 USDT to 115,200.00 USDT" in reason.text
    planned(far)


def test_market_orders_have_a_largest_size_of_their_own():
    assert refusal(leg(quantity="2"), max_market_quantity=D(1)).code == "quantity_above_max"
    planned(leg(quantity="2", type="limit", limit_price="90000"), max_market_quantity=D(1))


def test_closing_sells_what_is_free_and_says_what_stays():
    held = Balance("BTC", D("0.123456"), D("0.5"))
    plan, warnings = planned(leg("BTC", "sell", all=True), held=held)
    assert plan.legs[0].quantity == D("0.12345")
    assert [said.code for said in warnings] == ["reserved_by_orders", "dust"]
    assert "0.000006 BTC" in warnings[1].text
    both, _ = planned(leg("BTC", "sell", quantity="0.1"), leg("BTC", "sell", all=True), held=held)
    assert [each.quantity for each in both.legs] == [D("0.1"), D("0.02345")]


@pytest.mark.parametrize(
    ("held", "code"),
    [
        (Balance("BTC"), "insufficient_balance"),
        (Balance("BTC", D("0"), D("0.5")), "reserved_by_orders"),
        (Balance("BTC", D("0.000001"), D("0.5")), "reserved_by_orders"),
        (Balance("BTC", D("0.000001")), "quantity_below_min"),
        (Balance("BTC", D("0.00002")), "notional_below_min"),
    ],
)
def test_what_cannot_be_closed_says_why(held, code):
    assert refusal(leg("BTC", "sell", all=True), held=held).code == code


def test_a_triggered_order_may_be_filled_further_away_than_others():
    plan, _ = planned(triggered("sell", "stop", "90000"), leg("BTC", "buy", quantity="0.01"))
    assert [pricing.collar_bps(each, plan) for each in plan.legs] == [500, 100]


def listed(order_types, *filters):
    listings = Listings(None, without=frozenset({"stop"}))
    sizes = {"minQty": "0.0001", "maxQty": "9000", "stepSize": "0.0001"}
    entry = {
        "baseAsset": "ETH",
        "quoteAsset": "USDT",
        "status": "TRADING",
        "orderTypes": order_types,
        "filters": [
            {"filterType": "LOT_SIZE", **sizes},
            {"filterType": "PRICE_FILTER", "tickSize": "0.01"},
            *filters,
        ],
    }
    listings._take([entry])
    return listings.rules["ETH"]


def test_what_the_venue_offers_and_its_ranges_are_read_from_its_list():
    found = listed(
        ["LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS", "TAKE_PROFIT_LIMIT", "SOMETHING_NEW"],
        {"filterType": "MARKET_LOT_SIZE", "maxQty": "120"},
        {
            "filterType": "PERCENT_PRICE_BY_SIDE",
            "bidMultiplierUp": "1.2", "bidMultiplierDown": "0.2",
            "askMultiplierUp": "5", "askMultiplierDown": "0.8",
        },
    )  # fmt: skip
    assert found.offers == PLAIN | {"take_profit_limit"}
    assert found.max_market_quantity == 120
    assert (found.price_up["buy"], found.price_down["sell"]) == (D("1.2"), D("0.8"))
    both = {"filterType": "PERCENT_PRICE", "multiplierUp": "2", "multiplierDown": "0.5"}
    assert listed(["MARKET"], both).price_up == {"buy": D(2), "sell": D(2)}


async def approved(world, person, *legs):
    card = await world.propose(person, *legs)
    assert card.state == "awaiting_approval", card.reason
    status, _ = await world.answer(card)
    assert status == "accepted"
    return card


async def orders_of(world, person, *, open_only=False):
    return await world.app.portfolios.orders(
        person, None, open_only=open_only, before=None, limit=50
    )


@pytest.mark.integration
@pytest.mark.timeout(120)
async def test_each_kind_of_limit_order_reaches_the_venue_as_such(world, person):
    done = await world.bought(
        person, buy("0.01", type="limit", limit_price="97000", time_in_force="fok")
    )
    assert done.result.orders[0].status == "filled"
    ioc = await approved(
        world, person, buy("0.01", type="limit", limit_price="95000", time_in_force="ioc")
    )
    failed = await world.until(person, ioc.decision_id, "failed")
    assert failed.reason.code == "not_all_filled"
    assert failed.result.orders[0].status == "cancelled"
    resting = await approved(
        world, person, buy("0.01", type="limit", limit_price="95000", post_only=True)
    )
    shown = await eventually(lambda: _open(world, person))
    assert (shown.decision_id, shown.post_only) == (resting.decision_id, True)
    placed = await world.journal()
    assert [each["type"] for each in placed] == ["LIMIT", "LIMIT", "LIMIT_MAKER"]
    await world.check_books()


@pytest.mark.integration
@pytest.mark.timeout(120)
async def test_a_stop_that_the_venue_has_rests_there_and_sells_when_it_is_reached(world, person):
    await world.bought(person, buy("0.01"))
    card = await approved(world, person, sell("0.01", type="stop", trigger_price="90000"))
    assert not card.plan.legs[0].kept_here
    shown = await eventually(lambda: _open(world, person))
    assert (shown.trigger_price, shown.kept_here) == (D(90000), False)
    [held] = (await world.app.portfolios.of(person)).holdings
    assert (held.free, held.reserved) == (0, D("0.01"))
    await world.pin("BTC", "89900.00")
    done = await world.until(person, card.decision_id, "executed")
    assert done.result.orders[0].filled == D("0.01")
    assert [each["type"] for each in await world.journal()] == ["MARKET", "STOP_LOSS"]
    await world.check_books()


@pytest.mark.integration
@pytest.mark.timeout(120)
async def test_a_take_profit_with_a_limit_goes_to_the_venue_with_both_prices(world, person):
    card = await approved(
        world,
        person,
        buy("0.01", type="take_profit", trigger_price="90000", limit_price="90500"),
    )
    await eventually(lambda: _open(world, person))
    [placed] = await world.journal()
    assert placed["type"] == "TAKE_PROFIT_LIMIT"
    await world.pin("BTC", "89900.00")
    done = await world.until(person, card.decision_id, "executed")
    assert done.result.orders[0].average_price <= D(90500)
    await world.check_books()


async def _open(world, person):
    found = await orders_of(world, person, open_only=True)
    return found[0] if found and found[0].status in ("open", "partially_filled") else None


@pytest.mark.integration
@pytest.mark.timeout(120)
async def test_a_position_is_closed_to_the_last_step(world, person):
    await world.bought(person, buy("0.01"))
    resting = await approved(world, person, sell("0.004", type="limit", limit_price="99000"))
    await eventually(lambda: _open(world, person))
    card = await world.propose(person, {"symbol": "BTC", "side": "sell", "all": True})
    assert card.plan.legs[0].quantity == D("0.006")
    assert [said.code for said in card.warnings] == ["reserved_by_orders"]
    await world.answer(card)
    await world.until(person, card.decision_id, "executed")
    await world.app.cancelling.cancel(person, [], None)
    await world.until(person, resting.decision_id, "cancelled")
    [held] = (await world.app.portfolios.of(person)).holdings
    assert (held.free, held.reserved) == (D("0.004"), 0)
    await world.check_books()


@pytest.mark.integration
@pytest.mark.timeout(120)
async def test_a_cancel_whose_outcome_is_unknown_is_asked_again_until_it_is_known(world, person):
    card = await approved(world, person, buy("0.01", type="limit", limit_price="90000"))
    await eventually(lambda: _open(world, person))
    await world.fault("http_503", on="cancel", times=2)
    [order] = await world.app.cancelling.cancel(person, [], None)
    assert (order.status, order.cancelling) == ("open", True)
    done = await world.until(person, card.decision_id, "cancelled")
    assert done.result.orders[0].status == "cancelled"
    [order] = await orders_of(world, person)
    assert not order.cancelling
    events = await world.pool.fetch("SELECT state, source FROM order_event ORDER BY rev")
    assert ("open", "human") in {(each["state"], each["source"]) for each in events}
    await world.check_books()


@pytest.mark.integration
@pytest.mark.timeout(120)
async def test_an_order_on_its_way_is_cancelled_once_it_has_arrived(still_world, person):
    world = still_world
    await world.simulator.post("/sim/prices", json={"symbol": "BTC", "price": "96000.00"})
    sent, go_on = asyncio.Event(), asyncio.Event()

    class Slow:
        def __init__(self, venue):
            self.venue = venue

        def __getattr__(self, name):
            return getattr(self.venue, name)

        async def place(self, order):
            sent.set()
            await go_on.wait()
            return await self.venue.place(order)

    await world.replica(venue=Slow)
    card = await approved(world, person, buy("0.01", type="limit", limit_price="90000"))
    await sent.wait()
    cancelling = asyncio.ensure_future(world.app.cancelling.cancel(person, [], None))
    noted = "SELECT count(*) FROM orders WHERE cancel_at IS NOT NULL"
    await eventually(lambda: world.pool.fetchval(noted))
    go_on.set()
    [order] = await cancelling
    assert order.status == "cancelled"
    await world.until(person, card.decision_id, "cancelled")
    # Whoever had never heard of it would be asked again: once is enough.
    assert [each["status"] for each in await world.journal()] == ["CANCELED"]
    await world.check_books()


@pytest.mark.integration
@pytest.mark.timeout(120)
async def test_a_card_shows_how_much_is_filled_while_the_rest_waits(still_world, person):
    world = still_world
    await world.simulator.post("/sim/prices", json={"symbol": "DOT", "price": "6.400"})
    rich = {"paper_opening": D(2_000_000), "risk_per_order": D(900_000)}
    await world.replica(stream=True, risk_per_asset_share=D(1), **rich)
    # Far more than the book has at this price, even in a minute.
    card = await approved(world, person, buy("130000", "DOT", type="limit", limit_price="6.402"))

    async def in_part():
        shown = (await world.card(person, card.decision_id)).result
        return shown and shown.orders[0].filled and shown.orders[0]

    part = await eventually(in_part)
    assert part.status == "partially_filled"
    assert 0 < part.filled < part.quantity == D(130_000)
    assert part.average_price <= D("6.402")
    await world.app.cancelling.cancel(person, [], None)
    done = await world.until(person, card.decision_id, "partially_executed")
    assert done.result.orders[0].filled >= part.filled
    [holding] = (await world.app.portfolios.of(person)).holdings
    assert (holding.quantity, holding.reserved) == (done.result.orders[0].filled, 0)
    assert (await world.app.portfolios.of(person)).cash_reserved == 0
    await world.check_books()


@pytest.mark.integration
@pytest.mark.timeout(120)
async def test_only_purchases_are_taken_back_when_risk_must_not_grow(world, person):
    await world.bought(person, buy("0.01"))
    await approved(
        world,
        person,
        sell("0.01", type="limit", limit_price="99000"),
        buy("0.01", type="limit", limit_price="90000"),
    )

    async def both():
        found = await orders_of(world, person, open_only=True)
        return [each.status for each in found] == ["open", "open"] and found

    [first, second] = await eventually(both)
    account = (await world.app.portfolios.of(person)).account
    [gone] = await world.app.cancelling.purchases_of(account)
    assert (gone.side, gone.state) == ("buy", "cancelled")
    [left] = await orders_of(world, person, open_only=True)
    assert left.side == "sell"
    assert {first.order_id, second.order_id} == {gone.order_id, left.order_id}
    with pytest.raises(NotFoundError):
        await world.app.cancelling.cancel(person, ["ord_nobody"], None)
