"""Days, weeks and months as they begin where a person lives."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Period = Literal["day", "week", "month", "all"]
Span = Literal["day", "week", "month", "year", "all"]
_SHOWN: Final = {"day": 30, "week": 12, "month": 12}
_LENGTH: Final = {
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
    "year": timedelta(days=365),
}


def began(period: Period, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Return when the running period began, in UTC; weeks begin on Monday. None: with everything.

    A midnight that the clocks skip is the moment at which they do.
    """
    return None if period == "all" else _midnight(_first(period, now.astimezone(zone).date()), zone)


def starts(period: Period, now: datetime, zone: ZoneInfo, since: datetime) -> list[datetime]:
    """Return when the last periods began, oldest first: 30 days, 12 weeks or 12 months at most.

    The first one is that of `since` or a later one. Of `all`: months.
    """
    unit: Period = "month" if period == "all" else period
    found: list[datetime] = []
    day = _first(unit, now.astimezone(zone).date())
    for _ in range(_SHOWN[unit]):
        begins = _midnight(day, zone)
        found.append(begins)
        if begins <= since:
            break
        day = _first(unit, day - timedelta(days=1))
    return found[::-1]


def zone_of(name: str) -> ZoneInfo:
    """Return a time zone; UTC if this machine does not know it any more."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def span_began(span: Span, now: datetime) -> datetime | None:
    """Return when a span of so many whole days that ends now began; None: with everything."""
    return None if span == "all" else now - _LENGTH[span]


def _first(period: str, day: date) -> date:
    if period == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if period == "month" else day


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
