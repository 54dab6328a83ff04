"""The `uchat` command. Each subcommand is loaded when it is called: `up` stays small for long."""

import importlib
from typing import Final

import click

# name: the module that holds it under the same name, and its line in the list of commands.
COMMANDS: Final = {
    "up": ("up", "Run the product until Ctrl-C."),
    "status": ("status", "Show what runs and whether it is ready."),
    "migrate": ("database", "Bring the database to the newest version."),
    "schema": ("database", "Write the database schema down."),
    "provision": ("bus", "Declare the streams in NATS."),
    "dlq": ("bus", "Look at messages that could not be handled, and retry them."),
    "admin": ("accounts", "Manage administrators."),
    "kill": ("kill", "Stop trading at once, or let it go on."),
    "limits": ("limits", "Show and set what plans must keep to."),
    "trading": ("limits", "Show and set what an account may do."),
    "live": ("live", "Switch orders with real money on or off, exchange by exchange."),
    "org": ("organisations", "Manage organisations, and what needs two people there."),
    "reconcile": ("reconcile", "Compare accounts with their exchange, settle what differs."),
    "usage": ("usage", "Show what language models took, and what it cost."),
    "audit": ("audit", "Check that the log was not tampered with."),
    "kek": ("kek", "Look after the key that all text is encrypted under."),
}


class LazyGroup(click.Group):
    """A group that imports a subcommand when it is named, and lists them without importing any."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return every subcommand, in the order in which a newcomer meets them."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one subcommand."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"uchat_stack.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from the table above."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Unified Chat: one trading conversation, continued on every interface.

    `uchat up` starts everything on this machine. The other commands work beside it; they find the
    running product by its data directory (UCHAT_DATA_DIR, .uchat by default).
    """
