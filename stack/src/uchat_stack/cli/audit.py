"""`uchat audit`."""

import asyncio

import click
from pydantic import SecretStr

from uchat_sessions.adapters.postgres.audit import LogAudit
from uchat_sessions.app import verify_audit
from uchat_sessions.settings import SessionsSettings
from uchat_stack.cli import running
from uchat_stack.cli.errors import told


@click.group()
def audit() -> None:
    """Check that the log was not tampered with."""


@audit.command()
@click.option("--quiet", is_flag=True, help="Name only the logs with a fault.")
def verify(quiet: bool) -> None:
    """Follow the hash chain of every log, entry by entry.

    Each entry holds a hash over itself and the one before, from the first on: an entry that was
    changed, removed or put in between breaks the chain. Exits 1 if a chain is broken.
    """
    with told():
        layout = running.layout()
        settings = SessionsSettings(
            kek_file=running.existing(layout.kek),
            postgres_dsn=SecretStr(running.service_dsn(layout, "sessions")),
        )

        def report(finding: LogAudit) -> None:
            if finding.fault or not quiet:
                click.echo(f"{finding.log} {finding.entries} entries {finding.fault or 'ok'}")

        logs, faults = asyncio.run(verify_audit(settings, report))
    click.echo(f"{logs} logs, {faults} with a fault")
    if faults:
        raise click.exceptions.Exit(1)
