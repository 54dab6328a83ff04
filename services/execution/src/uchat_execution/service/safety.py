"""Brakes of a person: the stop switch of each scope, and mandates."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from uchat_contracts.ids import new_ulid
from uchat_contracts.trading import KillSwitch, Mandate
from uchat_execution.domain import switches
from uchat_execution.domain.accounts import Account
from uchat_execution.domain.mandates import SignedLimit
from uchat_execution.domain.money import exact
from uchat_execution.ports.store import Books, Unit
from uchat_execution.service import mandates
from uchat_execution.service.accounts import AccountKeeper
from uchat_execution.service.desk import Desk
from uchat_execution.service.mandates import Mandates, tell_mandate
from uchat_execution.service.states import tell_trading
from uchat_platform import logging
from uchat_platform.errors import ConflictError, InvalidInputError
from uchat_platform.logging import hashed

_LONGEST: Final = timedelta(days=31)
_MOST: Final = Decimal("1e15")
_PAGE: Final = 500
_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Terms:
    # Money in quote currency, `drawdown_stop` above 0 to 1.

    per_day: Decimal
    symbols: tuple[str, ...]
    expires_at: datetime
    per_order: Decimal | None
    drawdown_stop: Decimal | None


@dataclass(frozen=True, slots=True)
class Safety:
    """Throws and releases stop switches, grants and revokes mandates."""

    books: Books
    keeper: AccountKeeper
    desk: Desk
    signing: Mandates

    async def switch(self, person: str) -> KillSwitch:
        """Return whether trading is stopped for a person: by themselves or for more people."""
        async with self.books.unit() as unit:
            return await _seen(unit, person)

    async def throw(self, person: str, *, on: bool, via: str) -> KillSwitch:
        """Stop a person's trading, or let it go on; idempotent.

        Claims that hold the switch are waited for; after the commit nothing is claimed, and after
        `effective_at` nothing is sent: the venue refuses it by the claim's own deadline. Trading
        that was stopped for more people stays stopped, and the answer says so.
        """
        await self.keeper.of(person)
        async with self.books.unit() as unit:
            thrown = await unit.safety.throw(person, on=on, via=via, by=person)
            found = await unit.safety.switches(person)
            # What others stopped does not make this one's time later, or its legs fewer.
            shown = (
                switches.one(thrown.switch, person, thrown.legs).model_copy(
                    update={"rev": sum(switch.rev for switch in found)}
                )
                if on
                else switches.shown(person, found, await unit.safety.legs_in_flight(person))
            )
        _log.warning(
            "kill_switch", person=hashed(person), on=on, via=via, in_flight=len(thrown.legs)
        )
        return shown

    async def throw_wide(self, scope: str, *, on: bool, via: str, by: str) -> KillSwitch:
        """Stop or release an organisation (`org:<id>`), everybody, or one other person.

        Answers with the legs of all of them that are on their way.

        Raises:
            NotFoundError: there is no such person or organisation.
        """
        async with self.books.unit() as unit:
            thrown = await unit.safety.throw(scope, on=on, via=via, by=by)
        _log.warning(
            "kill_switch",
            scope=switches.kind_of(scope),
            on=on,
            via=via,
            by=hashed(by),
            in_flight=len(thrown.legs),
        )
        return switches.one(thrown.switch, by, thrown.legs)

    async def concerned(self, scope: str) -> AsyncIterator[list[KillSwitch]]:
        """Yield, for pages of people whom a switch concerns, what it comes to for each."""
        after = ""
        while True:
            async with self.books.unit() as unit:
                people = await unit.safety.concerned(scope, after, _PAGE)
                yield [await _seen(unit, person) for person in people]
            if len(people) < _PAGE:
                return
            after = people[-1]

    async def mandates(
        self,
        person: str,
        *,
        active_only: bool,
        before: tuple[datetime, str] | None,
        limit: int,
    ) -> list[Mandate]:
        """Return a person's mandates, latest first; a forged one is suspended by that."""
        async with self.books.unit() as unit:
            found = await unit.safety.mandates(
                person, active_only=active_only, before=before, limit=limit
            )
            now = await unit.now()
            seen = [await self.signing.seen(unit, mandate, now) for mandate in found]
        return [mandate.as_shown(now) for mandate in seen]

    async def grant(
        self,
        person: str,
        per_day: Decimal,
        symbols: Sequence[str],
        expires_at: datetime,
        *,
        via: str,
        op_id: str | None,
        per_order: Decimal | None = None,
        drawdown_stop: Decimal | None = None,
    ) -> Mandate:
        """Sign a limit inside which decisions approve themselves; a former one is revoked.

        The person is in autonomous mode then.

        Raises:
            InvalidInputError: no positive amount, an unknown symbol, or an expiry in the past or
                more than 31 days away (`expiry_too_far`).
            ConflictError: the person is in emergency mode (`mode_emergency`).
        """
        names = tuple(dict.fromkeys(symbol.strip().upper() for symbol in symbols))
        terms = _Terms(per_day, names, expires_at, per_order, drawdown_stop)
        _check_amounts(terms)
        account = await self.keeper.of(person)
        await self._check_symbols(names)
        async with self.books.unit() as unit:
            # One at a time for each person: two grants at once must not leave two of them.
            await unit.accounts.get(account.account, lock=True)
            now = await unit.now()
            repeated = await unit.safety.mandate_by_op(person, op_id) if op_id else None
            if repeated is not None:
                return repeated.as_shown(now)
            _check_expiry(terms.expires_at, now)
            standing = await unit.states.standing(person, account.account)
            if standing.mode == "emergency":
                raise ConflictError(
                    "You are in emergency mode: leave it before you let decisions approve"
                    " themselves",
                    code="mode_emergency",
                )
            await self._end_former(unit, person, via, now)
            made = self._made(account, terms, via, now)
            await unit.safety.grant(made, op_id)
            await tell_mandate(unit, made, now)
            await unit.states.set_mode(person, "autonomous", via)
            await tell_trading(unit, person, await unit.states.standing(person, account.account))
        _log.info("mandate_granted", person=hashed(person), mandate=made.mandate_id, via=via)
        return made.as_shown(now)

    async def revoke(self, person: str, mandate_id: str, via: str) -> Mandate:
        """End a mandate at once; idempotent. The person is in assisted mode then.

        Raises:
            NotFoundError: no such mandate of this person.
        """
        async with self.books.unit() as unit:
            held = await unit.safety.mandate(mandate_id, person, lock=True)
            now = await unit.now()
            if held.ended is None:
                held = await mandates.end(unit, held, "revoked", via, now)
        return held.as_shown(now)

    def _made(self, account: Account, terms: _Terms, via: str, now: datetime) -> SignedLimit:
        return self.signing.signed(
            SignedLimit(
                mandate_id=f"mdt_{new_ulid()}",
                person=account.person,
                per_day=exact(terms.per_day),
                per_order=None if terms.per_order is None else exact(terms.per_order),
                drawdown_stop=None if terms.drawdown_stop is None else exact(terms.drawdown_stop),
                quote_currency=account.quote_currency,
                symbols=terms.symbols,
                rev=1,
                granted_at=now,
                granted_via=via,
                expires_at=terms.expires_at,
                ended=None,
                ended_at=None,
                revoked_via=None,
                used_day=now.date(),
                used=Decimal(0),
            )
        )

    async def _end_former(self, unit: Unit, person: str, via: str, now: datetime) -> None:
        former = await unit.safety.active_mandate(person, lock=True)
        if former is not None:
            how = "expired" if former.expires_at <= now else "revoked"
            ended = await unit.safety.end_mandate(former.mandate_id, how, via)
            await tell_mandate(unit, ended, now)

    async def _check_symbols(self, symbols: Sequence[str]) -> None:
        listed = {each.symbol for each in await self.desk.market.instruments()}
        unknown = [symbol for symbol in symbols if symbol not in listed]
        if unknown:
            raise InvalidInputError(
                f"{', '.join(unknown)} cannot be traded here", code="symbol_not_allowed"
            )


async def _seen(unit: Unit, person: str) -> KillSwitch:
    found = await unit.safety.switches(person)
    legs = await unit.safety.legs_in_flight(person)
    return switches.shown(person, found, legs)


def _check_amounts(terms: _Terms) -> None:
    for amount in (terms.per_day, terms.per_order):
        if amount is not None and (not amount.is_finite() or not 0 < amount <= _MOST):
            raise InvalidInputError(
                "Expected a positive amount a day and an order", code="invalid_amount"
            )
    if terms.per_order is not None and terms.per_order > terms.per_day:
        raise InvalidInputError("An order is at most as much as a day", code="invalid_amount")
    stop = terms.drawdown_stop
    if stop is not None and (not stop.is_finite() or not 0 < stop <= 1):
        raise InvalidInputError("Expected a drawdown above 0, up to 1", code="invalid_drawdown")


def _check_expiry(expires_at: datetime, now: datetime) -> None:
    if expires_at <= now:
        raise InvalidInputError("Expected an expiry in the future", code="expiry_in_the_past")
    if expires_at - now > _LONGEST:
        raise InvalidInputError(
            f"A mandate lasts at most {_LONGEST.days} days", code="expiry_too_far"
        )
