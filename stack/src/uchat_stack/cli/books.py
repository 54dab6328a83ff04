"""What commands that work on execution's books share."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import asyncpg
import click

from uchat_execution.adapters.postgres.books import PostgresBooks
from uchat_platform import db, logging
from uchat_platform.errors import UnavailableError
from uchat_stack.cli import running

_T = TypeVar("_T")
dsn_option: Final = click.option(
    "--dsn",
    envvar="UCHAT_POSTGRES_DSN",
    help="The address of execution's schema; by default that of the running product.",
)


def run(dsn: str | None, work: Callable[[PostgresBooks], Awaitable[_T]]) -> _T:
    """Do something with the books and return what it returns.

    Raises:
        UnavailableError: the database cannot be reached.
    """

    async def connected(address: str) -> _T:
        try:
            pool = await db.connect_pool(address, max_size=1)
        except (asyncpg.PostgresError, *db.LOST) as e:
            raise UnavailableError(f"The database cannot be reached: {e}") from e
        try:
            return await work(PostgresBooks(pool, lambda _: None))
        finally:
            await pool.close()

    address = dsn or running.service_dsn(running.layout(), "execution")
    with logging.quiet():
        return asyncio.run(connected(address))
