"""`uchat org`."""

import asyncio
import getpass
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal, InvalidOperation
from typing import TypeVar

import asyncpg
import click

from uchat_execution.adapters.postgres.books import PostgresBooks
from uchat_execution.ports.organisations import Organisation
from uchat_execution.service.organising import Organising
from uchat_gateway.domain.accounts import masked_email
from uchat_gateway.domain.permissions import Permission, Role, may
from uchat_platform import db
from uchat_platform.errors import InvalidInputError, UnavailableError
from uchat_stack.cli import people, running
from uchat_stack.cli.errors import told
from uchat_stack.layout import Layout

_NEVER = "never"
_Result = TypeVar("_Result")


@click.group()
def org() -> None:
    """Manage organisations, and what needs two people there."""


@org.command()
@click.argument("organisation")
@click.option("--name", help="The name shown; by default the id.")
@click.option(
    "--four-eyes-above",
    "above",
    help="Plans that may cost more, in USDT, need a second person; by default none does.",
)
def create(organisation: str, name: str | None, above: str | None) -> None:
    """Create an organisation under an id of its own, as acme.

    The id never changes: switches and limits of the organisation name it as org:<id>.
    """
    with told():
        amount = _amount(above)
        made = _run(lambda service: service.create(organisation, name or organisation, amount))
    click.echo(_line(made))


@org.command()
@click.argument("organisation")
@click.argument("above")
def limit(organisation: str, above: str) -> None:
    """Set above which amount two people are needed.

    ABOVE is what a plan may cost, in USDT, or `never`.

    It counts at once, also for plans that wait already. What a plan may cost is taken at the worst
    price that it may get.
    """
    with told():
        amount = _amount(above)
        made = _run(lambda service: service.limit(organisation, amount))
    click.echo(_line(made))


@org.command()
@click.argument("organisation")
@click.argument("person", nargs=-1, required=True)
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role if role is not Role.ADMIN]),
    help="Give them a role as well: an approver may approve what others of it propose.",
)
@click.option("--remove", is_flag=True, help="Take them out of the organisation instead.")
def assign(organisation: str, person: tuple[str, ...], role: str | None, remove: bool) -> None:
    """Make people members, or take them out.

    They are named by e-mail address or person id.

    Whoever is of another organisation leaves it. Who has the role of an approver is told of what
    waits for a second person, from then on and on every interface; whatever else a new role allows
    counts from the next token that a person gets, at the latest when they sign in again.
    """
    with told():
        layout = running.layout()
        lines = asyncio.run(_assign(layout, organisation, person, role, remove=remove))
    for line in lines:
        click.echo(line)


@org.command(name="list")
def list_all() -> None:
    """List all organisations with what needs two people there."""
    with told():
        found = _run(lambda service: service.page())
    for each in found:
        click.echo(_line(each))
    if not found:
        click.echo("there is none")


@org.command()
@click.argument("organisation")
def show(organisation: str) -> None:
    """Show an organisation with its members.

    With their roles, and since when they are of it.
    """
    with told():
        layout = running.layout()
        lines = asyncio.run(_show(layout, organisation))
    for line in lines:
        click.echo(line)


async def _assign(
    layout: Layout, organisation: str, named: Sequence[str], role: str | None, *, remove: bool
) -> list[str]:
    # Everybody is looked up first: one who is unknown stops it before anything has changed.
    found = [await people.person(layout, each) for each in named]
    without = next((each for each in found if role is not None and not each.role), None)
    if without is not None:
        raise InvalidInputError(
            f"{without.person_id} has no account that could have a role", code="no_account"
        )
    lines: list[str] = []
    async with _organising(layout) as service:
        for each in found:
            if remove:
                left = await service.remove(each.person_id)
                lines.append(f"{each.email or each.person_id} has left {left or 'nothing'}")
                continue
            may_be = role or each.role
            label = masked_email(each.email) if each.email else ""
            await service.assign(
                each.person_id, organisation, approves=_approves(may_be), label=label
            )
            if role is not None:
                await people.set_role(layout, each.person_id, Role(role))
            lines.append(f"{each.email or each.person_id} is of {organisation}")
    return lines


async def _show(layout: Layout, organisation: str) -> list[str]:
    async with _organising(layout) as service:
        found, members = await service.show(organisation)
    accounts = await people.accounts(layout, [each.person for each in members])
    lines = [_line(found)]
    for each in members:
        account = accounts.get(each.person)
        who = f"{account.email or '-'} {account.role}" if account else "- no account"
        lines.append(f"  {each.person} {who} since {each.joined_at:%Y-%m-%d}")
    return lines


def _approves(role: str) -> bool:
    return may([role], Permission.DECISION_APPROVE_OTHERS)


def _run(work: Callable[[Organising], Awaitable[_Result]]) -> _Result:
    layout = running.layout()

    async def run() -> _Result:
        async with _organising(layout) as service:
            return await work(service)

    return asyncio.run(run())


@asynccontextmanager
async def _organising(layout: Layout) -> AsyncGenerator[Organising]:
    try:
        pool = await db.connect_pool(running.service_dsn(layout, "execution"), max_size=2)
    except (*db.LOST, asyncpg.PostgresError) as e:
        raise UnavailableError("The database is away", code="database_away") from e
    try:
        yield Organising(PostgresBooks(pool, lambda _: None), by=getpass.getuser())
    finally:
        await pool.close()


def _amount(text: str | None) -> Decimal | None:
    if text is None or text == _NEVER:
        return None
    try:
        return Decimal(text)
    except InvalidOperation as e:
        raise InvalidInputError(
            f"Expected an amount or {_NEVER!r}, found {text[:40]!r}", code="invalid_amount"
        ) from e


def _line(each: Organisation) -> str:
    above = each.four_eyes_above
    rule = "no plan needs two people" if above is None else f"two people above {above:,f} USDT"
    return f"{each.organisation:<24} {each.name:<32} {rule}"
