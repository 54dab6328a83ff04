"""Which process works on which partition: Postgres advisory locks, shared out fairly.

Ownership spreads the work and keeps order cheap; it guards nothing by itself. What may happen only
once is guarded where it happens, by a compare-and-set.
"""

import asyncio
import secrets
import zlib
from collections.abc import Awaitable, Callable
from typing import Any, Final

import asyncpg

from uchat_platform import logging, tasks
from uchat_platform.db import LOST
from uchat_platform.errors import UchatError
from uchat_platform.health import Health
from uchat_platform.partition_locks import Locks, Survey

_BEAT_S: Final = 0.25
_RETRY_S: Final = 1.0
_LONGEST_PAUSE_S: Final = 2.0
_MEMBERS: Final = 0x7FFF_FFFF
# One below, so that the class of the member locks, the next number, fits too.
_CLASSES: Final = 0x3FFF_FFFF

_log = logging.get_logger(__name__)

PartitionCallback = Callable[[int], Awaitable[None]]


class PartitionOwnership:
    """Holds this process' fair share of `count` partitions, ceil(count / live members).

    One connection holds the locks and beats by its very queries. A member whose beat is older than
    3 s while others beat on time is taken for stalled: its backend is terminated, which frees its
    locks. Losing the connection is losing everything, at once. `lock_class` names who competes.

    `on_release(p)` is awaited exactly once after each begun `on_acquire(p)`, which is cancelled if
    it still runs. Both run beside the beat, so they may wait.
    """

    def __init__(
        self,
        dsn: str,
        lock_class: str,
        *,
        count: int = 16,
        on_acquire: PartitionCallback,
        on_release: PartitionCallback,
        health: Health | None = None,
    ) -> None:
        self._dsn = dsn
        self._name = lock_class
        self._class = zlib.crc32(lock_class.encode()) & _CLASSES
        self._count = count
        self._on_acquire = on_acquire
        self._on_release = on_release
        self._health = health
        self._owned: set[int] = set()
        self._holders: dict[int, _Holder] = {}
        self._not_before: dict[int, float] = {}
        self._pause = _BEAT_S
        self._finished = asyncio.Event()

    @property
    def owned(self) -> frozenset[int]:
        """The partitions that are this process' now."""
        return frozenset(self._owned)

    def owns(self, partition: int) -> bool:
        """Whether the partition is this process' now; false the moment the connection is lost."""
        return partition in self._owned

    async def run(self) -> None:
        """Compete until cancelled, then give everything back."""
        async with asyncio.TaskGroup() as group:
            while True:
                try:
                    await self._compete(group)
                except (*LOST, asyncpg.PostgresError) as e:
                    _log.warning("partitions_lost", lock_class=self._name, detail=str(e))
                finally:
                    self._lose_all()
                await self._all_released()
                await asyncio.sleep(self._pause)
                self._pause = min(2 * self._pause, _LONGEST_PAUSE_S)

    async def _compete(self, group: asyncio.TaskGroup) -> None:
        member = secrets.randbelow(_MEMBERS)
        locks = await Locks.open(self._dsn, self._class, member, self._lose_all)
        try:
            while True:
                self._finished.clear()
                survey = await locks.survey()
                self._own_only(survey.mine)
                await self._balance(group, locks, survey)
                self._pause = _BEAT_S
                self._ready(value=True)
                await self._until_next_beat()
        except asyncio.CancelledError:
            # Asked to stop: the next owner must not begin before we have finished.
            for holder in self._holders.values():
                holder.release()
            await self._all_released()
            raise
        finally:
            self._ready(value=False)
            await locks.close()

    async def _until_next_beat(self) -> None:
        # Somebody may be waiting for a partition that was just finished with.
        try:
            async with asyncio.timeout(_BEAT_S):
                await self._finished.wait()
        except TimeoutError:
            return

    async def _balance(self, group: asyncio.TaskGroup, locks: Locks, survey: Survey) -> None:
        fair = -(-self._count // max(1, survey.members))
        await self._unlock_finished(locks, survey)
        for partition in sorted(self._owned)[fair:]:
            self._owned.discard(partition)
            self._holders[partition].release()
        if len(self._holders) < fair:
            await self._acquire(group, locks, survey, fair)

    async def _unlock_finished(self, locks: Locks, survey: Survey) -> None:
        for partition in [number for number, holder in self._holders.items() if holder.finished]:
            holder = self._holders.pop(partition)
            self._owned.discard(partition)
            if partition in survey.mine:
                await locks.unlock(partition)
            if holder.failed:
                self._not_before[partition] = asyncio.get_running_loop().time() + _RETRY_S

    async def _acquire(
        self, group: asyncio.TaskGroup, locks: Locks, survey: Survey, fair: int
    ) -> None:
        now = asyncio.get_running_loop().time()
        for partition in survey.free(self._count):
            if len(self._holders) >= fair:
                return
            if partition in self._holders or self._not_before.get(partition, 0.0) > now:
                continue
            if await locks.try_lock(partition):
                self._owned.add(partition)
                holder = _Holder(partition, self._on_acquire, self._on_release, self._finished)
                self._holders[partition] = holder
                group.create_task(holder.run(), name=f"partition-{self._name}-{partition}")

    def _own_only(self, mine: frozenset[int]) -> None:
        for partition in self._owned - mine:
            self._owned.discard(partition)
            self._holders[partition].release()

    def _lose_all(self) -> None:
        self._owned.clear()
        for holder in self._holders.values():
            holder.release()

    async def _all_released(self) -> None:
        for holder in list(self._holders.values()):
            await holder.done.wait()
        self._holders.clear()

    def _ready(self, *, value: bool) -> None:
        if self._health is not None:
            self._health.ready(f"partitions.{self._name}", value)


class _Holder:
    """One partition from acquiring to released."""

    def __init__(
        self,
        partition: int,
        on_acquire: PartitionCallback,
        on_release: PartitionCallback,
        wake: asyncio.Event,
    ) -> None:
        self._partition = partition
        self._on_acquire = on_acquire
        self._on_release = on_release
        self._wake = wake
        self._leave = asyncio.Event()
        self.done = asyncio.Event()
        self.failed = False

    @property
    def finished(self) -> bool:
        return self.done.is_set()

    def release(self) -> None:
        self._leave.set()

    async def run(self) -> None:
        acquiring = asyncio.ensure_future(  # owned: awaited and cancelled below
            self._on_acquire(self._partition)
        )
        leaving = asyncio.ensure_future(self._leave.wait())  # owned: awaited and cancelled below
        try:
            await asyncio.wait((acquiring, leaving), return_when=asyncio.FIRST_COMPLETED)
            if acquiring.done() and not self._leave.is_set():
                self.failed = _failed(self._partition, acquiring)
            if not self.failed:
                await leaving
        finally:
            await _cancelled(acquiring)
            await _cancelled(leaving)
            try:
                await self._on_release(self._partition)
            finally:
                self.done.set()
                self._wake.set()


def _failed(partition: int, acquiring: "asyncio.Future[None]") -> bool:
    error = acquiring.exception()
    if error is None:
        return False
    if not isinstance(error, (UchatError, asyncpg.PostgresError, *LOST)):
        raise error
    _log.warning("partition_not_ready", partition=partition, detail=str(error))
    return True


async def _cancelled(task: "asyncio.Future[Any]") -> None:
    await tasks.end([task])
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.debug("partition_task_ended", detail=str(error))
