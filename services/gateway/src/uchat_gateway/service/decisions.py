"""Answering decisions, from whichever way in."""

import time
from dataclasses import dataclass, replace

from uchat_contracts.trading import Card
from uchat_gateway.ports.access import Limiter
from uchat_gateway.ports.trading import Answer, Decisions, Modification, Resolved
from uchat_platform import logging
from uchat_platform.auth import Actor

_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Answers:
    """Takes people's answers to decisions, limited as messages are."""

    decisions: Decisions
    limiter: Limiter

    async def admit(self, actor: Actor) -> None:
        """Count one answer. Raises RateLimitedError: too many answers and messages."""
        await self.limiter.hit_message(actor.person_id)

    async def resolve(self, actor: Actor, answer: Answer) -> Resolved:
        """Pass an admitted answer on.

        Raises:
            NotFoundError: there is no such decision of theirs.
            NotPermittedError: they may not answer it.
            UnavailableError: the execution service is away; the same `op_id` may be sent again.
        """
        started = time.perf_counter()
        resolved = await self.decisions.resolve(actor, answer)
        _note(actor, answer.decision_id, answer.choice, resolved, started)
        return resolved

    async def modify(self, actor: Actor, modification: Modification) -> Resolved:
        """Pass on an admitted wish for another plan.

        Raises:
            InvalidInputError: the plan is none, or `op_id` stands for another one.
            NotFoundError: there is no such decision of theirs.
            UnavailableError: the execution service is away; the same `op_id` may be sent again.
        """
        started = time.perf_counter()
        resolved = await self.decisions.modify(actor, modification)
        _note(actor, modification.decision_id, "modify", resolved, started)
        return resolved

    async def resolve_what_was_seen(self, actor: Actor, answer: Answer) -> Resolved:
        """Pass on an admitted answer without a hash, bound to what the person must have seen.

        A rejection binds to the current plan. An approval does so only while there has been one
        plan: which of several ones was seen, nobody can tell. Raises as `resolve`.
        """
        raw = await self.decisions.get(actor, answer.decision_id)
        card = Card.model_validate_json(raw)
        if answer.choice == "approve" and card.version > 1 and card.is_open:
            return Resolved("superseded", raw)
        return await self.resolve(actor, replace(answer, plan_hash=card.plan_hash or ""))


def _note(actor: Actor, decision_id: str, choice: str, resolved: Resolved, started: float) -> None:
    _log.info(
        "decision_answered",
        decision_id=decision_id,
        user_id=logging.hashed(actor.person_id),
        interface_type=actor.interface,
        choice=choice,
        status=resolved.status,
        processing_time=round((time.perf_counter() - started) * 1000, 2),
    )
