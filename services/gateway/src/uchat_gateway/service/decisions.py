"""Answering decisions, from whichever way in."""

from dataclasses import dataclass, replace

from uchat_contracts.trading import Card
from uchat_gateway.ports.access import Limiter
from uchat_gateway.ports.trading import Answer, Decisions, Resolved
from uchat_platform.auth import Actor


@dataclass(frozen=True, slots=True)
class Answers:
    """Takes people's answers to decisions, limited as messages are."""

    decisions: Decisions
    limiter: Limiter

    async def resolve(self, actor: Actor, answer: Answer) -> Resolved:
        """Answer a decision; an empty `plan_hash` binds to what the person must have seen.

        Without a hash a rejection binds to the current plan. An approval does so only while there
        has been one plan: which of several ones was seen, nobody can tell.

        Raises:
            RateLimitedError: too many answers and messages of this person.
            NotFoundError: there is no such decision of theirs.
            NotPermittedError: they may not answer it.
            UnavailableError: the execution service is away; the same `op_id` may be sent again.
        """
        await self.limiter.hit_message(actor.person_id)
        if answer.plan_hash:
            return await self.decisions.resolve(actor, answer)
        raw = await self.decisions.get(actor, answer.decision_id)
        card = Card.model_validate_json(raw)
        if answer.choice == "approve" and card.version > 1 and card.is_open:
            return Resolved("superseded", raw)
        return await self.decisions.resolve(actor, replace(answer, plan_hash=card.plan_hash or ""))
