"""Sliding windows on a real Valkey, and fixed ones in this process."""

import time

import pytest

from uchat_gateway.adapters.counters import LocalCounter, SharedCounter
from uchat_gateway.domain.rates import Rate

HOUR_MS = 3_600_000
TEN = Rate.parse("10/hour")
MANY = Rate.parse("1000000/hour")
PLACE = "message:ann"


@pytest.fixture
def counter(client):
    return SharedCounter(client)


@pytest.fixture
def later(client):
    async def later(hours):
        """Let so many hours pass for the counter."""
        await client.hincrby(f"limit:{PLACE}", "start", -round(hours * HOUR_MS))

    return later


async def admitted(counter, tries):
    return [(await counter.hit(TEN, PLACE, 0, 1)).wait_s for _ in range(tries)].count(None)


@pytest.mark.integration
async def test_the_window_begins_with_the_first_hit_and_takes_no_more_than_the_limit(counter):
    assert await admitted(counter, 13) == 10
    total, wait_s = await counter.hit(TEN, PLACE, 0, 1)
    assert total == 10
    assert 3590 < wait_s <= 3601


@pytest.mark.integration
async def test_the_window_before_counts_by_the_share_of_it_that_is_still_within_the_limit(
    counter, later
):
    assert await admitted(counter, 10) == 10
    await later(1.5)
    # Of the ten, the half and a few milliseconds less: four are still counted.
    assert await admitted(counter, 10) == 6
    total, wait_s = await counter.hit(TEN, PLACE, 0, 1)
    assert total == 10
    assert 0.09 * 3600 < wait_s <= 0.1 * 3600 + 1
    await later(0.1)
    assert await admitted(counter, 10) == 1
    await later(2)
    assert await admitted(counter, 13) == 10


@pytest.mark.integration
async def test_who_waits_as_told_fits(counter, later):
    assert await admitted(counter, 10) == 10
    for _ in range(12):
        _, wait_s = await counter.hit(TEN, PLACE, 0, 1)
        assert wait_s is not None
        await later(wait_s / 3600)
        assert await admitted(counter, 2) == 1


@pytest.mark.integration
async def test_what_is_owed_is_counted_even_above_the_limit(counter):
    assert await admitted(counter, 9) == 9
    assert await counter.hit(TEN, PLACE, 3, 0) == (12, None)
    total, wait_s = await counter.hit(TEN, PLACE, 1, 1)
    assert total == 13
    # The next window lets go what is above the limit first.
    assert 3600 < wait_s <= 3600 * (2 - 10 / 13) + 1


@pytest.mark.integration
async def test_nothing_is_kept_for_longer_than_it_counts(counter, client):
    await counter.hit(TEN, PLACE, 0, 1)
    assert 2 * HOUR_MS - 60_000 < await client.pttl(f"limit:{PLACE}") <= 2 * HOUR_MS


@pytest.mark.integration
async def test_large_totals_stay_exact(counter):
    assert await counter.hit(MANY, PLACE, 999_999, 1) == (1_000_000, None)
    assert (await counter.hit(MANY, PLACE, 0, 1)).wait_s is not None


def test_the_local_counter_says_when_its_window_ends():
    counter = LocalCounter()
    assert [counter.hit(TEN, PLACE, 0, 1).total for _ in range(10)] == list(range(1, 11))
    total, wait_s = counter.hit(TEN, PLACE, 0, 1)
    assert total == 10
    assert 3590 < wait_s <= 3600
    assert counter.hit(TEN, PLACE, 2, 0) == (12, None)


def test_what_the_local_counter_handed_over_it_holds_no_more(monkeypatch):
    counter = LocalCounter()
    counter.hit(TEN, PLACE, 4, 1)
    assert counter.held(TEN, PLACE) == 5
    assert counter.held(TEN, "message:bob") == 0
    counter.hand_over(PLACE, 3)
    assert counter.held(TEN, PLACE) == 2
    counter.hand_over(PLACE, 2)
    assert counter.held(TEN, PLACE) == 0
    counter.hit(TEN, PLACE, 4, 1)
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 3601)
    assert counter.held(TEN, PLACE) == 0
