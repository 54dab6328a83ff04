"""Reads one partition of a stream in order, through every loss of the connection or the server."""

import asyncio
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Final, Self

from nats import errors as nats_errors

from uchat_platform import logging, tasks
from uchat_platform.bus import metrics, wire
from uchat_platform.bus.client import Bus
from uchat_platform.bus.direct import Told
from uchat_platform.bus.messages import Received, StreamIdentity, StreamRecreatedError
from uchat_platform.errors import UchatError

_SILENT_S: Final = 2.5 * wire.HEARTBEAT_S
_PAUSE_S: Final = 0.05
_LONGEST_PAUSE_S: Final = 1.0
# From here on the server is not asked for more until the owner has taken some.
_HIGH_WATER: Final = 2_000

_log = logging.get_logger(__name__)


class PartitionReader:
    """Messages of `filter_subject` after `after_seq` (None: from now on), each once, in order.

    Rests on an unacknowledged consumer that the server numbers: a missing number, a missed
    heartbeat or a reconnect makes a new consumer after the last message. So nothing is stored
    about a reader anywhere but in its owner's cursor. `ready` is an event that several readers may
    share: it is set whenever this one has something to take.

    `created` names the stream that the cursor belongs to (`StreamIdentity.created`). If it was
    made anew, or has lost its end, `take` and `batches` raise StreamRecreatedError; a reader from
    "now on" goes on at the new end instead and reports a gap to the bus.
    """

    def __init__(
        self,
        bus: Bus,
        stream: str,
        filter_subject: str,
        after_seq: int | None,
        *,
        created: str | None = None,
        ready: asyncio.Event | None = None,
    ) -> None:
        self._bus = bus
        self._stream = stream
        self._filter = filter_subject
        self._tail = after_seq is None
        self._last = after_seq or 0
        self._created = created
        self._shared = ready
        self._buffer: list[Received] = []
        self._arrived = asyncio.Event()
        self._started = asyncio.Event()
        self._renew = asyncio.Event()
        self._reason = "start"
        self._failed: BaseException | None = None
        self._consumer_seq: int = 0
        self._check: int | None = None  # timestamp of the last message, when it is read again
        self._timestamp: int | None = None
        self._heard = 0.0
        self._generation = 0
        self._held: str | None = None
        self._task: asyncio.Task[None] | None = None
        self.position = after_seq

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())  # owned: by this context manager
        self._task.add_done_callback(self._ended)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if self._task is not None:
            await tasks.end([self._task])

    async def started(self) -> None:
        """Return once the server delivers to this reader: from then on nothing is missed."""
        await self._started.wait()

    def take(self, limit: int) -> list[Received]:
        """Return what has arrived, oldest first, `limit` at most, without waiting.

        Raises:
            StreamRecreatedError: the cursor belongs to another stream.
        """
        buffer = self._buffer
        if not buffer:
            if self._failed is not None:
                raise self._failed
            return []
        batch, self._buffer = buffer[:limit], buffer[limit:]
        self.position = batch[-1].seq
        metrics.RECEIVED.labels(self._stream).inc(len(batch))
        if self._buffer and self._shared is not None:
            self._shared.set()
        if self._held is not None and len(self._buffer) < _HIGH_WATER:
            self._renew.set()
        return batch

    async def batches(self, limit: int = 500) -> AsyncIterator[list[Received]]:
        """Yield what has arrived, as soon as anything has.

        Raises:
            StreamRecreatedError: the cursor belongs to another stream.
        """
        while True:
            batch = self.take(limit)
            if batch:
                yield batch
            else:
                self._arrived.clear()
                await self._arrived.wait()

    async def _run(self) -> None:
        remove = self._bus.on_reconnect(lambda: self._ask_anew("reconnect"))
        pause = _PAUSE_S
        try:
            while True:
                try:
                    await self._follow()
                    pause = _PAUSE_S
                except StreamRecreatedError:
                    raise
                except (UchatError, nats_errors.Error) as e:
                    _log.debug("reader_waits", stream=self._stream, detail=str(e))
                    await self._rest(pause)
                    pause = min(2 * pause, _LONGEST_PAUSE_S)
        finally:
            remove()

    async def _follow(self) -> None:
        """Make a consumer and stay with it until it must be replaced."""
        self._renew.clear()
        self._reason = ""
        start = self._start_at(await self._bus.stream_identity(self._stream))
        self._generation += 1
        self._consumer_seq = 0
        self._held = None
        client = self._bus.client
        inbox = client.new_inbox()
        generation = self._generation

        def deliver(told: Told) -> None:
            if generation == self._generation and not self._reason:
                self._on_message(told)

        subscription = await client.listen(inbox, deliver)
        try:
            name = inbox.rpartition(".")[2]
            await self._bus.api(
                f"CONSUMER.CREATE.{self._stream}.{name}.{self._filter}",
                wire.consumer(self._stream, name, inbox, self._filter, start),
            )
            self._heard = asyncio.get_running_loop().time()
            self._started.set()
            await self._until_broken()
        finally:
            if not client.is_closed and not client.is_draining:
                await subscription.unsubscribe()

    async def _until_broken(self) -> None:
        loop = asyncio.get_running_loop()
        while not self._reason:
            try:
                async with asyncio.timeout(_SILENT_S):
                    await self._renew.wait()
            except TimeoutError:
                if loop.time() - self._heard >= _SILENT_S and self._bus.connected:
                    self._ask_anew("silence")
            else:
                self._renew.clear()
                await self._answer()
        metrics.RESTARTED.labels(self._stream, self._reason).inc()

    def _start_at(self, identity: StreamIdentity) -> int:
        first = not self._started.is_set()
        if self._tail:
            if first:
                self._last = identity.last_seq
            elif identity.created != self._created or identity.last_seq < self._last:
                # This log is kept in Postgres: what was lost here is found by asking for heads.
                self._last, self._timestamp = identity.last_seq, None
                self._bus.missed()
            self._created = identity.created
            # The last message is read again: another one under its number means a lost end.
            self._check = self._timestamp
            return self._last if self._check is not None else self._last + 1
        if identity.last_seq < self._last or self._created not in (None, identity.created):
            raise StreamRecreatedError(identity)
        self._created = identity.created
        return self._last + 1

    def _on_message(self, msg: Told) -> None:
        self._heard = asyncio.get_running_loop().time()
        at = wire.position(msg.reply)
        if at is None:
            self._on_control(msg)
            return
        if at.consumer_seq != self._consumer_seq + 1:
            self._ask_anew("gap")
            return
        self._consumer_seq = at.consumer_seq
        if self._check is not None:
            same = at.stream_seq == self._last and at.timestamp_ns == self._check
            self._check = None
            if same:
                return
            self._bus.missed()
        elif at.stream_seq <= self._last:
            return
        self._last, self._timestamp = at.stream_seq, at.timestamp_ns
        self._buffer.append(wire.received(self._stream, msg, at))
        self._wake()

    def _on_control(self, msg: Told) -> None:
        told = wire.control(msg)
        if told.gone:
            self._ask_anew("gone")
        elif told.consumer_seq is not None and told.consumer_seq > self._consumer_seq:
            self._ask_anew("gap")
        elif told.reply is not None:
            self._held = told.reply
            self._renew.set()

    async def _answer(self) -> None:
        if self._held is not None and len(self._buffer) < _HIGH_WATER:
            reply, self._held = self._held, None
            await self._bus.publish_core(reply, b"")

    def _ask_anew(self, reason: str) -> None:
        self._reason = self._reason or reason
        self._renew.set()

    async def _rest(self, pause: float) -> None:
        # A reconnect ends the pause at once, also one that came before it.
        if self._reason:
            return
        self._renew.clear()
        try:
            async with asyncio.timeout(pause):
                await self._renew.wait()
        except TimeoutError:
            return

    def _ended(self, task: "asyncio.Task[None]") -> None:
        # What ends the reader is raised where its owner takes messages.
        error = None if task.cancelled() else task.exception()
        if error is not None:
            _log.error("reader_failed", stream=self._stream, filter=self._filter, detail=str(error))
            self._failed = error
            self._wake()

    def _wake(self) -> None:
        self._arrived.set()
        if self._shared is not None:
            self._shared.set()
