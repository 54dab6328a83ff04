"""A sessions service of tests: one ordered log a conversation in memory, on the real bus."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime

from account_world import Account

from uchat_ai_core.adapters.brain import PydanticBrain
from uchat_ai_core.adapters.leases import PostgresLeases
from uchat_ai_core.adapters.outlet import BusOutlet
from uchat_ai_core.handlers.log import LogHandlers
from uchat_ai_core.handlers.running import RunningHandler
from uchat_ai_core.handlers.stop import StopHandler
from uchat_ai_core.ports import Context, Waiting
from uchat_ai_core.service.loop import TurnLoop
from uchat_ai_core.service.sweeper import Sweeper
from uchat_ai_core.service.turns import Turns
from uchat_contracts import ids, subjects
from uchat_contracts.events import LogEntry, MessageData, ReplyProposed, SessionData
from uchat_contracts.parts import Origin, Part
from uchat_platform.bus import PartitionReader
from uchat_platform.clock import SystemClock
from uchat_platform.errors import NotFoundError
from uchat_platform.partitions import PartitionOwnership

EPOCH = "e1"
PERSON = ids.new_person_id()


class Logs:
    """Appends, announces, and knows what waits. The first reply of a turn wins."""

    def __init__(self, bus):
        self.bus = bus
        self.logs = {}
        self.replies = []
        self.contexts = 0
        self.announce = True

    async def say(self, log, text, *, interface="web_chat", **more):
        data = MessageData(
            message_id=ids.new_message_id(),
            role="user",
            parts=[Part(type="text", text=text)],
            origin=Origin(interface=interface),
            user_id=PERSON,
            **more,
        )
        await self.append(log, data)
        return data.message_id

    async def append(self, log, data):
        entries = self.logs.setdefault(log, [])
        entry = LogEntry(
            log=log,
            epoch=EPOCH,
            seq=len(entries) + 1,
            ts=datetime.now(UTC),
            kind="message",
            data=data.model_dump(mode="json", exclude_none=True),
        )
        entries.append(entry)
        if self.announce:
            await self.bus.publish(
                subjects.log(log, "message"),
                entry.json_bytes(),
                stream=subjects.LOG,
                msg_id=entry.nats_msg_id(),
            )

    async def erase(self, log):
        """Tell in the person's log that a conversation is gone."""
        del self.logs[log]
        data = SessionData(session_id=log, title="").model_dump(mode="json", exclude_none=True)
        entry = LogEntry(
            log=PERSON,
            epoch=EPOCH,
            seq=1,
            ts=datetime.now(UTC),
            kind="session.deleted",
            data=data,
        )
        await self.bus.publish(
            subjects.log(PERSON, entry.kind),
            entry.json_bytes(),
            stream=subjects.LOG,
            msg_id=entry.nats_msg_id(),
        )

    async def follow_replies(self):
        """Append what is proposed, as the sessions service does."""
        reader = PartitionReader(self.bus, subjects.PROPOSED, "uchat.proposed.v1.*.*.*", None)
        async with reader:
            async for batch in reader.batches(100):
                for received in batch:
                    reply = ReplyProposed.model_validate_json(received.payload)
                    self.replies.append(reply)
                    if not self.answers_to(reply.session_id, reply.answers):
                        await self.append(reply.session_id, _answer(reply))

    def messages(self, log):
        return [MessageData.model_validate(each.data) for each in self.logs.get(log, [])]

    def answers_to(self, log, message_id):
        return [each for each in self.messages(log) if each.answers == message_id]

    def _waiting(self, log):
        said = [(e.seq, MessageData.model_validate(e.data)) for e in self.logs[log]]
        answered = {message.answers for _, message in said}
        return [
            Waiting(log, message.message_id, seq)
            for seq, message in said
            if message.role == "user" and message.message_id not in answered
        ]

    async def context(self, log):
        self.contexts += 1
        if log not in self.logs:
            raise NotFoundError("no such conversation")
        entries = self.logs[log]
        return Context(EPOCH, len(entries), entries[-200:], self._waiting(log), None)

    async def entries(self, log, after, to):
        return [entry for entry in self.logs.get(log, []) if after < entry.seq <= to]

    async def waiting(self, older_than_ms, limit):
        now = datetime.now(UTC)
        return [
            each
            for log in self.logs
            for each in self._waiting(log)
            if (now - self.logs[log][each.seq - 1].ts).total_seconds() * 1000 >= older_than_ms
        ][:limit]


def _answer(reply):
    return MessageData(
        message_id=reply.message_id,
        role="assistant",
        parts=reply.parts,
        origin=Origin(interface="assistant"),
        answers=reply.answers,
        turn_id=reply.turn_id,
        intent=reply.intent,
        confidence=reply.confidence,
        sources=reply.sources,
        model=reply.model,
    )


class Replica:
    """One ai-core on real NATS and Postgres, with conversations from `Logs`."""

    def __init__(self, bus, dsn, *, logs, brain, name, **limits):
        self.bus, self.dsn = bus, dsn
        self.leases = PostgresLeases(dsn, name)
        self.outlet = BusOutlet(bus)
        self.turns = Turns(brain, self.outlet, SystemClock(), {})
        options = {"most_turns": 16, "most_logs": 100, "most_bytes": 2**20} | limits
        self.loop = TurnLoop(self.turns, self.leases, logs, **options)
        self.sweeper = Sweeper(logs, self.loop)
        self.handlers = LogHandlers(bus, self.loop, self.sweeper)
        self.ownership = PartitionOwnership(
            dsn,
            "ai-core",
            on_acquire=self.handlers.on_acquire,
            on_release=self.handlers.on_release,
        )
        self.stop = asyncio.Event()
        self.killed = asyncio.Event()

    @asynccontextmanager
    async def running(self):
        await self.bus.serve(subjects.running("*"), RunningHandler(self.loop).on_request)
        await self.bus.subscribe(subjects.stop("*"), StopHandler(self.loop).on_stop)
        async with asyncio.TaskGroup() as group:
            self.tasks = [
                group.create_task(each)
                for each in (
                    self.leases.run(),
                    self.outlet.run(),
                    self.handlers.run(),
                    self.ownership.run(),
                    self.sweeper.run(),
                )
            ]
            turns = group.create_task(self.loop.run(self.stop))
            self.tasks.append(turns)
            try:
                yield self
            finally:
                self.stop.set()
                if not self.killed.is_set():
                    await turns
                for task in self.tasks:
                    task.cancel()

    def kill(self):
        """End at once: nothing is finished, nothing is given back."""
        self.killed.set()
        self.leases._releases = {}
        self.leases.release = lambda *_: None
        for task in self.tasks:
            task.cancel()


class World:
    """Streams, a database, logs and as many replicas as are asked for."""

    def __init__(self, bus_for, dsn, *, stack, logs, market):
        self.bus_for, self.dsn, self.stack = bus_for, dsn, stack
        self.logs, self.market = logs, market
        self.deltas = []

    async def replica(self, brain=None, name="a", **limits):
        bus = await self.bus_for("ai-core")
        chosen = brain or PydanticBrain([], self.market, Account())
        replica = Replica(bus, self.dsn, logs=self.logs, brain=chosen, name=name, **limits)
        return await self.stack.enter_async_context(replica.running())

    async def follow_deltas(self):
        bus = await self.bus_for("gateway")
        await bus.subscribe("uchat.delta.v1.*", self.deltas.append)
        await bus.flush()


@asynccontextmanager
async def log_world(bus_for, dsn, market):
    logs = Logs(await bus_for("sessions"))
    async with asyncio.TaskGroup() as group, AsyncExitStack() as stack:
        following = group.create_task(logs.follow_replies())
        try:
            yield World(bus_for, dsn, stack=stack, logs=logs, market=market)
        finally:
            await stack.aclose()
            following.cancel()
