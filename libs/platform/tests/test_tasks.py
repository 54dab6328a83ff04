import asyncio

import pytest

from uchat_platform import tasks


async def test_a_task_that_swallows_its_first_cancellation_is_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tasks, "_AGAIN_S", 0.01)
    swallowed = 0

    async def deaf() -> None:
        nonlocal swallowed
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            swallowed += 1
        await asyncio.Event().wait()

    working = [asyncio.create_task(deaf()), asyncio.create_task(asyncio.Event().wait())]
    await asyncio.sleep(0)
    await tasks.end(working)
    assert swallowed == 1
    assert all(task.cancelled() for task in working)


async def test_what_a_task_fails_with_is_left_to_who_asks() -> None:
    async def failing() -> None:
        raise ValueError

    task = asyncio.create_task(failing())
    await asyncio.wait([task])
    await tasks.end([task])
    assert isinstance(task.exception(), ValueError)
