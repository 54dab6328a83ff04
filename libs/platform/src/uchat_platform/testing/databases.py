"""Fresh databases for tests: migrated once, cloned for each."""

import itertools
from collections.abc import Sequence
from pathlib import Path

import asyncpg

from uchat_platform.embedded.roles import ensure_database, ensure_service, service_dsn
from uchat_platform.schema import upgrade as schema_upgrade
from uchat_platform.schema.upgrade import Migrations
from uchat_platform.testing.servers import Servers

_PASSWORD = "service"  # noqa: S105 - of a throwaway server on loopback


class Databases:
    """Makes databases on the session's Postgres; each holds the schema of one service."""

    def __init__(self, servers: Servers) -> None:
        self._servers = servers
        self._templates: dict[tuple[str, object], str] = {}
        self._numbers = itertools.count(1)

    async def fresh(self, schema: str, migrations: Path | Sequence[str]) -> str:
        """Return the address of a new database for the role of a service.

        `migrations` is the folder of a service's versions, or the SQL statements that make up the
        schema, run by the owner with the schema on the search path.
        """
        key = (schema, migrations if isinstance(migrations, Path) else tuple(migrations))
        if key not in self._templates:
            self._templates[key] = await self._template(schema, migrations)
        name = f"test_{schema}_{next(self._numbers)}"
        connection = await asyncpg.connect(self._servers.postgres_dsn)
        try:
            await connection.execute(
                f'create database "{name}" template "{self._templates[key]}" strategy file_copy'
            )
            await connection.execute(f'grant connect on database "{name}" to "uchat_{schema}"')
        finally:
            await connection.close()
        return service_dsn(self.owner_dsn(name), schema, _PASSWORD)

    def owner_dsn(self, database: str) -> str:
        """Return the owner's address of a database made here."""
        return self._servers.postgres.dsn(database)

    async def _template(self, schema: str, migrations: Path | Sequence[str]) -> str:
        name = f"template_{schema}_{next(self._numbers)}"
        await ensure_database(self._servers.postgres_dsn, name)
        dsn = self.owner_dsn(name)
        await ensure_service(dsn, schema, _PASSWORD)
        if isinstance(migrations, Path):
            await schema_upgrade.upgrade(dsn, Migrations(schema, migrations))
            return name
        connection = await asyncpg.connect(dsn)
        try:
            await connection.execute(f'set search_path = "{schema}"')
            for statement in migrations:
                await connection.execute(statement)
        finally:
            await connection.close()
        return name
