"""`uchat admin`."""

import asyncio
import sys

import click
from pydantic import SecretStr

from uchat_gateway.app import create_admin
from uchat_gateway.settings import GatewaySettings
from uchat_stack.cli import running
from uchat_stack.cli.errors import told
from uchat_stack.services import target


@click.group()
def admin() -> None:
    """Manage administrators."""


@admin.command()
@click.option("--email", required=True, help="The address that the administrator logs in with.")
@click.option("--name", default="Administrator", show_default=True, help="The name shown.")
def create(email: str, name: str) -> None:
    """Create an account that may do everything, in the running product.

    Asks for the password, twice; without a terminal it reads one line from standard input, so that
    the password stands in no list of processes and in no shell's history.
    """
    with told():
        settings = _settings()
    if sys.stdin.isatty():
        password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    with told():
        account = asyncio.run(create_admin(settings, email, password, name))
    click.echo(f"{email} is an administrator ({account.person_id})")


def _settings() -> GatewaySettings:
    layout = running.layout()
    return GatewaySettings(
        nkey_seed_file=running.existing(layout.seed("gateway")),
        service_keys_file=running.existing(layout.service_keys),
        postgres_dsn=SecretStr(running.service_dsn(layout, "gateway")),
        sessions_addr=target(running.addresses(layout, "sessions")),
    )
