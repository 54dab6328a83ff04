from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from uchat_stack.cli import COMMANDS, main

SHORTEST_HELP = 60


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


@pytest.mark.parametrize("path", [(), *commands(main)], ids=" ".join)
def test_every_command_explains_itself(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, [*path, "--help"])
    assert result.exit_code == 0, result.output
    text = result.output.split("Options:")[0].split("Commands:")[0]
    assert len(text) > SHORTEST_HELP, text
    listed = result.output.partition("Commands:")[2]
    assert "..." not in listed, "What a command does is cut off in this list"


def test_table_of_commands_says_what_each_command_says() -> None:
    for name, (_, line) in COMMANDS.items():
        command = main.get_command(click.Context(main), name)
        assert command is not None
        assert command.help
        assert command.help.splitlines()[0] == line


@pytest.mark.parametrize(
    "arguments",
    [["status"], ["migrate"], ["provision"], ["dlq", "list"], ["kek", "path"], ["audit", "verify"]],
)
def test_commands_say_in_one_line_that_nothing_runs(
    arguments: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    data_dir = tmp_path_factory.mktemp("unused") / "data"
    result = CliRunner().invoke(main, arguments, env={"UCHAT_DATA_DIR": str(data_dir)})
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert len(result.output.splitlines()) == 1


def test_port_that_is_none_is_refused_by_name() -> None:
    result = CliRunner().invoke(main, ["up"], env={"UCHAT_PORT": "eighty"})
    assert result.exit_code == 1
    assert "UCHAT_PORT: expected a port" in result.output
