"""Frames that many sockets share: each is encoded once for its log, as `uchat.v1` JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from uchat_contracts.events import Delta, LogEntry, RunChanged


@dataclass(frozen=True, slots=True)
class Durable:
    """An entry of a log, numbered without gaps. `body` is its `ev` frame, `size` in bytes."""

    log: str
    epoch: str
    seq: int
    kind: str
    data: dict[str, Any]
    body: str
    size: int

    @property
    def cursor(self) -> str:
        """Return the entry's place as server-sent events name it: `<epoch>:<seq>`."""
        return f"{self.epoch}:{self.seq}"

    @property
    def message_id(self) -> str | None:
        """Return the id of the message that this entry is, if it is one."""
        return self.data.get("message_id") if self.kind == "message" else None


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some text of a running answer: chunks i to i+n-1. May merge with its neighbours."""

    log: str
    message_id: str
    run_id: str
    i: int
    n: int
    text: str
    reset: bool
    body: str
    size: int

    def continues(self, earlier: "Chunk") -> bool:
        """Tell whether this text follows right after an earlier chunk of the same run."""
        return (
            not self.reset
            and self.message_id == earlier.message_id
            and self.run_id == earlier.run_id
            and self.log == earlier.log
            and self.i == earlier.i + earlier.n
        )


@dataclass(frozen=True, slots=True)
class Hint:
    """Something ephemeral that a slow client can do without."""

    body: str
    size: int


@dataclass(frozen=True, slots=True)
class Control:
    """A frame for one socket: an ack, an error, a part of a replay. Never dropped."""

    body: str
    size: int


Frame = Durable | Chunk | Hint | Control


def durable(entry: LogEntry) -> Durable:
    """Encode an entry as an `ev` frame."""
    return durable_of(entry.model_dump(mode="json"))


def durable_of(entry: dict[str, Any]) -> Durable:
    """Encode an entry, given as the decoded JSON of a `LogEntry`, as an `ev` frame."""
    raw = orjson.dumps({"t": "ev", **event_of(entry)})
    return Durable(
        log=entry["log"],
        epoch=entry["epoch"],
        seq=entry["seq"],
        kind=entry["kind"],
        data=entry["data"],
        body=raw.decode(),
        size=len(raw),
    )


def event_of(entry: dict[str, Any]) -> dict[str, Any]:
    """Return what clients see of an entry: log, seq, ts, type and data."""
    return {
        "log": entry["log"],
        "seq": entry["seq"],
        "ts": entry["ts"],
        "type": entry["kind"],
        "data": entry["data"],
    }


def chunk(
    log: str, message_id: str, run_id: str, *, i: int, n: int, text: str, reset: bool
) -> Chunk:
    """Encode text of a running answer as a `delta` frame."""
    frame: dict[str, Any] = {
        "t": "delta",
        "log": log,
        "message_id": message_id,
        "run_id": run_id,
        "i": i,
        "n": n,
        "text": text,
    }
    if reset:
        frame["reset"] = True
    raw = orjson.dumps(frame)
    return Chunk(log, message_id, run_id, i, n, text, reset, raw.decode(), len(raw))


def chunk_of(delta: Delta, *, reset: bool = False) -> Chunk:
    """Encode a delta from the bus."""
    return chunk(
        delta.log,
        delta.message_id,
        delta.run_id,
        i=delta.i,
        n=delta.n,
        text=delta.text,
        reset=reset,
    )


def merged(chunks: Sequence[Chunk]) -> Chunk:
    """Return one chunk for several that follow each other."""
    first = chunks[0]
    return chunk(
        first.log,
        first.message_id,
        first.run_id,
        i=first.i,
        n=sum(each.n for each in chunks),
        text="".join(each.text for each in chunks),
        reset=first.reset,
    )


def run_hint(run: RunChanged) -> Hint:
    """Encode a run's change as a `run` frame."""
    frame = {
        "t": "run",
        "log": run.log,
        "message_id": run.message_id,
        "run_id": run.run_id,
        "phase": run.phase,
    }
    if run.step is not None:
        frame["step"] = run.step
    raw = orjson.dumps(frame)
    return Hint(raw.decode(), len(raw))


def control(raw: bytes) -> Control:
    """Wrap an encoded frame that is for one socket."""
    return Control(raw.decode(), len(raw))
