"""Keeps every process of the product running, and ends all of them in order."""

import asyncio
import errno
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final, cast

from uchat_platform.embedded.errors import StartError
from uchat_platform.embedded.process import Child, Spec, rotate

FIRST_PAUSE_S: Final = 0.2
LONGEST_PAUSE_S: Final = 10.0
# A process that lived this long has earned a quick restart again.
STEADY_S: Final = 30.0
ROTATE_EVERY_S: Final = 10.0


class Supervisor:
    """Children by name. `tell` gets one line per event, `changed` is called for each new pid."""

    def __init__(self, tell: Callable[[str], None], changed: Callable[[], None]) -> None:
        self._tell = tell
        self._changed = changed
        self._children: dict[str, Child] = {}

    @property
    def pids(self) -> dict[str, int]:
        """The pid of every child, in the order of their start."""
        return {name: child.pid for name, child in self._children.items()}

    async def launch(self, specs: Sequence[Spec]) -> None:
        """Start several children at the same time; return when all are ready.

        Raises:
            StartError: the first one that could not be started.
        """
        try:
            async with asyncio.TaskGroup() as group:
                for spec in specs:
                    group.create_task(self._launch(spec))
        except BaseExceptionGroup as several:
            raise expected(several) from None

    async def watch(self) -> None:
        """Bring back every child that ends, until cancelled."""
        async with asyncio.TaskGroup() as group:
            for child in self._children.values():
                group.create_task(self._keep(child))
            group.create_task(self._rotate_logs())

    async def stop(self, order: Sequence[Sequence[str]]) -> None:
        """End the children, group by group; a word stands for all replicas of a service."""
        for words in order:
            named = [
                child
                for name, child in self._children.items()
                if name in words or name.rpartition("-")[0] in words
            ]
            await asyncio.gather(*(child.stop() for child in named))
        await asyncio.gather(*(child.stop() for child in self._children.values()))
        self._children.clear()

    def kill(self) -> None:
        """End all children at once, for a person who cannot wait."""
        for child in self._children.values():
            child.signal_kill()

    async def _rotate_logs(self) -> None:
        while True:
            await asyncio.sleep(ROTATE_EVERY_S)
            for child in self._children.values():
                # A full disk must not end the product; the next round may have room.
                with suppress(OSError):
                    rotate(child.spec.log)

    async def _launch(self, spec: Spec) -> None:
        begin = time.monotonic()
        child = Child(spec)
        # Held before it is ready, so that a stop in between finds it.
        self._children[spec.name] = child
        await child.start()
        self._tell(f"  {spec.name:<20} ready  {time.monotonic() - begin:4.1f} s  pid {child.pid}")

    async def _keep(self, child: Child) -> None:
        pause_s = FIRST_PAUSE_S
        while True:
            begin = time.monotonic()
            reason = ending(await child.wait())
            if time.monotonic() - begin > STEADY_S:
                pause_s = FIRST_PAUSE_S
            pause_s = await self._bring_back(child, reason, pause_s)

    async def _bring_back(self, child: Child, reason: str, pause_s: float) -> float:
        name = child.spec.name
        ended = time.monotonic()
        while True:
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
            try:
                await child.start()
            except (StartError, OSError) as e:
                self._tell(f"  {name:<12} {reason}, not back yet, next in {pause_s:.1f} s: {e}")
                continue
            took = time.monotonic() - ended
            self._tell(f"  {name:<12} {reason}, back after {took:.1f} s  pid {child.pid}")
            self._changed()
            return pause_s


def ending(code: int) -> str:
    """Return how a process ended, in words."""
    return f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"


def expected(several: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the one start error of a task group, or the group if it holds a bug as well."""
    # What is raised inside `except*` comes out in a group again, in some releases of Python 3.11.
    _, bugs = several.split((StartError, OSError))
    return start_error(several) if bugs is None else several


def start_error(error: BaseException) -> StartError:
    """Return any failure of a start as one line for the person at the keyboard."""
    if isinstance(error, BaseExceptionGroup):
        group = cast("BaseExceptionGroup[BaseException]", error)
        return start_error(group.exceptions[0])
    if isinstance(error, StartError):
        return error
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return StartError(f"the disk is full: cannot write {error.filename or 'the data'}")
    return StartError(str(error))
