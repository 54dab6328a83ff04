"""The machine's arena, and its long profile: `--hypothesis-profile=long`."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack

import pytest
from hypothesis import HealthCheck, Phase, settings
from services.execution.tests.machine.arena import Arena, open_arena
from services.execution.tests.machine.machine import Machine
from services.execution.tests.machine.processes import task_factory

from uchat_platform.bus import Bus
from uchat_platform.health import Health
from uchat_platform.testing import Servers
from uchat_platform.testing.databases import Databases

settings.register_profile(
    "long",
    max_examples=300,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate, Phase.shrink],
    print_blob=True,
)


@pytest.fixture
def machine(tmp_path, provisioned: Servers, databases: Databases) -> Iterator[type[Machine]]:
    """A machine with its arena, on a loop of its own."""

    async def keep(opened: "asyncio.Future[Arena]", over: asyncio.Event) -> None:
        # One task opens and closes everything, whatever runs in between.
        async with AsyncExitStack() as stack:
            shared = provisioned.settings("execution")
            bus = await Bus.connect(shared, "execution", Health("execution"), timeout_s=5)
            await stack.enter_async_context(bus)
            opened.set_result(await open_arena(stack, tmp_path, provisioned, databases, bus))
            await over.wait()

    async def begin() -> "tuple[Arena, asyncio.Event, asyncio.Task[None]]":
        opened, over = asyncio.get_running_loop().create_future(), asyncio.Event()
        keeping = asyncio.ensure_future(keep(opened, over))
        await asyncio.wait({opened, keeping}, return_when=asyncio.FIRST_COMPLETED)
        return await opened if opened.done() else await keeping, over, keeping

    async def end(over: asyncio.Event, keeping: "asyncio.Task[None]") -> None:
        over.set()
        await keeping

    with asyncio.Runner() as runner:
        runner.get_loop().set_task_factory(task_factory)
        Machine.arena, over, keeping = runner.run(begin())
        Machine.runner = runner
        try:
            yield Machine
        finally:
            runner.run(end(over, keeping))
