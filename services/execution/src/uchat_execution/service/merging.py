"""Two people become one: nothing that was pending is ever carried out for the wrong account."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from uchat_contracts.trading import Reason
from uchat_execution.domain.accounts import Account
from uchat_execution.domain.decisions import entering
from uchat_execution.domain.orders import UNSENT
from uchat_execution.ports.decisions import Decision
from uchat_execution.ports.store import Books, Merge, Unit
from uchat_execution.service import mandates, organising
from uchat_platform import logging
from uchat_platform.errors import ConflictError, InvalidInputError, NotFoundError
from uchat_platform.logging import hashed

_SUPERSEDED: Final = Reason(
    code="accounts_joined",
    text="Two accounts were joined meanwhile; ask again, so that it is for the right one.",
)
_LAPSES: Final = timedelta(minutes=10)
_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Merging:
    """Joins the accounts of two people in two steps, each idempotent by `link_id`."""

    books: Books

    async def begin(self, link_id: str, gone: str, into: str) -> list[str]:
        """Supersede what both have open and accept nothing new for the one that goes.

        It lapses after 10 minutes if nobody finishes it. Returns the superseded decisions' ids.

        Raises:
            InvalidInputError: both are the same person.
            ConflictError: the link is about two other people, an order of the one that goes is
                still open or on its way (`open_orders`), or they are of different organisations
                (`organisations_differ`); nothing has changed then.
        """
        if gone == into or not link_id:
            raise InvalidInputError("Expected two people and a link", code="invalid_merge")
        async with self.books.unit() as unit:
            held = await self._same(unit, link_id, gone, into)
            if held is not None and held.state == "finished":
                return list(held.superseded)
            accounts = await self._lock(unit, gone, into)
            await organising.refuse_two(unit, gone, into)
            superseded = list(held.superseded) if held else []
            # Repeated, it leaves alone what who stays has got since.
            for person in [gone] if held else sorted((gone, into)):
                superseded += await self._supersede(unit, person)
            await _refuse_open(unit, accounts[gone])
            for key in await unit.venues.keys(gone):
                await _refuse_open(unit, await unit.accounts.get(key.account, lock=True))
            ids = tuple(dict.fromkeys(superseded))
            begun = Merge(link_id, gone, into, "begun", ids, await unit.now())
            await unit.safety.save_merge(begun)
        _log.info(
            "merge_begun",
            link=link_id,
            gone=hashed(gone),
            into=hashed(into),
            superseded=len(superseded),
        )
        return list(begun.superseded)

    async def finish(self, link_id: str, gone: str, into: str) -> None:
        """Archive the account of the person that goes; who stays keeps their own.

        Raises:
            NotFoundError: the merge was not begun.
            ConflictError: it has lapsed, or an order of the account that would be archived is
                open or on its way by now (`open_orders`); the merge is off then, and can be begun
                again.
        """
        async with self.books.unit() as unit:
            held = await self._same(unit, link_id, gone, into)
            if held is None:
                raise NotFoundError(f"Expected a merge that was begun, found none: {link_id!r}")
            if held.state == "finished":
                return
            now = await unit.now()
            if held.state != "begun" or now - held.begun_at > _LAPSES:
                raise ConflictError("The merge has lapsed; begin again", code="merge_lapsed")
            accounts = await self._lock(unit, gone, into)
            # What was proposed to the one that stays meanwhile may be for the account that goes.
            for person in sorted((gone, into)):
                await self._supersede(unit, person)
            theirs = accounts[gone]
            refused = theirs is not None and bool(await unit.orders.open_of(theirs.account))
            state = "refused" if refused else "finished"
            await unit.safety.save_merge(replace(held, state=state))
            if theirs is not None and not refused:
                await unit.accounts.archive(theirs.account)
            if not refused:
                await self._move_the_rest(unit, gone, into, now)
        if refused:
            raise _open_orders()
        _log.info("merge_finished", link=link_id, gone=hashed(gone), into=hashed(into))

    async def _move_the_rest(self, unit: Unit, gone: str, into: str, now: datetime) -> None:
        await unit.decisions.hand_over(gone, into)
        await organising.hand_over(unit, gone, into)
        await unit.alerts.hand_over(gone, into)
        await unit.results.hand_over(gone, into)
        # Who stays connects them again: a consent is of the one who gave it.
        for key in await unit.venues.keys(gone):
            await unit.venues.remove(key.account)
            await unit.venues.withdraw(gone, key.venue, "merge")
        mandate = await unit.safety.active_mandate(gone, lock=True)
        if mandate is not None:
            await mandates.end(unit, mandate, "revoked", None, now)
        # Whoever stopped trading on either side wants it stopped.
        for switch in await unit.safety.switches(gone):
            if switch.scope == gone and switch.is_on:
                via = switch.changed_via or "api"
                await unit.safety.open_switch(into)
                await unit.safety.throw(into, on=True, via=via, by=gone)

    async def _supersede(self, unit: Unit, person: str) -> list[str]:
        return [
            decision.card.decision_id
            for decision in await unit.decisions.unanswered_of(person)
            if await self._withdraw(unit, decision)
        ]

    async def _withdraw(self, unit: Unit, decision: Decision) -> bool:
        card, now = decision.card, await unit.now()
        orders = await unit.orders.of_decision(card.decision_id, card.version)
        if any(order.epoch for order in orders):
            # Something of it is on its way: it goes on to its end, on the account it belongs to.
            return False
        for order in orders:
            if order.state in UNSENT:
                gone = order.entering("not_placed", now, reason=_SUPERSEDED)
                await unit.orders.save(gone, card.user_id, "worker")
        await unit.decisions.save(entering(card, "superseded", now, reason=_SUPERSEDED))
        return True

    async def _lock(self, unit: Unit, gone: str, into: str) -> dict[str, Account | None]:
        return {
            person: await unit.accounts.of_person(person, lock=True)
            for person in sorted((gone, into))
        }

    async def _same(self, unit: Unit, link_id: str, gone: str, into: str) -> Merge | None:
        held = await unit.safety.merge(link_id, lock=True)
        if held is not None and (held.gone, held.into) != (gone, into):
            raise ConflictError("The link is about other people", code="merge_mismatch")
        return held


async def _refuse_open(unit: Unit, account: Account | None) -> None:
    # What can no longer be taken back would rest on an account that nobody has any more.
    if account is not None and await unit.orders.open_of(account.account):
        raise _open_orders()


def _open_orders() -> ConflictError:
    return ConflictError(
        "An order of the account that would be archived is still open; cancel it first",
        code="open_orders",
    )
