"""A connection with everything behind it in memory, and a client at its other end."""

import asyncio
import uuid
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from uchat_contracts.trading import OPEN_STATES
from uchat_gateway.doors.chat.ws.connection import Connection
from uchat_gateway.doors.chat.ws.connections import Connections, LiveTimes
from uchat_gateway.doors.chat.ws.services import LiveServices
from uchat_gateway.ports.access import Principal
from uchat_gateway.ports.trading import JsonPage, Resolved
from uchat_gateway.service.access import Access
from uchat_gateway.service.decisions import Answers
from uchat_gateway.service.live.hub import HubTimes, LiveHub
from uchat_gateway.service.messages import Messages
from uchat_gateway.service.recent import RecentMessages
from uchat_gateway.service.replies import Replies
from uchat_gateway.service.runs import Runs
from uchat_platform.auth import Actor
from uchat_platform.errors import (
    NotFoundError,
    RateLimitedError,
    UnauthenticatedError,
    UnavailableError,
)
from uchat_platform.testing import FixedClock

EPOCH = "e1"


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


def card(person: str, log: str, **fields: Any) -> dict[str, Any]:
    """Return the JSON of a card that waits for an answer."""
    return {
        "decision_id": str(uuid.uuid4()),
        "rev": 2,
        "version": 1,
        "state": "awaiting_approval",
        "session_id": log,
        "user_id": person,
        "interface": "web_chat",
        "proposed_at": "2026-11-22T12:00:00Z",
        "updated_at": "2026-11-22T12:00:00Z",
        "request": {"legs": [{"symbol": "BTC", "side": "buy", "quantity": "0.01"}]},
        "plan_hash": "ab" * 32,
        **fields,
    }


class MemoryDecisions:
    """Decisions of people: the first answer wins."""

    def __init__(self) -> None:
        self.cards: dict[str, dict[str, Any]] = {}
        self.answers: dict[str, tuple[str, str]] = {}
        self.asked: list[tuple[str, Any]] = []
        self.listed = 0
        self.goes_on = asyncio.Event()
        self.goes_on.set()
        self.away = False

    def put(self, person: str, log: str, **fields: Any) -> dict[str, Any]:
        """Keep a card that waits for an answer and return it."""
        made = card(person, log, **fields)
        self.cards[made["decision_id"]] = made
        return made

    async def resolve(self, actor, answer):
        await self.goes_on.wait()
        held = self._owned(actor, answer.decision_id)
        self.asked.append((actor.interface, answer))
        if answer.decision_id in self.answers:
            op_id, _ = self.answers[answer.decision_id]
            status = "duplicate" if op_id == answer.op_id else "already_resolved"
        elif answer.plan_hash != held["plan_hash"]:
            status = "superseded"
        else:
            status = "accepted"
            self.answers[answer.decision_id] = (answer.op_id, answer.choice)
            held["state"] = "approved" if answer.choice == "approve" else "rejected"
            held["rev"] += 1
        return Resolved(status, orjson.dumps(held))

    async def get(self, actor, decision_id):
        return orjson.dumps(self._owned(actor, decision_id))

    async def list(self, actor, *, states, cursor, limit):
        self._check()
        self.listed += 1
        mine = [each for each in self.cards.values() if each["user_id"] == actor.person_id]
        is_open = [each for each in mine if each["state"] in OPEN_STATES]
        return JsonPage([orjson.dumps(each) for each in is_open][:limit])

    def _owned(self, actor, decision_id):
        self._check()
        held = self.cards.get(decision_id)
        if held is None or held["user_id"] != actor.person_id:
            raise NotFoundError("There is no such decision")
        return held

    def _check(self):
        if self.away:
            raise UnavailableError("execution is away")


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


@dataclass(repr=False)
class World:
    """Everything behind a connection."""

    bus: Any
    sessions: Any
    guards: MemoryGuards
    clock: FixedClock
    hub: LiveHub
    services: LiveServices
    decisions: MemoryDecisions
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
async def world(times: LiveTimes, memory_sessions: Any) -> AsyncGenerator[World]:
    clock = FixedClock(datetime(2026, 11, 22, 12, tzinfo=UTC))
    guards, sessions, bus = MemoryGuards(clock), memory_sessions, memory_sessions.bus
    hub = LiveHub(bus, sessions, times=HubTimes(0.05, 25.0, 0.2, 0.02))
    messages = Messages(bus, sessions, RecentMessages(), guards, clock)
    access = Access(guards, clock)
    connections = Connections(clock, times, per_person=3)
    decisions = MemoryDecisions()
    services = LiveServices(
        hub,
        messages,
        access,
        guards,
        clock,
        connections,
        times,
        decisions,
        Answers(decisions, guards),
        Runs(bus, sessions, guards),
    )
    access.on_revoked(connections.revoked)
    replies = Replies(hub, messages, sessions)
    made = World(bus, sessions, guards, clock, hub, services, decisions, replies)
    async with hub.running():
        yield made
        for client in made.clients:
            client.connection.close(1000)
            client.connection.leave()
        for task in made.tasks:
            task.cancel()
        await asyncio.gather(*made.tasks, return_exceptions=True)
