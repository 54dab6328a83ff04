"""Taking back what was told: a message like any other, in the conversation that it was told in."""

from dataclasses import dataclass
from typing import Final

from uchat_contracts.events import MessageReceived
from uchat_contracts.ids import new_ulid, received_message_id
from uchat_contracts.parts import Origin, Part
from uchat_gateway.ports.access import Limiter
from uchat_gateway.ports.conversations import Conversations
from uchat_gateway.ports.memories import Memories, Memory, MemoryPage
from uchat_gateway.service.replies import refusal
from uchat_platform.auth import Actor
from uchat_platform.clock import Clock

_PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class Forgetting:
    """Reads what is remembered, and writes in the person's name that it is to be forgotten.

    Each wish is in the log before its method returns, and answered there as any message is.
    """

    memories: Memories
    conversations: Conversations
    limiter: Limiter
    clock: Clock

    async def page(self, actor: Actor, *, cursor: str, limit: int) -> MemoryPage:
        """Return memories, those of the latest conversation first; it counts as a message.

        Raises:
            RateLimitedError: too many messages of this person.
            UnavailableError: a service is away.
        """
        await self.limiter.hit_message(actor.person_id)
        return await self.memories.page(actor, cursor=cursor, limit=limit)

    async def forget(self, actor: Actor, memory_id: str) -> Memory:
        """Have one thing forgotten and return it as it was.

        Raises:
            NotFoundError: it was taken back, or is not theirs.
            RateLimitedError: too many messages of this person.
            UnavailableError: a service is away; nothing was done.
        """
        memory = await self.memories.get(actor, memory_id)
        # Twice at once is once: the log knows the id.
        await self._say(actor, memory.session_id, memory.forget, f"forget:{memory.memory_id}")
        return memory

    async def forget_all(self, actor: Actor) -> list[str]:
        """Have everything forgotten, once in each conversation; return the conversations.

        Again goes on where it was refused.

        Raises:
            RateLimitedError: too many messages of this person.
            UnavailableError: a service is away; what was said until then stands.
        """
        told: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            page = await self.memories.page(actor, cursor=cursor, limit=_PAGE)
            for session_id in dict.fromkeys(each.session_id for each in page.memories):
                if session_id not in told:
                    await self._say(actor, session_id, page.forget_all, f"forget:{new_ulid()}")
                    told.append(session_id)
            cursor = page.next
        return told

    async def _say(self, actor: Actor, log: str, text: str, client_msg_id: str) -> None:
        await self.limiter.hit_message(actor.person_id)
        message = MessageReceived(
            occurred_at=self.clock.now(),
            session_id=log,
            user_id=actor.person_id,
            message_id=received_message_id(actor.person_id, log, client_msg_id),
            client_msg_id=client_msg_id,
            parts=[Part(type="text", text=text)],
            origin=Origin(interface=actor.interface),
        )
        outcome = await self.conversations.append(actor, message, if_last_seq=None)
        if outcome.status == "rejected":
            raise refusal(outcome.code)
