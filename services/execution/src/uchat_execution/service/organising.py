"""What operators do with organisations: who is of one, and what needs two people there."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from uchat_execution.ports.organisations import Member, Organisation
from uchat_execution.ports.store import Books, Unit
from uchat_platform.errors import ConflictError, InvalidInputError, NotFoundError

_ID: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_LONGEST_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class Organising:
    """Keeps organisations; `by` names the operator in the record of changes."""

    books: Books
    by: str

    async def create(
        self, organisation: str, name: str, four_eyes_above: Decimal | None
    ) -> Organisation:
        """Create an organisation.

        Raises:
            InvalidInputError: no such id, name or amount is possible.
            ConflictError: there is one of that id (`organisation_exists`).
        """
        if not _ID.fullmatch(organisation):
            raise InvalidInputError(
                "Expected an id of up to 32 small letters, digits, - and _",
                code="invalid_organisation",
            )
        if not 0 < len(name) <= _LONGEST_NAME:
            raise InvalidInputError(f"Expected a name of up to {_LONGEST_NAME} characters")
        _check(four_eyes_above)
        async with self.books.unit() as unit:
            if not await unit.organisations.create(organisation, name, four_eyes_above):
                raise ConflictError(
                    f"There is an organisation {organisation!r} already", code="organisation_exists"
                )
            await self._note(unit, organisation, "created", None, name=name, above=four_eyes_above)
            return await _existing(unit, organisation)

    async def limit(self, organisation: str, four_eyes_above: Decimal | None) -> Organisation:
        """Set above which amount, in quote currency, a plan needs two people (None: none does).

        Raises:
            InvalidInputError: not an amount.
            NotFoundError: no such organisation.
        """
        _check(four_eyes_above)
        async with self.books.unit() as unit:
            await _existing(unit, organisation, lock=True)
            await unit.organisations.limit(organisation, four_eyes_above)
            await self._note(unit, organisation, "limited", None, above=four_eyes_above)
            return await _existing(unit, organisation)

    async def assign(
        self, person: str, organisation: str, *, approves: bool = False, label: str = ""
    ) -> None:
        """Make a person a member; they leave another organisation. Idempotent.

        `approves`: they may be the second person of others' plans; it counts at once. `label` is
        how others of the organisation see them.

        Raises:
            NotFoundError: no such organisation.
        """
        async with self.books.unit() as unit:
            await _existing(unit, organisation, lock=True)
            former = await unit.organisations.member(person)
            await unit.organisations.assign(person, organisation, approves=approves, label=label)
            if former is not None and former.organisation == organisation:
                if former.approves != approves:
                    what = "may_approve" if approves else "may_not_approve"
                    await self._note(unit, organisation, what, person)
                return
            if former is not None:
                await self._note(unit, former.organisation, "left", person)
            await self._note(unit, organisation, "joined", person, approves=approves)

    async def remove(self, person: str) -> str | None:
        """Make a person a member of none; returns the organisation that they left. Idempotent."""
        async with self.books.unit() as unit:
            former = await unit.organisations.of(person)
            if former is None:
                return None
            await unit.organisations.remove(person)
            await self._note(unit, former.organisation, "left", person)
        return former.organisation

    async def page(self) -> list[Organisation]:
        """Return all organisations, by id."""
        async with self.books.unit() as unit:
            return await unit.organisations.page()

    async def show(self, organisation: str) -> tuple[Organisation, Sequence[Member]]:
        """Return an organisation and its members.

        Raises:
            NotFoundError: there is none of that id.
        """
        async with self.books.unit() as unit:
            found = await _existing(unit, organisation)
            return found, await unit.organisations.members(organisation)

    async def _note(
        self, unit: Unit, organisation: str, what: str, person: str | None, **body: object
    ) -> None:
        said = {key: None if value is None else str(value) for key, value in body.items()}
        await unit.organisations.note(organisation, what, person, {"by": self.by, **said})


async def refuse_two(unit: Unit, gone: str, into: str) -> None:
    """Refuse to join two people of different organisations: neither's rules would hold.

    Raises:
        ConflictError: `organisations_differ`.
    """
    one, other = await unit.organisations.of(gone), await unit.organisations.of(into)
    if one is not None and other is not None and one.organisation != other.organisation:
        raise ConflictError(
            "The two accounts are of different organisations; ask an operator first",
            code="organisations_differ",
        )


async def hand_over(unit: Unit, gone: str, into: str) -> None:
    """Make who stays a member instead of who goes: an account never leaves its rules behind."""
    theirs, own = await unit.organisations.member(gone), await unit.organisations.member(into)
    if theirs is None:
        return
    await unit.organisations.remove(gone)
    await unit.organisations.note(theirs.organisation, "left", gone, {"by": "merge"})
    if own is None:
        await unit.organisations.assign(
            into, theirs.organisation, approves=theirs.approves, label=theirs.label
        )
        await unit.organisations.note(theirs.organisation, "joined", into, {"by": "merge"})


async def _existing(unit: Unit, organisation: str, *, lock: bool = False) -> Organisation:
    found = await unit.organisations.get(organisation, lock=lock)
    if found is None:
        raise NotFoundError(
            f"Expected an organisation, found none with id {organisation!r}",
            code="organisation_unknown",
        )
    return found


def _check(amount: Decimal | None) -> None:
    if amount is not None and (not amount.is_finite() or amount < 0):
        raise InvalidInputError("Expected an amount of 0 or more", code="invalid_amount")
