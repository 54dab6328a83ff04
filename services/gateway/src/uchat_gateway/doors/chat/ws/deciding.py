"""Answering decisions on a live connection."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Protocol

import orjson
from opentelemetry.trace import SpanKind

from uchat_contracts.frames import Ack, Decide
from uchat_gateway.doors.chat.pump import Pump
from uchat_gateway.ports.trading import Answer, Modification, Resolved
from uchat_gateway.service.decisions import Answers
from uchat_gateway.service.live.frames import control
from uchat_platform import telemetry
from uchat_platform.auth import Actor
from uchat_platform.errors import NotPermittedError, UchatError


class Decider(Protocol):
    """The connection that answers come from."""

    pump: Pump

    def complain(self, name: str | None, error: UchatError) -> None:
        """Send an error frame."""
        ...


@dataclass(frozen=True, slots=True)
class Deciding:
    """Passes on what one client answers, and tells it what became of that.

    It runs beside the client's other frames: who writes does not wait for an approval.
    """

    answers: Answers
    client: Decider
    spawn: Callable[[Awaitable[None]], None]

    async def decide(self, actor: Actor, frame: Decide) -> None:
        """Begin to answer a decision. Raises RateLimitedError: too many."""
        await self.answers.admit(actor)
        if frame.iface is not None:
            actor = replace(actor, interface=frame.iface)
        self.spawn(self._pass_on(actor, frame))

    def refuse(self, frame: Decide, error: UchatError) -> None:
        """Tell the client that its answer was not taken; what may succeed later is an error."""
        if error.retryable:
            self.client.complain(frame.op_id, error)
            return
        after = error.retry_after_s
        ack = Ack(
            re=frame.op_id,
            status="forbidden" if isinstance(error, NotPermittedError) else "rejected",
            code=error.code,
            retry_after_ms=None if after is None else int(after * 1000),
        )
        self.client.pump.say(ack)

    async def _pass_on(self, actor: Actor, frame: Decide) -> None:
        # Each answer is a trace of its own, not a part of the handshake's.
        with telemetry.span("ws.decide", kind=SpanKind.SERVER, context=telemetry.extract(None)):
            try:
                resolved = await self._answer(actor, frame)
            except UchatError as e:
                self.refuse(frame, e)
                return
        ack = {
            "t": "ack",
            "re": frame.op_id,
            "status": resolved.status,
            "canonical": orjson.Fragment(resolved.card),
        }
        self.client.pump.offer(control(orjson.dumps(ack)))

    async def _answer(self, actor: Actor, frame: Decide) -> Resolved:
        if frame.choice == "modify":
            request = frame.modifications.json_bytes() if frame.modifications else b""
            return await self.answers.modify(
                actor, Modification(frame.decision_id, frame.plan_hash, request, frame.op_id)
            )
        return await self.answers.resolve(
            actor, Answer(frame.decision_id, frame.choice, frame.plan_hash, frame.op_id)
        )
