"""People as operators name them: by e-mail address, or by person id."""

import asyncio
from collections.abc import Sequence

import asyncpg

from uchat_contracts.ids import is_log_id
from uchat_gateway.adapters.registry import PostgresRegistry, Registered
from uchat_gateway.domain.permissions import Role
from uchat_platform import db
from uchat_platform.errors import InvalidInputError, NotFoundError, UnavailableError
from uchat_stack.cli import running
from uchat_stack.layout import Layout


async def person(of: Layout, named: str) -> Registered:
    """Return whom an e-mail address or a person id names; without an account, only the id is known.

    Raises:
        NotFoundError: nobody has this e-mail address.
        InvalidInputError: neither an e-mail address nor a person id.
        UnavailableError: the database is away.
    """
    if "@" not in named and not (named.startswith("user_") and is_log_id(named)):
        raise InvalidInputError(
            f"Expected an e-mail address or a person id, found {named!r}", code="invalid_person"
        )
    connection = await _connect(of)
    try:
        found = await PostgresRegistry(connection).find(named)
    finally:
        await connection.close()
    if found is None and "@" in named:
        raise NotFoundError(f"Nobody has the e-mail address {named}", code="person_unknown")
    return found or Registered(person_id=named, email=None, full_name="", role="")


def id_of(named: str, dsn: str | None) -> str:
    """Return the person id that an e-mail address stands for; any other name as it is.

    With the address of a database (`dsn`) of its own, only ids are known: accounts are elsewhere.

    Raises:
        NotFoundError: nobody has this e-mail address.
        InvalidInputError: an e-mail address, and `dsn`.
        UnavailableError: the database is away.
    """
    if "@" not in named:
        return named
    if dsn is not None:
        raise InvalidInputError(
            f"With --dsn a person is named by id (user_…), found {named!r}", code="invalid_person"
        )
    return asyncio.run(person(running.layout(), named)).person_id


async def accounts(of: Layout, people: Sequence[str]) -> dict[str, Registered]:
    """Return the accounts of people, by person id; who has none is missing.

    Raises:
        UnavailableError: the database is away.
    """
    connection = await _connect(of)
    try:
        return await PostgresRegistry(connection).of(people)
    finally:
        await connection.close()


async def set_role(of: Layout, person_id: str, role: Role) -> None:
    """Change what a person may do, from the next token that they get on.

    Raises:
        UnavailableError: the database is away.
    """
    connection = await _connect(of)
    try:
        await PostgresRegistry(connection).set_role(person_id, role)
    finally:
        await connection.close()


async def _connect(of: Layout) -> "asyncpg.Connection[asyncpg.Record]":
    try:
        return await asyncpg.connect(running.service_dsn(of, "gateway"), timeout=10)
    except (*db.LOST, asyncpg.PostgresError) as e:
        raise UnavailableError("The database is away", code="database_away") from e
