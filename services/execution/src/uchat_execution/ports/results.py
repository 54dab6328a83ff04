"""What was earned: projections of the ledger, the value over time, how people want it told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from uchat_contracts.trading import LedgerEntry
from uchat_execution.domain.lots import Booked, Lot, Result
from uchat_execution.domain.performance import Valued


@dataclass(frozen=True, slots=True)
class Told:
    """What a person wants figures to be told in: an IANA time zone and a currency."""

    time_zone: str
    currency: str


class Results(Protocol):
    """The projections of lots and results, which follow the ledger, and questions to them."""

    async def behind(self, account: str) -> bool:
        """Tell whether the ledger has something that the projections have not."""
        ...

    async def booked(self, account: str, most: int) -> Sequence[Booked]:
        """Return the next transactions that change units; under the account's lock all are told.

        Reservations are left out.
        """
        ...

    async def lots(self, account: str, assets: Iterable[str]) -> Mapping[str, Sequence[Lot]]:
        """Return the open lots of some assets, oldest first."""
        ...

    async def keep(
        self,
        account: str,
        last: int,
        lots: Mapping[tuple[str, int], Lot | None],
        results: Mapping[tuple[datetime, str], Result],
    ) -> None:
        """Store lots as they are now (None: used up), add results; `last` is in them."""
        ...

    async def by_asset(self, account: str, since: datetime | None) -> Mapping[str, Result]:
        """Return the results since a time (None: ever), by asset."""
        ...

    async def by_part(self, account: str, starts: Sequence[datetime]) -> Sequence[Result]:
        """Return the results of the parts that begin at these times, in their order."""
        ...

    async def costs(self, account: str) -> Mapping[str, Decimal]:
        """Return what the open lots cost in all, by asset."""
        ...

    async def valued(self, account: str, times: Sequence[datetime]) -> Sequence[Valued | None]:
        """Return the latest notes until these times: the first one ever if there is none before."""
        ...

    async def curve(self, account: str, since: datetime, most: int) -> Sequence[Valued]:
        """Return notes since a time, oldest first, thinned out; each payment has its own."""
        ...

    async def ledger(
        self, account: str, before: tuple[int, int] | None, limit: int
    ) -> Sequence[LedgerEntry]:
        """Return entries, latest first, before a (transaction, number)."""
        ...

    async def told_in(self, person: str) -> Told | None:
        """Return what a person wants figures to be told in; None: never said."""
        ...

    async def tell_in(self, person: str, told: Told) -> None:
        """Store what a person wants figures to be told in."""
        ...

    async def hand_over(self, gone: str, into: str) -> None:
        """Give a person what another one had chosen, unless they chose themselves."""
        ...
