"""Opens a person's paper account at the first need, in our books and at the venue."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from uchat_contracts.ids import new_ulid
from uchat_execution.domain import ledger
from uchat_execution.domain.accounts import Account
from uchat_execution.domain.live import not_connected
from uchat_execution.ports import Venue
from uchat_execution.ports.store import Books, Point, Unit
from uchat_execution.service.repeating import tried
from uchat_platform import logging
from uchat_platform.errors import NotFoundError, NotPermittedError, UnavailableError
from uchat_platform.logging import hashed

_log = logging.get_logger(__name__)


async def live_account(unit: Unit, person: str, venue: str, *, lock: bool = False) -> Account:
    """Return the account that a person has connected at a live exchange.

    Raises:
        NotFoundError: `venue_not_connected`.
    """
    found = await unit.accounts.of_person(person, venue, lock=lock)
    if found is None:
        raise NotFoundError(not_connected(venue), code="venue_not_connected")
    return found


async def accounts_of(unit: Unit, person: str) -> list[Account]:
    """Return a person's accounts, locked: the one on paper first, then those at live exchanges."""
    paper = await unit.accounts.of_person(person, lock=True)
    keys = sorted(key.account for key in await unit.venues.keys(person))
    live = [await unit.accounts.get(account, lock=True) for account in keys]
    return live if paper is None else [paper, *live]


@dataclass(slots=True)
class AccountKeeper:
    """Finds and opens accounts. `opening`: what a paper account starts with, in `currency`.

    Nobody waits for the venue: `run` opens accounts there, and orders wait until it has.
    """

    books: Books
    venue: Venue
    opening: Decimal
    currency: str
    new_id: Callable[[], str] = new_ulid
    seen: Callable[[Account], None] | None = None
    _fresh: "asyncio.Queue[Account]" = field(default_factory=asyncio.Queue[Account])
    _asked: set[str] = field(default_factory=set[str])

    async def run(self) -> None:
        """Open accounts at the venue until cancelled; what fails, the sweeper tries again."""
        while True:
            account = await self._fresh.get()
            self._asked.discard(account.account)
            await tried(self.at_venue(account), "account_waits", account=account.account)

    async def of(self, person: str, venue: str | None = None) -> Account:
        """Return the person's account at a venue; the one on paper is opened now if there is none.

        Raises:
            NotPermittedError: the person has been joined with another one.
            NotFoundError: `venue_not_connected`, there is none at a live exchange.
            UnavailableError: the database is away.
        """
        async with self.books.unit() as unit:
            if venue is None or venue == self.venue.name:
                account = await self.within(unit, person)
            else:
                account = await live_account(unit, person, venue)
        if self.seen is not None:
            self.seen(account)
        if not account.at_venue and account.account not in self._asked:
            self._asked.add(account.account)
            self._fresh.put_nowait(account)
        return account

    async def within(self, unit: Unit, person: str) -> Account:
        """Return the person's account within a unit.

        Raises:
            NotPermittedError: the person has been joined with another one.
        """
        found = await unit.accounts.of_person(person)
        if found is not None:
            return found
        if await unit.safety.merging(person):
            raise NotPermittedError(
                "This account has been joined with another one", code="account_merged"
            )
        made = Account(
            account=f"acct_{self.new_id()}",
            person=person,
            venue=self.venue.name,
            simulated=self.venue.simulated,
            quote_currency=self.currency,
            opening=self.opening,
            deposited=self.opening,
            at_venue=False,
            rev=0,
            opened_at=await unit.now(),
        )
        if await unit.accounts.open(made):
            await unit.accounts.post(ledger.opening(made))
            await unit.accounts.note_worth(made.account, Point(made.opened_at, made.opening))
            _log.info("account_opened", account=made.account, person=hashed(person))
            return made
        taken = await unit.accounts.of_person(person)
        if taken is None:
            raise UnavailableError("The account is being changed; try again")
        return taken

    async def at_venue(self, account: Account) -> Account:
        """Make sure that the venue knows the account, if it can be asked now."""
        if account.at_venue:
            return account
        try:
            await self.venue.open_account(
                account.account, {account.quote_currency: account.opening}
            )
        except UnavailableError as e:
            # Orders wait for it; whatever needs no venue goes on.
            _log.warning("venue_away", account=account.account, detail=e.detail)
            return account
        async with self.books.unit() as unit:
            await unit.accounts.at_venue(account.account)
        return replace(account, at_venue=True)
