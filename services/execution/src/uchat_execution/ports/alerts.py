"""What the books keep of alerts and digests, and what the market was."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Protocol

from uchat_contracts.trading import Alert, AlertFiring
from uchat_execution.domain.alerts.history import Bar


@dataclass(frozen=True, slots=True)
class Held:
    """A fill that happened while its alert was silent; `key` names it for good."""

    key: str
    firing: AlertFiring


@dataclass(frozen=True, slots=True)
class Kept:
    """An alert as it is kept.

    `mark`: of a drawdown the highest profit (worth less what came from outside) since it was set.
    `held`: what is told when its silence is over, in the order in which it happened.
    """

    alert: Alert
    mark: Decimal | None = None
    held: tuple[Held, ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """In which window, in seconds, moves of a symbol are watched, and which way."""

    symbol: str
    way: str
    window_s: int


@dataclass(frozen=True, slots=True)
class DigestPlan:
    """When a person is told the digest. `told` is the local day of the last one.

    `total` and `deposited` are what the account was worth then, and what had come from outside.
    """

    person: str
    on: bool
    at: time
    zone: str
    next_at: datetime | None
    told: date | None = None
    told_at: datetime | None = None
    total: Decimal | None = None
    deposited: Decimal | None = None


class Alerts(Protocol):
    """Alerts and digests within a unit. They are locked after everything else."""

    async def of_person(self, person: str) -> int:
        """Return how many alerts of a person are not over; no other is added until the end."""
        ...

    async def add(self, kept: Kept, op_id: str | None) -> None:
        """Store a new alert."""
        ...

    async def by_op(self, person: str, op_id: str) -> Alert | None:
        """Return the alert that was set by an operation."""
        ...

    async def get(self, alert_id: str, *, lock: bool = False) -> Kept | None:
        """Return an alert."""
        ...

    async def save(self, kept: Kept) -> None:
        """Store an alert as it stands."""
        ...

    async def note_fired(self, alert: Alert, key: str) -> bool:
        """Store what was told of an alert; False: what `key` names was told already."""
        ...

    async def delete(self, alert_id: str) -> None:
        """Forget an alert."""
        ...

    async def forget_done(self, person: str, keep: int) -> None:
        """Forget alerts that are over, except the latest ones."""
        ...

    async def page(
        self, person: str, *, active_only: bool, before: tuple[datetime, str] | None, limit: int
    ) -> list[Alert]:
        """Return alerts, latest first, before a (time, id)."""
        ...

    async def on_fills(self, person: str, symbol: str) -> list[Kept]:
        """Return the alerts on fills of a symbol that can be read, silent ones too, locked."""
        ...

    async def hand_over(self, gone: str, into: str) -> None:
        """Give a person's alerts, and their digest if the other has none, to another one."""
        ...

    async def digest(self, person: str, *, lock: bool = False) -> DigestPlan | None:
        """Return when a person is told the digest."""
        ...

    async def due_digest(self) -> DigestPlan | None:
        """Return a digest that is due and that nobody else holds, locked."""
        ...

    async def save_digest(self, plan: DigestPlan) -> None:
        """Store when a person is told the digest."""
        ...


class Alerted(Protocol):
    """Alerts to look at. Plain reads: whoever acts on one looks again under its lock.

    Every method raises UnavailableError if the database is away.
    """

    async def crossed(self, prices: Mapping[str, Decimal], after: str, limit: int) -> Sequence[str]:
        """Return ids of alerts on prices that look otherwise at these prices, after one."""
        ...

    async def windows(self) -> Sequence[Window]:
        """Return what moves are watched: each symbol, way and window once."""
        ...

    async def moved(self, moves: Mapping[Window, Decimal], after: str, limit: int) -> Sequence[str]:
        """Return ids of alerts on moves that look otherwise at these (percent), after one."""
        ...

    async def on_worth(
        self, prices: Mapping[str, Decimal], after: str, limit: int
    ) -> Sequence[str]:
        """Return ids of alerts on what accounts are worth that look otherwise, after one.

        Those of which the highest value rises are among them.
        """
        ...

    async def rested(self, limit: int) -> Sequence[str]:
        """Return ids of snoozed alerts whose time is over."""
        ...

    async def bars(self, since: datetime) -> Sequence[Bar]:
        """Return the bars that were kept, by time."""
        ...

    async def keep_bars(self, bars: Iterable[Bar], before: datetime) -> None:
        """Keep bars, widening those that others kept, and drop those from before a time."""
        ...
