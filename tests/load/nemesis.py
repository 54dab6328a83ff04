"""Faults in turn, by a seed: processes are killed or stopped while the load runs."""

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from tests.support.stack import Stack, StackError

STOPPED_S = 5.0
KINDS = {
    "kill-sessions": ("sessions", signal.SIGKILL),
    "kill-ai-core": ("ai-core", signal.SIGKILL),
    "kill-gateway": ("gateway", signal.SIGKILL),
    "kill-nats": ("nats", signal.SIGKILL),
    "stop-sessions": ("sessions", signal.SIGSTOP),
    "stop-ai-core": ("ai-core", signal.SIGSTOP),
    "kill-postgres": ("postgres", signal.SIGKILL),
    "kill-valkey": ("valkey", signal.SIGKILL),
    "kill-execution": ("execution", signal.SIGKILL),
    "kill-caddy": ("caddy", signal.SIGKILL),
    "stop-execution": ("execution", signal.SIGSTOP),
    "kill-exchange": ("exchange", signal.SIGKILL),
}
USUAL = tuple(KINDS)[:6]


@dataclass(slots=True)
class Fault:
    """One fault. `at` is on the monotonic clock; `back_s` until the process was there again."""

    kind: str
    target: str
    at: float
    back_s: float | None = None
    error: str | None = None


def rounds(kinds: Sequence[str], seed: int) -> Iterator[str]:
    """Yield kinds for ever: every one once in each round, in an order that the seed gives."""
    chance = random.Random(seed)
    while True:
        yield from chance.sample(list(kinds), len(kinds))


@dataclass
class Nemesis:
    """Runs in threads of its own, so that a busy load does not delay it.

    A fault does not wait for the one before to be over, but no process is hurt again until it is
    back. `before` is called with the name of a process right before it is hurt.
    """

    stack: Stack
    kinds: Sequence[str] = USUAL
    seed: int = 1
    pause_s: float = 5.0
    limit: int | None = None
    stopped_s: float = STOPPED_S
    before: Callable[[str], None] = lambda _: None
    faults: list[Fault] = field(default_factory=list)
    _halt: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _lasting: dict[str, threading.Thread] = field(default_factory=dict)

    def start(self) -> None:
        """Begin; the first fault comes after one pause."""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def halt(self) -> None:
        """Stop making faults and wait until all are over."""
        self._halt.set()
        if self._thread is not None:
            self._thread.join()
        for lasting in self._lasting.values():
            lasting.join()

    @property
    def is_done(self) -> bool:
        """Tell whether the wanted number of faults was made."""
        return self.limit is not None and len(self.faults) >= self.limit

    def _run(self) -> None:
        chance = random.Random(self.seed + 1)
        for kind in rounds(self.kinds, self.seed):
            if self.is_done or self._halt.wait(self.pause_s * chance.uniform(0.7, 1.3)):
                return
            service, number = KINDS[kind]
            targets = [name for name in self.stack.names(service) if self._is_well(name)]
            if not targets:
                continue
            target = chance.choice(targets)
            fault = Fault(kind, target, time.monotonic())
            self.faults.append(fault)
            lasting = threading.Thread(target=self._make, args=(fault, number), daemon=True)
            self._lasting[target] = lasting
            lasting.start()

    def _is_well(self, name: str) -> bool:
        lasting = self._lasting.get(name)
        return lasting is None or not lasting.is_alive()

    def _make(self, fault: Fault, number: signal.Signals) -> None:
        try:
            self.before(fault.target)
            pid = self.stack.kill(fault.target, number)
            if number is signal.SIGSTOP:
                time.sleep(self.stopped_s)
                os.kill(pid, signal.SIGCONT)
                fault.back_s = self.stopped_s
            else:
                fault.back_s = self.stack.wait_restarted(fault.target, pid)
        except (StackError, OSError) as e:
            fault.error = str(e)
