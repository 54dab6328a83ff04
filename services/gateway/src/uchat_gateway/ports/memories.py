"""What the brain remembers of a person, as ai-core reads it out of their conversations."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from uchat_platform.auth import Actor


@dataclass(frozen=True, slots=True)
class Memory:
    """One thing that the person told.

    `amount` is a decimal, of an amount of money or a holding; `unit` its currency or asset. `at` is
    RFC 3339 in UTC. `forget` is the message of the person that takes it back.
    """

    memory_id: str
    session_id: str
    message_id: str
    kind: str
    value: str
    amount: str | None
    unit: str | None
    text: str
    interface: str
    at: str
    forget: str


@dataclass(frozen=True, slots=True)
class MemoryPage:
    """Some memories; `next` is the cursor of the following page.

    `forget_all` is the message that takes back all of the conversation that it is written in.
    """

    memories: Sequence[Memory]
    next: str | None
    forget_all: str


class Memories(Protocol):
    """What the actor told. Every method raises UnavailableError when the service is away."""

    async def page(self, actor: Actor, *, cursor: str, limit: int) -> MemoryPage:
        """Return memories, those of the latest conversation first; a page may be short."""
        ...

    async def get(self, actor: Actor, memory_id: str) -> Memory:
        """Return one memory.

        Raises:
            NotFoundError: it was taken back, or is not theirs.
        """
        ...
