"""`uchat kek`."""

import click

from uchat_stack.cli import running
from uchat_stack.cli.errors import told


@click.group()
def kek() -> None:
    """Look after the key that all text is encrypted under.

    Every conversation is encrypted under a key of its own, and those keys under this one. Without
    it nothing that was said can be read again; it is in no backup of the database.
    """


@kek.command("ack-backup")
def ack_backup() -> None:
    """Say that the key is backed up.

    `uchat up` then no longer warns.
    """
    with told():
        layout = running.layout()
        key = running.existing(layout.kek)
        layout.kek_acknowledged.touch(mode=0o600)
    click.echo(f"{key} is taken to be backed up")


@kek.command()
def path() -> None:
    """Print where the key is, to back it up."""
    with told():
        click.echo(running.existing(running.layout().kek))
