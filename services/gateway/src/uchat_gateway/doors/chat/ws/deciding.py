"""Answering decisions on a live connection."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import orjson

from uchat_contracts.frames import Ack, Decide
from uchat_gateway.doors.chat.pump import Pump
from uchat_gateway.ports.trading import Answer
from uchat_gateway.service.decisions import Answers
from uchat_gateway.service.live.frames import control
from uchat_platform.auth import Actor
from uchat_platform.errors import NotPermittedError, UchatError


@dataclass(frozen=True, slots=True)
class Deciding:
    """Passes on what one client answers, and tells it what became of that."""

    answers: Answers
    pump: Pump

    async def decide(self, actor: Actor, frame: Decide) -> None:
        """Answer a decision and tell the ack for it. Raises as `Answers.resolve`."""
        if frame.iface is not None:
            actor = replace(actor, interface=frame.iface)
        answer = Answer(frame.decision_id, frame.choice, frame.plan_hash, frame.op_id)
        resolved = await self.answers.resolve(actor, answer)
        ack = {
            "t": "ack",
            "re": frame.op_id,
            "status": resolved.status,
            "canonical": orjson.Fragment(resolved.card),
        }
        self.pump.offer(control(orjson.dumps(ack)))

    def refuse(
        self, frame: Decide, error: UchatError, complain: Callable[[str | None, UchatError], None]
    ) -> None:
        """Tell the client that its answer was not taken; what may succeed later is an error."""
        if error.retryable:
            complain(frame.op_id, error)
            return
        after = error.retry_after_s
        ack = Ack(
            re=frame.op_id,
            status="forbidden" if isinstance(error, NotPermittedError) else "rejected",
            code=error.code,
            retry_after_ms=None if after is None else int(after * 1000),
        )
        self.pump.say(ack)
