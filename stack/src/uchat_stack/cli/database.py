"""`uchat migrate` and `uchat schema`."""

import asyncio
import json
from pathlib import Path
from typing import cast

import click

from uchat_stack import migrate as migrations
from uchat_stack.cli import running
from uchat_stack.cli.errors import told

_DSN = click.option(
    "--dsn",
    envvar="UCHAT_OWNER_DSN",
    help="The owner's address of the database; by default the one of the running product.",
)


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; exit 1 unless all is up to date.")
@_DSN
@click.option(
    "--passwords-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="With --dsn: make the services' roles too; JSON {schema: password}.",
)
def migrate(check: bool, dsn: str | None, passwords_file: Path | None) -> None:
    """Bring the database to the newest version.

    Applies the migrations of each service, in order, as the owner of the database; gives each
    service's role rights on its own schema alone. Waits at most 5 s for a lock, up or down. Safe to
    run again, and beside services that run.
    """
    with told():
        layout = running.layout()
        owner = dsn or running.endpoint(layout, "postgres")
        if check:
            _check(owner)
            return
        if passwords_file is not None:
            passwords = cast("dict[str, str]", json.loads(passwords_file.read_text()))
        else:
            # With an address of one's own the roles are someone else's to make.
            passwords = {} if dsn else running.passwords(layout)
        changed = asyncio.run(migrations.migrate(owner, passwords))
    click.echo("migrated: " + (", ".join(changed) or "nothing to do"))


def _check(owner: str) -> None:
    states = asyncio.run(migrations.states(owner))
    for state in states:
        word = "up to date" if state.up_to_date else f"behind, newest is {state.head}"
        click.echo(f"{state.schema:<12} {state.current or 'empty':<36} {word}")
    if not all(state.up_to_date for state in states):
        raise click.exceptions.Exit(1)


@click.group()
def schema() -> None:
    """Write the database schema down."""


@schema.command()
@_DSN
def dump(dsn: str | None) -> None:
    """Print the schema of every service.

    Tables, columns, defaults, indexes and constraints. The text is the same for the same schema;
    stack/schema.txt is compared with it in the tests.
    """
    with told():
        owner = dsn or running.endpoint(running.layout(), "postgres")
    click.echo(asyncio.run(migrations.dump_all(owner)), nl=False)
