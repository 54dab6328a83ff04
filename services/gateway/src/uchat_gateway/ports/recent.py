"""What was sent a short while ago."""

from typing import Protocol


class RecentMessages(Protocol):
    """Remembers for ten minutes which client ids were used."""

    async def first_time(self, person_id: str, log: str, client_msg_id: str) -> bool | None:
        """Take note of an id; tell whether it is new (None: the memory is away)."""
        ...
