"""Loopback ports: free ones to give away, and whether a wished one is taken."""

import random
import socket
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Final

LOOPBACK: Final = "127.0.0.1"
_EPHEMERAL: Final = Path("/proc/sys/net/ipv4/ip_local_port_range")
_FIRST: Final = 20_000
_USUAL_END: Final = 32_768
_CHANCE: Final = random.SystemRandom()
_RESERVED: Final[dict[int, socket.socket]] = {}


def free_port() -> int:
    """Return a port that nobody listens on and no other process was given; see `free_ports`."""
    return free_ports(1)[0]


def free_ports(count: int, but: Collection[int] = ()) -> list[int]:
    """Return several distinct free ports, none of `but`.

    They lie below the range from which the system takes ports for outgoing connections: one of
    those could otherwise take a server's port while the server is being started again. They stay
    with this process as long as it runs: no other one is given them from here, also while nobody
    listens on them yet.

    Raises:
        OSError: there are not as many.
    """
    candidates = list(range(_FIRST, _end()))
    _CHANCE.shuffle(candidates)
    found: list[int] = []
    for port in candidates:
        if port not in but and not is_taken(port) and _reserve(port):
            found.append(port)
            if len(found) == count:
                return found
    raise OSError(f"Expected {count} free ports, found {len(found)}")


def _end() -> int:
    try:
        lowest = int(_EPHEMERAL.read_text().split()[0])
    except (OSError, ValueError):
        return _USUAL_END
    return lowest if lowest > _FIRST + 1_000 else _USUAL_END


def _reserve(port: int) -> bool:
    """Return whether the port is from now on this process's, and was nobody's before.

    The reservation is a socket of an abstract name, which the kernel takes back with the process
    and keeps for each network namespace, as it does with ports. Only Linux has such names;
    elsewhere nothing is reserved.
    """
    if sys.platform != "linux":
        return True
    reservation = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        reservation.bind(f"\0uchat-port-{port}")
    except OSError:
        reservation.close()
        return False
    _RESERVED[port] = reservation
    return True


def is_taken(port: int, host: str = LOOPBACK) -> bool:
    """Return whether binding the port fails, as it would for a server (SO_REUSEADDR set)."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
        return False
