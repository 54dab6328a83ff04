"""What a person wants figures to be told in: a time zone and a currency.

Execution keeps it, since it makes every figure that depends on it. A currency is converted into
only by a rate that the market quotes; without one the answer says so and stays as it is.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Final
from zoneinfo import available_timezones

from uchat_contracts.trading import Conversion, Preferences
from uchat_execution.domain.money import ratio
from uchat_execution.ports.results import Told
from uchat_execution.ports.store import Books, Unit
from uchat_execution.service.accounts import AccountKeeper
from uchat_execution.service.desk import Desk
from uchat_platform.errors import InvalidInputError

_LONGEST: Final = 16


@dataclass(frozen=True, slots=True)
class Choices:
    """Answers and changes what a person chose. Who never did: UTC, and the account's currency."""

    books: Books
    keeper: AccountKeeper
    desk: Desk

    async def of(self, person: str) -> Preferences:
        """Return what a person chose, with the rate of the currency if there is one."""
        async with self.books.unit() as unit:
            told = await self.within(unit, person)
        return await self._shown(told)

    async def change(self, person: str, time_zone: str, currency: str) -> Preferences:
        """Change what is not empty.

        Raises:
            InvalidInputError: `time_zone_unknown`, `currency_invalid`.
        """
        wanted = currency.strip().upper()
        if time_zone and time_zone not in _zones():
            raise InvalidInputError(
                f"Expected a time zone as Europe/Berlin, found {time_zone[:40]!r}",
                code="time_zone_unknown",
            )
        if wanted and not (wanted.isascii() and wanted.isalnum() and len(wanted) <= _LONGEST):
            raise InvalidInputError(
                f"Expected a currency as USDT, found {currency[:40]!r}", code="currency_invalid"
            )
        async with self.books.unit() as unit:
            # Two changes at once, of one field each, are both kept.
            await self.keeper.within(unit, person)
            await unit.accounts.of_person(person, lock=True)
            before = await self.within(unit, person)
            told = Told(time_zone or before.time_zone, wanted or before.currency)
            await unit.results.tell_in(person, told)
        return await self._shown(told)

    async def within(self, unit: Unit, person: str) -> Told:
        """Return what a person chose, within a unit."""
        return await unit.results.told_in(person) or Told("UTC", self.keeper.currency)

    async def conversion(self, told: Told) -> tuple[Conversion | None, str | None]:
        """Return the rate from the account's currency; if one is needed and not there, why."""
        own = self.keeper.currency
        if told.currency == own:
            return None, None
        quote = (await self.desk.quotes([told.currency])).get(told.currency)
        if quote is None or quote.price <= 0:
            note = (
                f"No market here quotes {told.currency} in {own}, and rates are not invented:"
                f" figures are in {own}."
            )
            return None, note
        rate = ratio(Decimal(1), quote.price)
        return Conversion(
            currency=told.currency,
            rate=rate,
            source=quote.source,
            simulated=quote.simulated,
            as_of=quote.as_of,
        ), None

    async def _shown(self, told: Told) -> Preferences:
        conversion, note = await self.conversion(told)
        return Preferences(
            time_zone=told.time_zone,
            currency=told.currency,
            conversion=conversion,
            currency_note=note,
        )


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
