"""Risk limits of each scope: changed by role, or tightened by the person, never by chat."""

from dataclasses import dataclass
from typing import Final

from uchat_contracts.trading import RiskLimits
from uchat_execution.domain import risk
from uchat_execution.domain.switches import EVERYBODY, kind_of
from uchat_execution.ports.states import ScopedLimits
from uchat_execution.ports.store import Books, Unit
from uchat_execution.service.accounts import AccountKeeper
from uchat_execution.service.desk import Desk
from uchat_platform import logging
from uchat_platform.errors import InvalidInputError, NotFoundError, NotPermittedError

CURRENCY: Final = "USDT"
_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OwnLimits:
    """Shows what counts for a person, and lets them tighten it.

    The narrowest scope that has any counts, never looser than a wider one. Those of everybody, as
    long as none were set, are the settings'.
    """

    books: Books
    keeper: AccountKeeper
    desk: Desk

    async def of(self, person: str) -> RiskLimits:
        """Return what counts for a person."""
        account = await self.keeper.of(person)
        async with self.books.unit() as unit:
            return self.desk.limits_of(await unit.states.bounds(account))

    async def tighten(self, person: str, limits: RiskLimits, *, via: str) -> RiskLimits:
        """Tighten a person's own limits: no field may be looser than what counts now.

        Raises:
            InvalidInputError: they are no limits (`invalid_limits`).
            NotPermittedError: one would be looser (`limits_looser`).
        """
        _check(limits)
        account = await self.keeper.of(person)
        async with self.books.unit() as unit:
            # One at a time for each person, and not while something is claimed.
            account = await unit.accounts.get(account.account, lock=True)
            now = self.desk.limits_of(await unit.states.bounds(account))
            looser = risk.loosened(now, limits)
            if looser:
                raise NotPermittedError(
                    f"You may only tighten your limits; looser would be: {', '.join(looser)}",
                    code="limits_looser",
                )
            await unit.states.set_limits(person, limits, person, via)
            made = self.desk.limits_of(await unit.states.bounds(account))
        _log.info("risk_limits", scope="person", via=via)
        return made


@dataclass(frozen=True, slots=True)
class Limits:
    """Shows and sets what scopes must keep to, for operators."""

    books: Books

    async def set(
        self, scope: str, limits: RiskLimits | None, *, by: str, via: str
    ) -> RiskLimits | None:
        """Set the limits of a scope (None: those of the wider one again); for operators.

        Returns what was set.

        Raises:
            InvalidInputError: they are no limits (`invalid_limits`).
            NotFoundError: there is no such person or organisation.
        """
        if limits is not None:
            _check(limits)
        async with self.books.unit() as unit:
            await _check_scope(unit, scope)
            made = await unit.states.set_limits(scope, limits, by, via)
        _log.warning("risk_limits", scope=kind_of(scope), via=via, cleared=limits is None)
        return made.limits

    async def all(self) -> list[ScopedLimits]:
        """Return what was set, by scope."""
        async with self.books.unit() as unit:
            return await unit.states.all_limits()


async def _check_scope(unit: Unit, scope: str) -> None:
    if scope != EVERYBODY and not await unit.safety.concerned(scope, "", 1):
        raise NotFoundError(
            f"Expected a person, `org:<id>` or `everybody`, found {scope!r}", code="unknown_scope"
        )


def _check(limits: RiskLimits) -> None:
    found = risk.faults(limits, CURRENCY)
    if found:
        raise InvalidInputError("; ".join(found), code="invalid_limits")
