"""What the brain remembers of a person: a fold over each of their conversations, made when asked.

Nothing is kept for it. A page looks at a few conversations, each as far back as the brain sees.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from uchat_ai_core.domain.planner.forgetting import kept
from uchat_ai_core.domain.planner.memory import Remembered, facts_in
from uchat_ai_core.domain.window import said_in
from uchat_ai_core.ports import OwnLogs
from uchat_platform.auth import Actor
from uchat_platform.errors import InvalidInputError, NotFoundError

# Reading one takes some 20 ms of CPU at the first time, and answers wait meanwhile.
_LOOKED_AT: Final = 10
_APART: Final = "~"


@dataclass(frozen=True, slots=True)
class Memory:
    """One thing that was told, with the conversation that it was told in."""

    memory_id: str
    session_id: str
    remembered: Remembered


@dataclass(frozen=True, slots=True)
class MemoryPage:
    """Some memories; `next` is the cursor of the following page, empty if there is none."""

    memories: Sequence[Memory]
    next: str


@dataclass(frozen=True, slots=True)
class Memories:
    """Reads a person's conversations in their own name."""

    logs: OwnLogs

    async def page(self, actor: Actor, cursor: str, limit: int) -> MemoryPage:
        """Return up to `limit` memories, the latest of the latest conversation first.

        A page may hold fewer though others follow: ten conversations are looked at for one.

        Raises:
            InvalidInputError: not a cursor of this list.
            UnavailableError: the sessions service is away.
        """
        after, apart, place = cursor.partition(_APART)
        if cursor and not apart:
            raise InvalidInputError("Expected a cursor of this list", code="invalid_cursor")
        found: list[Memory] = []
        for _ in range(_LOOKED_AT):
            session_id, following = await self.logs.conversation_at(actor, place)
            told = _following(await self._of(actor, session_id), after) if session_id else []
            room = limit - len(found)
            found += told[:room]
            if len(told) > room:
                return MemoryPage(found, f"{found[-1].memory_id}{_APART}{place}")
            if not following:
                return MemoryPage(found, "")
            after, place = "", following
            if len(found) == limit:
                break
        return MemoryPage(found, f"{_APART}{place}")

    async def one(self, actor: Actor, memory_id: str) -> Memory:
        """Return one memory.

        Raises:
            NotFoundError: `memory_not_found`: it was taken back, or was never there.
            UnavailableError: the sessions service is away.
        """
        for each in await self._of(actor, memory_id.partition(".")[0]):
            if each.memory_id == memory_id:
                return each
        raise NotFoundError("You told me nothing like that", code="memory_not_found")

    async def _of(self, actor: Actor, session_id: str) -> list[Memory]:
        """Return what is remembered of one conversation, latest first."""
        try:
            entries = await self.logs.latest(actor, session_id)
        except NotFoundError:
            # Erased since it was listed, or nobody's: it tells nothing.
            return []
        said = [each for entry in entries if (each := said_in(entry, {})) is not None]
        return [Memory(_id(session_id, each), session_id, each) for each in reversed(kept(said))]


def _id(session_id: str, each: Remembered) -> str:
    place = facts_in(each.said.text).index(each.fact)
    return f"{session_id}.{each.said.seq}.{place}"


def _following(told: list[Memory], after: str) -> list[Memory]:
    """Return what comes after a memory; all, if that is here no more: twice rather than never."""
    places = [n for n, each in enumerate(told, 1) if each.memory_id == after]
    return told[places[0] :] if places else told
