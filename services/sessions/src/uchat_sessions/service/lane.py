"""The writer lane: one per process, it appends whatever arrives on all of its partitions."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from opentelemetry.trace import Span

from uchat_contracts.events import Verdict
from uchat_platform import logging
from uchat_platform.errors import UchatError, UnavailableError
from uchat_sessions.domain.proposals import Outcome, Proposal
from uchat_sessions.ports import (
    Announcer,
    Committed,
    CursorLostError,
    CursorMove,
    DeadLetters,
    Incoming,
    Intake,
    LogWriter,
    PermanentFaultError,
    Ring,
)
from uchat_sessions.service import metrics, tracing

_FIRST_PAUSE_S: Final = 0.02
_LONGEST_PAUSE_S: Final = 2.0
_TRIES: Final = 3
_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class WriterLane:
    """Appends batches in one transaction each, in the order of every partition.

    Safe to run twice over the same messages: the cursor moves by compare-and-set within the same
    transaction as the entries. What fails for a passing reason is tried for ever; what can never be
    appended goes to the dead letters alone, and the rest goes on.
    """

    writer: LogWriter
    announcer: Announcer
    ring: Ring
    letters: DeadLetters
    intake: Intake
    limit: int = 256

    async def run(self) -> None:
        """Append until the intake says stop; the batch in hand is finished first."""
        while batch := await self.intake.next(self.limit):
            await self._settle(batch)

    async def _settle(self, batch: Sequence[Incoming]) -> None:
        started = time.perf_counter()
        batch, spans = _traced(batch)
        pause, unexpected = _FIRST_PAUSE_S, 0
        while batch := [item for item in batch if item.feed.open]:
            try:
                committed = await self._append(batch)
            except CursorLostError as e:
                self._lose(batch, e.partitions)
            except UnavailableError as e:
                metrics.RETRIED.labels(e.code).inc()
                _log.warning("append_waits", code=e.code, pause_s=pause, batch=len(batch))
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_S)
            except Exception as e:  # noqa: BLE001 - the edge of the bus: nothing may stop the rest
                unexpected += 1
                if len(batch) > 1:
                    await self._one_by_one(batch, e)
                    break
                if isinstance(e, UchatError) or unexpected == _TRIES:
                    batch = [replace(batch[0], proposal=None, fault=_as_fault(e))]
            else:
                self._note(batch, started)
                await self._tell(batch, committed)
                break
        tracing.end(spans)

    async def _append(self, batch: Sequence[Incoming]) -> Committed:
        for item in batch:
            if item.fault is not None:
                await self.letters.put(item, item.fault)
        proposals = [item.proposal for item in batch if item.proposal is not None]
        committed = await self.writer.append(proposals, _moves(batch))
        for item in batch:
            item.feed.last = item.seq
        return committed

    async def _one_by_one(self, batch: Sequence[Incoming], error: Exception) -> None:
        _log.warning("batch_retried_singly", batch=len(batch), error=type(error).__name__)
        for item in batch:
            await self._settle([item])

    def _lose(self, batch: Sequence[Incoming], partitions: frozenset[int]) -> None:
        metrics.CURSOR_LOST.inc(len(partitions))
        _log.warning("cursor_lost", partitions=sorted(partitions))
        for feed in {item.feed for item in batch if item.feed.partition in partitions}:
            self.intake.lost(feed)

    async def _tell(self, batch: Sequence[Incoming], committed: Committed) -> None:
        self.announcer.announce(committed.appended)
        self.ring.put(committed.appended)
        metrics.APPENDED.labels("lane").inc(len(committed.appended))
        items = [item for item in batch if item.proposal is not None]
        for item, outcome in zip(items, committed.outcomes, strict=True):
            metrics.OUTCOMES.labels(outcome.status, outcome.code).inc()
            if item.proposal is not None:
                _log_outcome(item, item.proposal, outcome)
                await self._tell_sender(item.proposal, outcome)

    async def _tell_sender(self, proposal: Proposal, outcome: Outcome) -> None:
        if outcome.status == "accepted" or not proposal.from_person:
            return
        await self.announcer.tell(
            Verdict(
                log=proposal.log,
                user_id=proposal.author,
                client_msg_id=proposal.client_msg_id,
                status=outcome.status,
                code=outcome.code or None,
                message_id=outcome.message_id or None,
                seq=outcome.seq or None,
            )
        )

    def _note(self, batch: Sequence[Incoming], started: float) -> None:
        metrics.BATCH_SIZE.observe(len(batch))
        metrics.APPEND_SECONDS.observe(time.perf_counter() - started)
        for item in batch:
            if item.fault is not None:
                metrics.DEAD.labels(item.fault.code).inc()


def _traced(batch: Sequence[Incoming]) -> tuple[list[Incoming], list[Span]]:
    known = [item.proposal for item in batch if item.proposal is not None]
    proposals, spans = tracing.begin(known)
    if not spans:
        return list(batch), spans
    left = iter(proposals)
    return [
        replace(item, proposal=next(left)) if item.proposal is not None else item for item in batch
    ], spans


def _moves(batch: Sequence[Incoming]) -> list[CursorMove]:
    last = {item.feed: item.seq for item in batch}
    return [CursorMove(feed.partition, feed.stream, feed.last, seq) for feed, seq in last.items()]


def _as_fault(error: Exception) -> UchatError:
    if isinstance(error, UchatError):
        return error
    _log.error("append_failed", exc_info=error)
    return PermanentFaultError("It could not be appended", code="append_failed")


def _log_outcome(item: Incoming, proposal: Proposal, outcome: Outcome) -> None:
    age = time.time() - item.published_at.timestamp()
    _log.info(
        f"entry_{outcome.status}",
        session_id=proposal.log,
        seq=outcome.seq,
        message_id=proposal.message_id,
        code=outcome.code or None,
        user_id=logging.hashed(proposal.author) if proposal.author else None,
        interface_type=proposal.interface or None,
        trace_id=tracing.trace_id(proposal.trace),
        processing_time=round(1000 * age, 1),
    )
