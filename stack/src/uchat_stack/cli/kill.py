"""`uchat kill`. It imports as little as it can: whoever presses it is in a hurry."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import asyncpg
import click

from uchat_execution.adapters.postgres import switching
from uchat_stack.cli import running
from uchat_stack.cli.errors import told

VIA = "cli"
_TIMEOUT_S = 10.0
_scope = click.option(
    "--scope",
    default=switching.EVERYBODY,
    show_default=True,
    metavar="everybody|org:ID|PERSON",
    help="Whose trading: everybody's, an organisation's, or one person's, by e-mail address or id.",
)
_dsn = click.option(
    "--dsn",
    envvar="UCHAT_POSTGRES_DSN",
    help="The address of execution's schema; by default that of the running product.",
)


@click.group()
def kill() -> None:
    """Stop trading at once, or let it go on.

    It speaks with the database itself, so it works while services are down. Nothing is claimed once
    it has answered, and nothing is sent after the time that it names: the exchange refuses it.
    """


@kill.command()
@_scope
@_dsn
def on(scope: str, dsn: str | None) -> None:
    """Stop trading. Says from when on nothing is sent, and what was on its way."""
    _throw(scope, dsn, on=True)


@kill.command()
@_scope
@_dsn
def off(scope: str, dsn: str | None) -> None:
    """Let trading go on.

    Unless a wider or a narrower scope is stopped too.
    """
    _throw(scope, dsn, on=False)


@kill.command()
@_dsn
def show(dsn: str | None) -> None:
    """List the scopes that are stopped. Exit code 1: at least one is."""
    with told():
        rows = _run(dsn, switching.switched_on)
    for row in rows:
        click.echo(_line(row))
    if rows:
        raise click.exceptions.Exit(1)
    click.echo("nothing is stopped")


def _throw(scope: str, dsn: str | None, *, on: bool) -> None:
    async def work(connection: Any) -> Any:
        async with connection.transaction():
            return await switching.throw(connection, named, on=on, via=VIA, by="")

    asked = time.monotonic()
    with told():
        named = _named(scope, dsn)
        try:
            row, legs = _run(dsn, work)
        except switching.UnknownScopeError:
            raise click.ClickException(f"there is no person or organisation {scope!r}") from None
    click.echo(_line(row))
    click.echo(f"  in effect {(time.monotonic() - asked) * 1000:.0f} ms after it was asked")
    for leg in legs:
        click.echo(
            f"  on its way until {_time(leg['deadline'])}: {leg['symbol']}, leg {leg['leg']} of"
            f" {leg['decision_id']} ({leg['client_order_id']})"
        )
    if row["is_on"] and not legs:
        click.echo("  nothing was on its way")


def _named(scope: str, dsn: str | None) -> str:
    if "@" not in scope:
        return scope
    from uchat_stack.cli import people  # noqa: PLC0415 - who stops everybody needs no accounts

    return people.id_of(scope, dsn)


def _run(dsn: str | None, work: Callable[[Any], Awaitable[Any]]) -> Any:
    async def connected(address: str) -> Any:
        async with asyncio.timeout(_TIMEOUT_S):
            connection = await asyncpg.connect(address)
            try:
                return await work(connection)
            finally:
                await connection.close()

    address = dsn or running.service_dsn(running.layout(), "execution")
    try:
        return asyncio.run(connected(address))
    except asyncpg.PostgresError as e:
        raise click.ClickException(f"the database refused: {e}") from None
    except TimeoutError:
        raise click.ClickException(
            "the database did not answer in time; trading may go on: try again"
        ) from None


def _line(row: Any) -> str:
    if not row["is_on"]:
        return f"{row['scope']}: trading goes on"
    until = row["effective_at"]
    after = f", nothing is sent after {_time(until)}" if until else ""
    changed = _time(row["changed_at"])
    return f"{row['scope']}: stopped at {changed} ({row['changed_via']}){after}"


def _time(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")
