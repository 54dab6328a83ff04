"""The log as it is announced, partition by partition.

Consumes `uchat.log.v1.<log>.<kind>` from a cursor that moves with what comes of it; what is
published is `service.following`'s. Safe to run twice: see there.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from uchat_contracts import subjects
from uchat_contracts.events import LogEntry
from uchat_notifier.domain.rules import is_person
from uchat_notifier.ports import CursorLostError, Ledger, Place
from uchat_notifier.service import metrics
from uchat_notifier.service.following import Following, Heard
from uchat_platform import logging
from uchat_platform.bus import Bus, PartitionReader, Received, StreamRecreatedError, dead_letters
from uchat_platform.errors import InvalidInputError, UchatError, UnavailableError

_BATCH: Final = 200
_RETRY_S: Final = 0.2
_TOKENS: Final = 5
_TRACEPARENT: Final = "traceparent"
_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LogHandlers:
    """Reads the partitions that this process owns: `on_acquire` runs as long as it owns one."""

    bus: Bus
    ledger: Ledger
    interfaces: Sequence[str]
    follow: Callable[[int, Place], Following]

    async def on_acquire(self, partition: int) -> None:
        """Follow a partition until cancelled."""
        while True:
            try:
                await self._follow(partition)
            except StreamRecreatedError:
                _log.warning("stream_recreated", partition=partition)
            except CursorLostError:
                # Its former owner wrote once more, or we did and never heard of it: begin anew.
                metrics.CURSOR_LOST.inc()
                _log.warning("cursor_lost", partition=partition)
                await asyncio.sleep(_RETRY_S)
            except UnavailableError as e:
                _log.info("partition_waits", partition=partition, code=e.code)
                await asyncio.sleep(_RETRY_S)

    async def on_release(self, partition: int) -> None:
        """Nothing is left to do: what was in hand is found by the next owner."""

    async def _follow(self, partition: int) -> None:
        place = await self.ledger.place(partition)
        identity = await self.bus.stream_identity(subjects.LOG)
        last = identity.cursor(place.stream, place.last)
        # Announcements that were never read are gone from the stream: lost, or kept for too long.
        lost = bool(place.stream) and (
            place.stream != identity.created
            or last != place.last
            or identity.first_seq > place.last + 1
        )
        following = self.follow(partition, place)
        await following.begin(Place(identity.created, last), all_logs=lost)
        await self._read(partition, following, Place(identity.created, last))

    async def _read(self, partition: int, following: Following, place: Place) -> None:
        ready, gap = asyncio.Event(), asyncio.Event()

        def missed() -> None:
            gap.set()
            ready.set()

        remove = self.bus.on_gap(missed)
        subject = subjects.log_partition(partition)
        reader = PartitionReader(
            self.bus, subjects.LOG, subject, place.last, created=place.stream, ready=ready
        )
        try:
            async with reader:
                while True:
                    ready.clear()
                    batch = reader.take(_BATCH)
                    if batch:
                        await following.take(await self._heard(batch), batch[-1].seq)
                    elif gap.is_set():
                        gap.clear()
                        await following.check()
                    elif not await _within(ready, following.idle_s):
                        await following.rest()
        finally:
            remove()

    async def _heard(self, batch: Sequence[Received]) -> list[Heard]:
        heard: list[Heard] = []
        for received in batch:
            try:
                one = decode(received, self.interfaces)
            except InvalidInputError as e:
                await self._put_aside(received, e)
                continue
            if one is not None:
                heard.append(one)
        return heard

    async def _put_aside(self, received: Received, error: UchatError) -> None:
        metrics.DEAD.labels(error.code).inc()
        log = received.subject.split(".")[3]
        await dead_letters.put(self.bus, received, log=log, error=error, keys=None)


async def _within(event: asyncio.Event, seconds: float | None) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True


def decode(received: Received, interfaces: Sequence[str]) -> Heard | None:
    """Return what is announced, read as far as it concerns somebody outside of the web.

    Raises:
        InvalidInputError: it can never be understood.
    """
    tokens = received.subject.split(".")
    if len(tokens) != _TOKENS:
        raise InvalidInputError("Expected a log and a kind", code="unknown_subject")
    log, kind = tokens[3], tokens[4]
    trace = received.headers.get(_TRACEPARENT, "")
    if is_person(log) or (kind == "message" and _concerns(received.payload, interfaces)):
        try:
            entry = LogEntry.model_validate_json(received.payload)
        except ValidationError as e:
            # What the model says of a value may quote it: only the number of faults is told.
            raise InvalidInputError(
                f"{e.error_count()} faults in an entry", code="malformed_event"
            ) from e
        return Heard(entry.log, entry.epoch, entry.seq, entry, trace)
    return _by_name(log, received.msg_id or "")


def _concerns(payload: bytes, interfaces: Sequence[str]) -> bool:
    # Most entries are the web's alone: they are not worth being parsed. Within a text the quotes
    # are escaped, and an entry too many does no harm.
    return any(
        f'"asked_via":"{name}"'.encode() in payload
        or f'"origin":{{"interface":"{name}"'.encode() in payload
        for name in interfaces
    )


def _by_name(log: str, msg_id: str) -> Heard | None:
    name = msg_id.split(":")
    if len(name) != 4 or not name[3].isdecimal():  # noqa: PLR2004 - log:<log>:<epoch>:<seq>
        return None
    return Heard(log, name[2], int(name[3]), None)
