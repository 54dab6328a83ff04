"""What a client of `uchat.v1` knows of one log: the client rules of the protocol, without I/O."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Frame = dict[str, Any]


@dataclass(slots=True)
class Run:
    """A running answer as far as it was streamed."""

    run_id: str
    text: str = ""
    next_i: int = 0


@dataclass(slots=True)
class Entry:
    """One entry of a log as a client shows it."""

    seq: int
    kind: str
    data: dict[str, Any]
    ts: str = ""


@dataclass(slots=True)
class LogView:
    """One log on one client. `on_frame` takes a frame and returns the frames to send in answer.

    `on_entry` is told of each entry that took effect, and whether it came in a snapshot.
    `applied` holds the seq of every event in the order in which it took effect; `disordered` the
    events that one socket delivered other than as last+1, which the server's guard must prevent.
    """

    log: str
    epoch: str | None = None
    seq: int = 0
    is_live: bool = False
    entries: dict[int, Entry] = field(default_factory=dict)
    runs: dict[str, Run] = field(default_factory=dict)
    applied: list[int] = field(default_factory=list)
    snapshots: list[tuple[int, int]] = field(default_factory=list)
    disordered: list[tuple[int, int]] = field(default_factory=list)
    fills: int = 0
    snaps: int = 0
    parked: dict[int, Entry] = field(default_factory=dict)
    filling_to: int = 0
    delivered: int = 0
    keep_entries: bool = True
    on_entry: Callable[[Entry, bool], None] | None = None

    def subscription(self) -> Frame:
        """Return how to ask for what was missed; also starts a new delivery on a new socket."""
        self.is_live = False
        self.filling_to = 0
        self.parked.clear()
        self.runs.clear()
        wanted: Frame = {"log": self.log}
        if self.epoch is not None:
            wanted |= {"epoch": self.epoch, "seq": self.seq}
        return wanted

    def on_frame(self, frame: Frame) -> list[Frame]:
        """Apply one server frame that names this log."""
        match frame["t"]:
            case "sub_ok":
                self._subscribed(frame)
            case "ev":
                return self._event(frame)
            case "live":
                self.is_live = True
            case "delta":
                return self._delta(frame)
            case "snap":
                self._run(frame)
            case _:
                pass
        return []

    def _subscribed(self, frame: Frame) -> None:
        if frame["mode"] == "snapshot":
            state = frame["state"]
            self.snapshots.append((self.seq, state["seq"]))
            self.epoch, self.seq = frame["epoch"], state["seq"]
            self.entries = {}
            for raw in state["entries"]:
                self._keep(Entry(raw["seq"], raw["kind"], raw["data"], raw["ts"]), in_snapshot=True)
        self.delivered = self.seq
        for live in frame.get("live", []):
            self._run(live)

    def _event(self, frame: Frame) -> list[Frame]:
        entry = Entry(frame["seq"], frame["type"], frame["data"], frame["ts"])
        if self.filling_to == 0:
            if entry.seq != self.delivered + 1:
                self.disordered.append((self.delivered, entry.seq))
            self.delivered = max(self.delivered, entry.seq)
        if entry.seq <= self.seq:
            return []
        if entry.seq > self.seq + 1:
            return self._park(entry)
        self._apply(entry)
        while (following := self.parked.pop(self.seq + 1, None)) is not None:
            self._apply(following)
        if self.seq >= self.filling_to:
            self.filling_to = 0
            self.delivered = max(self.delivered, self.seq)
        return []

    def _park(self, entry: Entry) -> list[Frame]:
        self.parked[entry.seq] = entry
        if self.filling_to:
            return []
        self.filling_to = entry.seq - 1
        self.fills += 1
        return [{"t": "fill", "log": self.log, "after": self.seq, "to": entry.seq - 1}]

    def _apply(self, entry: Entry) -> None:
        self.seq = entry.seq
        self.applied.append(entry.seq)
        self._keep(entry)
        if entry.kind == "message":
            self.runs.pop(entry.data["message_id"], None)

    def _keep(self, entry: Entry, *, in_snapshot: bool = False) -> None:
        if self.keep_entries:
            self.entries[entry.seq] = entry
        if self.on_entry is not None:
            self.on_entry(entry, in_snapshot)

    def _run(self, frame: Frame) -> None:
        self.runs[frame["message_id"]] = Run(frame["run_id"], frame["text"], frame["next_i"])

    def _delta(self, frame: Frame) -> list[Frame]:
        message_id = frame["message_id"]
        run = self.runs.get(message_id)
        if run is None or frame.get("reset"):
            run = self.runs[message_id] = Run(frame["run_id"])
        if frame["i"] != run.next_i:
            if frame["i"] < run.next_i:
                return []
            self.snaps += 1
            return [{"t": "snap", "log": self.log, "message_id": message_id}]
        run.text += frame["text"]
        run.next_i = frame["i"] + frame["n"]
        return []

    def history(self) -> list[tuple[int, str, dict[str, Any]]]:
        """Return (seq, kind, data) of all kept entries in order."""
        return [(e.seq, e.kind, e.data) for _, e in sorted(self.entries.items())]
