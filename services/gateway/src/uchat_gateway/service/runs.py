"""Ending a running answer, from any device."""

from dataclasses import dataclass

from uchat_contracts import subjects
from uchat_contracts.events import StopRun
from uchat_gateway.ports.access import Limiter
from uchat_gateway.ports.conversations import Conversations
from uchat_gateway.ports.live import LiveBus
from uchat_platform.auth import Actor


@dataclass(frozen=True, slots=True)
class Runs:
    """Tells the brain to end what it is writing."""

    bus: LiveBus
    conversations: Conversations
    limiter: Limiter

    async def stop(self, actor: Actor, log: str, run_id: str | None = None) -> None:
        """Stop the running answer of a conversation; none runs: nothing happens.

        Raises:
            RateLimitedError: too many.
            NotFoundError: the conversation is not the actor's.
            UnavailableError: sessions is away.
        """
        await self.limiter.hit_message(actor.person_id)
        await self.conversations.get(actor, log)
        event = StopRun(log=log, run_id=run_id, user_id=actor.person_id)
        await self.bus.publish_core(subjects.stop(log), event.json_bytes())
