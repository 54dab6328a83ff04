"""Shows answers while they are being written, as drafts that the person can stop.

Frames may be lost: the durable answer follows as a delivery. The newest text goes out at most
twice a second; after three failures in a row nothing more is tried for this answer.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from uchat_contracts.events import Delta, RunChanged, Running
from uchat_platform import logging
from uchat_platform.errors import RateLimitedError, UchatError
from uchat_telegram.domain.answers import preview
from uchat_telegram.ports import BotApi, Outbound
from uchat_telegram.service.pacing import Pace

_FRAME_S: Final = 0.5
_ALIVE_S: Final = 4.0
_FAILURES: Final = 3
_TYPINGS: Final = 15
_LONGEST_S: Final = 180.0
_log = logging.get_logger(__name__)

Follow = Callable[
    [str, Callable[[Delta | RunChanged], None]], Awaitable[Callable[[], Awaitable[None]]]
]
"""Hear what is told of a conversation's running answer; returns what ends that."""


@dataclass(slots=True)
class Text:
    """The text of one answer so far, put together from its deltas."""

    message_id: str
    epoch: int = -1
    next_i: int = 0
    text: str = ""
    broken: bool = False

    def take(self, delta: Delta) -> bool:
        """Take some text; tells whether there is something new to show."""
        if delta.epoch < self.epoch:
            return False
        if delta.epoch > self.epoch:
            self.epoch, self.next_i, self.text, self.broken = delta.epoch, 0, "", False
        if delta.i > self.next_i:
            self.broken = True
        if self.broken or delta.i < self.next_i:
            return False
        self.next_i, self.text = self.next_i + delta.n, self.text + delta.text
        return True

    def repair(self, running: Running) -> None:
        """Take the whole text so far."""
        if running.message_id == self.message_id and running.epoch >= self.epoch:
            self.epoch, self.next_i = running.epoch, running.next_i
            self.text, self.broken = running.text, False


@dataclass(slots=True)
class Stream:
    """One answer that a chat waits for."""

    chat_id: int
    log: str
    draft_id: int
    text: Text
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    ended: bool = False

    def hear(self, news: Delta | RunChanged) -> None:
        """Take what is told of a running answer of the conversation."""
        if news.message_id != self.text.message_id:
            return
        if isinstance(news, RunChanged):
            self.ended = self.ended or news.phase == "finished"
            self.changed.set()
        elif self.text.take(news) or self.text.broken:
            self.changed.set()

    def end(self) -> None:
        """Show no more of it."""
        self.ended = True
        self.changed.set()


@dataclass(slots=True)
class Streaming:
    """Follows the answers that chats wait for."""

    bot: BotApi
    outbound: Outbound
    pace: Pace
    follow: Follow
    _streams: dict[tuple[int, str], Stream] = field(default_factory=dict[tuple[int, str], Stream])

    def log_of(self, chat_id: int) -> str | None:
        """Return the conversation whose answer a chat is shown now, if any."""
        logs = [stream.log for (chat, _), stream in self._streams.items() if chat == chat_id]
        return logs[-1] if logs else None

    def finish(self, chat_id: int, answer_id: str) -> None:
        """Stop showing an answer: the durable one is about to be sent."""
        stream = self._streams.get((chat_id, answer_id))
        if stream is not None:
            stream.end()

    async def watch(self, chat_id: int, log: str, answer_id: str, draft_id: int) -> Awaitable[None]:
        """Follow an answer from now on; returns the work to do until it ends.

        Raises:
            UchatError: the bus is away.
        """
        stream = Stream(chat_id, log, draft_id, Text(answer_id))
        unfollow = await self.follow(log, stream.hear)
        self._streams[chat_id, answer_id] = stream
        return self._run(stream, unfollow)

    async def _run(self, stream: Stream, unfollow: Callable[[], Awaitable[None]]) -> None:
        try:
            async with asyncio.timeout(_LONGEST_S):
                await self._type(stream)
                await self._frames(stream)
        except TimeoutError:
            _log.info("stream_given_up")
        finally:
            self._streams.pop((stream.chat_id, stream.text.message_id), None)
            await unfollow()

    async def _type(self, stream: Stream) -> None:
        # Typing is shown for 5 s; it is renewed until there is some text.
        for _ in range(_TYPINGS):
            await self._quietly(stream, lambda: self.bot.typing(stream.chat_id))
            if await self._has_text(stream):
                return

    async def _has_text(self, stream: Stream) -> bool:
        try:
            async with asyncio.timeout(_ALIVE_S):
                while not stream.ended and not stream.text.text:
                    await stream.changed.wait()
                    stream.changed.clear()
                    await self._repair(stream)
        except TimeoutError:
            return False
        return True

    async def _frames(self, stream: Stream) -> None:
        failures = 0
        while not stream.ended and failures < _FAILURES:
            await self._repair(stream)
            stream.changed.clear()
            if self.pace.spare_turn(stream.chat_id):
                html = preview(stream.text.text)
                fine = await self._quietly(
                    stream,
                    lambda shown=html: self.bot.draft(stream.chat_id, stream.draft_id, shown),
                )
                failures = 0 if fine else failures + 1
            await asyncio.sleep(_FRAME_S)
            if not stream.ended:
                await stream.changed.wait()

    async def _repair(self, stream: Stream) -> None:
        if not stream.text.broken:
            return
        running = await self.outbound.running(stream.log)
        if running is not None:
            stream.text.repair(running)

    async def _quietly(self, stream: Stream, call: Callable[[], Awaitable[None]]) -> bool:
        try:
            await call()
        except RateLimitedError as e:
            self.pace.pause(stream.chat_id, e.retry_after_s or 1.0)
        except UchatError as e:
            _log.info("frame_dropped", code=e.code)
            return False
        return True
