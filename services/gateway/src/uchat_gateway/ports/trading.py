"""Decisions, portfolios and brakes, as the execution service keeps them.

Bodies are the contracts' JSON (`uchat_contracts.trading`), passed on as they came: execution alone
says what a card or a portfolio is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from uchat_platform.auth import Actor

ResolveStatus = Literal["accepted", "duplicate", "already_resolved", "expired", "superseded"]


@dataclass(frozen=True, slots=True)
class JsonPage:
    """Some bodies in order, each as JSON; `next` is the cursor of the following page."""

    items: Sequence[bytes]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person says to a decision. `op_id` names it: again, it gives the first outcome.

    `wait_ms`: how long to wait for the execution, up to 10,000; 0 answers at once.
    """

    decision_id: str
    choice: Literal["approve", "reject"]
    plan_hash: str
    op_id: str
    wait_ms: int = 0


@dataclass(frozen=True, slots=True)
class Resolved:
    """What became of an answer, and the decision as it stands: a `Card` as JSON."""

    status: ResolveStatus
    card: bytes


@dataclass(frozen=True, slots=True)
class NewMandate:
    """A limit to sign: money a day, in quote currency, on these symbols (none: every one)."""

    per_day: str
    symbols: Sequence[str]
    expires_at: str
    op_id: str


class Decisions(Protocol):
    """Decisions of the actor. One that is not theirs raises NotFoundError.

    Every method raises UnavailableError when the service is away.
    """

    async def resolve(self, actor: Actor, answer: Answer) -> Resolved:
        """Answer a decision: the first answer wins.

        Raises:
            NotPermittedError: the actor may not answer it.
        """
        ...

    async def get(self, actor: Actor, decision_id: str) -> bytes:
        """Return the card of a decision."""
        ...

    async def list(
        self, actor: Actor, *, states: Sequence[str], cursor: str, limit: int
    ) -> JsonPage:
        """Return cards, latest first; the state `open` stands for whatever is still open."""
        ...


class Portfolios(Protocol):
    """What the actor owns and did. Raises UnavailableError when the service is away."""

    async def portfolio(self, actor: Actor) -> bytes:
        """Return the `Portfolio`."""
        ...

    async def orders(
        self, actor: Actor, *, open_only: bool, symbol: str, cursor: str, limit: int
    ) -> JsonPage:
        """Return `Order`s, latest first; the empty symbol means all."""
        ...

    async def cancel(self, actor: Actor, *, order_ids: Sequence[str], symbol: str) -> JsonPage:
        """Cancel open orders (no ids: all of them) and return them as they stand then."""
        ...

    async def trades(self, actor: Actor, *, symbol: str, cursor: str, limit: int) -> JsonPage:
        """Return `Trade`s, latest first."""
        ...

    async def pnl(self, actor: Actor, period: str) -> bytes:
        """Return the `Pnl` of a day, week, month or all."""
        ...

    async def allocation(self, actor: Actor, *, amount: str, profile: str) -> bytes:
        """Return an `Allocation` of an amount; nothing is ordered."""
        ...


class Safety(Protocol):
    """The actor's brakes and limits. Raises UnavailableError when the service is away."""

    async def kill_switch(self, actor: Actor) -> bytes:
        """Return the `KillSwitch`."""
        ...

    async def set_kill_switch(self, actor: Actor, *, on: bool) -> bytes:
        """Throw or release it and return it."""
        ...

    async def risk_limits(self, actor: Actor) -> bytes:
        """Return the `RiskLimits`."""
        ...

    async def mandates(
        self, actor: Actor, *, active_only: bool, cursor: str, limit: int
    ) -> JsonPage:
        """Return `Mandate`s, latest first."""
        ...

    async def grant(self, actor: Actor, wanted: NewMandate) -> bytes:
        """Grant a mandate, once for each `op_id`, and return it."""
        ...

    async def revoke(self, actor: Actor, mandate_id: str) -> bytes:
        """Revoke a mandate and return it; again changes nothing."""
        ...
