"""Whatever trips over a bug ends neither its own loop nor the process."""

import asyncio
from decimal import Decimal
from types import SimpleNamespace

from uchat_execution.service import looking
from uchat_execution.service.looking import Looking
from uchat_execution.service.triggers import Triggers


async def test_a_look_that_fails_for_whatever_reason_looks_again(monkeypatch):
    monkeypatch.setattr(looking, "_EVERY_S", 0.0)
    seen = {"broken": 0, "well": 0}
    both = asyncio.Event()

    async def broken():
        seen["broken"] += 1
        if min(seen.values()) > 2:
            both.set()
        raise ZeroDivisionError

    async def well():
        seen["well"] += 1
        return 0

    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        task = group.create_task(Looking((broken, well)).run())
        await both.wait()
        task.cancel()


async def test_a_stop_order_that_fails_holds_up_no_other(monkeypatch):
    tried = []

    async def trigger(_self, order):
        tried.append(order.order_id)
        if order.order_id == "ord_1":
            raise ZeroDivisionError
        return True

    async def symbols():
        return ["BTC"]

    async def quotes(asked):
        return {symbol: SimpleNamespace(price=Decimal(1)) for symbol in asked}

    async def reached(_symbol, _price, _most):
        return [SimpleNamespace(order_id=f"ord_{n}") for n in range(4)]

    monkeypatch.setattr(Triggers, "trigger", trigger)
    watched = SimpleNamespace(waiting_symbols=symbols, reached=reached)
    triggers = Triggers(None, watched, SimpleNamespace(quotes=quotes), lambda _: None)
    assert await triggers.look() == 3
    assert sorted(tried) == [f"ord_{n}" for n in range(4)]
