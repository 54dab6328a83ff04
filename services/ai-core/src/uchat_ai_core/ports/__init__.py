"""What the brain needs from outside, in its own words."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from uchat_ai_core.domain.turn import BrainEvent, TurnIn
from uchat_contracts.events import LogEntry, ReplyProposed
from uchat_contracts.model import Model
from uchat_platform.auth import Actor


class Brain(Protocol):
    """Answers one message."""

    def turn(self, turn_in: TurnIn) -> AsyncGenerator[BrainEvent, None]:
        """Yield text and steps as they come, and the whole answer as the last event.

        A `TextReset` voids the text before it. Closing the generator stops the work.
        """
        ...


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to answer a conversation until it runs out.

    `epoch` rises with each owner and each fresh start. `answered_seq` is the seq of the latest
    message that some owner answered in the last 30 s: its reply may still be on its way.
    """

    log: str
    epoch: int
    answered_seq: int = 0


class Leases(Protocol):
    """Who may answer which conversation. One owner at a time, over all replicas."""

    async def take(self, log: str) -> Lease | None:
        """Take or take again; None if somebody else holds it.

        Raises:
            UnavailableError: the database is away.
        """
        ...

    async def renew(self, leases: Sequence[Lease]) -> frozenset[Lease]:
        """Prolong all of them at once and return those that hold; others have a new owner.

        Raises:
            UnavailableError: the database is away.
        """
        ...

    def release(self, lease: Lease, answered_seq: int) -> None:
        """Give back soon, without waiting; `answered_seq` 0: nothing was answered."""
        ...


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that nobody has answered yet."""

    log: str
    message_id: str
    seq: int


@dataclass(frozen=True, slots=True)
class Context:
    """The latest entries of a conversation and what waits for an answer, oldest first."""

    epoch: str
    head: int
    entries: Sequence[LogEntry]
    waiting: Sequence[Waiting]
    mode: str | None


class Conversations(Protocol):
    """The logs, as the sessions service keeps them."""

    async def context(self, log: str) -> Context:
        """Return the latest entries of a conversation.

        Raises:
            NotFoundError: erased or unknown.
            UnavailableError: the service is away.
        """
        ...

    async def entries(self, log: str, after: int, to: int) -> Sequence[LogEntry]:
        """Return entries with after < seq <= to, ascending.

        Raises:
            NotFoundError: erased or unknown.
            UnavailableError: the service is away.
        """
        ...

    async def waiting(self, older_than_ms: int, limit: int) -> Sequence[Waiting]:
        """Return messages that wait for an answer, oldest first, of all conversations.

        Raises:
            UnavailableError: the service is away.
        """
        ...


class OwnLogs(Protocol):
    """A person's conversations, read in their own name."""

    async def conversation_at(self, actor: Actor, cursor: str) -> tuple[str, str]:
        """Return the conversation at a cursor (the empty one: the latest) and the next cursor.

        Either is empty if there is none.

        Raises:
            InvalidInputError: not a cursor.
            UnavailableError: the service is away.
        """
        ...

    async def latest(self, actor: Actor, log: str) -> Sequence[LogEntry]:
        """Return the messages of a conversation that the brain sees, oldest first.

        Raises:
            NotFoundError: erased, unknown or somebody else's.
            UnavailableError: the service is away.
        """
        ...


class Outlet(Protocol):
    """Where running answers and replies go."""

    def tell(self, log: str, event: Model) -> None:
        """Tell a delta or a run's change to whoever follows now; it may be lost."""
        ...

    async def propose(self, reply: ReplyProposed) -> None:
        """Propose a reply durably; tries for ever with the same id.

        Raises:
            UchatError: it can never be stored (too large, not permitted).
        """
        ...


@dataclass(frozen=True, slots=True)
class Spent:
    """What one run of a model took of a person's allowance; `cost` in US dollars."""

    person: str
    model: str
    requests: int
    input_tokens: int
    output_tokens: int
    cost: Decimal


class Budget(Protocol):
    """What models may take in a day (UTC), of each person and in all."""

    async def allows(self, person: str) -> bool:
        """Tell whether a person's next message may be put to a model."""
        ...

    def note(self, spent: Spent) -> None:
        """Note what was taken, without waiting."""
        ...


class MarketData(Protocol):
    """Prices and what is listed, as plain values for tools."""

    async def quotes(self, symbols: Sequence[str]) -> dict[str, Any]:
        """Return the latest quotes; no symbols: of everything that is listed.

        {quotes: [{symbol, name, quote_currency, price, bid, ask, change_24h_pct, as_of, source,
        simulated}], unknown: [symbols]}

        Raises:
            UchatError: the service is away or refuses.
        """
        ...

    async def instruments(self) -> list[dict[str, str]]:
        """Return [{symbol, name, quote_currency}] in order of importance.

        Raises:
            UchatError: the service is away or refuses.
        """
        ...

    async def closes(self, symbols: Sequence[str], days: int) -> dict[str, list[float]]:
        """Return daily closes by base asset, oldest first; assets without any are missing.

        Raises:
            UchatError: the service is away or refuses.
        """
        ...
