"""Whether orders go to a live exchange at all: its operator says so."""

from dataclasses import dataclass

from uchat_execution.domain.venues import BY_NAME, VENUES, Traits
from uchat_execution.ports.store import Books
from uchat_platform import logging
from uchat_platform.errors import InvalidInputError, NotFoundError

_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LiveSwitch:
    """Shows and sets it, for operators. Claims that are under way are waited for."""

    books: Books

    async def all(self) -> list[tuple[Traits, bool]]:
        """Return every exchange, and whether orders go there."""
        async with self.books.unit() as unit:
            live = await unit.venues.live()
        return [(each, each.venue in live) for each in VENUES]

    async def set(self, venue: str, *, on: bool, by: str) -> None:
        """Switch an exchange on or off; again, it changes nothing but who did it last.

        Raises:
            NotFoundError: `venue_unknown`.
            InvalidInputError: `venue_untested`, nothing is ever sent there.
        """
        traits = BY_NAME.get(venue)
        if traits is None:
            raise NotFoundError(
                f"Expected one of {', '.join(BY_NAME)}, found {venue[:40]!r}", code="venue_unknown"
            )
        if on and not traits.tested:
            raise InvalidInputError(
                f"Orders at {traits.name} are not tested, so accounts there are only read",
                code="venue_untested",
            )
        async with self.books.unit() as unit:
            await unit.venues.switch(venue, on=on, by=by)
        _log.warning("live_trading", venue=venue, on=on, by=by)
