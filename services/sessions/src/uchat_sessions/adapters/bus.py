"""What the service tells over the bus: entries, verdicts, dead letters, and purges of logs."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from uchat_contracts import subjects
from uchat_contracts.events import Verdict
from uchat_platform import logging
from uchat_platform.bus import Bus, Received, dead_letters
from uchat_platform.crypto import KeyRing
from uchat_platform.errors import UchatError, UnavailableError
from uchat_platform.outbox import Outbox, OutboxRow
from uchat_sessions.ports import Appended, Epoch, Incoming
from uchat_sessions.service import metrics
from uchat_sessions.service.announcing import Recall, decisions_of
from uchat_sessions.service.codec import announcement_id, entry_json
from uchat_sessions.service.tracing import TRACEPARENT

_IN_FLIGHT: Final = 2_000
_TIMEOUT_S: Final = 5.0
_DRAIN_S: Final = 2.0
_log = logging.get_logger(__name__)


@dataclass(slots=True)
class BusAnnouncer:
    """Publishes entries to LOG in the order they are given, without waiting for each other.

    An acknowledged one is noted in the outbox; what is not acknowledged, the relay publishes.
    """

    bus: Bus
    epoch: Epoch
    outbox: Outbox
    _flying: set["asyncio.Task[None]"] = field(
        default_factory=set["asyncio.Task[None]"], init=False
    )

    async def run(self) -> None:
        """Publish until cancelled; what is on its way then gets 2 s to arrive."""
        try:
            await asyncio.Event().wait()
        finally:
            if self._flying:
                await asyncio.wait(self._flying, timeout=_DRAIN_S)
            for task in list(self._flying):
                task.cancel()

    def announce(self, appended: Sequence[Appended]) -> None:
        """Start publishing entries in order; what is not acknowledged stays in the outbox."""
        loop = asyncio.get_running_loop()
        for entry in appended:
            if len(self._flying) >= _IN_FLIGHT:
                # The bus is slow or away: the relay comes by for the rest.
                return
            task = loop.create_task(self._announce(entry))
            self._flying.add(task)
            task.add_done_callback(self._flying.discard)

    async def tell(self, verdict: Verdict) -> None:
        """Tell the sender's sockets what became of a message. May be lost."""
        await self.bus.publish_core(subjects.live(verdict.log), verdict.json_bytes())

    async def _announce(self, entry: Appended) -> None:
        try:
            await publish(self.bus, self.epoch.value, entry)
        except UnavailableError as e:
            _log.info("announcement_left_to_relay", code=e.code)
        except UchatError as e:
            _log.error("announcement_failed", code=e.code, detail=e.detail)
        else:
            stored, trace = entry.stored, entry.proposal.trace
            self.outbox.acked(OutboxRow(stored.created_at, entry.log, stored.seq, trace))


async def publish(bus: Bus, epoch: str, entry: Appended) -> None:
    """Announce one entry and the decisions it proposes; return once all are acknowledged."""
    stored, proposal = entry.stored, entry.proposal
    headers = {TRACEPARENT: proposal.trace} if proposal.trace else None
    decisions = decisions_of(entry)
    logged = bus.publish(
        subjects.log(entry.log, stored.kind),
        entry_json(entry.log, epoch, stored, proposal.data),
        stream=subjects.LOG,
        msg_id=announcement_id(entry.log, epoch, stored.seq),
        headers=headers,
        timeout_s=_TIMEOUT_S,
    )
    if not decisions:
        await logged
        return
    proposed = (
        bus.publish(
            subjects.decision("proposed", decision.decision_id),
            decision.json_bytes(),
            stream=subjects.TRADING,
            msg_id=f"decision:{decision.decision_id}:proposed",
            headers=headers,
            timeout_s=_TIMEOUT_S,
        )
        for decision in decisions
    )
    await asyncio.gather(logged, *proposed)


@dataclass(frozen=True, slots=True)
class Relay:
    """Announces again the rows that nobody deleted from the outbox."""

    bus: Bus
    epoch: Epoch
    recall: Recall

    async def publish(self, row: OutboxRow) -> None:
        """Rebuild an announcement from the log and publish it; an erased one is left out."""
        entry = await self.recall.entry(row.log_id, row.seq, row.trace or "")
        if entry is not None:
            await publish(self.bus, self.epoch.value, entry)
            metrics.RELAYED.inc()


@dataclass(frozen=True, slots=True)
class BusDeadLetters:
    """Puts messages aside that can never be handled, sealed."""

    bus: Bus
    keys: KeyRing

    async def put(self, item: Incoming, fault: UchatError) -> None:
        """Put a message aside. Safe to repeat."""
        letter = cast("Received", item.letter)
        await dead_letters.put(self.bus, letter, log=item.log, error=fault, keys=self.keys)


async def purge(bus: Bus, log: str) -> None:
    """Remove all messages of a log from the streams."""
    for stream, subject in subjects.everything_of(log).items():
        await bus.purge(stream, subject)
