"""A small sessions service, bus and brain in memory, and a connection that talks to them."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from uchat_contracts import ids, subjects
from uchat_contracts.events import Delta, LogEntry, MessageReceived, Running, Verdict
from uchat_contracts.state import LogState, fold
from uchat_gateway.adapters.conversations_grpc import log_snapshot
from uchat_gateway.doors.chat.ws.connection import Connection, LiveServices
from uchat_gateway.doors.chat.ws.connections import Connections, LiveTimes
from uchat_gateway.ports.access import Principal
from uchat_gateway.ports.conversations import (
    Conversation,
    ConversationChange,
    ConversationPage,
    Heads,
    LogPage,
    Outcome,
)
from uchat_gateway.service.access import Access
from uchat_gateway.service.live.hub import HubTimes, LiveHub
from uchat_gateway.service.messages import Messages
from uchat_gateway.service.recent import RecentMessages
from uchat_gateway.service.replies import Replies
from uchat_platform.auth import Actor
from uchat_platform.bus import CoreMessage, PubAck
from uchat_platform.errors import (
    NotFoundError,
    RateLimitedError,
    UnauthenticatedError,
    UnavailableError,
)
from uchat_platform.testing import FixedClock

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
        self._gap: list[Callable[[], None]] = []

    async def publish(self, subject, payload, *, stream, msg_id, headers=None, timeout_s=5.0):
        if self.away:
            raise UnavailableError("away", code="bus_unavailable", retry_after_s=1)
        duplicate = msg_id in self.stored
        if not duplicate:
            self.stored[msg_id] = payload
            self.on_stored(payload)
        return PubAck(len(self.stored), duplicate)

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


class MemoryGuards:
    """Token verifier, tickets and limiter."""

    def __init__(self, clock: FixedClock) -> None:
        self.principals: dict[str, Principal] = {}
        self.limited = False
        self.clock = clock

    def token(self, person: str, *roles: str, life_s: int = 600) -> str:
        token = f"token-{len(self.principals)}"
        actor = Actor(person, frozenset(roles or ("trader",)))
        ends = int(self.clock.now().timestamp()) + life_s
        self.principals[token] = Principal(actor, f"sid-{token}", ends)
        return token

    def verify(self, token: str) -> Principal:
        if token not in self.principals:
            raise UnauthenticatedError("no", code="token_invalid")
        return self.principals[token]

    async def issue(self, principal, ttl_s=30):
        raise NotImplementedError

    async def redeem(self, ticket):
        if ticket == "away":
            raise UnavailableError("away", code="tickets_unavailable")
        if ticket not in self.principals:
            raise UnauthenticatedError("no", code="ticket_invalid")
        return self.principals[ticket]

    async def hit_message(self, person_id):
        if self.limited:
            raise RateLimitedError("slow down", retry_after_s=2)


class Client:
    """The other end of a connection: says frames and reads what it is sent."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.got: list[dict[str, Any]] = []
        self.reads = asyncio.Event()
        self.reads.set()
        self._arrived = asyncio.Condition()

    async def say(self, frame: Any) -> None:
        await self.connection.receive(
            frame if isinstance(frame, str) else orjson.dumps(frame).decode()
        )

    async def hello(self, token: str, **fields: Any) -> None:
        await self.say({"t": "hello", "v": 1, "token": token, "iface": "web_chat", **fields})

    async def run(self) -> None:
        async for frame in self.connection.pump.frames():
            await self.reads.wait()
            async with self._arrived:
                self.got.append(orjson.loads(frame.body))
                self._arrived.notify_all()

    async def until(self, **fields: Any) -> dict[str, Any]:
        """Take the first frame with these fields, as soon as there is one."""

        def match() -> int | None:
            for place, frame in enumerate(self.got):
                if all(frame.get(key) == value for key, value in fields.items()):
                    return place
            return None

        async with asyncio.timeout(3), self._arrived:
            await self._arrived.wait_for(lambda: match() is not None)
        return self.got.pop(match())

    async def closed(self) -> int:
        async with asyncio.timeout(3):
            await self.connection.closed.wait()
        return self.connection.closing[0]


@dataclass
class World:
    """Everything behind a connection."""

    bus: MemoryBus
    sessions: MemorySessions
    guards: MemoryGuards
    clock: FixedClock
    hub: LiveHub
    services: LiveServices
    replies: Replies
    clients: list[Client] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def connect(self, path_log: str | None = None) -> Client:
        connection = Connection(self.services, path_log)
        self.services.connections.add(connection)
        client = Client(connection)
        self.clients.append(client)
        self.tasks += [
            asyncio.create_task(client.run()),
            asyncio.create_task(connection.work()),
        ]
        return client

    async def join(self, person: str, log: str, *, cursor: int | None = None) -> Client:
        client = self.connect(log)
        epoch = None if cursor is None else EPOCH
        subs = [{"log": log, "epoch": epoch, "seq": cursor}]
        await client.hello(self.guards.token(person), subs=subs)
        await client.until(t="live", log=log)
        await client.until(t="live", log=person)
        return client


@pytest.fixture
def times() -> LiveTimes:
    return LiveTimes(hello=5, ping=25, pong=10, comment=15, tick=0.01, closing=1)


@pytest.fixture
async def world(times: LiveTimes) -> AsyncGenerator[World]:
    clock = FixedClock(datetime(2026, 11, 22, 12, tzinfo=UTC))
    bus, guards = MemoryBus(), MemoryGuards(clock)
    sessions = MemorySessions(bus)
    hub = LiveHub(bus, sessions, times=HubTimes(0.05, 25.0, 0.2, 0.02))
    messages = Messages(bus, sessions, RecentMessages(), guards, clock)
    access = Access(guards, clock)
    connections = Connections(clock, times, per_person=3)
    services = LiveServices(hub, messages, access, guards, clock, connections, times)
    access.on_revoked(connections.revoked)
    replies = Replies(hub, messages, sessions)
    made = World(bus, sessions, guards, clock, hub, services, replies)
    async with hub.running():
        yield made
        for client in made.clients:
            client.connection.close(1000)
            client.connection.leave()
        for task in made.tasks:
            task.cancel()
        await asyncio.gather(*made.tasks, return_exceptions=True)
