"""Follows one partition of the log and tells what is to be told, entry after entry of each log."""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pydantic import ValidationError

from uchat_contracts.events import Delivery, LogEntry
from uchat_notifier.domain.rules import LINK_CHANGED, deliveries_of, telling_of
from uchat_notifier.ports import Ledger, Logs, Outlet, Place, Position, Queued, Step, Unsent
from uchat_notifier.service import metrics
from uchat_notifier.service.channels import KnownChannels
from uchat_platform import logging
from uchat_platform.errors import NotFoundError, UchatError

_PAGE: Final = 500
_HEADS: Final = 1000
_KEPT: Final = 5_000
_FIRST_PAUSE_S: Final = 0.05
_LONGEST_PAUSE_S: Final = 2.0
_SAVE_AFTER_S: Final = 5.0
_CHECK_EVERY_S: Final = 30.0
_ACTIVE_S: Final = 600.0
_LATELY_S: Final = 3600.0
_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Heard:
    """An announcement. `entry` is None if it tells nothing outside of the web by itself."""

    log: str
    epoch: str
    seq: int
    entry: LogEntry | None
    trace: str = ""


@dataclass(frozen=True, slots=True)
class _Next:
    """An entry whose turn it is."""

    entry: LogEntry
    trace: str


class Following:
    """The deliveries of one partition, in the order of each log, each made once.

    Announcements may be lost, doubled or swapped: it is known of each followed log up to which
    entry it was told, and what is missing before an announced entry is read from the log itself.
    That, the cursor and the deliveries are written in one transaction; then the deliveries are put
    on the bus in order, and those that a crash left are put there by the next owner, first of all.
    Failures that pass are waited for, for ever.

    Followed are the logs of people, and conversations from the first message of an interface that
    is not the web. The cursor of entries that concern nobody moves every five seconds only.
    """

    def __init__(
        self,
        partition: int,
        place: Place,
        *,
        ledger: Ledger,
        logs: Logs,
        channels: KnownChannels,
        outlet: Outlet,
    ) -> None:
        self._partition = partition
        self._saved = place
        self._read = place
        self._ledger = ledger
        self._logs = logs
        self._channels = channels
        self._outlet = outlet
        self._positions: OrderedDict[str, Position] = OrderedDict()
        self._active_until = 0.0

        self._acked: list[str] = []

    @property
    def idle_s(self) -> float | None:
        """How long to wait for announcements before `rest` is called; None: for ever."""
        if self._read != self._saved:
            return _SAVE_AFTER_S
        return _CHECK_EVERY_S if time.monotonic() < self._active_until else None

    async def begin(self, after: Place, *, all_logs: bool) -> None:
        """Go on where the former owner ended: at `after`, the former place in today's stream.

        `all_logs`: the stream has lost announcements, so every log is compared with its head.

        Raises:
            CursorLostError: somebody else reads the partition.
        """
        await self._patiently(self._send_unsent)
        self._read = after
        await self.check(active_s=None if all_logs else _LATELY_S)

    async def take(self, heard: Sequence[Heard], last: int) -> None:
        """Tell what was announced; `last` is the place of the last announcement in the stream.

        Raises:
            CursorLostError: somebody else reads the partition; nothing of it was written.
        """
        self._read = replace(self._read, last=last)
        await self._patiently(lambda: self._take(heard))

    async def rest(self) -> None:
        """Save how far it is read, or look for what was announced last and lost."""
        if self._read != self._saved:
            await self._patiently(lambda: self._write({}, []))
        else:
            await self.check(active_s=_ACTIVE_S)

    async def check(self, *, active_s: float | None = _LATELY_S) -> None:
        """Compare logs that were told lately (None: all) with their heads; tell what is missing.

        For when the last announcement of a log may be lost, which no later one shows.
        """
        await self._patiently(lambda: self._check(active_s))

    async def _take(self, heard: Sequence[Heard]) -> None:
        known = await self._known([each.log for each in heard if each.entry is not None])
        changed: dict[str, Position] = {}
        told: list[_Next] = []
        for each in heard:
            position = changed.get(each.log) or known.get(each.log) or self._held(each.log)
            if each.entry is None:
                self._pass(each, position, changed)
                continue
            start = _start(each, position)
            if each.seq <= start.seq:
                continue
            if each.seq > start.seq + 1:
                told += await self._missing(each.log, start.seq, each.seq - 1)
            told.append(_Next(each.entry, each.trace))
            changed[each.log] = Position(each.epoch, each.seq)
        if told:
            await self._tell(changed, told)
        else:
            self._keep(changed)

    def _pass(self, each: Heard, position: Position | None, changed: dict[str, Position]) -> None:
        # Of a followed log, so that its next entry leaves no gap; saved with what is told next.
        if position is not None and (position.epoch, position.seq + 1) == (each.epoch, each.seq):
            changed[each.log] = Position(each.epoch, each.seq)

    async def _check(self, active_s: float | None) -> None:
        followed = await self._ledger.followed(self._partition, active_s=active_s)
        followed |= {log: self._positions[log] for log in followed if log in self._positions}
        logs = list(followed)
        for page in (logs[n : n + _HEADS] for n in range(0, len(logs), _HEADS)):
            epoch, heads = await self._logs.heads(page)
            for log, head in heads.items():
                position = followed[log]
                if (position.epoch, position.seq) != (epoch, head):
                    await self._catch_up(log, min(position.seq, head), Position(epoch, head))
        if self._read != self._saved:
            await self._write({}, [])

    async def _catch_up(self, log: str, after: int, to: Position) -> None:
        found = await self._missing(log, after, to.seq)
        await self._tell({log: to}, found)

    async def _missing(self, log: str, after: int, to: int) -> list[_Next]:
        """Return the entries with after < seq <= to, from the log itself."""
        found: list[_Next] = []
        metrics.FETCHED.labels("gap").inc()
        while after < to:
            try:
                page = await self._logs.entries(log, after, min(_PAGE, to - after))
            except NotFoundError:
                # Erased: nothing of it is told any more.
                return []
            if not page:
                return found
            found += [_Next(entry, "") for entry in page if entry.seq <= to]
            after = page[-1].seq
        return found

    async def _tell(self, positions: dict[str, Position], told: Sequence[_Next]) -> None:
        queued: list[Queued] = []
        for each in told:
            if each.entry.kind == LINK_CHANGED:
                self._channels.forget(each.entry.log)
            telling = telling_of(each.entry)
            if telling is None:
                continue
            channels = await self._channels.of(telling)
            try:
                made = deliveries_of(each.entry, telling, channels)
            except ValidationError as e:
                # The entry stays where it is; what cannot be told must not hold up the others.
                metrics.DEAD.labels("untellable").inc()
                _log.error("entry_untellable", about=telling.about, faults=e.error_count())
                continue
            queued += [Queued(delivery, each.trace) for delivery in made]
        await self._write(positions, queued)

    async def _write(self, positions: dict[str, Position], queued: Sequence[Queued]) -> None:
        step = Step(self._partition, self._saved, self._read, positions, queued)
        new = await self._ledger.write(step)
        self._saved = self._read
        self._keep(positions)
        if positions:
            self._active_until = time.monotonic() + _ACTIVE_S
        # From here on nothing is repeated: what is not sent is found as unsent.
        mine = deque(each for each in queued if each.delivery.delivery_id in new)
        for each in mine:
            metrics.QUEUED.labels(each.delivery.interface, each.delivery.kind).inc()
        await self._patiently(lambda: self._send(mine))

    async def _send(self, queued: deque[Queued]) -> None:
        while queued:
            if await self._put(queued[0]):
                self._acked.append(queued[0].delivery.delivery_id)
            queued.popleft()
        if self._acked:
            await self._ledger.sent(self._acked)
            self._acked = []

    async def _put(self, queued: Queued) -> bool:
        delivery = queued.delivery
        try:
            await self._outlet.put(queued)
        except UchatError as e:
            if e.retryable:
                raise
            _log.error("delivery_failed", code=e.code, detail=e.detail, about=delivery.about)
            await self._ledger.failed(delivery.delivery_id, e.code)
            return False
        metrics.SENT.labels(delivery.interface).inc()
        metrics.DELAY.observe(max(0.0, time.time() - delivery.occurred_at.timestamp()))
        return True

    async def _send_unsent(self) -> None:
        while rows := await self._ledger.unsent(self._partition, _PAGE):
            metrics.FETCHED.labels("unsent").inc()
            await self._send(deque([each for row in rows if (each := await self._rebuilt(row))]))

    async def _rebuilt(self, row: Unsent) -> Queued | None:
        found: Sequence[LogEntry] = ()
        try:
            found = await self._logs.entries(row.log, row.seq - 1, 1)
        except NotFoundError:
            _log.info("delivery_of_erased_log", session_id=row.log, about=row.about)
        if not found or found[0].seq != row.seq:
            await self._ledger.failed(row.delivery_id, "erased")
            return None
        return Queued(_as_delivery(row, found[0]), row.trace)

    async def _known(self, logs: Sequence[str]) -> Mapping[str, Position]:
        unknown = {log for log in logs if log not in self._positions}
        return await self._ledger.positions(sorted(unknown)) if unknown else {}

    def _held(self, log: str) -> Position | None:
        held = self._positions.get(log)
        if held is not None:
            self._positions.move_to_end(log)
        return held

    def _keep(self, positions: Mapping[str, Position]) -> None:
        self._positions |= positions
        while len(self._positions) > _KEPT:
            self._positions.popitem(last=False)

    async def _patiently(self, work: Callable[[], Awaitable[None]]) -> None:
        pause = _FIRST_PAUSE_S
        while True:
            try:
                return await work()
            except UchatError as e:
                if not e.retryable:
                    raise
                metrics.RETRIED.labels(e.code).inc()
                _log.info("following_waits", partition=self._partition, code=e.code)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_S)


def _start(heard: Heard, position: Position | None) -> Position:
    """Return up to where the log was told before what is heard."""
    if position is None:
        return Position(heard.epoch, heard.seq - 1)
    if position.epoch == heard.epoch:
        return position
    # Restored to an earlier time: what has the numbers of what was lost is new.
    return Position(heard.epoch, min(position.seq, heard.seq - 1))


def _as_delivery(row: Unsent, entry: LogEntry) -> Delivery:
    return Delivery(
        delivery_id=row.delivery_id,
        user_id=row.person,
        interface=row.interface,
        address=row.address,
        log=row.log,
        seq=row.seq,
        kind=row.kind,
        about=row.about,
        rev=row.rev,
        data=entry.data,
        occurred_at=entry.ts,
        silent=row.silent,
    )
