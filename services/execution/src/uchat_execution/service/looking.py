"""The loop that compares the newest quotes with what waits for them: triggers and alerts."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from uchat_execution.service.repeating import repeat

_EVERY_S: Final = 0.25

Look = Callable[[], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Looking:
    """Looks four times a second, on every replica; the first look is at once, for what a gap left.

    One that is slow or fails holds up no other: a stop order waits for no alert.
    """

    looks: Sequence[Look]

    async def run(self) -> None:
        """Look until cancelled."""
        async with asyncio.TaskGroup() as group:
            for look in self.looks:
                group.create_task(repeat(look, _EVERY_S, "look_waits"))
