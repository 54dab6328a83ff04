"""One child process: it dies with its parent, is reaped, and is proven to be the one reached."""

import asyncio
import ctypes
import os
import shutil
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from uchat_platform.embedded.errors import StartError

PR_SET_PDEATHSIG: Final = 1
RETRY_S: Final = 0.1
TAIL_LINES: Final = 2
LAST_BYTES: Final = 4096
ROTATE_ABOVE_BYTES: Final = 20 * 1024 * 1024

_libc = ctypes.CDLL(None, use_errno=True)

Probe = Callable[[int], Awaitable[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """How to run one process.

    `ready` is asked with the pid until it says True; it raises `WrongServerError` when it reached
    a server that is not this child. `before` runs ahead of each start. `user` is a uid to become
    (None: stay); `env` None inherits the parent's.
    """

    name: str
    argv: Sequence[str]
    log: Path
    ready: Probe
    before: Callable[[], None] | None = None
    env: Mapping[str, str] | None = None
    cwd: Path | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_timeout_s: float = 10.0
    start_timeout_s: float = 60.0
    poll_s: float = 0.02
    user: int | None = None
    # Words in the log of a failed start that mean: the same start can work a moment later.
    transient: Sequence[str] = ()


def _die_with_parent() -> None:
    # Runs in the child between fork and exec: kill -9 of the parent then leaves nobody behind.
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Child:
    """A started `Spec`."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self._process: asyncio.subprocess.Process | None = None
        self._log_offset = 0

    @property
    def pid(self) -> int:
        """The pid of the running process; raises when it was never started."""
        if self._process is None:
            raise StartError(f"{self.spec.name} is not running")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process was started and has not ended."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start the process and wait until it is ready.

        Must be called in the thread that lives as long as the child should (the main thread):
        the kernel ends the child with the *thread* that forked it.

        Raises:
            StartError: it ended, was not ready in time, or its port answers for somebody else.
        """
        try:
            async with asyncio.timeout(self.spec.start_timeout_s):
                await self._start_until_it_works()
        except TimeoutError:
            await self.kill()
            raise StartError(
                f"{self.spec.name} was not ready after {self.spec.start_timeout_s:.0f} s"
                f" (log: {self.spec.log}){self._last_words()}"
            ) from None
        except BaseException:
            await self.kill()
            raise

    async def wait(self) -> int:
        """Return the exit code once the process has ended (negative: the signal that ended it)."""
        if self._process is None:
            raise StartError(f"{self.spec.name} is not running")
        return await self._process.wait()

    async def stop(self) -> None:
        """Ask the process to end, and kill it when it has not within its time."""
        if not self.running or self._process is None:
            return
        with suppress(ProcessLookupError):
            # A stopped process (SIGSTOP) could not act on the signal that asks it to end.
            self._process.send_signal(signal.SIGCONT)
            self._process.send_signal(self.spec.stop_signal)
        try:
            async with asyncio.timeout(self.spec.stop_timeout_s):
                await self._process.wait()
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        """End the process at once and reap it."""
        if self._process is None:
            return
        self.signal_kill()
        await self._process.wait()

    def signal_kill(self) -> None:
        """End the process at once; whoever waits for it reaps it."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()

    async def run_to_end(self) -> None:
        """Start the process and wait until it has done its work; `ready` is not asked.

        Raises:
            StartError: it did not exit with 0, or not in time.
        """
        await self._spawn()
        try:
            async with asyncio.timeout(self.spec.start_timeout_s):
                code = await self.wait()
        except TimeoutError:
            await self.kill()
            raise StartError(f"{self.spec.name} took too long{self._last_words()}") from None
        except BaseException:
            await self.kill()
            raise
        if code != 0:
            raise StartError(f"{self.spec.name} failed{self._last_words()}")

    def last_words(self) -> str:
        """Return the last lines that this run of the process wrote to its log."""
        return self._last_words().removeprefix(": ")

    async def _start_until_it_works(self) -> None:
        while True:
            if self.spec.before is not None:
                self.spec.before()
            await self._spawn()
            try:
                return await self._until_ready()
            except StartError:
                words = self._last_words()
                if self.running or not any(word in words for word in self.spec.transient):
                    raise
            await asyncio.sleep(RETRY_S)

    async def _spawn(self) -> None:
        spec = self.spec
        spec.log.parent.mkdir(parents=True, exist_ok=True)
        rotate(spec.log)
        with spec.log.open("ab") as log:
            self._log_offset = log.tell()
            self._process = await asyncio.create_subprocess_exec(
                *spec.argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=None if spec.env is None else dict(spec.env),
                cwd=spec.cwd,
                # Its own session: Ctrl-C goes to the parent alone, which stops all in order.
                start_new_session=True,
                preexec_fn=_die_with_parent,
                user=spec.user,
                group=spec.user,
                extra_groups=None if spec.user is None else [],
            )

    async def _until_ready(self) -> None:
        while True:
            if not self.running:
                raise StartError(f"{self.spec.name} ended while starting{self._last_words()}")
            if await self.spec.ready(self.pid) and self.running:
                return
            await asyncio.sleep(self.spec.poll_s)

    def _last_words(self) -> str:
        try:
            with self.spec.log.open("rb") as log:
                size = log.seek(0, os.SEEK_END)
                # Smaller than at the start of this run: it was rotated since.
                begin = self._log_offset if self._log_offset <= size else 0
                log.seek(max(begin, size - LAST_BYTES))
                lines = log.read().decode(errors="replace").strip().splitlines()
        except OSError:
            return ""
        return ": " + " | ".join(line.strip() for line in lines[-TAIL_LINES:]) if lines else ""


def rotate(log: Path) -> None:
    """Put a log that has grown large aside, as `<name>.log.1`, also while it is written to.

    Its writers append, so they go on at the beginning of the emptied file.
    """
    with suppress(FileNotFoundError):
        if log.stat().st_size > ROTATE_ABOVE_BYTES:
            shutil.copyfile(log, log.with_suffix(log.suffix + ".1"))
            os.truncate(log, 0)
