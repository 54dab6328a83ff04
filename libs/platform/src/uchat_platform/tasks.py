"""The end of tasks, whatever they wait on."""

import asyncio
from collections.abc import Collection
from typing import Any, Final

_AGAIN_S: Final = 1.0


async def end(tasks: Collection[asyncio.Future[Any]]) -> None:
    """Cancel tasks and return once all have ended; what they end with is left in them.

    Again and again: on Python 3.11 whatever waits by `asyncio.wait_for` can swallow a cancellation,
    and clean-up that fails can put its own error in its place.
    """
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=_AGAIN_S)
