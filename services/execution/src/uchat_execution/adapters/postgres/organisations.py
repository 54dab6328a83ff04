"""Organisations in Postgres."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import orjson

from uchat_execution.adapters.postgres.rows import plain
from uchat_execution.ports.organisations import Asked, Member, Organisation

_ORGANISATION: Final = "o.organisation, o.name, o.four_eyes_above, o.created_at"
_MEMBER: Final = "person, organisation, joined_at, approves, label"
_ASSIGN: Final = """
INSERT INTO organisation_member (person, organisation, approves, label) VALUES ($1, $2, $3, $4)
ON CONFLICT (person) DO UPDATE SET organisation = $2, approves = $3, label = $4, joined_at = CASE
    WHEN organisation_member.organisation = $2 THEN organisation_member.joined_at ELSE now() END
"""
_ASK: Final = """
INSERT INTO decision_asked (decision_id, person)
SELECT $1, person FROM organisation_member WHERE organisation = $2 AND approves AND person <> $3
ON CONFLICT DO NOTHING
"""
_ASKED: Final = """
SELECT a.person, coalesce(m.organisation = $2 AND m.approves, false) AS still
FROM decision_asked a LEFT JOIN organisation_member m USING (person)
WHERE a.decision_id = $1 ORDER BY a.person
"""


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

    async def assign(
        self, person: str, organisation: str, *, approves: bool = False, label: str = ""
    ) -> None:
        """Make a person a member."""
        await self.connection.execute(_ASSIGN, person, organisation, approves, label)

    async def remove(self, person: str) -> None:
        """Make a person a member of none."""
        await self.connection.execute("DELETE FROM organisation_member WHERE person = $1", person)

    async def page(self) -> list[Organisation]:
        """Return all organisations, by id."""
        rows = await self.connection.fetch(
            f"SELECT {_ORGANISATION} FROM organisation o ORDER BY organisation"  # noqa: S608 - our own
        )
        return [Organisation(**plain(row)) for row in rows]

    async def members(self, organisation: str) -> list[Member]:
        """Return the members, by person."""
        rows = await self.connection.fetch(
            f"SELECT {_MEMBER} FROM organisation_member"  # noqa: S608 - our own
            " WHERE organisation = $1 ORDER BY person",
            organisation,
        )
        return [Member(**row) for row in rows]

    async def member(self, person: str, *, share: bool = False) -> Member | None:
        """Return a person as a member; whoever changes that waits for who holds it."""
        row = await self.connection.fetchrow(
            f"SELECT {_MEMBER} FROM organisation_member WHERE person = $1"  # noqa: S608 - our own
            + (" FOR SHARE" if share else ""),
            person,
        )
        return Member(**row) if row else None

    async def ask(self, decision_id: str, owner: Member) -> None:
        """Note who is asked for a second approval."""
        await self.connection.execute(_ASK, decision_id, owner.organisation, owner.person)

    async def asked(self, decision_id: str, organisation: str) -> list[Asked]:
        """Return who was asked."""
        rows = await self.connection.fetch(_ASKED, decision_id, organisation)
        return [Asked(**row) for row in rows]

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
