import socket
import subprocess
import sys

import pytest

from uchat_platform.embedded.ports import LOOPBACK, free_port, free_ports

WHO_HOLDS_ONE = """
import sys
from uchat_platform.embedded.ports import free_port
print(free_port(), flush=True)
sys.stdin.read()
"""


def all_but(port: int) -> set[int]:
    return set(range(20_000, 65_536)) - {port}


def test_free_ports_are_distinct_and_none_that_a_connection_is_usually_given() -> None:
    taken = free_port()
    with socket.create_server((LOOPBACK, taken)):
        ports = free_ports(200, but=range(20_000, 25_000))
    assert len(set(ports)) == 200
    assert all(25_000 <= port < 32_768 and port != taken for port in ports)


def test_a_port_that_a_process_was_given_is_nobody_elses_until_that_process_has_ended() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WHO_HOLDS_ONE], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        port = int(other.stdout.readline())
        with pytest.raises(OSError, match="found 0"):
            free_ports(1, all_but(port))
        other.communicate()
    assert free_ports(1, all_but(port)) == [port]
