"""Brakes and limits of a person: the stop switch, mandates, the risk limits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from uchat_contracts.ids import new_ulid
from uchat_contracts.trading import KillSwitch, LegInFlight, Mandate, RiskLimits
from uchat_execution.domain.mandates import SignedLimit
from uchat_execution.domain.orders import Order
from uchat_execution.ports.store import EVERYBODY, Books, Switch, Told, Unit
from uchat_execution.service.accounts import AccountKeeper
from uchat_execution.service.desk import Desk
from uchat_execution.service.proposing import tell_mandate
from uchat_platform import logging
from uchat_platform.errors import InvalidInputError
from uchat_platform.logging import hashed

_LONGEST: Final = timedelta(days=31)
_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Safety:
    """Throws and releases the stop switch, grants and revokes mandates."""

    books: Books
    keeper: AccountKeeper
    desk: Desk

    async def switch(self, person: str) -> KillSwitch:
        """Return whether trading is stopped for a person, by themselves or for everybody."""
        async with self.books.unit() as unit:
            switches = await unit.safety.switches(person)
            legs = await unit.orders.in_flight(person)
        own = next((each for each in switches if each.scope == person), None)
        everybody = next((each for each in switches if each.scope == EVERYBODY), None)
        shown = everybody if everybody is not None and everybody.is_on else own
        if shown is None:
            return KillSwitch(on=False, rev=0, user_id=person)
        return _shown(shown, person, legs if shown.is_on else [])

    async def throw(self, person: str, *, on: bool, via: str) -> KillSwitch:
        """Stop a person's trading, or let it go on; idempotent.

        Claims that hold the switch are waited for; after the commit nothing is claimed, and after
        `effective_at` nothing is sent: the venue refuses it by the claim's own deadline.
        """
        await self.keeper.of(person)
        async with self.books.unit() as unit:
            switch = await unit.safety.throw(person, on=on, via=via)
            legs = await unit.orders.in_flight(person) if on else []
            now = await unit.now()
            ends = [leg.deadline for leg in legs if leg.deadline is not None]
            switch = await unit.safety.settle(switch, max([now, *ends]))
            shown = await tell_switch(unit, switch, person, legs)
        _log.warning("kill_switch", person=hashed(person), on=on, via=via, in_flight=len(legs))
        return shown

    def limits(self) -> RiskLimits:
        """Return the risk limits."""
        return self.desk.limits

    async def mandates(
        self,
        person: str,
        *,
        active_only: bool,
        before: tuple[datetime, str] | None,
        limit: int,
    ) -> list[Mandate]:
        """Return a person's mandates, latest first."""
        async with self.books.unit() as unit:
            found = await unit.safety.mandates(
                person, active_only=active_only, before=before, limit=limit
            )
            now = await unit.now()
        return [mandate.as_shown(now) for mandate in found]

    async def grant(
        self,
        person: str,
        per_day: Decimal,
        symbols: Sequence[str],
        expires_at: datetime,
        *,
        via: str,
        op_id: str | None,
    ) -> Mandate:
        """Sign a limit inside which decisions approve themselves; a former one is revoked.

        Raises:
            InvalidInputError: no positive amount, an unknown symbol, or an expiry in the past or
                more than 31 days away (`expiry_too_far`).
        """
        if not per_day.is_finite() or per_day <= 0:
            raise InvalidInputError("Expected a positive amount a day", code="invalid_amount")
        account = await self.keeper.of(person)
        wanted = tuple(dict.fromkeys(symbol.strip().upper() for symbol in symbols))
        await self._check_symbols(wanted)
        async with self.books.unit() as unit:
            # One at a time for each person: two grants at once must not leave two of them.
            await unit.accounts.get(account.account, lock=True)
            now = await unit.now()
            repeated = await unit.safety.mandate_by_op(person, op_id) if op_id else None
            if repeated is not None:
                return repeated.as_shown(now)
            _check_expiry(expires_at, now)
            await self._end_former(unit, person, via, now)
            made = SignedLimit(
                mandate_id=f"mdt_{new_ulid()}",
                person=person,
                per_day=per_day,
                quote_currency=account.quote_currency,
                symbols=wanted,
                rev=1,
                granted_at=now,
                granted_via=via,
                expires_at=expires_at,
                ended=None,
                ended_at=None,
                revoked_via=None,
                used_day=now.date(),
                used=Decimal(0),
            )
            await unit.safety.grant(made, op_id)
            await tell_mandate(unit, made, now)
        _log.info("mandate_granted", person=hashed(person), mandate=made.mandate_id, via=via)
        return made.as_shown(now)

    async def revoke(self, person: str, mandate_id: str, via: str) -> Mandate:
        """End a mandate at once; idempotent.

        Raises:
            NotFoundError: no such mandate of this person.
        """
        async with self.books.unit() as unit:
            held = await unit.safety.mandate(mandate_id, person, lock=True)
            now = await unit.now()
            if held.ended is None:
                held = await unit.safety.end_mandate(mandate_id, "revoked", via)
                await tell_mandate(unit, held, now)
        return held.as_shown(now)

    async def _end_former(self, unit: Unit, person: str, via: str, now: datetime) -> None:
        former = await unit.safety.active_mandate(person, lock=True)
        if former is None:
            return
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


async def tell_switch(unit: Unit, switch: Switch, person: str, legs: Sequence[Order]) -> KillSwitch:
    """Announce a stop switch as it stands, and return it as every interface shows it."""
    shown = _shown(switch, person, legs)
    await unit.tell(
        Told(
            about=f"kill_switch:{person}",
            rev=switch.rev,
            what="kill_switch",
            person=person,
            session_id=None,
            body=shown.json_bytes(),
        )
    )
    return shown


def _check_expiry(expires_at: datetime, now: datetime) -> None:
    if expires_at <= now:
        raise InvalidInputError("Expected an expiry in the future", code="expiry_in_the_past")
    if expires_at - now > _LONGEST:
        raise InvalidInputError(
            f"A mandate lasts at most {_LONGEST.days} days", code="expiry_too_far"
        )


def _shown(switch: Switch, person: str, legs: Sequence[Order]) -> KillSwitch:
    return KillSwitch(
        on=switch.is_on,
        rev=switch.rev,
        user_id=person,
        changed_at=switch.changed_at,
        changed_via=switch.changed_via,
        effective_at=switch.effective_at if switch.is_on else None,
        in_flight=[
            LegInFlight(
                decision_id=leg.decision_id,
                leg=leg.leg,
                client_order_id=leg.client_order_id,
                symbol=leg.symbol,
                until=leg.deadline,
            )
            for leg in legs
            if leg.deadline is not None
        ],
    )
