"""Decisions as they are stored: cards with their events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from uchat_contracts.trading import Card


@dataclass(frozen=True, slots=True)
class Decision:
    """A stored decision: its card, its account, and the database's time when it was read.

    `op_id` is that of the answer that counted.
    """

    card: Card
    person: str
    account: str | None
    op_id: str | None
    now: datetime


class Decisions(Protocol):
    """Decisions and their events."""

    async def insert(self, card: Card, account: str | None) -> bool:
        """Store a new decision with its first event; False: there is one of that id."""
        ...

    async def get(self, decision_id: str, *, lock: bool = False) -> Decision | None:
        """Return a decision."""
        ...

    async def save(self, card: Card, *, op_id: str | None = None) -> None:
        """Store a decision's next event, and announce it when the unit ends."""
        ...

    async def page(
        self, person: str, states: Sequence[str], before: tuple[datetime, str] | None, limit: int
    ) -> list[Card]:
        """Return decisions, latest proposal first, before a (time, id). No states: all."""
        ...

    async def expired(self, limit: int) -> list[Decision]:
        """Return decisions whose time to answer is over, locked; those locked elsewhere not."""
        ...

    async def unanswered_of(self, person: str) -> list[Decision]:
        """Return the person's decisions that nothing was sent for yet, locked."""
        ...

    async def hand_over(self, person: str, to: str) -> None:
        """Make another person the owner of all decisions."""
        ...

    async def similar(self, account: str, since: datetime, besides: str) -> list[Card]:
        """Return the account's other decisions since a time that may still be, or were, sent."""
        ...

    async def followers(self, decision_id: str) -> list[Card]:
        """Return the decisions that quote this one again, or are its remedy, latest first."""
        ...

    async def for_approval(
        self, person: str, before: tuple[datetime, str] | None, limit: int
    ) -> list[Card]:
        """Return others' decisions, of the person's organisation, that wait for a second person.

        Latest proposal first, before a (time, id); without those that the person has approved.
        """
        ...

    async def remember(self, decision_id: str, op_id: str, what: str, body_hash: str) -> None:
        """Remember an operation on a decision, and what it asked for."""
        ...

    async def remembered(self, decision_id: str, op_id: str) -> str | None:
        """Return the hash of what an operation on a decision asked for, if there was one."""
        ...
