"""Organisations: whose plans of more than a limit need a second person."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Organisation:
    """People who trade under common rules.

    Plans that may cost more than `four_eyes_above`, in quote currency, need a second person; None:
    no plan does.
    """

    organisation: str
    name: str
    four_eyes_above: Decimal | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Member:
    """A person of an organisation.

    `approves`: they may be the second person of a plan that needs two. `label` is how others of it
    see them: masked.
    """

    person: str
    organisation: str
    joined_at: datetime
    approves: bool
    label: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody who was asked for a second approval; `still`: they may give it today."""

    person: str
    still: bool


class Organisations(Protocol):
    """Organisations, their members, and a record of every change."""

    async def of(self, person: str) -> Organisation | None:
        """Return the organisation that a person is of."""
        ...

    async def get(self, organisation: str, *, lock: bool = False) -> Organisation | None:
        """Return an organisation."""
        ...

    async def create(self, organisation: str, name: str, four_eyes_above: Decimal | None) -> bool:
        """Store a new organisation; False: there is one of that id."""
        ...

    async def limit(self, organisation: str, four_eyes_above: Decimal | None) -> None:
        """Set from which amount on a plan needs a second person."""
        ...

    async def assign(
        self, person: str, organisation: str, *, approves: bool = False, label: str = ""
    ) -> None:
        """Make a person a member, with these rights; they leave another organisation."""
        ...

    async def remove(self, person: str) -> None:
        """Make a person a member of none."""
        ...

    async def page(self) -> list[Organisation]:
        """Return all organisations, by id."""
        ...

    async def members(self, organisation: str) -> list[Member]:
        """Return the members, by person."""
        ...

    async def member(self, person: str, *, share: bool = False) -> Member | None:
        """Return a person as a member of their organisation; `share`: held until the unit ends."""
        ...

    async def ask(self, decision_id: str, owner: Member) -> None:
        """Note that whoever approves in the owner's organisation is asked; the owner is not."""
        ...

    async def asked(self, decision_id: str, organisation: str) -> list[Asked]:
        """Return who was asked about a decision of somebody of this organisation."""
        ...

    async def note(self, organisation: str, what: str, person: str | None, body: Any) -> None:
        """Write a change down for good; `body` is JSON."""
        ...
