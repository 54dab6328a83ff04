"""`uchat up`."""

from contextlib import suppress

import click

from uchat_stack.cli.errors import told
from uchat_stack.layout import Layout
from uchat_stack.product import Product
from uchat_stack.settings import StackSettings

MOST_REPLICAS = 8


@click.command()
@click.option(
    "--replicas",
    type=click.IntRange(1, MOST_REPLICAS),
    default=1,
    show_default=True,
    help="How many gateways (behind caddy), sessions and ai-core processes to run.",
)
def up(replicas: int) -> None:
    """Run the product until Ctrl-C.

    Starts NATS, Postgres and Valkey, brings the database and the streams up to date, and starts
    every service as a process of its own. A process that dies is started again. Data, keys and logs
    lie in UCHAT_DATA_DIR (.uchat); UCHAT_PORT (8000) is the one port for clients.
    """
    with told():
        settings = StackSettings.read()
        Product(settings, Layout(settings.data_dir), replicas, _tell).up()


def _tell(line: str) -> None:
    # Whoever read the lines may have gone (`| head`); the product goes on.
    with suppress(OSError):
        click.echo(line)
