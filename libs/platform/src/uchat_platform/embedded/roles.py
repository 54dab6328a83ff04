"""The database and one role per service: each may use its own schema and nothing else."""

from typing import Final

import asyncpg

from uchat_platform.embedded.dsn import role_of, service_dsn

__all__ = ["ensure_database", "ensure_service", "role_of", "service_dsn"]

# What a service may do with the tables of its schema; making and changing them is the owner's.
TABLE_RIGHTS: Final = "SELECT, INSERT, UPDATE, DELETE, TRUNCATE"


async def ensure_database(maintenance_dsn: str, name: str) -> None:
    """Create the database unless it exists; nobody but the owner may connect to it yet."""
    connection = await asyncpg.connect(maintenance_dsn)
    try:
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
            await connection.execute(f'CREATE DATABASE "{name}"')
            await connection.execute(f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC')
    finally:
        await connection.close()


async def ensure_service(owner_dsn: str, schema: str, password: str) -> str:
    """Create or update the schema and the role of a service; return the role's name.

    Safe to run again at each start: the password is set anew.
    """
    role = role_of(schema)
    connection = await asyncpg.connect(owner_dsn)
    try:
        async with connection.transaction():
            if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
                await connection.execute(f'CREATE ROLE "{role}" LOGIN')
            quoted = await connection.fetchval("SELECT quote_literal($1::text)", password)
            await connection.execute(f'ALTER ROLE "{role}" PASSWORD {quoted}')
            await connection.execute(_GRANTS.format(role=role, schema=schema, rights=TABLE_RIGHTS))
            database = await connection.fetchval("SELECT current_database()")
            await connection.execute(f'GRANT CONNECT ON DATABASE "{database}" TO "{role}"')
    finally:
        await connection.close()
    return role


_GRANTS: Final = """
CREATE SCHEMA IF NOT EXISTS "{schema}";
REVOKE ALL ON SCHEMA "{schema}" FROM PUBLIC;
GRANT USAGE ON SCHEMA "{schema}" TO "{role}";
ALTER ROLE "{role}" SET search_path = "{schema}";
GRANT {rights} ON ALL TABLES IN SCHEMA "{schema}" TO "{role}";
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA "{schema}" TO "{role}";
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA "{schema}" TO "{role}";
ALTER DEFAULT PRIVILEGES IN SCHEMA "{schema}" GRANT {rights} ON TABLES TO "{role}";
ALTER DEFAULT PRIVILEGES IN SCHEMA "{schema}" GRANT USAGE, SELECT ON SEQUENCES TO "{role}";
ALTER DEFAULT PRIVILEGES IN SCHEMA "{schema}" GRANT EXECUTE ON FUNCTIONS TO "{role}";
"""
