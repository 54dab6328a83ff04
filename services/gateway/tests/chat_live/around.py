"""What is around the gateway and no process here: a brain, and the Telegram adapter's calls."""

import asyncio
from typing import TYPE_CHECKING

from uchat_contracts import ids, subjects
from uchat_contracts.events import Delta, LogEntry, ReplyProposed
from uchat_contracts.parts import Part
from uchat_contracts.rpc.sessions.v1 import links_pb2, sessions_pb2
from uchat_platform import rpc
from uchat_platform.auth import SERVICE_ACTOR, Actor
from uchat_platform.bus import Bus, PartitionReader
from uchat_platform.clock import SystemClock

if TYPE_CHECKING:
    from uchat_contracts.trading import PlanRequest


class Brain:
    """Answers every user message by an echo, in a few deltas."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.deltas = 3
        self.proposals: list[PlanRequest] = []
        self.answering = asyncio.Event()
        self.answering.set()
        self.listening = asyncio.Event()

    async def run(self) -> None:
        reader = PartitionReader(self.bus, subjects.LOG, "uchat.log.v1.*.*.message", None)
        async with reader:
            await reader.started()
            self.listening.set()
            async for batch in reader.batches(100):
                for received in batch:
                    entry = LogEntry.model_validate_json(received.payload)
                    if entry.data["role"] == "user":
                        await self.answering.wait()
                        await self.answer(entry)

    async def answer(self, entry: LogEntry) -> None:
        asked = entry.data["message_id"]
        message_id, turn = ids.derived_message_id(asked), ids.turn_id(asked)
        text = f"You said: {entry.data['parts'][0]['text']}"
        for i in range(self.deltas):
            delta = Delta(
                log=entry.log, message_id=message_id, run_id=turn, epoch=1, i=i, n=1, text=text[i]
            )
            await self.bus.publish_core(subjects.delta(entry.log), delta.json_bytes())
        reply = ReplyProposed(
            occurred_at=SystemClock().now(),
            session_id=entry.log,
            turn_id=turn,
            lease_epoch=1,
            run_id=turn,
            answers=asked,
            message_id=message_id,
            user_id=entry.data["user_id"],
            interface=entry.data["origin"]["interface"],
            proposals=self.proposals,
            parts=[Part(type="text", text=text)],
            mode="quick",
            intent="general_query",
            confidence=0.8,
            model="echo",
            processing_ms=1.0,
        )
        await self.bus.publish(
            subjects.proposed("reply", entry.log),
            reply.json_bytes(),
            stream=subjects.PROPOSED,
            msg_id=reply.nats_msg_id(),
        )


class Telegram:
    """The Telegram adapter's calls."""

    def __init__(self, stubs, signer):
        self.sessions, self.links = stubs
        self.signer = signer

    async def call(self, method, request, actor=SERVICE_ACTOR):
        return await rpc.call(method, request, signer=self.signer, actor=actor)

    async def meet(self, external_id):
        return await self.call(
            self.sessions.ResolveIdentity,
            sessions_pb2.ResolveIdentityRequest(
                provider="telegram", external_id=external_id, display_name="Tess"
            ),
        )

    async def continue_code(self, person):
        actor = Actor(person, frozenset({"trader"}), "telegram")
        made = await self.call(
            self.links.CreateContinueCode, links_pb2.CreateContinueCodeRequest(), actor
        )
        return made.code

    async def claim(self, code, external_id):
        return await self.call(
            self.links.ClaimLinkCode,
            links_pb2.ClaimLinkCodeRequest(
                code=code,
                provider="telegram",
                external_id=external_id,
                display_name="Tess",
                accept=True,
            ),
        )
