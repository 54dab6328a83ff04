"""`uchat provision` and `uchat dlq`."""

import asyncio
import json
from pathlib import Path

import click

from uchat_contracts.events import DeadLettered
from uchat_stack import streams
from uchat_stack.cli import running
from uchat_stack.cli.errors import told
from uchat_stack.services import PROVISIONER
from uchat_stack.streams import Access

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")


@click.command()
@click.option(
    "--stream-replicas",
    type=click.IntRange(1, 5),
    default=1,
    show_default=True,
    help="On how many servers of a NATS cluster each stream is kept.",
)
@click.option(
    "--nats-url",
    envvar="UCHAT_NATS_URL",
    help="Address of NATS; by default the one of the running product.",
)
@click.option(
    "--seed-file",
    envvar="UCHAT_NKEY_SEED_FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="nkey seed of the NATS user `provisioner`; by default the one of the data directory.",
)
def provision(stream_replicas: int, nats_url: str | None, seed_file: Path | None) -> None:
    """Declare the streams in NATS.

    Creates what is missing and updates what differs; nothing else ever declares a stream. Refuses a
    change that would lose messages. Safe to run again, also while services work.
    """
    with told():
        layout = running.layout()
        url = nats_url or running.endpoint(layout, "nats")
        seed = seed_file or running.existing(layout.seed(PROVISIONER))
        for line in asyncio.run(streams.provision(url, seed, stream_replicas)):
            click.echo(line)


@click.group()
def dlq() -> None:
    """Look at messages that could not be handled, and retry them.

    A message gets here when it can never be handled as it is (a fault in its form, or something
    forbidden), never because a server was away. Bodies are sealed by the key-encryption key and go
    after 30 days.
    """


@dlq.command("list")
@click.option("--after", default=0, show_default=True, help="Only what has a higher number.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@_JSON
def list_letters(after: int, limit: int, as_json: bool) -> None:
    """List dead letters, oldest first, a page at a time.

    The last line says how to get the next page.
    """
    with told():
        found = asyncio.run(streams.dead_letters(_access(), after, limit))
    if as_json:
        click.echo(json.dumps([{"number": n, **_fields(letter)} for n, letter in found], indent=2))
        return
    for number, letter in found:
        when = f"{letter.occurred_at:%Y-%m-%d %H:%M:%S}"
        click.echo(f"{number:>6} {letter.id} {when} {letter.service:<10} {letter.code}")
    if len(found) == limit:
        click.echo(f"more: uchat dlq list --after {found[-1][0]} --limit {limit}")
    elif not found:
        click.echo("nothing here")


@dlq.command()
@click.argument("letter_id")
@click.option("--body", is_flag=True, help="Also print the body, which may be what a person wrote.")
@_JSON
def show(letter_id: str, body: bool, as_json: bool) -> None:
    """Show one dead letter, and what was wrong.

    Where it came from, and why it could not be handled.
    """
    with told():
        letter, content = asyncio.run(streams.dead_letter(_access(), letter_id))
    fields = _fields(letter)
    if body:
        fields["body"] = content.decode(errors="replace")
    if as_json:
        click.echo(json.dumps(fields, indent=2))
        return
    for name, value in fields.items():
        click.echo(f"{name:<12} {value}")


@dlq.command()
@click.argument("letter_id")
def retry(letter_id: str) -> None:
    """Handle a message once more.

    Puts it back to where it was first published, and deletes the letter.

    Nothing happens twice by this: the keys that make the message unique are those it had.
    """
    with told():
        ack = asyncio.run(streams.retry(_access(), letter_id))
    click.echo(f"published again as number {ack.seq}")


def _access() -> Access:
    layout = running.layout()
    url = running.endpoint(layout, "nats")
    return Access(url, running.existing(layout.seed(PROVISIONER)), running.existing(layout.kek))


def _fields(letter: DeadLettered) -> dict[str, object]:
    fields: dict[str, object] = letter.model_dump(mode="json", exclude={"sealed"})
    return fields
