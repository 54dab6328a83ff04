"""`uchat reconcile`."""

import asyncio
import getpass
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final, TypeVar

import asyncpg
import click

from uchat_execution.adapters.postgres.books import PostgresBooks
from uchat_execution.domain.statements import said
from uchat_execution.service.reconciling.asking import Asking, Compared
from uchat_platform import db
from uchat_platform.errors import UnavailableError
from uchat_stack.cli import people, running
from uchat_stack.cli.errors import told

_PATIENCE_S: Final = 60
_LOOK_S: Final = 0.5
_Result = TypeVar("_Result")


@click.group()
def reconcile() -> None:
    """Compare accounts with their exchange, settle what differs."""


@reconcile.command()
@click.argument("account")
def show(account: str) -> None:
    """Compare an account with its exchange.

    Prints what the books say of it, and what the exchange has more or less.

    ACCOUNT is an account's id (acct_…), or its owner's e-mail address or person id.
    """
    with told():
        found = _run(account, lambda asking, found: asking.show(found))
    click.echo("\n".join(_lines(found)))


@reconcile.command()
@click.argument("account")
@click.confirmation_option(prompt="Make the books agree with what the exchange says?")
def adjust(account: str) -> None:
    """Make an account's books agree with its exchange.

    For where nothing else explains a difference.

    What the exchange has more is booked at its price now and is no profit, what it has less takes
    its share of the cost along. It is listed among the account's movements, with your name.
    """
    with told():
        found = _run(account, _adjust)
    click.echo("\n".join(_lines(found)))


async def _adjust(asking: Asking, account: str) -> Compared:
    await asking.adjust(account)
    for _ in range(int(_PATIENCE_S / _LOOK_S)):
        await asyncio.sleep(_LOOK_S)
        found = await asking.show(account)
        if found.standing.adjust_asked_by is None:
            return found
    raise UnavailableError(
        "It is noted, and is done once the exchange answers and no order is on its way",
        code="not_adjusted_yet",
    )


def _run(account: str, work: Callable[[Asking, str], Awaitable[_Result]]) -> _Result:
    layout = running.layout()

    async def run() -> _Result:
        async with _asking(running.service_dsn(layout, "execution")) as asking:
            if account.startswith("acct_"):
                return await work(asking, account)
            person = await people.person(layout, account)
            return await work(asking, await asking.account_of(person.person_id))

    return asyncio.run(run())


@asynccontextmanager
async def _asking(dsn: str) -> AsyncGenerator[Asking]:
    try:
        pool = await db.connect_pool(dsn, max_size=2)
    except (*db.LOST, asyncpg.PostgresError) as e:
        raise UnavailableError("The database is away", code="database_away") from e
    try:
        yield Asking(PostgresBooks(pool, lambda _: None), by=getpass.getuser())
    finally:
        await pool.close()


def _lines(found: Compared) -> list[str]:
    standing, account = found.standing, found.account
    compared = "never" if standing.reconciled_at is None else f"{standing.reconciled_at:%F %T} UTC"
    lines = [f"{account.account} at {account.venue}, of {account.person}, compared {compared}"]
    lines += [
        f"  {asset:<8} {balance.free:>24,f} free {balance.reserved:>24,f} reserved"
        for asset, balance in sorted(found.balances.items())
    ]
    if not standing.drift:
        return [*lines, "The books agree with the exchange."]
    times = f"found {standing.drift_rounds} times in a row"
    return [*lines, f"The exchange has {said(standing.drift)} ({times})."]
