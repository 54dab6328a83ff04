"""Accounts as operators look them up: by e-mail address or person, with their roles."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from uchat_gateway.domain.accounts import email_key
from uchat_gateway.domain.permissions import Role

_COLUMNS: Final = "person_id, email, full_name, role"


@dataclass(frozen=True, slots=True)
class Registered:
    """Somebody with an account."""

    person_id: str
    email: str | None
    full_name: str
    role: str


@dataclass(frozen=True, slots=True)
class PostgresRegistry:
    """Reads accounts, and changes what they may do."""

    connection: Any

    async def find(self, named: str) -> Registered | None:
        """Return the account of an e-mail address or a person id."""
        row = await self.connection.fetchrow(
            f"SELECT {_COLUMNS} FROM accounts WHERE person_id = $1 OR email_key = $2",  # noqa: S608 - our own
            named,
            email_key(named),
        )
        return Registered(**row) if row else None

    async def of(self, people: Sequence[str]) -> dict[str, Registered]:
        """Return the accounts of people, by person id; who has none is missing."""
        rows = await self.connection.fetch(
            f"SELECT {_COLUMNS} FROM accounts WHERE person_id = ANY($1)",  # noqa: S608 - our own
            list(people),
        )
        return {row["person_id"]: Registered(**row) for row in rows}

    async def set_role(self, person_id: str, role: Role) -> None:
        """Change what a person may do, from the next token that they get on."""
        await self.connection.execute(
            "UPDATE accounts SET role = $2 WHERE person_id = $1", person_id, role.value
        )
