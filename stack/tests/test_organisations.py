import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
from click.testing import CliRunner, Result

from uchat_contracts.ids import new_person_id
from uchat_platform.embedded.ports import free_port
from uchat_platform.embedded.postgres import DATABASE, PostgresServer
from uchat_platform.embedded.process import Child
from uchat_platform.embedded.roles import ensure_database, service_dsn
from uchat_stack import migrate
from uchat_stack.cli import main
from uchat_stack.layout import Layout
from uchat_stack.services import SCHEMAS

pytestmark = pytest.mark.integration
PASSWORDS = dict.fromkeys(SCHEMAS, "secret")


@pytest_asyncio.fixture
async def layout(tmp_path: Path) -> AsyncIterator[Layout]:
    """A data directory whose database runs, and nothing else."""
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
    await migrate.migrate(server.dsn(), PASSWORDS)
    made = Layout(tmp_path / "data")
    made.create()
    made.endpoints.write_text(json.dumps({"postgres": server.dsn()}))
    made.passwords.write_text(json.dumps(PASSWORDS))
    yield made
    await child.stop()


async def uchat(layout: Layout, *arguments: str) -> Result:
    env = {"UCHAT_DATA_DIR": str(layout.data)}
    return await asyncio.to_thread(CliRunner().invoke, main, ["org", *arguments], env=env)


async def account(layout: Layout, email: str) -> str:
    person = new_person_id()
    dsn = service_dsn(json.loads(layout.endpoints.read_text())["postgres"], "gateway", "secret")
    connection = await asyncpg.connect(dsn)
    await connection.execute(
        "INSERT INTO accounts (account_id, person_id, email, email_key, password_hash, full_name,"
        " role, status) VALUES ($1, $1, $2, $3, 'x', 'Somebody', 'trader', 'active')",
        person,
        email,
        email.casefold(),
    )
    await connection.close()
    return person


async def test_an_organisation_is_kept_from_the_command_line(layout: Layout) -> None:
    boss = await account(layout, "Boss@example.com")
    stranger = new_person_id()
    made = await uchat(layout, "create", "acme", "--name", "Acme", "--four-eyes-above", "5000")
    assert made.exit_code == 0, made.output
    assert " ".join(made.output.split()) == "acme Acme two people above 5,000 USDT"
    again = await uchat(layout, "create", "acme")
    assert (again.exit_code, "organisation_exists" in again.output) == (1, True)
    assigned = await uchat(layout, "assign", "acme", "boss@EXAMPLE.com", "--role", "approver")
    assert assigned.output == "Boss@example.com is of acme\n"
    await uchat(layout, "assign", "acme", stranger)
    shown = await uchat(layout, "show", "acme")
    assert f"{boss} Boss@example.com approver since" in shown.output
    assert f"{stranger} - no account since" in shown.output
    limited = await uchat(layout, "limit", "acme", "never")
    assert "no plan needs two people" in limited.output
    left = await uchat(layout, "assign", "acme", stranger, "--remove")
    assert left.output == f"{stranger} has left acme\n"
    assert "acme" in (await uchat(layout, "list")).output


async def test_who_is_unknown_stops_it_before_anything_has_changed(layout: Layout) -> None:
    boss = await account(layout, "boss@example.com")
    await uchat(layout, "create", "acme")
    for arguments, code in (
        (["assign", "acme", boss, "nobody@example.com"], "person_unknown"),
        (["assign", "acme", boss, "nonsense"], "invalid_person"),
        (["assign", "acme", boss, new_person_id(), "--role", "approver"], "no_account"),
        (["assign", "nowhere", boss], "organisation_unknown"),
        (["limit", "acme", "much"], "invalid_amount"),
        (["limit", "acme", "--", "-1"], "invalid_amount"),
        (["create", "Not An Id"], "invalid_organisation"),
    ):
        done = await uchat(layout, *arguments)
        assert done.exit_code == 1
        assert code in done.output, done.output
        assert len(done.output.splitlines()) == 1
    shown = await uchat(layout, "show", "acme")
    assert " ".join(shown.output.split()) == "acme acme no plan needs two people"
