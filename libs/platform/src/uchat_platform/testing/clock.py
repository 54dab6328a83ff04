"""A clock that stands still until it is told to go on."""

from datetime import UTC, datetime, timedelta


class FixedClock:
    """A `Clock` for tests."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._now = start

    def now(self) -> datetime:
        """Return the present time, aware, in UTC."""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self._now += by
