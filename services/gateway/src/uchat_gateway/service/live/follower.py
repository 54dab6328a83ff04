"""One reader's place in a log: what arrives is held until the past has been handed over."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from uchat_contracts.events import Verdict
from uchat_contracts.frames import LiveRun
from uchat_gateway.ports.conversations import LogPage, LogSnapshot
from uchat_gateway.service.live.frames import Durable, Frame, durable_of

Lost = Literal["insufficient_state", "not_found"]

REPLAY_LIMIT = 1000
"""The longest gap, in entries, that is replayed; a longer one is answered by a snapshot."""


class Sink(Protocol):
    """Where a follower's frames go. Called in order, from the event loop, and must not block."""

    def push(self, frame: Frame, /) -> None:
        """Take one frame."""
        ...

    def verdict(self, verdict: Verdict, /) -> None:
        """Learn what became of somebody's message in this log."""
        ...

    def lost(self, log: str, reason: Lost, /) -> None:
        """Learn that this log cannot be followed any further from here."""
        ...


@dataclass(frozen=True, slots=True)
class Past:
    """What a reader has missed: entries after its cursor, or one snapshot that replaces all.

    `pending` holds the snapshot's open cards, as decoded JSON.
    """

    log: str
    epoch: str
    after: int
    seq: int
    entries: list[Durable] = field(default_factory=list[Durable])
    state: bytes | None = None
    live: list[LiveRun] = field(default_factory=list[LiveRun])
    pending: Sequence[Any] = ()

    @property
    def mode(self) -> Literal["replay", "snapshot"]:
        """Return how the past is handed over."""
        return "replay" if self.state is None else "snapshot"

    @staticmethod
    def replay(log: str, after: int, page: LogPage) -> "Past":
        """Return the entries after a cursor."""
        return Past(log, page.epoch, after, page.head, [durable_of(e) for e in page.entries])

    @staticmethod
    def snapshot(log: str, snapshot: LogSnapshot) -> "Past":
        """Return a state that replaces whatever the reader has."""
        return Past(
            log,
            snapshot.epoch,
            snapshot.seq,
            snapshot.seq,
            state=snapshot.state,
            pending=snapshot.pending,
        )


class Follower:
    """Passes a log's frames on to one sink, from a given seq, each entry once and in order."""

    def __init__(self, log: str, person_id: str, sink: Sink, *, unguarded: bool = False) -> None:
        self.log = log
        self.person_id = person_id
        self.last = 0
        self.held_size = 0
        self._sink = sink
        self._held: list[Frame] | None = []
        self._unguarded = unguarded

    def push(self, frame: Frame) -> None:
        """Take a frame from the feed."""
        if self._held is None:
            self._pass(frame)
        else:
            self._held.append(frame)
            self.held_size += frame.size

    def forget_hints(self) -> None:
        """Drop what is held of a running answer: the reader is about to get it whole."""
        if self._held is not None:
            self._held = [frame for frame in self._held if isinstance(frame, Durable)]

    def go(self, seq: int) -> None:
        """Pass on from here: the reader has everything up to `seq`."""
        self.last = seq
        held, self._held, self.held_size = self._held or [], None, 0
        for frame in held:
            self._pass(frame)

    def verdict(self, verdict: Verdict) -> None:
        """Pass on a verdict on a message of this reader's person."""
        if verdict.user_id == self.person_id:
            self._sink.verdict(verdict)

    def lost(self, reason: Lost) -> None:
        """Tell the sink that this log is no longer followed."""
        self._sink.lost(self.log, reason)

    def _pass(self, frame: Frame) -> None:
        if isinstance(frame, Durable) and not self._unguarded:
            if frame.seq <= self.last:
                return
            if frame.seq != self.last + 1:
                # The feed's guard makes this impossible; if it happens all the same, the reader
                # starts anew from its own cursor instead of showing a hole.
                self.lost("insufficient_state")
                return
            self.last = frame.seq
        self._sink.push(frame)
