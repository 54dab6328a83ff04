"""When alerts are told, by the rules alone: crossings over gaps and restarts, windows, days."""

import sys
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from pydantic import ValidationError

from uchat_contracts.trading import Alert, AlertRequest
from uchat_execution.domain.alerts.calendar import day_of, due_after, zone_of
from uchat_execution.domain.alerts.crossing import BACK, holds, is_back, look, sided
from uchat_execution.domain.alerts.history import PriceHistory
from uchat_platform.errors import InvalidInputError

D = Decimal
PERSON = "user_01J9ZK3V7Q8W4X5Y6Z7A8B9C0D"
AT = datetime(2026, 11, 30, 12, tzinfo=UTC)


def alert(*, beyond=False, **wish):
    given_wish = {"kind": "price", "symbol": "BTC", "way": "below", "level": D(100), **wish}
    return Alert(
        **dict(AlertRequest(**given_wish)),
        alert_id="alt_1",
        user_id=PERSON,
        rev=1,
        state="armed",
        text="x",
        beyond=beyond,
        created_at=AT,
        created_via="api",
    )


def after(held, value):
    step = look(held, value)
    return held.model_copy(update={"state": step.state, "beyond": step.beyond}), step.fires


class Crossings(RuleBasedStateMachine):
    """An alert beside a reference that knows every value; looks may be missed, doubled, restarted.

    The reference counts a crossing when a look finds the far side after one that found the near
    side, clearly.
    """

    def __init__(self):
        super().__init__()
        self.held = alert(repeat=True)
        self.near, self.told, self.expected = True, 0, 0

    @rule(value=st.decimals(D(90), D(110), places=2), times=st.integers(1, 3))
    def seen(self, value, times):
        """A value is looked at, by so many replicas one after the other."""
        if self.near and value <= 100:
            self.near, self.expected = False, self.expected + 1
        elif not self.near and value >= 100 * (1 + BACK):
            self.near = True
        for _ in range(times):
            self.held, fired = after(self.held, value)
            self.told += fired

    @rule()
    def restarted(self):
        """A process ends; the next one knows what was stored and nothing else."""
        self.held = Alert.model_validate_json(self.held.json_bytes())

    @invariant()
    def each_crossing_is_told_once(self):
        assert self.told == self.expected
        assert self.held.beyond is not self.near
        assert self.held.state == ("armed" if self.near else "fired")


TestCrossings = Crossings.TestCase


@given(
    st.sampled_from(["above", "below"]), st.lists(st.decimals(D(50), D(200), places=1), max_size=30)
)
def test_one_without_repeat_is_told_at_most_once_and_is_over_then(way, values):
    held, told = alert(way=way), 0
    for value in values:
        held, fired = after(held, value)
        told += fired
    assert told == any(holds(held, value) for value in values)
    assert held.state == ("done" if told else "armed")


@given(st.sampled_from(["above", "below", "either"]), st.decimals(D(-50), D(50), places=2))
def test_no_value_both_holds_and_has_gone_back(way, value):
    move = alert(kind="percent", level=None, percent=D(5), window_s=600, way=way)
    assert not (holds(move, value) and is_back(move, value))


def test_a_move_counts_in_the_way_that_was_asked_for():
    up, down, both = (
        alert(kind="percent", level=None, percent=D(5), window_s=600, way=way)
        for way in ("above", "below", "either")
    )
    assert [holds(each, D(5)) for each in (up, down, both)] == [True, False, True]
    assert [holds(each, D(-5)) for each in (up, down, both)] == [False, True, True]


def test_one_that_was_set_beyond_its_level_waits_for_the_way_back():
    held = alert(beyond=True)
    held, fired = after(held, D(99))
    assert (held.state, fired) == ("armed", False)
    held, _ = after(held, D(101))
    assert look(held, D(100)).fires


def test_a_snoozed_one_is_left_alone():
    snoozed = alert().model_copy(update={"state": "snoozed"})
    assert not look(snoozed, D(1)).changes(snoozed)


def test_a_level_without_a_side_is_on_the_other_one():
    wish = AlertRequest(kind="price", symbol="BTC", level=D(100))
    assert sided(wish, D(99)).way == "above"
    assert sided(wish, D(101)).way == "below"


@pytest.mark.parametrize(
    "wish",
    [
        {"kind": "price", "symbol": "BTC"},
        {"kind": "price", "level": 1},
        {"kind": "percent", "symbol": "BTC", "percent": 5},
        {"kind": "percent", "symbol": "BTC", "percent": 5, "window_s": 5},
        {"kind": "portfolio", "level": 1, "symbol": "BTC"},
        {"kind": "drawdown", "percent": 100},
        {"kind": "fill", "level": 1},
        {"kind": "price", "symbol": "BTC", "level": 0},
    ],
)
def test_a_wish_that_is_not_whole_is_none(wish):
    with pytest.raises(ValidationError):
        AlertRequest.model_validate(wish)


def test_a_move_is_measured_from_the_extremes_of_its_window_alone():
    history = PriceHistory()
    for minutes, price in ((90, "80"), (30, "100"), (10, "110"), (0, "104.5")):
        history.note("ETH", AT - timedelta(minutes=minutes), D(price))
    hour, now = timedelta(hours=1), D("104.5")
    assert history.move("ETH", "above", hour, AT, now) == D("4.5")
    assert history.move("ETH", "below", hour, AT, now) == D(-5)
    assert history.move("ETH", "either", hour, AT, now) == D(-5)
    assert history.move("ETH", "above", timedelta(hours=2), AT, now) > 30
    assert history.move("ETH", "either", timedelta(minutes=1), AT, now) == 0
    history.forget(AT + timedelta(hours=25))
    assert history.move("ETH", "above", timedelta(hours=2), AT, now) == 0


BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("after_utc", "at", "due_utc"),
    [
        # Winter, summer, and the days on which the clocks change.
        ("2026-01-10T06:59:59", "08:00", "2026-01-10T07:00:00"),
        ("2026-07-10T06:00:00", "08:00", "2026-07-11T06:00:00"),
        ("2026-03-28T12:00:00", "08:00", "2026-03-29T06:00:00"),
        # 02:30 is left out on 29 March 2026: it is told an hour later.
        ("2026-03-28T12:00:00", "02:30", "2026-03-29T01:30:00"),
        # 02:30 comes twice on 25 October 2026: the first counts, the second does not.
        ("2026-10-24T12:00:00", "02:30", "2026-10-25T00:30:00"),
        ("2026-10-25T00:30:00", "02:30", "2026-10-26T01:30:00"),
    ],
)
def test_the_digest_is_due_at_the_hour_of_the_person(after_utc, at, due_utc):
    moment = datetime.fromisoformat(after_utc).replace(tzinfo=UTC)
    due = due_after(moment, time.fromisoformat(at), BERLIN)
    assert due == datetime.fromisoformat(due_utc).replace(tzinfo=UTC)


@given(
    st.integers(0, 1_000 * 86_400).map(lambda s: AT - timedelta(seconds=s)),
    st.times().map(lambda at: at.replace(second=0, microsecond=0, tzinfo=None)),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]),
)
def test_each_local_day_has_one_digest_whatever_the_clocks_do(start, at, name):
    zone, due, days = zone_of(name), start, []
    for _ in range(4):
        due = due_after(due, at, zone)
        days.append(day_of(due, zone))
    assert days == [days[0] + timedelta(days=n) for n in range(4)]
    assert days[0] - start.astimezone(zone).date() in (timedelta(0), timedelta(days=1))


def test_a_zone_that_does_not_exist_is_refused():
    assert day_of(AT, zone_of("Pacific/Auckland")) == date(2026, 12, 1)
    for name in ("Nowhere/Atall", "../etc/passwd", ""):
        with pytest.raises(InvalidInputError):
            zone_of(name)


@given(
    st.lists(st.tuples(st.integers(0, 90), st.integers(50, 150)), min_size=1, max_size=40),
    st.integers(0, 100),
)
def test_moves_are_those_of_all_bars_in_the_window(prices, window):
    history, known = PriceHistory(), list[tuple[int, int]]()
    for minutes, price in prices:
        history.note("BTC", AT - timedelta(minutes=minutes), D(price))
        known.append((minutes, price))
        within = [each for ago, each in known if ago <= window]
        least, most = min([100, *within]), max([100, *within])
        span = timedelta(minutes=window)
        assert history.move("BTC", "above", span, AT, D(100)) == (D(100) / least - 1) * 100
        assert history.move("BTC", "below", span, AT, D(100)) == (D(100) / most - 1) * 100


def test_a_move_is_found_without_reading_a_day_of_bars_for_each_alert():
    history, read = PriceHistory(), 0
    for minutes in range(1440, -1, -1):
        history.note("BTC", AT - timedelta(minutes=minutes), D(90_000 + minutes))
    day = timedelta(days=1)
    assert history.move("BTC", "below", day, AT, D(90_000)) < 0

    def count(frame, event, _):
        nonlocal read
        read += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        history.move("BTC", "below", day, AT, D(90_000))
    finally:
        sys.settrace(before)
    assert read < 100
