"""What the brain needs of a person's account: reads, previews, and what only lowers a risk.

There is no way here to approve, to order or to release a brake: the brain can only propose.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, Protocol, TypeVar

from uchat_ai_core.ports.alerts import AlertBook
from uchat_contracts.trading import (
    Allocation,
    Card,
    Effect,
    KillSwitch,
    Mandate,
    Movement,
    Order,
    Plan,
    PlanRequest,
    Pnl,
    Portfolio,
    Reason,
    RiskLimits,
    Trade,
)
from uchat_contracts.trading import Trading as TradingStatus
from uchat_platform.auth import Actor

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """The first items of a list; `more` tells whether there are others."""

    items: Sequence[T]
    more: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """What a plan would cost and change.

    `denied`: it would be denied, and why. `mandate_id`: it would approve itself by that mandate.
    """

    plan: Plan | None = None
    effect: Effect | None = None
    warnings: Sequence[Reason] = ()
    denied: Reason | None = None
    mandate_id: str = ""


@dataclass(frozen=True, slots=True)
class Rebalance:
    """What would bring a portfolio to wanted weights; no request: they are as wished already."""

    request: PlanRequest | None
    preview: Preview


class Trading(AlertBook, Protocol):
    """The accounts of an actor, whose name no model can choose.

    `venue` names the account at a live exchange; empty: the one on paper (NotFoundError: there is
    none at that exchange). Where it is not asked for, it is about the one on paper.
    Every method raises UnavailableError if the service is away, and another UchatError, whose
    detail is a sentence for the person, if it refuses.
    """

    async def connected(self, actor: Actor) -> Sequence[str]:
        """Return the live exchanges at which the person has connected an account, by name."""
        ...

    async def portfolio(self, actor: Actor, venue: str = "") -> Portfolio:
        """Return what the person owns on an account."""
        ...

    async def orders(
        self, actor: Actor, *, open_only: bool, symbol: str, venue: str = ""
    ) -> Page[Order]:
        """Return the latest orders; no symbol: of all assets."""
        ...

    async def all_open(self, actor: Actor, symbol: str, venue: str = "") -> Sequence[Order]:
        """Return every order that may still be filled; no symbol: of all assets."""
        ...

    async def trades(self, actor: Actor, symbol: str, venue: str = "") -> Page[Trade]:
        """Return the latest fills; no symbol: of all assets."""
        ...

    async def movements(self, actor: Actor) -> Page[Movement]:
        """Return the latest that came or went otherwise than by a decision."""
        ...

    async def pnl(self, actor: Actor, period: str, venue: str = "") -> Pnl:
        """Return profit and loss of a day, week, month or all."""
        ...

    async def allocation(self, actor: Actor, amount: Decimal, profile: str) -> Allocation:
        """Return how an amount of USDT could be spread. Nothing is ordered."""
        ...

    async def preview(self, actor: Actor, request: PlanRequest) -> Preview:
        """Return price, fee, effect and risk of an idea. Nothing is stored or ordered."""
        ...

    async def rebalance(self, actor: Actor, profile: str) -> Rebalance:
        """Return what brings the portfolio to the weights of a profile. Nothing is ordered."""
        ...

    async def rebalance_to(self, actor: Actor, weights: Mapping[str, Decimal]) -> Rebalance:
        """Return what brings each named asset to its weight (0 to 1). Nothing is ordered."""
        ...

    async def decisions(self, actor: Actor, state: str) -> Page[Card]:
        """Return the latest decisions in a state; `open`: whatever is still open; none: all."""
        ...

    async def cancel(
        self, actor: Actor, order_ids: Sequence[str], symbol: str, venue: str = ""
    ) -> Sequence[Order]:
        """Cancel open orders, all of them if none is named; return them as they stand.

        Without a `venue` those of all accounts.
        """
        ...

    async def limits(self, actor: Actor) -> RiskLimits:
        """Return what a plan must keep to."""
        ...

    async def mandates(self, actor: Actor) -> Sequence[Mandate]:
        """Return the active mandates."""
        ...

    async def revoke(self, actor: Actor, mandate_id: str) -> Mandate:
        """End a mandate."""
        ...

    async def trading(self, actor: Actor) -> TradingStatus:
        """Return the mode, and what the account may do and why."""
        ...

    async def set_mode(self, actor: Actor, mode: str) -> TradingStatus:
        """Set a mode that allows no more than the present one; others are refused."""
        ...

    async def kill_switch(self, actor: Actor) -> KillSwitch:
        """Tell whether trading is stopped."""
        ...

    async def stop_trading(self, actor: Actor) -> KillSwitch:
        """Throw the kill switch."""
        ...
