"""A small sessions service and bus in memory, for tests of the doors."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from uchat_contracts import ids, subjects
from uchat_contracts.events import Delta, LogEntry, MessageReceived, Running, Verdict
from uchat_contracts.state import LogState, fold
from uchat_gateway.adapters.conversations_grpc import log_snapshot
from uchat_gateway.ports.conversations import (
    Conversation,
    ConversationChange,
    ConversationPage,
    Heads,
    LogPage,
    Outcome,
)
from uchat_platform.auth import Actor
from uchat_platform.bus import CoreMessage, PubAck
from uchat_platform.errors import NotFoundError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

EPOCH = "e1"


class MemoryBus:
    """Delivers at once and in order. `lose` drops, `away` refuses."""

    def __init__(self) -> None:
        self.subscribers: defaultdict[str, list[Callable[[CoreMessage], Any]]] = defaultdict(list)
        self.stored: dict[str, bytes] = {}
        self.running: dict[str, bytes] = {}
        self.on_stored: Callable[[bytes], None] = lambda _payload: None
        self.lose: Callable[[str, bytes], bool] = lambda _subject, _payload: False
        self.away = False
        self.subscribed: list[str] = []
        self.told: list[tuple[str, bytes]] = []
        self._gap: list[Callable[[], None]] = []

    async def publish(self, subject, payload, *, stream, msg_id, headers=None, timeout_s=5.0):
        if self.away:
            raise UnavailableError("away", code="bus_unavailable", retry_after_s=1)
        duplicate = msg_id in self.stored
        if not duplicate:
            self.stored[msg_id] = payload
            self.on_stored(payload)
        return PubAck(len(self.stored), duplicate)

    async def publish_core(self, subject, payload, headers=None):
        self.told.append((subject, payload))

    async def subscribe(self, subject, callback):
        if self.away:
            raise UnavailableError("away", code="bus_unavailable")
        self.subscribed.append(subject)
        self.subscribers[subject].append(callback)
        return _Subscription(self, subject, callback)

    async def request(self, subject, payload, *, timeout_s):
        return self.running.get(subject)

    async def flush(self, timeout_s=2.0):
        await asyncio.sleep(0)

    def on_gap(self, callback):
        self._gap.append(callback)
        return lambda: self._gap.remove(callback)

    def tell(self, subject: str, payload: bytes) -> None:
        if not self.lose(subject, payload):
            for callback in tuple(self.subscribers[subject]):
                callback(CoreMessage(subject, payload, {}))

    def gap(self) -> None:
        for callback in self._gap:
            callback()


@dataclass
class _Subscription:
    bus: MemoryBus
    subject: str
    callback: Any

    async def unsubscribe(self) -> None:
        self.bus.subscribers[self.subject].remove(self.callback)


@dataclass
class _Log:
    person: str
    entries: list[LogEntry] = field(default_factory=list)
    keys: dict[tuple[str, str], tuple[str, Outcome]] = field(default_factory=dict)
    title: str = ""
    mode: str | None = None
    archived: bool = False
    pinned: bool = False
    home: bool = False


class MemorySessions:
    """Orders logs in memory and announces them on the bus."""

    def __init__(self, bus: MemoryBus) -> None:
        self.bus = bus
        self.logs: dict[str, _Log] = {}
        self.created: dict[tuple[str, str], str] = {}
        self.away = False
        self.epoch = EPOCH
        self.reads = 0
        self.heads_asked: list[list[str]] = []
        bus.on_stored = self._on_stored

    def restore(self, epoch: str) -> None:
        self.epoch = epoch
        for log in self.logs.values():
            log.entries = [entry.model_copy(update={"epoch": epoch}) for entry in log.entries]

    def person(self) -> str:
        person = ids.new_person_id()
        self.logs[person] = _Log(person)
        home = ids.new_conversation_id()
        self.logs[home] = _Log(person, home=True)
        self._note(home, "session.created")
        return person

    def home_of(self, person: str) -> str:
        return next(k for k, v in self.logs.items() if v.home and v.person == person)

    async def create(self, actor: Actor, *, key: str, title: str, mode: str | None):
        log = self.created.setdefault((actor.person_id, key), ids.new_conversation_id())
        if log not in self.logs:
            self.logs[log] = _Log(actor.person_id, title=title, mode=mode)
            self._note(log, "session.created")
        return self._view(log)

    async def get(self, actor: Actor, session_id: str) -> Conversation:
        self._owned(actor, session_id)
        return self._view(session_id)

    async def list(self, actor: Actor, *, cursor: str, limit: int) -> ConversationPage:
        mine = [k for k, v in self.logs.items() if v.person == actor.person_id and k[:4] == "unif"]
        mine.sort(reverse=True)
        start = mine.index(cursor) + 1 if cursor else 0
        page = mine[start : start + limit]
        more = start + limit < len(mine)
        return ConversationPage([self._view(k) for k in page], page[-1] if more else None)

    async def update(self, actor: Actor, session_id: str, change: ConversationChange):
        log = self._owned(actor, session_id)
        for name in ("title", "mode", "archived", "pinned"):
            if getattr(change, name) is not None:
                setattr(log, name, getattr(change, name))
        self._note(session_id, "session.updated")
        return self._view(session_id)

    async def erase(self, actor: Actor, session_id: str) -> None:
        self._owned(actor, session_id)
        del self.logs[session_id]
        self.add(actor.person_id, "session.deleted", {"session_id": session_id, "title": ""})

    async def append(self, actor: Actor, message: MessageReceived, *, if_last_seq: int | None):
        log = self._owned(actor, message.session_id)
        if if_last_seq is not None and if_last_seq != len(log.entries):
            return Outcome("rejected", code="last_seq_mismatch")
        return self.take(message)

    async def verdict(self, actor: Actor, log: str, client_msg_id: str, body_hash: str, *, wait_ms):
        self._check()
        held = self.logs[log].keys.get((actor.person_id, client_msg_id))
        if held is None:
            return Outcome("unknown")
        if held[0] != body_hash:
            return Outcome("rejected", code="client_msg_id_conflict")
        return replace(held[1], status="duplicate")

    async def read(self, actor: Actor, log: str, *, after: int, before=None, limit: int) -> LogPage:
        self.reads += 1
        entries = self._owned(actor, log).entries
        found = [e for e in entries if e.seq > after and (before is None or e.seq < before)]
        found = found[-limit:] if before is not None and after == 0 else found[:limit]
        await asyncio.sleep(0)
        return LogPage(self.epoch, len(entries), [e.model_dump(mode="json") for e in found])

    async def snapshot(self, actor: Actor, log: str):
        found = self._owned(actor, log)
        state = LogState(log=log, epoch=self.epoch, seq=0)
        for entry in found.entries:
            state = fold(state, entry)
        await asyncio.sleep(0)
        return log_snapshot(state.json_bytes(), 0)

    async def heads(self, logs) -> Heads:
        self._check()
        self.heads_asked.append(list(logs))
        return Heads(self.epoch, {k: len(self.logs[k].entries) for k in logs if k in self.logs})

    def take(self, message: MessageReceived) -> Outcome:
        log = self.logs[message.session_id]
        key, body_hash = (message.user_id, message.client_msg_id), message.body_hash()
        if key in log.keys:
            held_hash, held = log.keys[key]
            if held_hash != body_hash:
                return Outcome("rejected", code="client_msg_id_conflict")
            return replace(held, status="duplicate")
        data = message.model_dump(
            mode="json",
            include={"message_id", "parts", "origin", "mode", "user_id", "client_msg_id"},
        )
        seq = len(log.entries) + 1
        outcome = Outcome("accepted", message_id=message.message_id, seq=seq)
        log.keys[key] = (body_hash, outcome)
        self.add(message.session_id, "message", {**data, "role": "user"})
        return outcome

    def answer(self, log: str, message_id: str, text: str = "Hello") -> None:
        data = {
            "message_id": ids.derived_message_id(message_id),
            "role": "assistant",
            "answers": message_id,
            "parts": [{"type": "text", "text": text}],
            "origin": {"interface": "internal"},
            "intent": "greeting",
            "confidence": 0.9,
            "model": "planner",
            "processing_ms": 1.5,
        }
        self.add(log, "message", data)

    def add(self, log: str, kind: str, data: dict[str, Any]) -> LogEntry:
        entries = self.logs[log].entries
        entry = LogEntry(
            log=log,
            epoch=self.epoch,
            seq=len(entries) + 1,
            ts=datetime(2026, 11, 22, tzinfo=UTC),
            kind=kind,
            data=data,
        )
        entries.append(entry)
        self.bus.tell(subjects.live(log), entry.json_bytes())
        return entry

    def delta(self, log: str, message_id: str, i: int, text: str, epoch: int = 1) -> None:
        event = Delta(
            log=log, message_id=message_id, run_id=f"r{epoch}", epoch=epoch, i=i, n=1, text=text
        )
        self.bus.tell(subjects.delta(log), event.json_bytes())

    def say_running(self, log: str, message_id: str, text: str, next_i: int) -> None:
        event = Running(
            log=log, message_id=message_id, run_id="r1", epoch=1, text=text, next_i=next_i
        )
        self.bus.running[subjects.running(log)] = event.json_bytes()

    def _on_stored(self, payload: bytes) -> None:
        message = MessageReceived.model_validate_json(payload)
        log = self.logs.get(message.session_id)
        if log is None or log.person != message.user_id:
            self.say_verdict(message, "rejected", "not_found")
            return
        outcome = self.take(message)
        if outcome.status != "accepted":
            self.say_verdict(message, outcome.status, outcome.code, outcome.seq)

    def say_verdict(
        self, message: MessageReceived, status: str, code: str | None, seq: int | None = None
    ) -> None:
        verdict = Verdict(
            log=message.session_id,
            user_id=message.user_id,
            client_msg_id=message.client_msg_id,
            status=status,
            code=code,
            message_id=None if seq is None else message.message_id,
            seq=seq,
        )
        self.bus.tell(subjects.live(message.session_id), verdict.json_bytes())

    def _note(self, log: str, kind: str) -> None:
        found = self.logs[log]
        self.add(log, kind, {"session_id": log, "title": found.title, "mode": found.mode})

    def _view(self, log: str) -> Conversation:
        found = self.logs[log]
        return Conversation(
            log,
            found.title,
            found.mode,
            len(found.entries),
            self.epoch,
            "2026-11-22T00:00:00Z",
            home=found.home,
            archived=found.archived,
            pinned=found.pinned,
        )

    def _owned(self, actor: Actor, log: str) -> _Log:
        self._check()
        found = self.logs.get(log)
        if found is None or found.person != actor.person_id:
            raise NotFoundError("There is no such conversation")
        return found

    def _check(self) -> None:
        if self.away:
            raise UnavailableError("sessions is away")


@pytest.fixture
def memory_sessions() -> MemorySessions:
    """Logs in memory, announced on `.bus`."""
    return MemorySessions(MemoryBus())
