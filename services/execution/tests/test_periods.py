"""Periods begin where a person lives; growth is measured without what was paid in."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uchat_execution.domain.lots import QUARTER
from uchat_execution.domain.performance import Valued, measured
from uchat_execution.domain.periods import began, span_began, starts

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 30, 22, 30, tzinfo=UTC)  # half past midnight of Tuesday, summer time


def test_a_period_begins_at_the_midnight_of_its_place():
    assert began("day", NOW, BERLIN) == datetime(2026, 3, 30, 22, tzinfo=UTC)
    assert began("day", NOW, ZoneInfo("UTC")) == datetime(2026, 3, 30, tzinfo=UTC)
    assert began("week", NOW, BERLIN) == datetime(2026, 3, 29, 22, tzinfo=UTC)
    # The month began in winter time.
    assert began("month", NOW, BERLIN) == datetime(2026, 2, 28, 23, tzinfo=UTC)
    assert began("all", NOW, BERLIN) is None


def test_the_days_of_a_change_of_clocks_are_shorter_or_longer():
    days = starts("day", NOW, BERLIN, NOW - timedelta(days=2))
    assert [after - before for before, after in pairwise(days)] == [
        timedelta(hours=24),
        timedelta(hours=23),
        timedelta(hours=24),
    ]


def test_periods_reach_back_to_the_beginning_and_not_for_ever():
    assert starts("month", NOW, BERLIN, NOW) == [began("month", NOW, BERLIN)]
    assert len(starts("day", NOW, BERLIN, datetime(2020, 1, 1, tzinfo=UTC))) == 30
    assert len(starts("week", NOW, BERLIN, datetime(2020, 1, 1, tzinfo=UTC))) == 12
    assert starts("all", NOW, BERLIN, datetime(2026, 1, 5, tzinfo=UTC)) == [
        datetime(2025, 12, 31, 23, tzinfo=UTC),
        datetime(2026, 1, 31, 23, tzinfo=UTC),
        datetime(2026, 2, 28, 23, tzinfo=UTC),
    ]
    assert span_began("week", NOW) == NOW - timedelta(days=7)


ZONES = st.sampled_from(sorted(available_timezones()))
TIMES = st.datetimes(datetime(2024, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants naive ones


@given(ZONES, TIMES, st.sampled_from(["day", "week", "month"]))
def test_no_time_zone_divides_a_quarter_of_an_hour(name, now, period):
    zone = ZoneInfo(name)
    begins = starts(period, now, zone, now - timedelta(days=100))
    assert begins == sorted(set(begins))
    assert begins[-1] == began(period, now, zone) <= now
    assert all(each.timestamp() % QUARTER.total_seconds() == 0 for each in begins)


def valued(*points):
    return [
        Valued(NOW + timedelta(hours=n), Decimal(total), Decimal(deposited))
        for n, (total, deposited) in enumerate(points)
    ]


def test_what_is_paid_in_or_out_is_no_growth():
    stands = measured(valued((1000, 1000), (1100, 1000), (2100, 2000), (1050, 950)))
    assert [stand.growth for stand in stands] == [
        Decimal(1),
        Decimal("1.1"),
        Decimal("1.1"),
        Decimal("1.1"),
    ]
    assert [stand.drawdown for stand in stands] == [0, 0, 0, 0]


def test_a_drawdown_is_how_far_it_is_below_its_best():
    stands = measured(valued((1000, 1000), (1200, 1000), (900, 1000), (1200, 1000), (1260, 1000)))
    assert [stand.drawdown for stand in stands] == [0, 0, Decimal("0.25"), 0, 0]
    assert stands[-1].growth == Decimal("1.26")


@pytest.mark.parametrize("points", [[], [(0, 0)], [(0, 0), (100, 100), (50, 100)]])
def test_an_account_that_was_empty_can_be_measured(points):
    stands = measured(valued(*points))
    assert len(stands) == len(points)
    if len(points) == 3:
        assert (stands[-1].growth, stands[-1].drawdown) == (Decimal("0.5"), Decimal("0.5"))
