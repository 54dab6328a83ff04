"""When the digest of a day is due: a local time, whatever the clocks are put forward or back to."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from uchat_platform.errors import InvalidInputError

LATEST = timedelta(hours=12)
"""A digest that could not be told for so long is left out."""


def zone_of(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name.

    Raises:
        InvalidInputError: there is none of that name (`time_zone_unknown`).
    """
    try:
        return _zone(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as e:
        raise InvalidInputError(
            f"Expected a time zone as Europe/Berlin, found {name[:40]!r}", code="time_zone_unknown"
        ) from e


def due_after(after: datetime, at: time, zone: ZoneInfo) -> datetime:
    """Return the first time after `after` (UTC) that it is `at` in the zone.

    A time that the clocks leave out is as much later; of one that comes twice it is the first.
    """
    day = after.astimezone(zone).date() - timedelta(days=1)
    while True:
        due = _due(day, at, zone)
        if due > after:
            return due
        day += timedelta(days=1)


def day_of(due: datetime, zone: ZoneInfo) -> date:
    """Return the local day of a time."""
    return due.astimezone(zone).date()


def _due(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
