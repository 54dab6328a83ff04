"""The books: everything that execution keeps, changed in transactions.

A `Unit` is one transaction. Locks are taken in one order, so that two units never wait for each
other: stop switch, account, decision, order, balances, alerts.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, Protocol

from uchat_contracts.trading import PAPER, LegInFlight, Reason, Trade
from uchat_execution.domain.accounts import Account, Balance
from uchat_execution.domain.ledger import Posting
from uchat_execution.domain.mandates import SignedLimit
from uchat_execution.domain.orders import Order, VenueFill
from uchat_execution.domain.switches import Switch, Thrown
from uchat_execution.ports.alerts import Alerts
from uchat_execution.ports.decisions import Decisions
from uchat_execution.ports.organisations import Organisations
from uchat_execution.ports.reconciling import Truth
from uchat_execution.ports.results import Results
from uchat_execution.ports.states import States
from uchat_execution.ports.venues import Venues


@dataclass(frozen=True, slots=True)
class Told:
    """Something to announce: the state of `about` at `rev`, for the logs and subscribers.

    `asked` is a decision in the copy of somebody else, who may be its second person. `shared`: of
    this decision others are told as well.
    """

    about: str
    rev: int
    what: Literal[
        "decision", "asked", "order", "portfolio", "kill_switch", "mandate", "trading",
        "alert", "alert.changed", "digest", "venue_key",
    ]  # fmt: skip
    person: str
    session_id: str | None
    body: bytes
    trace: str | None = None
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Merge:
    """Two people becoming one."""

    link_id: str
    gone: str
    into: str
    state: Literal["begun", "finished", "refused"]
    superseded: tuple[str, ...]
    begun_at: datetime


@dataclass(frozen=True, slots=True)
class Point:
    """What an account was worth at a time, in its quote currency."""

    at: datetime
    total: Decimal


@dataclass(frozen=True, slots=True)
class Facts:
    """What a claim is decided by, at the database's time `now`.

    `recent`: orders claimed in the last minute. `merging`: the person is going, or gone, into
    another one. `day_start`: what the account was worth when the UTC day began. Plans of more than
    `four_eyes_above` need two people. `reconciled_at`: when the account was compared with its
    venue; `same_life`: the books are in the database that they belong to, `restored_at`: since when
    if it was another one before.
    """

    now: datetime
    merging: bool
    recent: int
    day_start: Decimal | None
    four_eyes_above: Decimal | None
    reconciled_at: datetime | None
    same_life: bool
    restored_at: datetime | None


class Accounts(Protocol):
    """Accounts, balances and what they were worth."""

    async def of_person(
        self, person: str, venue: str = PAPER, *, lock: bool = False
    ) -> Account | None:
        """Return the person's active account at a venue."""
        ...

    async def get(self, account: str, *, lock: bool = False) -> Account:
        """Return an account that exists."""
        ...

    async def open(self, account: Account) -> bool:
        """Store a new account with the person's stop switch; False: the person has one there."""
        ...

    async def at_venue(self, account: str) -> None:
        """Note that the venue knows the account."""
        ...

    async def next_rev(self, account: str) -> int:
        """Count a change of the portfolio and return its number."""
        ...

    async def archive(self, account: str) -> None:
        """Take the account out of use; its books stay."""
        ...

    async def facts(self, account: str, person: str) -> Facts:
        """Return what claims are decided by."""
        ...

    async def balances(self, account: str) -> dict[str, Balance]:
        """Return what the account holds, by asset."""
        ...

    async def post(self, posting: Posting) -> bool:
        """Write a ledger transaction and move the balances; False: it is there already."""
        ...

    async def note_worth(self, account: str, point: Point) -> None:
        """Note what the account was worth."""
        ...

    async def worth_at(self, account: str, at: datetime) -> Decimal | None:
        """Return what it was worth at a time: the latest note until then, else the first.

        What came from outside since then is added, so that the difference to now is profit.
        """
        ...

    async def holding(self, limit: int, after: str) -> list[str]:
        """Return active accounts that hold more than cash, by id, after one."""
        ...


class Orders(Protocol):
    """Orders, their events and fills."""

    async def insert(self, orders: Sequence[Order], person: str) -> None:
        """Store the orders of an approved plan, with their first events."""
        ...

    async def get(self, order_id: str, *, lock: bool = False) -> Order | None:
        """Return an order."""
        ...

    async def of_decision(self, decision_id: str, version: int) -> list[Order]:
        """Return the orders of a plan, by leg."""
        ...

    async def save(
        self, order: Order, person: str, source: str, *, event: bool = True, said: str | None = None
    ) -> None:
        """Store an order; with `event` also its next event, announced when the unit ends.

        `said`: what the person said about it.
        """
        ...

    async def claim_due(self, limit: int, hold_s: float) -> list[Order]:
        """Return orders to ask the venue about now; nobody else gets them for `hold_s`."""
        ...

    async def incoming(self, account: str, besides: str) -> dict[str, Decimal]:
        """Return what purchases that are not settled may still cost, by asset, besides one."""
        ...

    async def left_ready(self, limit: int) -> list[Order]:
        """Return orders that should have been claimed a second ago; nobody holds them."""
        ...

    async def in_flight(self, person: str | None) -> list[Order]:
        """Return claimed orders without an answer, of a person or (None) of all."""
        ...

    async def open_of(self, account: str) -> list[Order]:
        """Return orders that are not settled."""
        ...

    async def page(
        self,
        account: str,
        symbol: str | None,
        *,
        open_only: bool,
        before: tuple[datetime, str] | None,
        limit: int,
    ) -> list[Order]:
        """Return orders, latest first, before a (time, id)."""
        ...

    async def add_fill(self, order: Order, fill: VenueFill, realised: Decimal) -> bool:
        """Store a fill; False: it is there already."""
        ...

    async def known_fills(self, order: Order) -> set[str]:
        """Return the ids of the order's fills that are stored."""
        ...

    async def trades(
        self, account: str, symbol: str | None, before: tuple[datetime, str] | None, limit: int
    ) -> list[Trade]:
        """Return fills, latest first, before a (time, trade id)."""
        ...


class Safety(Protocol):
    """Stop switches, mandates and merges."""

    async def switches(self, person: str, *, share: bool = False) -> list[Switch]:
        """Return the switches that concern a person; `share`: held until the unit ends."""
        ...

    async def open_switch(self, person: str) -> None:
        """Give a person a stop switch, off, if there is none."""
        ...

    async def throw(self, scope: str, *, on: bool, via: str, by: str) -> Thrown:
        """Set a switch as its next change, and tell whom it concerns; waits for claims.

        Raises:
            NotFoundError: there is no such person or organisation.
        """
        ...

    async def concerned(self, scope: str, after: str, limit: int) -> list[str]:
        """Return people whom a switch concerns, by id, after one."""
        ...

    async def legs_in_flight(self, scope: str) -> list[LegInFlight]:
        """Return what was claimed and may still reach the venue."""
        ...

    async def active_mandate(self, person: str, *, lock: bool = False) -> SignedLimit | None:
        """Return the person's mandate that has not ended (its time may be over)."""
        ...

    async def mandate(self, mandate_id: str, person: str, *, lock: bool = False) -> SignedLimit:
        """Return a person's mandate.

        Raises:
            NotFoundError: there is none of that id.
        """
        ...

    async def mandate_by_op(self, person: str, op_id: str) -> SignedLimit | None:
        """Return the mandate that was granted by an operation."""
        ...

    async def grant(self, mandate: SignedLimit, op_id: str | None) -> None:
        """Store a mandate."""
        ...

    async def use_mandate(self, mandate_id: str, amount: Decimal, day: date) -> SignedLimit | None:
        """Use an amount of the day's rest, in one conditional update; None: it does not fit."""
        ...

    async def give_back(self, mandate_id: str, amount: Decimal, day: date) -> SignedLimit | None:
        """Give back what was used of that day, if the day has not passed."""
        ...

    async def suspend(self, mandate_id: str, why: Reason) -> SignedLimit | None:
        """Suspend a mandate for good; None: it is over, or is suspended already."""
        ...

    async def end_mandate(self, mandate_id: str, how: str, via: str | None) -> SignedLimit:
        """End a mandate."""
        ...

    async def overdue_mandates(self, limit: int) -> list[SignedLimit]:
        """Return mandates whose time is over but that have not ended, locked."""
        ...

    async def mandates(
        self, person: str, *, active_only: bool, before: tuple[datetime, str] | None, limit: int
    ) -> list[SignedLimit]:
        """Return mandates, latest first, before a (time, id)."""
        ...

    async def merge(self, link_id: str, *, lock: bool = False) -> Merge | None:
        """Return a merge."""
        ...

    async def merging(self, person: str) -> bool:
        """Tell whether the person is going, or gone, into another one."""
        ...

    async def save_merge(self, merge: Merge) -> None:
        """Store a merge as it stands."""
        ...


class Unit(Protocol):
    """One transaction; it commits at the end of its block, or rolls back on an error."""

    @property
    def accounts(self) -> Accounts:
        """Accounts and the ledger."""
        ...

    @property
    def decisions(self) -> Decisions:
        """Decisions."""
        ...

    @property
    def orders(self) -> Orders:
        """Orders and fills."""
        ...

    @property
    def safety(self) -> Safety:
        """Brakes and mandates."""
        ...

    @property
    def states(self) -> States:
        """Modes, trading states and limits."""
        ...

    @property
    def truth(self) -> Truth:
        """What the venue told, and how far accounts were compared with it."""
        ...

    @property
    def results(self) -> Results:
        """Results, the value over time, and what figures are told in."""
        ...

    @property
    def venues(self) -> Venues:
        """Keys of live exchanges, switches and consents."""
        ...

    @property
    def organisations(self) -> Organisations:
        """Organisations and their members."""
        ...

    @property
    def alerts(self) -> Alerts:
        """What people want to be told of."""
        ...

    async def now(self) -> datetime:
        """Return the database's time: the only clock that deadlines are compared on."""
        ...

    async def tell(self, told: Told) -> None:
        """Announce something once the unit has committed."""
        ...


class Books(Protocol):
    """Opens units."""

    def unit(self) -> AbstractAsyncContextManager[Unit]:
        """Begin a transaction.

        Raises:
            UnavailableError: the database is away.
        """
        ...


Listener = Callable[[Sequence[str]], None]
"""Called after a commit with what it was about."""
