"""How a person trades: manual, assisted, autonomous, emergency."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from uchat_contracts.trading import OperationMode, Trading
from uchat_execution.domain.accounts import Account
from uchat_execution.domain.modes import SAFEST_FIRST, lowers_risk
from uchat_execution.domain.switches import shown
from uchat_execution.ports.store import Books, Unit
from uchat_execution.service.accounts import AccountKeeper, accounts_of
from uchat_execution.service.repeating import repeat, tried
from uchat_execution.service.states import tell_trading
from uchat_platform import logging
from uchat_platform.errors import InvalidInputError, NotPermittedError
from uchat_platform.logging import hashed

_EVERY_S: Final = 5.0
_BATCH: Final = 100
TakeBack = Callable[[str], Awaitable[object]]
"""Cancels all open purchases of an account."""
_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Modes:
    """Shows and sets modes. Who enters emergency mode gets their open purchases cancelled."""

    books: Books
    keeper: AccountKeeper
    take_back: TakeBack
    _entered: "asyncio.Queue[str]" = field(default_factory=asyncio.Queue[str])

    async def run(self) -> None:
        """Cancel what is still open of people in emergency mode, until cancelled oneself.

        At once for whoever enters it here; again and again for what a crash has left.
        """
        async with asyncio.TaskGroup() as group:
            group.create_task(repeat(self._look, _EVERY_S, "emergencies_wait"))
            while True:
                await self._cancel(await self._entered.get())

    async def trading(self, person: str) -> Trading:
        """Return how a person trades, with the stop switch and the mandate."""
        account = await self.keeper.of(person)
        async with self.books.unit() as unit:
            return await self._shown(unit, account)

    async def set(self, person: str, mode: str, *, via: str, may_raise: bool = True) -> Trading:
        """Set a person's mode; idempotent. `may_raise` False: only to one that allows no more.

        Raises:
            InvalidInputError: no such mode.
            NotPermittedError: it would allow more, and that is the person's to say.
        """
        wanted = _mode(mode)
        account = await self.keeper.of(person)
        async with self.books.unit() as unit:
            # Claims of any account that are under way end before it, later ones see it.
            await accounts_of(unit, person)
            standing = await unit.states.standing(person, account.account)
            if not may_raise and not lowers_risk(standing.mode, wanted):
                raise NotPermittedError(
                    f"Only a person may change the mode from {standing.mode} to {wanted}",
                    code="person_needed",
                )
            if standing.mode != wanted:
                await unit.states.set_mode(person, wanted, via)
                standing = await unit.states.standing(person, account.account)
                await tell_trading(unit, person, standing)
            made = await self._shown(unit, account)
        if wanted == "emergency":
            self._entered.put_nowait(account.account)
        _log.warning("trading_mode", person=hashed(person), mode=wanted, via=via)
        return made

    async def _shown(self, unit: Unit, account: Account) -> Trading:
        person = account.person
        standing = await unit.states.standing(person, account.account)
        mandate = await unit.safety.active_mandate(person)
        now = await unit.now()
        legs = await unit.safety.legs_in_flight(person)
        switch = shown(person, await unit.safety.switches(person), legs)
        return standing.as_shown(person).model_copy(
            update={"kill_switch": switch, "mandate": mandate and mandate.as_shown(now)}
        )

    async def _look(self) -> None:
        async with self.books.unit() as unit:
            left = await unit.states.buying_in_emergency(_BATCH)
        for account in left:
            await self._cancel(account)

    async def _cancel(self, account: str) -> None:
        # What fails is looked for again.
        await tried(self.take_back(account), "emergency_waits", account=account)


def _mode(text: str) -> OperationMode:
    for mode in SAFEST_FIRST:
        if mode == text:
            return mode
    raise InvalidInputError(
        f"Expected {', '.join(SAFEST_FIRST)}, found {text[:40]!r}", code="unknown_mode"
    )
