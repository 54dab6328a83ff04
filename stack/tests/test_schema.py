import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
from click.testing import CliRunner

from uchat_platform.embedded.ports import free_port
from uchat_platform.embedded.postgres import DATABASE, PostgresServer
from uchat_platform.embedded.process import Child
from uchat_platform.embedded.roles import ensure_database, service_dsn
from uchat_platform.schema import upgrade
from uchat_stack import migrate
from uchat_stack.cli.database import migrate as command
from uchat_stack.services import SCHEMAS

pytestmark = pytest.mark.integration

COMMITTED = Path(__file__).parents[1] / "schema.txt"
PASSWORDS = dict.fromkeys(SCHEMAS, "secret")


@pytest_asyncio.fixture
async def owner_dsn(tmp_path: Path) -> AsyncIterator[str]:
    server = PostgresServer(
        data=tmp_path / "pg",
        port=free_port(),
        password="owner",
        log=tmp_path / "postgres.log",
        durable=False,
    )
    child = Child(await server.prepare())
    await child.start()
    await ensure_database(server.dsn("postgres"), DATABASE)
    yield server.dsn()
    await child.stop()


async def test_all_migrations_on_an_empty_database_give_the_committed_schema(
    owner_dsn: str,
) -> None:
    await migrate.migrate(owner_dsn, PASSWORDS)
    assert all(state.up_to_date for state in await migrate.states(owner_dsn))
    made = await migrate.dump_all(owner_dsn)
    assert made == COMMITTED.read_text(), "renew it: `uchat schema dump > stack/schema.txt`"


async def test_every_migration_can_be_taken_back_and_made_again(owner_dsn: str) -> None:
    await migrate.migrate(owner_dsn, PASSWORDS)
    made = await migrate.dump_all(owner_dsn)
    for each in migrate.every():
        assert await upgrade.downgrade(owner_dsn, each)
    assert await migrate.dump_all(owner_dsn) == "\n\n".join(
        f"SCHEMA {each.schema}\n" for each in migrate.every()
    )
    await migrate.migrate(owner_dsn, PASSWORDS)
    assert await migrate.dump_all(owner_dsn) == made


async def test_a_cluster_s_database_gets_the_roles_that_a_file_names(
    owner_dsn: str, tmp_path: Path
) -> None:
    passwords = tmp_path / "passwords.json"
    passwords.write_text(json.dumps(PASSWORDS))
    given = ["--dsn", owner_dsn, "--passwords-file", str(passwords)]
    done = await asyncio.to_thread(CliRunner().invoke, command, given)
    assert done.exit_code == 0, done.output
    for schema in SCHEMAS:
        connection = await asyncpg.connect(service_dsn(owner_dsn, schema, PASSWORDS[schema]))
        assert await connection.fetchval("SHOW search_path") == schema
        await connection.close()
