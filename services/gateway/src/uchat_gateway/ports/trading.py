"""Decisions, portfolios and brakes, as the execution service keeps them.

Bodies are the contracts' JSON (`uchat_contracts.trading`), passed on as they came: execution alone
says what a card or a portfolio is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from uchat_platform.auth import Actor

ResolveStatus = Literal[
    "accepted", "awaiting_second", "modified", "duplicate",
    "already_resolved", "expired", "superseded",
]  # fmt: skip


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
class Modification:
    """Another plan in place of the one that was seen: `request` is a `PlanRequest` as JSON."""

    decision_id: str
    plan_hash: str
    request: bytes
    op_id: str


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a person says of an order of which the venue does not tell what became."""

    decision_id: str
    leg: int
    choice: Literal["check_again", "on_exchange", "not_there"]
    venue_order_id: str = ""


@dataclass(frozen=True, slots=True)
class NewMandate:
    """A limit to sign: money a day, in quote currency, on these symbols (none: every one).

    Empty `per_order`: as much as a day; empty `drawdown_stop` (0 to 1): none.
    """

    per_day: str
    symbols: Sequence[str]
    expires_at: str
    op_id: str
    per_order: str = ""
    drawdown_stop: str = ""


@dataclass(frozen=True, slots=True)
class RebalancePlan:
    """JSON of `request`, `plan`, `effect` and `denied` (empty: there is none), and of warnings."""

    parts: Mapping[str, bytes]
    warnings: Sequence[bytes]


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

    async def for_approval(self, actor: Actor, *, cursor: str, limit: int) -> JsonPage:
        """Return cards of others of the actor's organisation that wait for the actor as well."""
        ...

    async def propose(self, actor: Actor, session_id: str, *, request: bytes, op_id: str) -> bytes:
        """Propose a `PlanRequest` by hand in a conversation of the actor; return the card.

        Raises:
            InvalidInputError: the plan is none, or cannot be priced.
            ConflictError: it is refused, by the refusal's code.
        """
        ...

    async def rebalance(
        self, actor: Actor, weights: Mapping[str, str], profile: str
    ) -> RebalancePlan:
        """Return the wish that brings the actor's portfolio to weights. Nothing is stored.

        Raises:
            InvalidInputError: weights that are none, or an asset that cannot be traded.
        """
        ...

    async def modify(self, actor: Actor, modification: Modification) -> Resolved:
        """Replace the plan: the next version waits for an answer of its own.

        Raises:
            InvalidInputError: the plan is none, or `op_id` stands for another one.
        """
        ...

    async def quote_again(
        self, actor: Actor, decision_id: str, *, op_id: str, remedy: bool
    ) -> bytes:
        """Make a new decision of one that is over, or of its remedy, and return its card.

        Raises:
            ConflictError: it is not over, or has no remedy.
        """
        ...

    async def settle(self, actor: Actor, settlement: Settlement) -> bytes:
        """Help with an order of unknown outcome and return the card as it stands.

        Raises:
            ConflictError: the venue says otherwise, or is not sure.
        """
        ...


class Portfolios(Protocol):
    """What the actor owns and did. Raises UnavailableError when the service is away.

    `venue` is the name of a live exchange, empty for the paper account; NotFoundError: no account
    is connected there.
    """

    async def portfolio(self, actor: Actor, venue: str = "") -> bytes:
        """Return the `Portfolio`."""
        ...

    async def orders(
        self,
        actor: Actor,
        *,
        open_only: bool,
        symbol: str,
        cursor: str,
        limit: int,
        venue: str = "",
    ) -> JsonPage:
        """Return `Order`s, latest first; the empty symbol means all."""
        ...

    async def cancel(
        self, actor: Actor, *, order_ids: Sequence[str], symbol: str, venue: str = ""
    ) -> JsonPage:
        """Cancel open orders (no ids: all of them) and return them as they stand then.

        Without a `venue` they are those of all of the actor's accounts.
        """
        ...

    async def trades(
        self, actor: Actor, *, symbol: str, cursor: str, limit: int, venue: str = ""
    ) -> JsonPage:
        """Return `Trade`s, latest first."""
        ...

    async def movements(
        self, actor: Actor, *, cursor: str, limit: int, venue: str = ""
    ) -> JsonPage:
        """Return `Movement`s, latest first."""
        ...

    async def pnl(self, actor: Actor, period: str, method: str, venue: str = "") -> bytes:
        """Return the `Pnl` of a day, week, month or all, in the person's own currency.

        `method`: average or fifo.
        """
        ...

    async def allocation(self, actor: Actor, *, amount: str, profile: str) -> bytes:
        """Return an `Allocation` of an amount; nothing is ordered."""
        ...


class Safety(Protocol):
    """The actor's brakes and limits. Raises UnavailableError when the service is away."""

    async def kill_switch(self, actor: Actor) -> bytes:
        """Return the `KillSwitch`."""
        ...

    async def set_kill_switch(self, actor: Actor, *, on: bool, scope: str) -> bytes:
        """Throw or release it and return it; the empty scope is the actor."""
        ...

    async def trading(self, actor: Actor) -> bytes:
        """Return the `Trading`: mode and state."""
        ...

    async def set_mode(self, actor: Actor, mode: str) -> bytes:
        """Change the mode and return the `Trading`."""
        ...

    async def risk_limits(self, actor: Actor) -> bytes:
        """Return the `RiskLimits`."""
        ...

    async def set_risk_limits(self, actor: Actor, *, scope: str, limits: bytes) -> bytes:
        """Set the limits of a scope (empty `limits`: those of the wider scope) and return them."""
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
