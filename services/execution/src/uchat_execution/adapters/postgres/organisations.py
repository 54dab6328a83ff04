"""Organisations in Postgres."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import orjson

from uchat_execution.adapters.postgres.rows import plain
from uchat_execution.ports.organisations import Member, Organisation

_ORGANISATION: Final = "o.organisation, o.name, o.four_eyes_above, o.created_at"


@dataclass(frozen=True, slots=True)
class PostgresOrganisations:
    """`Organisations` within one transaction."""

    connection: Any

    async def of(self, person: str) -> Organisation | None:
        """Return the organisation that a person is of."""
        row = await self.connection.fetchrow(
            f"SELECT {_ORGANISATION} FROM organisation o JOIN organisation_member m"  # noqa: S608 - our own
            " USING (organisation) WHERE m.person = $1",
            person,
        )
        return Organisation(**plain(row)) if row else None

    async def get(self, organisation: str, *, lock: bool = False) -> Organisation | None:
        """Return an organisation."""
        row = await self.connection.fetchrow(
            f"SELECT {_ORGANISATION} FROM organisation o WHERE organisation = $1"  # noqa: S608 - our own
            + (" FOR UPDATE" if lock else ""),
            organisation,
        )
        return Organisation(**plain(row)) if row else None

    async def create(self, organisation: str, name: str, four_eyes_above: Decimal | None) -> bool:
        """Store a new organisation."""
        done = await self.connection.execute(
            "INSERT INTO organisation (organisation, name, four_eyes_above) VALUES ($1, $2, $3)"
            " ON CONFLICT DO NOTHING",
            organisation,
            name,
            four_eyes_above,
        )
        return done == "INSERT 0 1"

    async def limit(self, organisation: str, four_eyes_above: Decimal | None) -> None:
        """Set from which amount on a plan needs a second person."""
        await self.connection.execute(
            "UPDATE organisation SET four_eyes_above = $2 WHERE organisation = $1",
            organisation,
            four_eyes_above,
        )

    async def assign(self, person: str, organisation: str | None) -> None:
        """Make a person a member, or of none any more."""
        if organisation is None:
            await self.connection.execute(
                "DELETE FROM organisation_member WHERE person = $1", person
            )
            return
        await self.connection.execute(
            "INSERT INTO organisation_member (person, organisation) VALUES ($1, $2)"
            " ON CONFLICT (person) DO UPDATE SET organisation = $2, joined_at = now()",
            person,
            organisation,
        )

    async def page(self) -> list[Organisation]:
        """Return all organisations, by id."""
        rows = await self.connection.fetch(
            f"SELECT {_ORGANISATION} FROM organisation o ORDER BY organisation"  # noqa: S608 - our own
        )
        return [Organisation(**plain(row)) for row in rows]

    async def members(self, organisation: str) -> list[Member]:
        """Return the members, by person."""
        rows = await self.connection.fetch(
            "SELECT person, organisation, joined_at FROM organisation_member"
            " WHERE organisation = $1 ORDER BY person",
            organisation,
        )
        return [Member(**row) for row in rows]

    async def note(self, organisation: str, what: str, person: str | None, body: Any) -> None:
        """Write a change down for good."""
        await self.connection.execute(
            "INSERT INTO organisation_event (organisation, what, person, body)"
            " VALUES ($1, $2, $3, $4)",
            organisation,
            what,
            person,
            orjson.dumps(body).decode(),
        )
