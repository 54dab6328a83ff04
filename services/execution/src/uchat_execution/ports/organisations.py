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
    """A person of an organisation."""

    person: str
    organisation: str
    joined_at: datetime


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

    async def assign(self, person: str, organisation: str | None) -> None:
        """Make a person a member (None: of none any more); they leave another one."""
        ...

    async def page(self) -> list[Organisation]:
        """Return all organisations, by id."""
        ...

    async def members(self, organisation: str) -> list[Member]:
        """Return the members, by person."""
        ...

    async def note(self, organisation: str, what: str, person: str | None, body: Any) -> None:
        """Write a change down for good; `body` is JSON."""
        ...
