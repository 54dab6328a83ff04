"""`uchat live`."""

import getpass

import click

from uchat_execution.service.live.switching import LiveSwitch
from uchat_stack.cli import books
from uchat_stack.cli.errors import told


@click.group()
def live() -> None:
    """Switch orders with real money on or off, exchange by exchange.

    They are off until they are switched on here. Then each person still has to connect a key that
    may trade and to consent. Reading accounts needs none of this.
    """


@live.command()
@click.argument("venue")
@click.confirmation_option(prompt="Let orders with real money go to this exchange?")
@books.dsn_option
def on(venue: str, dsn: str | None) -> None:
    """Let orders of people who have consented go to VENUE, as binance."""
    _switch(venue, dsn, on=True)


@live.command()
@click.argument("venue")
@books.dsn_option
def off(venue: str, dsn: str | None) -> None:
    """Send nothing to VENUE any more. What is open there can still be cancelled."""
    _switch(venue, dsn, on=False)


@live.command()
@books.dsn_option
def show(dsn: str | None) -> None:
    """List every exchange, and whether orders go there."""
    with told():
        found = books.run(dsn, lambda found: LiveSwitch(found).all())
    for traits, is_on in found:
        kind = "" if traits.tested else ", untested: accounts are only read"
        click.echo(f"{traits.venue:<10} {'on' if is_on else 'off'}{kind}")


def _switch(venue: str, dsn: str | None, *, on: bool) -> None:
    with told():
        books.run(dsn, lambda found: LiveSwitch(found).set(venue, on=on, by=getpass.getuser()))
    click.echo(f"{venue}: orders with real money are {'on' if on else 'off'}")
