import errno
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner

from uchat_platform.embedded.errors import StartError
from uchat_platform.embedded.ports import free_port
from uchat_stack import lock
from uchat_stack.cli import main
from uchat_stack.layout import Layout
from uchat_stack.product import Product
from uchat_stack.settings import StackSettings
from uchat_stack.supervisor import start_error


def up(data_dir: Path, port: int) -> str:
    settings = {"UCHAT_DATA_DIR": str(data_dir), "UCHAT_PORT": str(port)}
    result = CliRunner().invoke(main, ["up"], env=settings)
    assert result.exit_code == 1
    (line,) = result.output.splitlines()
    return line


def test_taken_port_is_said_before_anything_is_started(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        line = up(tmp_path / "data", port)
    assert f"port {port} is taken by another program" in line
    assert not (tmp_path / "data" / "postgres").exists()


def test_second_start_on_the_same_data_names_the_first(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "data")
    layout.create()
    with lock.held(layout.lock):
        assert "is in use by another `uchat up` (pid " in up(layout.data, free_port())


def test_lock_of_a_killed_run_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "run" / "lock"
    path.parent.mkdir()
    path.write_text("1\n")
    with lock.held(path):
        assert path.read_text() != "1\n"


def test_full_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("uchat_stack.product.NEEDED_BYTES", 1 << 62)
    product = Product(
        StackSettings.read({"UCHAT_DATA_DIR": str(tmp_path)}), Layout(tmp_path), 1, print
    )
    with pytest.raises(StartError, match="the disk is full"):
        product.up()


def test_disk_that_fills_up_while_starting_is_said() -> None:
    error = OSError(errno.ENOSPC, "No space left on device", "/data/x")
    assert str(start_error(ExceptionGroup("", [error]))) == "the disk is full: cannot write /data/x"


def test_data_directory_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "Not a directory" in up(tmp_path / "file" / "data", free_port())
