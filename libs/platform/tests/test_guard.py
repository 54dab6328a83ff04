import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from uchat_platform.bus import LogGuard
from uchat_platform.errors import NotFoundError, UchatError, UnavailableError
from uchat_platform.testing import eventually


@dataclass(frozen=True)
class Entry:
    seq: int
    epoch: str = "e1"


class Log:
    """A log that can be asked, as the sessions service can."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.asked: list[tuple[int, int]] = []
        self.failures: list[Exception] = []
        self.most = 1_000

    async def fetch(self, after: int, to: int) -> Sequence[Entry]:
        self.asked.append((after, to))
        await asyncio.sleep(0)
        if self.failures:
            raise self.failures.pop(0)
        return [Entry(seq) for seq in range(after + 1, min(to, self.last) + 1)][: self.most]


def guard(log: Log, applied: list[int], after: int = 0, **more: object) -> LogGuard[Entry]:
    return LogGuard(
        "unified_X", after, "e1", log.fetch, lambda entry: applied.append(entry.seq), **more
    )


async def test_in_order_needs_no_fetch() -> None:
    log, applied = Log(100), list[int]()
    each = guard(log, applied)
    for seq in range(1, 101):
        each.offer(Entry(seq))
    assert applied == list(range(1, 101))
    assert not log.asked
    assert len(asyncio.all_tasks()) == 1


async def test_swapped_neighbours_are_put_right_without_a_fetch() -> None:
    log, applied = Log(4), list[int]()
    each = guard(log, applied)
    for seq in (2, 1, 4, 3):
        each.offer(Entry(seq))
    assert applied == [1, 2, 3, 4]
    await asyncio.sleep(0.15)
    assert not log.asked


async def test_lower_ones_are_dropped() -> None:
    applied = list[int]()
    each = guard(Log(9), applied, after=5)
    for seq in (5, 3, 6, 6, 1):
        each.offer(Entry(seq))
    assert applied == [6]


async def test_a_lost_one_is_fetched_once() -> None:
    log, applied = Log(6), list[int]()
    each = guard(log, applied)
    for seq in (1, 4, 5, 6):
        each.offer(Entry(seq))
    await eventually(lambda: len(applied) == 6)
    assert applied == [1, 2, 3, 4, 5, 6]
    assert log.asked == [(1, 3)]


async def test_a_lost_last_one_is_found_by_the_head() -> None:
    log, applied = Log(3), list[int]()
    each = guard(log, applied)
    each.offer(Entry(1))
    each.heads("e1", 3)
    await eventually(lambda: applied == [1, 2, 3])


async def test_it_asks_again_while_the_source_is_away() -> None:
    log, applied = Log(3), list[int]()
    log.failures = [UnavailableError("away"), OSError("gone"), TimeoutError()]
    each = guard(log, applied)
    each.heads("e1", 3)
    await eventually(lambda: applied == [1, 2, 3])
    assert len(log.asked) == 4


async def test_it_asks_again_for_the_rest() -> None:
    log, applied = Log(10), list[int]()
    log.most = 4
    each = guard(log, applied)
    each.offer(Entry(10))
    await eventually(lambda: len(applied) == 10)
    assert applied == list(range(1, 11))


async def test_it_asks_again_when_the_source_is_behind() -> None:
    log, applied = Log(1), list[int]()
    each = guard(log, applied)
    each.heads("e1", 2)
    await eventually(lambda: len(log.asked) > 1)
    log.last = 2
    await eventually(lambda: applied == [1, 2])


async def test_another_epoch_stops_it_until_it_is_reset() -> None:
    applied, epochs = list[int](), list[str]()
    each = guard(Log(9), applied, on_epoch=epochs.append)
    each.offer(Entry(1))
    each.offer(Entry(2, "e2"))
    each.offer(Entry(2))
    each.heads("e3", 9)
    assert (applied, epochs) == ([1], ["e2"])
    each.reset(7, "e2")
    each.offer(Entry(8, "e2"))
    assert applied == [1, 8]


async def test_a_head_of_another_epoch_counts_as_well() -> None:
    epochs = list[str]()
    guard(Log(9), [], on_epoch=epochs.append).heads("e2", 1)
    assert epochs == ["e2"]


async def test_a_log_that_is_gone_ends_it() -> None:
    log, applied, failed = Log(9), list[int](), list[UchatError]()
    log.failures = [NotFoundError("erased")]
    each = guard(log, applied, on_failed=failed.append)
    each.offer(Entry(5))
    await eventually(lambda: failed)
    each.offer(Entry(1))
    assert not applied


async def test_closing_ends_a_fetch() -> None:
    log, applied = Log(9), list[int]()
    log.failures = [UnavailableError("away")] * 1_000
    each = guard(log, applied)
    each.offer(Entry(5))
    await eventually(lambda: log.asked)
    each.close()
    await eventually(lambda: len(asyncio.all_tasks()) == 1)
    assert not applied


async def test_switched_off_it_guards_nothing() -> None:
    applied = list[int]()
    each = guard(Log(9), applied, off=True)
    for seq in (3, 1, 1):
        each.offer(Entry(seq))
    assert applied == [3, 1, 1]


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[int, list[int]]:
    """Any of 1..n, lost, doubled and swapped."""
    n = draw(st.integers(1, 12))
    return n, draw(st.lists(st.integers(1, n), max_size=30))


@pytest.mark.parametrize("late_head", [True, False])
@given(deliveries(), st.integers(1, 5), st.booleans())
@settings(max_examples=40, deadline=None)
def test_whatever_arrives_is_applied_in_order_once(
    late_head: bool, case: tuple[int, list[int]], most: int, away: bool
) -> None:
    n, arriving = case

    async def run() -> None:
        log, applied = Log(n), list[int]()
        log.most = most
        if away:
            log.failures = [UnavailableError("away")]
        each = guard(log, applied)
        if not late_head:
            each.heads("e1", n)
        for seq in arriving:
            each.offer(Entry(seq))
            if seq % 3 == 0:
                await asyncio.sleep(0)
            assert applied == list(range(1, len(applied) + 1))
        each.heads("e1", n)
        await eventually(lambda: len(applied) == n, every_s=0.0005)
        assert applied == list(range(1, n + 1))
        assert each.last == n
        each.close()

    # Without the patience of 100 ms there is nothing to wait for in a hundred cases.
    from uchat_platform.bus import guard as module

    patience, module._PATIENCE_S = module._PATIENCE_S, 0.001
    try:
        asyncio.run(run())
    finally:
        module._PATIENCE_S = patience
