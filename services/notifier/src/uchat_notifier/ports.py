"""What the notifier needs from outside, in its own words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from uchat_contracts.events import Delivery, LogEntry
from uchat_notifier.domain.rules import Channel
from uchat_platform.errors import ConflictError


class CursorLostError(ConflictError):
    """Somebody else reads this partition now: nothing was written."""

    default_code = "cursor_lost"


@dataclass(frozen=True, slots=True)
class Place:
    """How far a partition is read, in which making of its stream."""

    stream: str
    last: int


@dataclass(frozen=True, slots=True)
class Position:
    """Up to which entry a log was told."""

    epoch: str
    seq: int


@dataclass(frozen=True, slots=True)
class Queued:
    """A delivery to be put on the bus, within the trace of its entry (a W3C traceparent)."""

    delivery: Delivery
    trace: str = ""


@dataclass(frozen=True, slots=True)
class Unsent:
    """A delivery that a crash left unsent: all of it but what it says."""

    delivery_id: str
    person: str
    interface: str
    address: str
    log: str
    seq: int
    kind: str
    about: str
    rev: int
    silent: bool
    trace: str


@dataclass(frozen=True, slots=True)
class Step:
    """What one transaction writes: a cursor moved, logs told further, deliveries made."""

    partition: int
    before: Place
    after: Place
    positions: dict[str, Position]
    queued: Sequence[Queued]


@dataclass(frozen=True, slots=True)
class Reported:
    """What an adapter says of a delivery: delivered, collapsed or failed (with a code)."""

    delivery_id: str
    status: str
    external_id: str
    at: datetime
    code: str


@dataclass(frozen=True, slots=True)
class Record:
    """A line of the delivery ledger; `number` orders the lines."""

    number: int
    delivery_id: str
    interface: str
    kind: str
    about: str
    status: str
    queued_at: datetime
    delivered_at: datetime | None


class Ledger(Protocol):
    """Deliveries, cursors and positions, in the database."""

    async def place(self, partition: int) -> Place:
        """Return how far a partition is read."""
        ...

    async def positions(self, logs: Sequence[str]) -> dict[str, Position]:
        """Return how far logs were told, of those that are followed."""
        ...

    async def followed(self, partition: int, *, active_s: float | None) -> dict[str, Position]:
        """Return the followed logs of a partition: all, or those told in the last seconds."""
        ...

    async def write(self, step: Step) -> set[str]:
        """Write all of it or nothing; returns the ids of the deliveries that are new.

        Raises:
            CursorLostError: somebody else has moved the cursor.
            UnavailableError: the database is away.
        """
        ...

    async def unsent(self, partition: int, limit: int) -> list[Unsent]:
        """Return deliveries that are not known to be on the bus, oldest first."""
        ...

    async def sent(self, deliveries: Sequence[str]) -> None:
        """Note that deliveries are on the bus."""
        ...

    async def failed(self, delivery: str, code: str) -> None:
        """Note that a delivery can never be made."""
        ...

    async def report(self, reported: Sequence[Reported]) -> list[str]:
        """Note what adapters say; returns the statuses that are new. Safe to repeat."""
        ...

    async def page(self, person: str, about: str, before: int | None, limit: int) -> list[Record]:
        """Return a person's deliveries, latest first; `about` empty: all."""
        ...


class Logs(Protocol):
    """The logs, by the sessions service."""

    async def entries(self, log: str, after: int, limit: int) -> Sequence[LogEntry]:
        """Return entries with seq > after, ascending.

        Raises:
            NotFoundError: the log is erased.
            UnavailableError: the sessions service is away.
        """
        ...

    async def heads(self, logs: Sequence[str]) -> tuple[str, dict[str, int]]:
        """Return the epoch, and how far those logs are that exist."""
        ...


class ChannelSource(Protocol):
    """Where people can be told something, by the sessions service."""

    async def channels(self, person: str) -> Sequence[Channel]:
        """Return the channels of a person.

        Raises:
            UnavailableError: the sessions service is away.
        """
        ...


class Outlet(Protocol):
    """The bus."""

    async def put(self, queued: Queued) -> None:
        """Put a delivery on the bus and return once it is stored there.

        Raises:
            UchatError: retryable or not.
        """
        ...
