"""One turn: think, tell, propose the reply; whatever happens the message gets an answer."""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from opentelemetry.trace import SpanKind
from prometheus_client import Counter, Histogram

from uchat_ai_core.domain.planner.intents import understand
from uchat_ai_core.domain.turn import (
    Answered,
    Said,
    StepTaken,
    TextAdded,
    TextReset,
    TurnIn,
    text_of,
)
from uchat_ai_core.ports import Brain, Outlet
from uchat_ai_core.service.holding import Held, LeaseLostError
from uchat_ai_core.service.streams import RunStream
from uchat_contracts.events import ReplyProposed
from uchat_contracts.ids import derived_message_id, new_ulid, turn_id
from uchat_contracts.parts import Part
from uchat_platform import logging, telemetry
from uchat_platform.clock import Clock
from uchat_platform.errors import UchatError

_ATTEMPTS: Final = 3
_APOLOGY: Final = (
    "I could not answer this message because of a fault on our side. Nothing was changed or "
    "ordered. Please ask again, or put it another way."
)
_NOTHING_SAID: Final = {
    "interrupted": "Stopped before an answer, because you wrote something newer.",
    "stopped": "Stopped before an answer, as you asked.",
}
_TURNS: Final = Counter("uchat_ai_turns", "Turns answered", ["outcome", "model"])
_SECONDS: Final = Histogram(
    "uchat_ai_turn_seconds",
    "From taking up a message to its stored reply",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)
_FIRST: Final = Histogram(
    "uchat_ai_first_delta_seconds",
    "From taking up a message to its first delta",
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Turns:
    """Runs turns under a lease. `runs` holds the running ones by log, for who asks meanwhile."""

    brain: Brain
    outlet: Outlet
    clock: Clock
    runs: dict[str, RunStream]

    async def run(self, turn_in: TurnIn, held: Held) -> Said:
        """Answer the message and return the answer once its reply is stored.

        Raises:
            LeaseLostError: another owner answers; nothing of this run counts.
        """
        loop = asyncio.get_running_loop()
        started = loop.time()
        message = turn_in.message
        run_id = f"run_{new_ulid()}"
        reply_id = derived_message_id(message.message_id)
        stream = RunStream(self.outlet, turn_in.log, reply_id, run_id, held.lease.epoch)
        self.runs[turn_in.log] = stream
        parent = telemetry.extract(dict(message.headers))
        attributes = {"uchat.session_id": turn_in.log, "uchat.mode": turn_in.mode}
        try:
            with telemetry.span(
                "turn", kind=SpanKind.CONSUMER, context=parent, attributes=attributes
            ):
                stream.start()
                answered, outcome = await self._think(turn_in, held, stream)
                stream.finish()
                spent_ms = round((loop.time() - started) * 1000, 3)
                await held.assure()
                answered = await self._propose(turn_in, held, stream, answered, spent_ms)
                stream.end()
                self._note(turn_in, answered, outcome, loop.time() - started)
                if stream.first_delta_at is not None:
                    _FIRST.observe(stream.first_delta_at - started)
        finally:
            stream.close()
            self.runs.pop(turn_in.log, None)
        return _said(turn_in, reply_id, text_of(answered.parts), self.clock.now())

    async def _think(self, turn_in: TurnIn, held: Held, stream: RunStream) -> tuple[Answered, str]:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return await self._listen(turn_in, held, stream), "answered"
            except _InterruptedError as e:
                return _interrupted(turn_in, stream, e.reason), e.reason
            except LeaseLostError:
                raise
            except Exception:  # noqa: BLE001 - the edge of a turn: a bug must not leave it unanswered
                _log.exception("turn_failed", session_id=turn_in.log, attempt=attempt)
                stream.restart(await held.raise_epoch())
        stream.add(_APOLOGY)
        return _answer(turn_in, _APOLOGY, "apology", 0.0), "apology"

    async def _listen(self, turn_in: TurnIn, held: Held, stream: RunStream) -> Answered:
        task = asyncio.current_task()
        held.works_in(task)
        answered: Answered | None = None
        try:
            async with aclosing(self.brain.turn(turn_in)) as events:
                async for event in events:
                    if not held.is_fresh:
                        await held.assure()
                    if isinstance(event, TextAdded):
                        stream.add(event.text)
                    elif isinstance(event, StepTaken):
                        stream.step(event.tool)
                    elif isinstance(event, TextReset):
                        stream.restart(await held.raise_epoch())
                    else:
                        answered = event
        except asyncio.CancelledError:
            reason = held.stopped_by
            if reason is None or (task is not None and task.uncancel() > 0):
                raise
            if reason == "lost":
                raise LeaseLostError(turn_in.log) from None
            raise _InterruptedError(reason) from None
        finally:
            held.works_in(None)
        if answered is None or not text_of(answered.parts):
            raise EmptyAnswerError("The brain ended without an answer")
        return answered

    async def _propose(
        self, turn_in: TurnIn, held: Held, stream: RunStream, answered: Answered, spent_ms: float
    ) -> Answered:
        try:
            await self.outlet.propose(self._reply(turn_in, held, stream, answered, spent_ms))
        except UchatError as e:
            # This reply can never be stored; one that can must take its place, or the message
            # would wait for ever.
            _log.exception("reply_refused", session_id=turn_in.log, code=e.code)
            answered = _answer(turn_in, _APOLOGY, "apology", 0.0)
            await self.outlet.propose(self._reply(turn_in, held, stream, answered, spent_ms))
        return answered

    def _reply(
        self, turn_in: TurnIn, held: Held, stream: RunStream, answered: Answered, spent_ms: float
    ) -> ReplyProposed:
        message = turn_in.message
        return ReplyProposed(
            occurred_at=self.clock.now(),
            session_id=turn_in.log,
            correlation_id=message.message_id,
            causation_id=message.message_id,
            turn_id=turn_id(message.message_id),
            lease_epoch=held.lease.epoch,
            run_id=stream.run_id,
            answers=message.message_id,
            message_id=stream.message_id,
            user_id=message.user_id,
            interface=message.interface,
            parts=list(answered.parts),
            mode=turn_in.mode,
            proposals=list(answered.proposals),
            intent=answered.intent,
            confidence=answered.confidence,
            sources=list(answered.sources),
            model=answered.model,
            processing_ms=spent_ms,
        )

    def _note(self, turn_in: TurnIn, answered: Answered, outcome: str, seconds: float) -> None:
        _TURNS.labels(outcome, answered.model).inc()
        _SECONDS.observe(seconds)
        message = turn_in.message
        _log.info(
            "turn_answered",
            session_id=turn_in.log,
            user_id=logging.hashed(message.user_id or ""),
            interface_type=message.interface,
            mode=turn_in.mode,
            intent=answered.intent,
            confidence=answered.confidence,
            processing_time=round(seconds * 1000, 1),
            model=answered.model,
            outcome=outcome,
            **answered.details,
        )


class EmptyAnswerError(UchatError):
    """The brain said nothing."""

    default_code = "empty_answer"


class _InterruptedError(Exception):
    """The person wrote something newer that is to interrupt the answer, or stopped it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _interrupted(turn_in: TurnIn, stream: RunStream, reason: str) -> Answered:
    """What was said so far is the answer, marked as interrupted; it proposes nothing."""
    text = stream.text.strip() or _NOTHING_SAID[reason]
    if not stream.text.strip():
        stream.add(text)
    part = Part.model_validate({"type": "text", "text": text, "interrupted": True})
    understood = understand(turn_in.message.text)
    return Answered((part,), understood.intent, understood.confidence, "interrupted")


def _answer(turn_in: TurnIn, text: str, model: str, confidence: float) -> Answered:
    intent = understand(turn_in.message.text).intent if model != "apology" else "general_query"
    return Answered((Part(type="text", text=text),), intent, confidence, model)


def _said(turn_in: TurnIn, message_id: str, text: str, at: datetime) -> Said:
    # As it will stand in the log; until its seq is known it has the question's.
    return Said(
        message_id=message_id,
        seq=turn_in.message.seq,
        role="assistant",
        text=text,
        interface=turn_in.message.interface,
        at=at,
        answers=turn_in.message.message_id,
    )
