"""`uchat usage`."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import asyncpg
import click

from uchat_ai_core.adapters.usage import read_usage
from uchat_platform import db
from uchat_platform.errors import UnavailableError
from uchat_stack.cli import running
from uchat_stack.cli.errors import told

_COLUMNS = ("day", "model", "person", "answers", "requests", "input", "output", "dollars")


@click.group()
def usage() -> None:
    """Show what language models took, and what it cost."""


@usage.command("show")
@click.option("--days", default=1, show_default=True, help="Of today and the days before it (UTC).")
@click.option("--person", default="", help="Of one person; by default all are added up.")
@click.option("--by-person", is_flag=True, help="List persons one by one, the dearest first.")
@click.option("--dsn", envvar="UCHAT_POSTGRES_DSN", help="The address of ai-core's schema.")
def show(days: int, person: str, by_person: bool, dsn: str | None) -> None:
    """Print answers, requests, tokens and cost by day and model.

    Prices are those of the profiles file (UCHAT_AI_PROFILES); without one models cost nothing. What
    was used counts here within a second, and is kept for 90 days.
    """
    today = datetime.now(UTC).date()

    async def read(address: str) -> list[tuple[Any, ...]]:
        try:
            connection = await asyncpg.connect(address, timeout=5)
        except (asyncpg.PostgresError, *db.LOST) as e:
            raise UnavailableError(f"The database cannot be reached: {e}") from e
        try:
            return await read_usage(
                connection, today, days=days, person=person, by_person=by_person or bool(person)
            )
        finally:
            await connection.close()

    with told():
        address = dsn or running.service_dsn(running.layout(), "ai_core")
        rows = asyncio.run(read(address))
    if not rows:
        click.echo("no model was asked")
        return
    lines = [_COLUMNS, *(tuple(str(each) for each in row) for row in rows)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(_COLUMNS))]
    for line in lines:
        cells = (each.ljust(width) for each, width in zip(line, widths, strict=True))
        click.echo("  ".join(cells).rstrip())
