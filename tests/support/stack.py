"""The whole product as a subprocess: `uchat up` on a data directory and ports of its own."""

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.request import urlopen

from tests.support import proc
from uchat_platform.embedded.ports import free_port

NO_LIMITS = {
    "UCHAT_LIMIT_MESSAGES": "10000000/minute",
    "UCHAT_LIMIT_LOGIN": "10000000/minute",
    "UCHAT_LIMIT_REGISTER": "10000000/minute",
    "UCHAT_LIMIT_HANDSHAKE": "10000000/minute",
    "UCHAT_ACCESS_TTL": "PT6H",
    "UCHAT_RISK_ORDERS_PER_MINUTE": "100000",
}
START_S = 90.0


class StackError(Exception):
    """The product did not do what a test needs of it."""


def _stop_with_parent() -> None:
    # A test run that is killed leaves nothing behind: prctl(PR_SET_PDEATHSIG, SIGINT).
    ctypes.CDLL(None).prctl(1, signal.SIGINT)


def wait_for(what: str, condition: Callable[[], Any], timeout_s: float = 30.0) -> Any:
    """Return the first true value of a condition, which is tried every 20 ms.

    Raises:
        StackError: it did not become true in time.
    """
    end = time.monotonic() + timeout_s
    while not (value := condition()):
        if time.monotonic() > end:
            raise StackError(f"Expected {what} within {timeout_s:.0f} s")
        time.sleep(0.02)
    return value


@dataclass
class Stack:
    """A running product. `settings` are environment variables beside the usual ones."""

    data_dir: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    replicas: int = 1
    limits: Mapping[str, str] = field(default_factory=lambda: NO_LIMITS)
    port: int = field(default_factory=free_port)
    tgsim_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def output(self) -> str:
        """Return what the command has printed so far."""
        return (self.data_dir / "up.out").read_text(errors="replace")

    def start(self) -> None:
        """Start and wait until every process is ready.

        Raises:
            StackError: it ended or was not ready in time; with what it printed.
        """
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self._endpoints_file.unlink(missing_ok=True)
        # The same prices everywhere, whatever can be reached from here.
        environment = {"UCHAT_MARKET_SOURCE": "synthetic", **os.environ}  # noqa: TID251 - passed on whole
        environment |= {**self.limits, **self.settings}
        environment |= {"UCHAT_DATA_DIR": str(self.data_dir), "UCHAT_PORT": str(self.port)}
        environment["UCHAT_TGSIM_PORT"] = str(self.tgsim_port)
        command = [str(Path(sys.executable).with_name("uchat")), "up"]
        if self.replicas > 1:
            command += ["--replicas", str(self.replicas)]
        with (self.data_dir / "up.out").open("ab") as output:
            self.process = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_stop_with_parent,  # noqa: PLW1509 - it only calls prctl
            )
        try:
            wait_for("the stack to be ready", self._is_ready, START_S)
        except StackError as e:
            self.stop()
            raise StackError(f"{e}; it printed: {self.output[-2000:]}") from e

    @property
    def _endpoints_file(self) -> Path:
        return self.data_dir / "run" / "endpoints.json"

    def _is_ready(self) -> bool:
        if self.process is None or self.process.poll() is not None:
            raise StackError("Expected the stack to run, found that it ended")
        return self._endpoints_file.exists() and self.is_ready()

    def is_ready(self) -> bool:
        """Tell whether the edge takes requests."""
        try:
            with urlopen(f"{self.url}/readyz", timeout=2) as response:
                return response.status == 200
        except OSError:
            return False

    def endpoints(self) -> dict[str, Any]:
        """Return the current content of endpoints.json."""
        for _ in range(50):
            try:
                return json.loads(self._endpoints_file.read_bytes())
            except (OSError, ValueError):
                time.sleep(0.02)
        raise StackError(f"Expected JSON in {self._endpoints_file}")

    @property
    def url(self) -> str:
        """Return the address of the edge."""
        return str(self.endpoints()["gateway"])

    def pids(self) -> dict[str, int]:
        """Return the current process id of every server and service."""
        return {name: int(pid) for name, pid in self.endpoints()["pids"].items()}

    def names(self, service: str) -> list[str]:
        """Return the processes of a service, as sessions-0 and sessions-1."""
        return sorted(n for n in self.pids() if n == service or n.rpartition("-")[0] == service)

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> int:
        """Send a signal to one process and return its id."""
        pid = self.pids()[name]
        os.kill(pid, number)
        return pid

    def wait_restarted(self, name: str, old_pid: int, timeout_s: float = 30.0) -> float:
        """Wait until a process was replaced; return after how many seconds."""
        begin = time.monotonic()
        wait_for(
            f"{name} to be restarted",
            lambda: (new := self.pids().get(name)) and new != old_pid and proc.alive(new),
            timeout_s,
        )
        return time.monotonic() - begin

    def stop(self, number: signal.Signals = signal.SIGINT, timeout_s: float = 40.0) -> int:
        """Stop everything as Ctrl-C does, and return the exit code."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            for pid in reversed(proc.tree(self.process.pid)):
                os.kill(pid, signal.SIGKILL)
            self.process.wait()
            raise StackError(f"Expected the stack to stop within {timeout_s:.0f} s") from None
