"""Connects accounts at live exchanges, and shows what can be done with each of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from uchat_contracts.ids import new_ulid
from uchat_contracts.trading import Venue, VenueConsent, VenueKey
from uchat_execution.domain import ledger
from uchat_execution.domain.accounts import Account, worth
from uchat_execution.domain.live import (
    CONSENT_TEXT,
    CONSENT_VERSION,
    Allowed,
    Consent,
    Key,
    barred,
)
from uchat_execution.domain.money import ZERO, exact
from uchat_execution.domain.statements import Movement, ToldTransfer
from uchat_execution.domain.venues import BY_NAME, VENUES, Credentials, Traits
from uchat_execution.ports.store import Books, Point, Unit
from uchat_execution.ports.venues import SealedKey, VenueGateway
from uchat_execution.service.accounts import AccountKeeper
from uchat_execution.service.desk import Desk
from uchat_execution.service.live.telling import shown_key, tell_key
from uchat_execution.service.states import OPERATOR
from uchat_platform import logging
from uchat_platform.errors import ConflictError, InvalidInputError, NotFoundError
from uchat_platform.logging import hashed

_TRIES: Final = 3
_NOTE: Final = "Was there when the account was connected; its cost is the price at that time"
_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Connecting:
    """Keys of live exchanges, and consents to trade there. `desk` is the paper market's."""

    books: Books
    keeper: AccountKeeper
    gateway: VenueGateway
    desk: Desk
    new_id: Callable[[], str] = new_ulid

    async def venues(self, person: str) -> list[Venue]:
        """Return every exchange with what can be done with it here.

        Raises:
            UnavailableError: the database is away.
        """
        served = set(await self.gateway.served())
        async with self.books.unit() as unit:
            keys = {key.venue: key for key in await unit.venues.keys(person)}
            consents = {each.venue: each for each in await unit.venues.consents(person)}
            live = await unit.venues.live()
        return [
            _shown(each, keys.get(each.venue), consents.get(each.venue), served, live)
            for each in VENUES
        ]

    async def keys(self, person: str) -> list[VenueKey]:
        """Return a person's keys, masked."""
        async with self.books.unit() as unit:
            return [shown_key(key) for key in await unit.venues.keys(person)]

    async def connect(
        self, person: str, venue: str, credentials: Credentials, *, via: str
    ) -> VenueKey:
        """Check a key at its exchange, seal it, and open the account that it is of.

        What the account holds then is booked at the market's price of that moment. Where there is
        one whose key places no orders any more, the new one takes that key's place.

        Raises:
            NotFoundError: `venue_unknown`.
            InvalidInputError: the key is refused; the code says why.
            ConflictError: `venue_connected`, there is one already, `venue_account_busy`,
                `venue_account_taken`, somebody else has connected that account, or
                `venue_account_differs`, the key before was of another one.
            NotPermittedError: the person has been joined with another one.
            UnavailableError: `venue_not_configured`, or the exchange, its worker or the database
                is away.
        """
        traits = BY_NAME.get(venue)
        if traits is None:
            raise NotFoundError("There is no such exchange here", code="venue_unknown")
        _check(credentials)
        # A person has a paper account, and with it a stop switch, before any other one.
        await self.keeper.of(person)
        async with self.books.unit() as unit:
            known = next((k for k in await unit.venues.keys(person) if k.venue == venue), None)
        if known is not None and not known.is_spent:
            raise _connected(traits)
        account_id = f"acct_{self.new_id()}" if known is None else known.account
        key = await self.gateway.seal(venue, account_id, credentials)
        if known is not None:
            return await self._replace(person, known, key, via)
        held = await self._quiet(venue, account_id, key)
        desk = self.desk.at(venue)
        prices = await desk.prices([asset for asset in held if asset != self.keeper.currency])
        async with self.books.unit() as unit:
            account = Account(
                account=account_id,
                person=person,
                venue=venue,
                simulated=False,
                quote_currency=self.keeper.currency,
                opening=ZERO,
                deposited=ZERO,
                at_venue=True,
                rev=0,
                opened_at=await unit.now(),
            )
            if await unit.venues.taken(key.account_mark, besides=account_id):
                raise _taken(traits)
            if not await unit.accounts.open(account):
                raise _connected(traits)
            await unit.venues.add(account_id, key, via)
            await _hold_back(unit, account)
            await _book(unit, account, held, prices)
            stored = next(k for k in await unit.venues.keys(person) if k.venue == venue)
        _log.warning(
            "venue_connected", person=hashed(person), venue=venue, may_trade=key.may_trade, via=via
        )
        return shown_key(stored)

    async def _replace(self, person: str, known: Key, key: SealedKey, via: str) -> VenueKey:
        traits = BY_NAME[known.venue]
        async with self.books.unit() as unit:
            await unit.accounts.get(known.account, lock=True)
            if await unit.venues.taken(key.account_mark, besides=known.account):
                raise _taken(traits)
            replaced = await unit.venues.replace(known.account, key, via)
            if replaced is None:
                raise ConflictError(
                    f"This key is not of the account at {traits.name} that is connected; remove"
                    " that one first",
                    code="venue_account_differs",
                )
            stored, rev = replaced
            await tell_key(unit, person, stored, rev)
            # What it missed is read at once.
            await unit.truth.touch(known.account)
        _log.warning("venue_key_replaced", person=hashed(person), venue=known.venue, via=via)
        return shown_key(stored)

    async def disconnect(self, person: str, venue: str, *, via: str) -> None:
        """Forget a key at once; the account's books stay, its consent is taken back.

        Raises:
            NotFoundError: `venue_not_connected`.
            ConflictError: `open_orders`, nobody could look after them any more.
        """
        async with self.books.unit() as unit:
            found = await unit.accounts.of_person(person, venue, lock=True)
            if found is None:
                raise NotFoundError(
                    "There is no account connected at this exchange", code="venue_not_connected"
                )
            if await unit.orders.open_of(found.account):
                keys = await unit.venues.keys(person)
                refused = any(k.refused_at for k in keys if k.account == found.account)
                first = "connect a key of it that is accepted" if refused else "cancel it"
                raise ConflictError(
                    f"An order of this account is still open; {first} first", code="open_orders"
                )
            await unit.venues.remove(found.account)
            await unit.venues.withdraw(person, venue, via)
        _log.warning("venue_disconnected", person=hashed(person), venue=venue, via=via)

    async def consent(self, person: str, venue: str, version: str, *, via: str) -> VenueConsent:
        """Record that a person lets orders be sent to an exchange; again, it is recorded again.

        Raises:
            InvalidInputError: `consent_outdated`, the text is another one by now.
            NotFoundError: `venue_not_connected`.
        """
        if version != CONSENT_VERSION:
            raise InvalidInputError(
                "The text has changed; read it again before you consent", code="consent_outdated"
            )
        async with self.books.unit() as unit:
            # A removal that is under way ends before it: no consent outlives its account.
            if await unit.accounts.of_person(person, venue, lock=True) is None:
                raise NotFoundError(
                    "Connect an account at this exchange first", code="venue_not_connected"
                )
            made = Consent(venue, version, CONSENT_TEXT, await unit.now(), via)
            await unit.venues.consent(person, made)
        _log.warning("live_consent_given", person=hashed(person), venue=venue, via=via)
        return _consent(made)

    async def withdraw(self, person: str, venue: str, *, via: str) -> None:
        """Take a consent back: nothing is claimed after it. Again, it changes nothing."""
        async with self.books.unit() as unit:
            taken = await unit.venues.withdraw(person, venue, via)
        if taken:
            _log.warning("live_consent_withdrawn", person=hashed(person), venue=venue, via=via)

    async def _quiet(
        self, venue: str, account: str, key: SealedKey
    ) -> Mapping[str, tuple[Decimal, Decimal]]:
        """What the account holds at a moment in which nothing was traded."""
        held = await self.gateway.held(venue, account, key)
        for _ in range(_TRIES):
            again = await self.gateway.held(venue, account, key)
            if again == held:
                return held
            held = again
        raise ConflictError(
            "Something is being traded on this account just now; try again in a moment",
            code="venue_account_busy",
        )


async def _hold_back(unit: Unit, account: Account) -> None:
    # Whom an operator holds back gets no way around it by connecting another account.
    paper = await unit.accounts.of_person(account.person)
    held = await unit.states.standing(account.person, paper.account if paper else None)
    for demand in held.demands:
        if demand.source == OPERATOR:
            await unit.states.demand(account.account, demand)


async def _book(
    unit: Unit,
    account: Account,
    held: Mapping[str, tuple[Decimal, Decimal]],
    prices: Mapping[str, Decimal],
) -> None:
    for asset, units in sorted(held.items()):
        told = ToldTransfer(
            f"connected-{account.account}-{asset}", "deposit", asset, sum(units, ZERO), ZERO,
            account.opened_at,
        )  # fmt: skip
        price = Decimal(1) if asset == account.quote_currency else prices.get(asset)
        posting, value = ledger.transfer(account, told, {}, price)
        if await unit.accounts.post(posting):
            moved = Movement(
                posting.source_key, "deposit", asset, exact(told.amount), value, _NOTE, told.at
            )
            await unit.truth.note(account.account, moved)
    balances = await unit.accounts.balances(account.account)
    total = worth(balances, prices, account.quote_currency)
    if total is not None:
        await unit.accounts.note_worth(account.account, Point(account.opened_at, exact(total)))


def _check(credentials: Credentials) -> None:
    for part in (credentials.api_key, credentials.secret):
        if not part.strip() or not part.isascii():
            raise InvalidInputError("Expected a key and its secret", code="venue_key_malformed")


def _connected(traits: Traits) -> ConflictError:
    return ConflictError(
        f"An account at {traits.name} is connected already; remove it first", code="venue_connected"
    )


def _taken(traits: Traits) -> ConflictError:
    # Nothing of who has it: also a stolen key must not tell whose it is.
    return ConflictError(
        f"This account at {traits.name} is connected here already, under another login. Remove it"
        f" there first, or delete that key at {traits.name} and try again in a few minutes.",
        code="venue_account_taken",
    )


def _consent(consent: Consent) -> VenueConsent:
    return VenueConsent(
        venue=consent.venue,
        version=consent.version,
        text=consent.text,
        given_at=consent.given_at,
        given_via=consent.given_via,
    )


def _shown(
    traits: Traits, key: Key | None, consent: Consent | None, served: set[str], live: set[str]
) -> Venue:
    is_on = traits.venue in live
    allowed = Allowed(key, is_on, consent.version if consent else None)
    return Venue(
        venue=traits.venue,
        name=traits.name,
        tested=traits.tested,
        connectable=traits.readable,
        needs_passphrase=traits.needs_passphrase,
        client_id_lookup=traits.client_id_lookup,
        id_codec=traits.id_codec,
        deadline=traits.deadline,
        oco=traits.oco,
        quote_market_buy=traits.quote_market_buy,
        triggers=traits.triggers,
        served=traits.venue in served,
        live=is_on,
        key=shown_key(key) if key else None,
        consent=_consent(consent) if consent else None,
        consent_version=CONSENT_VERSION,
        consent_text=CONSENT_TEXT,
        barred=barred(traits, allowed),
    )
