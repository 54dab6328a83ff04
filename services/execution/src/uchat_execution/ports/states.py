"""What the books keep of modes, trading states and limits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from uchat_contracts.trading import OperationMode, RiskLimits
from uchat_execution.domain.accounts import Account, Balance
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

    `everybody` are the limits that were set for all, `narrower` those of the organisation and of
    the person. `peak`: the highest that the account was ever
    worth (since its mark began anew), in quote currency, had all that is deposited been there.
    `rejected_in_row`: the venue's refusals since it last took an order, the latest at
    `rejected_at`. `stopped_out_at`: when a stop order last sold.
    """

    standing: Standing
    everybody: RiskLimits | None
    narrower: tuple[RiskLimits, ...]
    peak: Decimal | None
    rejected_in_row: int
    rejected_at: datetime | None
    stopped_out_at: datetime | None


@dataclass(frozen=True, slots=True)
class Watched:
    """An account that may have lost too much. Money in quote currency.

    `most`: the drawdown that its own scopes, and everybody's if `everybody_is_set`, allow, a share.
    `reduced`: it only sells already, for that reason. `mandate_id`: a mandate with a
    `drawdown_stop`, and `mandate_peak` the highest that the account was worth since it was granted.
    """

    account: str
    person: str
    venue: str
    quote_currency: str
    balances: Mapping[str, Balance]
    peak: Decimal | None
    most: Decimal | None
    everybody_is_set: bool
    reduced: bool
    mandate_id: str | None
    drawdown_stop: Decimal | None
    mandate_peak: Decimal | None


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

    async def watched(self, after: str, limit: int) -> list[Watched]:
        """Return accounts that hold more than cash, or were reduced, by id, after one."""
        ...

    async def buying_in_emergency(self, limit: int) -> list[str]:
        """Return accounts with open purchases of people in emergency mode."""
        ...
