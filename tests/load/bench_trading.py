"""The figures of trading, for the bench."""

from collections.abc import Callable

from tests.load import busy_trading, floors, trading, trading_floors
from tests.load.figures import Figure, total
from tests.support.stack import Stack

Add = Callable[[Figure], None]
_EMPTY = "empty request to the exchange"
_COMMIT = "Postgres commit"


async def measure(stack: Stack, add: Add, repetitions: int, times: int) -> None:
    """Measure all of them on a running product; each beside its floor in this run."""
    few = max(1, times // 20)
    empty = await trading.order_floor_ms(stack, repetitions, times)
    commit = await floors.commit_ms(str(stack.endpoints()["postgres"]), repetitions, times)
    order = await trading_floors.order_ms(stack, repetitions, max(10, times // 3))
    middle, late = await busy_trading.accepted_ms(stack, repetitions, max(2, times // 4))
    floor = total([commit, commit, order])
    floor_is = f"2 x {_COMMIT} + bare order at the exchange"
    name = "approve to accepted by the exchange"
    add(Figure(f"{name} p50", "ms", middle, 40, floor=floor, floor_is=floor_is))
    add(Figure(f"{name} p99", "ms", late, 150, floor=floor, floor_is=floor_is))
    placed, shown = await trading.approvals_ms(stack, repetitions, few)
    started = await trading.answers_started_ms(stack, repetitions, few)
    for name, value, target in (
        ("approve to accepted by the exchange p50, shown on Telegram too", placed, 60),
        ("approve to shown on Telegram p50", shown, 100),
        ("Telegram update to answer started p50", started, 60),
    ):
        add(Figure(name, "ms", value, target, floor=empty, floor_is=_EMPTY))
    await _crowded(stack, add, repetitions, times)


async def _crowded(stack: Stack, add: Add, repetitions: int, times: int) -> None:
    count = busy_trading.AT_ONCE
    burst = await busy_trading.burst_s(stack, repetitions)
    bare = await trading_floors.orders_at_once_s(stack, repetitions, count)
    name = f"{count} approved at once, all settled"
    add(Figure(name, "s", burst, 5, floor=bare, floor_is=f"{count} bare orders at once"))
    portfolio, edge = await busy_trading.portfolio_ms(stack, repetitions, times)
    name = f"portfolio with {busy_trading.FILLS} fills p99"
    add(Figure(name, "ms", portfolio, 20, floor=edge, floor_is="/readyz through the edge, p99"))
    stop = await busy_trading.stop_ms(stack, repetitions, max(2, times // 9))
    queries = await trading_floors.queries_ms(stack, repetitions, times, 5)
    name = "stop switch pressed to no new claim p99"
    add(Figure(name, "ms", stop, 250, floor=queries, floor_is="5 smallest queries, p99"))
