"""Wait for what must become true, instead of sleeping and hoping."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import TypeVar, cast

T = TypeVar("T")

_EVERY_S = 0.005


async def eventually(
    condition: Callable[[], T | Awaitable[T]], *, timeout_s: float = 5.0, every_s: float = _EVERY_S
) -> T:
    """Return the first truthy result of the condition.

    Raises:
        AssertionError: it was not truthy within the time.
    """
    result: T | None = None
    loop = asyncio.get_running_loop()
    end = loop.time() + timeout_s
    while loop.time() < end:
        found = condition()
        result = await cast("Awaitable[T]", found) if inspect.isawaitable(found) else found
        if result:
            return result
        await asyncio.sleep(every_s)
    raise AssertionError(f"Still {result!r} after {timeout_s} s")
