"""A queue of frames with somebody who sends them: shared by sockets and event streams."""

import asyncio
import time
from collections.abc import AsyncGenerator

from uchat_contracts.model import Model
from uchat_gateway.doors.chat.outbound import Limits, Outbound
from uchat_gateway.service.live.frames import Frame, control


class Pump:
    """Wakes its sender when frames come, and its producers when there is room again."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._outbound = Outbound(limits)
        self._more = asyncio.Event()
        self._room = asyncio.Event()
        self._ended = False

    @property
    def ended(self) -> bool:
        """Tell whether nothing more is taken."""
        return self._ended

    def offer(self, frame: Frame, *, bulk: bool = False) -> None:
        """Queue a frame. Frames after the end are dropped."""
        if not self._ended:
            self._outbound.offer(frame, time.monotonic(), bulk=bulk)
            self._more.set()

    def say(self, frame: Model, *, bulk: bool = False) -> None:
        """Queue a frame for this client alone."""
        self.offer(control(frame.json_bytes()), bulk=bulk)

    def too_slow(self) -> bool:
        """Tell whether the client does not keep up."""
        return self._outbound.too_slow(time.monotonic())

    async def room(self) -> None:
        """Wait until a replay may go on."""
        while not (self._outbound.has_room or self._ended):
            self._room.clear()
            await self._room.wait()

    def end(self) -> None:
        """Take nothing more; `frames` ends when all is sent."""
        self._ended = True
        self._more.set()
        self._room.set()

    async def frames(self, idle_s: float | None = None) -> AsyncGenerator[Frame | None]:
        """Yield frames to send until the end; each counts as sent when the next is asked for.

        With `idle_s`, None is yielded when nothing came for so long.
        """
        while True:
            frame = self._outbound.take()
            if frame is not None:
                yield frame
                self._outbound.sent()
                self._room.set()
            elif self._ended:
                return
            else:
                self._more.clear()
                try:
                    await asyncio.wait_for(self._more.wait(), idle_s)
                except TimeoutError:
                    yield None
