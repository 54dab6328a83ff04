"""Processes that can be stopped between any two steps, all of their tasks at once.

A replica runs in the test's own event loop, yet dies as by kill -9, stalls as by SIGSTOP, or loses
its connections, when its tasks have suspended for the n-th time. Nothing of it runs any further
then, and what it had sent is out.
"""

import asyncio
from collections.abc import Coroutine, Generator
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from typing import Any, Literal

from uchat_platform.errors import UchatError

How = Literal["kill", "stall", "cut"]
PASSING = (UchatError, OSError, TimeoutError)
"""What an operation may end with when something was away; anything else is a bug."""
_CURRENT: "ContextVar[Process | None]" = ContextVar("process", default=None)


@dataclass(frozen=True, slots=True)
class Crash:
    """What happens to a process when it has waited for the `at`-th time."""

    how: How
    at: int

    def __repr__(self) -> str:
        return f"Crash({self.how!r}, {self.at})"


@dataclass(frozen=True, slots=True)
class Ended:
    """How an operation ended: with a value, an error that passes, or not (`stopped`)."""

    value: Any = None
    error: Exception | None = None
    stopped: How | None = None


@dataclass(eq=False)
class Process:
    """Tasks that stop together. `waits` counts how often any of them has suspended."""

    name: str
    waits: int = 0
    crash: Crash | None = None
    is_dead: bool = False
    task: "asyncio.Task[Any] | None" = None
    _tasks: "set[asyncio.Task[Any]]" = field(default_factory=set)
    _runs: asyncio.Event = field(default_factory=asyncio.Event)
    _struck: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._runs.set()

    async def run(self, work: Coroutine[Any, Any, Any], crash: Crash | None = None) -> Ended:
        """Do some work until it is done or the process is struck; `struck` tells by what.

        A process that was cut off goes on by `resume`, as does a stalled one.
        """
        self.waits, self.crash = 0, crash
        self._struck.clear()
        context = copy_context()
        context.run(_CURRENT.set, self)
        self.task = asyncio.get_running_loop().create_task(work, context=context)
        return await self._until_struck()

    async def resume(self) -> Ended:
        """Let a stopped process go on to the end of its work."""
        self.crash = None
        self._struck.clear()
        self._runs.set()
        return await self._until_struck()

    async def die(self) -> None:
        """End all tasks. Whatever they would still do has no way out: sockets are closed before."""
        self.is_dead = True
        self._runs.set()
        while left := [task for task in self._tasks if not task.done()]:
            for task in left:
                task.cancel()
            await asyncio.wait(left, timeout=0.2)

    async def _until_struck(self) -> Ended:
        task = self.task
        if task is None:
            raise AssertionError(f"{self.name} has nothing to do")
        struck = asyncio.ensure_future(self._struck.wait())
        try:
            await asyncio.wait({task, struck}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            struck.cancel()
        if not task.done():
            return Ended(stopped=self.crash.how if self.crash else None)
        self._runs.set()
        try:
            return Ended(value=task.result())
        except PASSING as e:
            return Ended(error=e)

    def _suspended(self) -> None:
        self.waits += 1
        if self.crash is not None and self.waits == self.crash.at:
            self._runs.clear()
            self._struck.set()

    def _stopped(self) -> Generator[Any, None, None]:
        # A time limit that passed meanwhile is noticed by whoever wakes up.
        cancelled: asyncio.CancelledError | None = None
        while not self._runs.is_set() and not self.is_dead:
            try:
                yield from self._runs.wait().__await__()
            except asyncio.CancelledError as e:
                cancelled = e
        if cancelled is not None:
            raise cancelled


class _Steps:
    """Runs a coroutine step by step, as long as its process runs."""

    def __init__(self, process: Process, work: Coroutine[Any, Any, Any]) -> None:
        self.process, self.work = process, work

    def __await__(self) -> Generator[Any, Any, Any]:
        error: BaseException | None = None
        while True:
            try:
                yield from self.process._stopped()
            except asyncio.CancelledError as e:
                error = e
            try:
                future = self.work.send(None) if error is None else self.work.throw(error)
            except StopIteration as end:
                return end.value
            error = None
            self.process._suspended()
            try:
                yield future
            except BaseException as e:  # noqa: BLE001 - handed on to the coroutine
                error = e


def task_factory(loop: asyncio.AbstractEventLoop, work: Any, **more: Any) -> "asyncio.Task[Any]":
    """Make every task that a process starts a task of that process."""
    context = more.get("context")
    process = context.get(_CURRENT) if context is not None else _CURRENT.get()
    if process is None:
        return asyncio.Task(work, loop=loop, **more)

    async def stepped() -> Any:
        return await _Steps(process, work)

    task = asyncio.Task(stepped(), loop=loop, **more)
    process._tasks.add(task)
    task.add_done_callback(lambda _: _over(process, task, work))
    return task


def _over(process: Process, task: "asyncio.Task[Any]", work: Any) -> None:
    process._tasks.discard(task)
    work.close()
    if process.is_dead and not task.cancelled():
        # Nobody is there to hear of it.
        task.exception()
