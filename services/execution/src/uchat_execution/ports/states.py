"""What the books keep of modes, trading states and limits."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from uchat_contracts.trading import OperationMode, RiskLimits
from uchat_execution.domain.accounts import Account
from uchat_execution.domain.modes import Demand, Standing


@dataclass(frozen=True, slots=True)
class ScopedLimits:
    """What was set for a scope: a person, `org:<id>` or `everybody`. `rev` counts the changes.

    No `limits`: those of the wider scope.
    """

    scope: str
    limits: RiskLimits | None
    rev: int
    changed_by: str
    changed_via: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Bounds:
    """What bounds an account beside its balances, at one moment.

    `limits` are those of its scopes, widest first. `peak`: the highest that the account was ever
    worth (since its mark began anew), in quote currency, had all that is deposited been there.
    `rejected_in_row`: the venue's refusals since it last took an order, the latest at
    `rejected_at`. `stopped_out_at`: when a stop order last sold.
    """

    standing: Standing
    limits: tuple[RiskLimits, ...]
    peak: Decimal | None
    rejected_in_row: int
    rejected_at: datetime | None
    stopped_out_at: datetime | None


class States(Protocol):
    """Modes, trading states and limits."""

    async def standing(self, person: str, account: str | None) -> Standing:
        """Return how a person trades; without an account: as if it were active."""
        ...

    async def bounds(self, account: Account) -> Bounds:
        """Return what bounds an account, in one question."""
        ...

    async def set_mode(self, person: str, mode: OperationMode, via: str) -> None:
        """Set a person's mode, as the next change."""
        ...

    async def demand(self, account: str, demand: Demand) -> None:
        """Store what a source demands of an account, instead of what it demanded."""
        ...

    async def withdraw(self, account: str, source: str) -> None:
        """Forget what a source demanded of an account."""
        ...

    async def count_change(self, person: str, via: str) -> None:
        """Count a change of the account's state for the person."""
        ...

    async def begin_mark(self, account: str) -> None:
        """Let the high-water mark begin anew, at what the account is worth now."""
        ...

    async def limits(self, scope: str, *, lock: bool = False) -> ScopedLimits | None:
        """Return what was set for a scope."""
        ...

    async def all_limits(self) -> list[ScopedLimits]:
        """Return what was set, by scope."""
        ...

    async def set_limits(
        self, scope: str, limits: RiskLimits | None, by: str, via: str
    ) -> ScopedLimits:
        """Set a scope's limits, or leave them to the wider scope, as their next change."""
        ...

    async def peak_since(self, account: str, since: datetime) -> Decimal | None:
        """Return the highest that an account was worth since a time, as in `Bounds`."""
        ...

    async def organisation_of(self, person: str) -> str | None:
        """Return the id of the person's organisation."""
        ...
