"""Orders for the tests, and what the simulator is told and asked about them."""

from datetime import timedelta
from decimal import Decimal

from uchat_execution.domain.orders import NewOrder, OrderRef, client_order_id
from uchat_platform.clock import SystemClock

CLOCK = SystemClock()
ID = client_order_id("dec", "ab" * 32, 1, 1)


def order(client_id=ID, ago=timedelta(0), **changes):
    signed_at = CLOCK.now() - ago
    whole = {
        "side": "buy", "type": "market", "quantity": Decimal("0.01"), "limit_price": None,
        "window_ms": 3000, **changes,
    }  # fmt: skip
    ref = OrderRef("acct", "BTC", "USDT", client_id, signed_at, "binance")
    return NewOrder(ref, signed_at=signed_at, **whole)


def limit(price="20000", **changes):
    return order(type="limit", limit_price=Decimal(price), **changes)


async def fault(simulator, kind, **more):
    answer = await simulator.post("/sim/faults", json={"kind": kind, "times": 1, **more})
    assert answer.is_success, answer.text


async def placed_there(simulator, client_id=ID):
    """How often the exchange has an order of an id, of whatever account."""
    found, after = [], 0
    while after is not None:
        page = (await simulator.get("/sim/journal", params={"after": after})).json()
        found += [each for each in page["orders"] if each["client_order_id"] == client_id]
        after = page["next"]
    return len(found)


def own_id(request):
    return client_order_id(request.node.name, "cd" * 32, 1, 1)
