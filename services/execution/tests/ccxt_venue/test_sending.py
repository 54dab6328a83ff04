"""Orders by ccxt: each is the exchange's own kind, exact, and comes back whole."""

from decimal import Decimal, getcontext

import pytest
from services.execution.tests.ccxt_venue.orders import limit, order, own_id, placed_there

from uchat_execution.ports import RejectedByVenueError


async def test_a_market_order_comes_back_with_its_fills_and_is_found_again(account, request):
    sent = order(own_id(request))
    placed = await account.place(sent)
    assert (placed.ref, placed.status, placed.filled) == (sent.ref, "filled", Decimal("0.01"))
    assert sum(fill.quantity for fill in placed.fills) == placed.filled
    assert {type(fill.price) for fill in placed.fills} == {Decimal}
    assert await account.find(sent.ref) == placed
    seen = await account.by_number(sent.ref, placed.venue_order_id)
    assert (seen.order, seen.side, seen.client_order_id) == (placed, "buy", own_id(request))
    assert (await account.balances())["BTC"] == (Decimal("0.01"), Decimal(0))


async def test_a_resting_order_is_listed_filled_in_part_and_cancelled(account, simulator, request):
    book = {"symbol": "BTC", "bids": [["95000", "1"]], "asks": [["96000", "0.004"]]}
    assert (await simulator.post("/sim/books", json=book)).is_success
    sent = limit("96000", client_id=own_id(request))
    placed = await account.place(sent)
    assert (placed.status, placed.filled) == ("partially_filled", Decimal("0.004"))
    [resting] = await account.open_orders("USDT")
    assert (resting.symbol, resting.client_order_id) == ("BTC", own_id(request))
    cancelled = await account.cancel(sent.ref)
    assert (cancelled.status, cancelled.filled) == ("cancelled", Decimal("0.004"))
    # Again, it is as it was.
    assert await account.cancel(sent.ref) == cancelled


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"time_in_force": "ioc"}, "LIMIT"),
        ({"post_only": True}, "LIMIT_MAKER"),
        ({"type": "take_profit", "limit_price": None, "trigger_price": Decimal(20_000)},
         "TAKE_PROFIT"),
        ({"type": "stop", "limit_price": Decimal(900_000), "trigger_price": Decimal(800_000)},
         "STOP_LOSS_LIMIT"),
    ],
)  # fmt: skip
async def test_every_kind_of_order_is_the_exchanges_own(account, simulator, request, changes, kind):
    whole = {"type": "limit", "limit_price": Decimal(20_000), **changes}
    await account.place(order(own_id(request), quantity=Decimal("0.005"), **whole))
    answer = await simulator.get("/sim/journal", params={"limit": 5000})
    mine = [o for o in answer.json()["orders"] if o["client_order_id"] == own_id(request)]
    assert [each["type"] for each in mine] == [kind]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        # ccxt would truncate the quantity, and round the price.
        ({"quantity": Decimal("0.0100001")}, "quantity_refused"),
        ({"quantity": Decimal("0.000001")}, "quantity_refused"),
        ({"type": "limit", "limit_price": Decimal("20000.129")}, "price_refused"),
        ({"type": "stop", "trigger_price": Decimal("800000.001")}, "price_refused"),
        ({"quantity": Decimal("0.00001")}, "notional_refused"),
        ({"quantity": Decimal(1)}, "insufficient_balance"),
    ],
)
async def test_nothing_is_rounded_and_refusals_are_definite(
    account, simulator, request, changes, code
):
    with pytest.raises(RejectedByVenueError) as refused:
        await account.place(order(own_id(request), **changes))
    assert refused.value.code == code
    assert await placed_there(simulator, own_id(request)) == 0


async def test_a_market_order_is_by_quantity_never_by_an_amount_of_money(
    account, simulator, request
):
    placed = await account.place(order(own_id(request), quantity=Decimal("0.012")))
    assert placed.quantity == placed.filled == Decimal("0.012")


async def test_nobody_else_rounds_as_ccxt_does(account):
    context = getcontext()
    before = context.rounding
    await account.place(order())
    assert (getcontext() is context, context.rounding) == (True, before)
