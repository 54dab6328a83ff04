"""What is proposed on the bus, partition by partition.

Consumes PROPOSED (`message`, `reply`, `outcome`) from the cursor that is moved with each append;
publishes nothing itself. Safe to run twice: see `service.lane`.
"""

import asyncio
from typing import Final, NamedTuple

from pydantic import ValidationError

from uchat_contracts import subjects
from uchat_contracts.events import MessageReceived, OutcomeProposed, ReplyProposed
from uchat_platform import logging
from uchat_platform.bus import Bus, PartitionReader, Received, StreamIdentity, StreamRecreatedError
from uchat_platform.errors import InvalidInputError, UchatError, UnavailableError
from uchat_sessions.domain.proposals import Proposal
from uchat_sessions.ports import CursorMove, Cursors, Feed, Incoming
from uchat_sessions.service.proposing import from_message, from_outcome, from_reply
from uchat_sessions.service.tracing import TRACEPARENT

_RETRY_S: Final = 0.2
_TOKENS: Final = 5
_log = logging.get_logger(__name__)


class _Source(NamedTuple):
    feed: Feed
    reader: PartitionReader


class PartitionIntake:
    """Reads the partitions that this process owns; `acquire` and `release` say which."""

    def __init__(self, bus: Bus, cursors: Cursors) -> None:
        self._bus = bus
        self._cursors = cursors
        self._ready = asyncio.Event()
        self._sources: dict[int, _Source] = {}
        self._owned: set[int] = set()
        self._closing: asyncio.Queue[_Source] = asyncio.Queue()
        self._stopping = False
        self._turn = 0

    async def acquire(self, partition: int) -> None:
        """Read a partition from its cursor on."""
        self._owned.add(partition)
        await self._open(partition)

    async def release(self, partition: int) -> None:
        """Read a partition no longer."""
        self._owned.discard(partition)
        source = self._sources.pop(partition, None)
        if source is not None:
            source.feed.open = False
            await source.reader.__aexit__(None, None, None)

    def stop(self) -> None:
        """Hand over nothing more."""
        self._stopping = True
        self._ready.set()

    async def next(self, limit: int) -> list[Incoming]:
        """Return what has arrived, in order per partition; empty: it is time to stop."""
        while not self._stopping:
            batch = self._collect(limit)
            if batch:
                return batch
            self._ready.clear()
            await self._ready.wait()
        return []

    def lost(self, feed: Feed) -> None:
        """Close a feed whose cursor somebody else has moved; read it anew if it is still ours."""
        source = self._sources.get(feed.partition)
        feed.open = False
        if source is not None and source.feed is feed:
            del self._sources[feed.partition]
            self._closing.put_nowait(source)

    async def run(self) -> None:
        """Close lost feeds and open them anew, until cancelled."""
        while True:
            source = await self._closing.get()
            partition = source.feed.partition
            await source.reader.__aexit__(None, None, None)
            while partition in self._owned and partition not in self._sources:
                try:
                    await self._open(partition)
                except UnavailableError as e:
                    _log.info("partition_waits", partition=partition, code=e.code)
                    await asyncio.sleep(_RETRY_S)

    async def _open(self, partition: int) -> None:
        identity, last = await self._position(partition)
        reader = PartitionReader(
            self._bus,
            subjects.PROPOSED,
            subjects.proposed_partition(partition),
            last,
            created=identity.created,
            ready=self._ready,
        )
        if partition not in self._owned or partition in self._sources:
            return
        source = _Source(Feed(partition, identity.created, last), reader)
        self._sources[partition] = source
        await reader.__aenter__()

    async def _position(self, partition: int) -> tuple[StreamIdentity, int]:
        identity = await self._bus.stream_identity(subjects.PROPOSED)
        last = await self._cursors.open_cursor(partition, identity.created)
        if last > identity.last_seq:
            # Moved on meanwhile by the former owner, or beyond the end of a store that lost it.
            identity = await self._bus.stream_identity(subjects.PROPOSED)
        if last > identity.last_seq:
            _log.error("stream_lost_its_end", partition=partition, cursor=last)
            move = CursorMove(partition, identity.created, last, identity.last_seq)
            await self._cursors.append([], [move])
            last = identity.last_seq
        return identity, last

    def _collect(self, limit: int) -> list[Incoming]:
        # Another partition goes first each time: a busy one does not keep the others waiting.
        self._turn += 1
        sources = list(self._sources.values())
        first = self._turn % len(sources) if sources else 0
        batch: list[Incoming] = []
        for feed, reader in sources[first:] + sources[:first]:
            if len(batch) >= limit:
                self._ready.set()
                break
            try:
                batch += [decode(feed, item) for item in reader.take(limit - len(batch))]
            except StreamRecreatedError:
                _log.warning("stream_recreated", partition=feed.partition)
                self.lost(feed)
        return batch


def decode(feed: Feed, received: Received) -> Incoming:
    """Return a stored message as what it proposes, or with the fault that it cannot be."""
    tokens = received.subject.split(".")
    kind, log = (tokens[3], tokens[4]) if len(tokens) == _TOKENS else ("", "unknown")
    proposal: Proposal | None = None
    fault: UchatError | None = None
    try:
        proposal = _proposal(kind, received)
    except ValidationError as e:
        # What the model says of a value may quote it: only the number of faults is told.
        fault = InvalidInputError(f"{e.error_count()} faults in {kind!r}", code="malformed_event")
    except InvalidInputError as e:
        fault = e
    if proposal is not None and proposal.log != log:
        proposal = None
        fault = InvalidInputError("The subject names another log", code="subject_mismatch")
    return Incoming(feed, received.seq, log, proposal, fault, received, received.published_at)


def _proposal(kind: str, received: Received) -> Proposal:
    trace = received.headers.get(TRACEPARENT, "")
    if kind == "message":
        return from_message(MessageReceived.model_validate_json(received.payload), trace)
    if kind == "reply":
        return from_reply(ReplyProposed.model_validate_json(received.payload), trace)
    if kind == "outcome":
        return from_outcome(OutcomeProposed.model_validate_json(received.payload), trace)
    raise InvalidInputError(f"Nothing is known of {kind!r}", code="unknown_kind")
