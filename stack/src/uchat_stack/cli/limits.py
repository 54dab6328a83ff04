"""`uchat limits` and `uchat trading`."""

import getpass
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, cast

import click

from uchat_contracts.trading import RiskLimits, Trading, TradingState
from uchat_execution.adapters.postgres.books import PostgresBooks
from uchat_execution.ports.states import ScopedLimits
from uchat_execution.service.limits import Limits
from uchat_execution.service.operating import Operating
from uchat_execution.settings import ExecutionSettings
from uchat_platform.errors import InvalidInputError
from uchat_stack.cli import books, people
from uchat_stack.cli.errors import told

_VIA = "cli"
_NONE = "none"


@click.group()
def limits() -> None:
    """Show and set what plans must keep to.

    Limits are of everybody, of an organisation (org:ID) or of one person, named by e-mail address
    or id. A narrower scope may be tighter than a wider one, never looser: what counts is the
    tightest of each.
    """


@limits.command("show")
@books.dsn_option
def show(dsn: str | None) -> None:
    """Print the limits of each scope that has any.

    Of the rest the settings of execution count.
    """
    with told():
        found = books.run(dsn, lambda books: _limits(books).all())
    for each in found:
        click.echo(f"{each.scope} (change {each.rev} by {each.changed_by or each.changed_via})")
        click.echo(_text(each))
    if not found:
        click.echo("none were set: the settings of execution count for everybody")


@limits.command("set", context_settings={"ignore_unknown_options": True})
@click.argument("scope", metavar="everybody|org:ID|PERSON")
@click.argument("changes", nargs=-1, metavar="NAME=VALUE...")
@click.option("--clear", is_flag=True, help="Leave it to the wider scope again.")
@books.dsn_option
def set_(scope: str, changes: Sequence[str], clear: bool, dsn: str | None) -> None:
    """Set limits of a scope.

    For instance: uchat limits set everybody per_order=1000 symbols=BTC,ETH

    What is not named stays as it is for that scope, or as the settings of execution have it. Money
    is in USDT, shares are 0 to 1, `none` takes a limit away that may be missing.
    """
    if bool(changes) == clear:
        raise click.UsageError("Expected either NAME=VALUE or --clear")

    async def work(books: PostgresBooks, named: str) -> ScopedLimits | None:
        service = _limits(books)
        held = next((each for each in await service.all() if each.scope == named), None)
        start = held.limits if held is not None and held.limits else _defaults()
        wanted = None if clear else _changed(start, changes)
        await service.set(named, wanted, by=getpass.getuser(), via=_VIA)
        return next((each for each in await service.all() if each.scope == named), None)

    with told():
        named = people.id_of(scope, dsn)
        made = books.run(dsn, lambda books: work(books, named))
    click.echo(f"{scope}: as the wider scope has it" if made is None else _text(made))


@click.group()
def trading() -> None:
    """Show and set what an account may do.

    It trades, only sells, or does nothing.
    """


@trading.command("show")
@click.argument("person")
@books.dsn_option
def show_trading(person: str, dsn: str | None) -> None:
    """Print the mode of a person, and what their accounts may do and why.

    PERSON is an e-mail address or a person id.
    """
    with told():
        named = people.id_of(person, dsn)
        found = books.run(dsn, lambda books: Operating(books).trading(named))
    _print(found)


@trading.command("set")
@click.argument("person")
@click.argument("state", type=click.Choice(["active", "reducing", "halted"]))
@click.option("--why", default="", help="What the person is told; needed unless active.")
@books.dsn_option
def set_trading(person: str, state: str, why: str, dsn: str | None) -> None:
    """Set what a person's accounts may do, on paper and at exchanges.

    It counts for all of them: `halted` stops them, `reducing` lets them only sell, `active` takes
    back whatever holds them. PERSON is an e-mail address or a person id.
    """
    wanted = cast("TradingState", state)
    with told():
        named = people.id_of(person, dsn)
        found = books.run(dsn, lambda books: Operating(books).set(named, wanted, why, via=_VIA))
    _print(found)


def _limits(books: PostgresBooks) -> Limits:
    return Limits(books)


def _defaults() -> RiskLimits:
    return ExecutionSettings().limits


def _changed(start: RiskLimits, changes: Sequence[str]) -> RiskLimits:
    values = start.model_dump(mode="json")
    for change in changes:
        name, given, text = change.partition("=")
        if not given or name not in values:
            known = ", ".join(sorted(values))
            raise InvalidInputError(f"Expected NAME=VALUE, found {change!r}; names are {known}")
        values[name] = _value(name, text)
    try:
        return RiskLimits.model_validate(values)
    except ValueError as e:
        raise InvalidInputError(f"these are no limits: {e}", code="invalid_limits") from e


def _value(name: str, text: str) -> Any:
    if name == "symbols":
        return [symbol for symbol in text.upper().split(",") if symbol and symbol != "NONE"]
    if text == _NONE:
        return None
    try:
        Decimal(text)
    except InvalidOperation as e:
        raise InvalidInputError(f"Expected a number for {name}, found {text!r}") from e
    return text


def _text(each: ScopedLimits) -> str:
    if each.limits is None:
        return "  as the wider scope has it"
    values = each.limits.model_dump(mode="json")
    return "\n".join(f"  {name} = {_shown(value)}" for name, value in values.items())


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(str(each) for each in cast("list[object]", value)) or "all"
    return _NONE if value is None else str(value)


def _print(found: Mapping[str, Trading]) -> None:
    for venue, each in found.items():
        why = f": {each.reason.text}" if each.reason else ""
        click.echo(f"{each.user_id}: mode {each.mode}, {venue} account {each.state}{why}")
