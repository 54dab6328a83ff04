"""The log as it is announced: one reader a partition, for the partitions that are owned here."""

import asyncio
from typing import Final

from pydantic import ValidationError

from uchat_ai_core.domain.partition import partition_of
from uchat_ai_core.service.loop import TurnLoop
from uchat_ai_core.service.sweeper import Sweeper
from uchat_ai_core.service.windows import Announced
from uchat_contracts import subjects
from uchat_contracts.events import LogEntry
from uchat_platform import logging
from uchat_platform.bus import Bus, PartitionReader, Received

_BATCH: Final = 500
_TRACE_HEADERS: Final = ("traceparent", "tracestate")
_log = logging.get_logger(__name__)


class LogHandlers:
    """Consumes `uchat.log.v1.<log>.<kind>`; publishes nothing itself.

    Safe to run twice: an entry only rings, and each window's guard applies an entry once. A reader
    starts at what is new; what waits from before is found by asking the sessions service.
    """

    def __init__(self, bus: Bus, loop: TurnLoop, sweeper: Sweeper) -> None:
        self._bus = bus
        self._loop = loop
        self._sweeper = sweeper
        self._readers: dict[int, asyncio.Task[None]] = {}
        self._group: asyncio.TaskGroup | None = None

    async def run(self) -> None:
        """Hold the readers until cancelled."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            await asyncio.Event().wait()

    async def on_acquire(self, partition: int) -> None:
        """Start to read a partition that was taken over."""
        if self._group is None:
            return
        self._loop.owned.add(partition)
        self._readers[partition] = self._group.create_task(self._read(partition))
        await self._sweeper.gained(partition)

    async def on_release(self, partition: int) -> None:
        """Stop reading; windows that would grow stale go."""
        self._loop.owned.discard(partition)
        task = self._readers.pop(partition, None)
        if task is not None:
            task.cancel()
        self._loop.windows.drop_where(lambda log: partition_of(log) == partition)

    async def _read(self, partition: int) -> None:
        subject = subjects.log_partition(partition)
        async with PartitionReader(self._bus, subjects.LOG, subject, None) as reader:
            async for batch in reader.batches(_BATCH):
                for received in batch:
                    self._take(received)

    def _take(self, received: Received) -> None:
        try:
            entry = LogEntry.model_validate_json(received.payload)
        except ValidationError:
            # The entry itself is safe in the log; whoever needs it reads it there.
            _log.warning("entry_not_understood", stream_seq=received.seq)
            return
        headers = {
            name: received.headers[name] for name in _TRACE_HEADERS if name in received.headers
        }
        try:
            self._loop.heard(Announced(entry, headers))
        except Exception:  # noqa: BLE001 - the edge of the bus: one entry must not stop the others
            _log.exception("entry_failed", session_id=entry.log, seq=entry.seq)
