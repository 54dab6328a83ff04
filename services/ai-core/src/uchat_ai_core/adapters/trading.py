"""A person's account by gRPC from execution, always as the person of the turn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from uchat_ai_core.adapters.alerts import GrpcAlertBook
from uchat_ai_core.ports.trading import Page, Preview, Rebalance
from uchat_contracts.rpc.execution.v1 import (
    decisions_pb2,
    portfolio_pb2,
    safety_pb2,
    venues_pb2,
)
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
    VenueKey,
)
from uchat_contracts.trading import Trading as TradingStatus
from uchat_platform.auth import Actor

if TYPE_CHECKING:
    from uchat_contracts.rpc.execution.v1.decisions_pb2_grpc import DecisionsAsyncStub
    from uchat_contracts.rpc.execution.v1.portfolio_pb2_grpc import PortfoliosAsyncStub
    from uchat_contracts.rpc.execution.v1.safety_pb2_grpc import SafetyAsyncStub
    from uchat_contracts.rpc.execution.v1.venues_pb2_grpc import VenuesAsyncStub

SHOWN: Final = 20
"""How many items of a list an answer is made from."""
_AT_ONCE: Final = 200
"""Most orders that execution tells of, or cancels, in one call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GrpcTrading(GrpcAlertBook):
    """See `ports.trading.Trading` for each method."""

    decisions_stub: "DecisionsAsyncStub"
    portfolios_stub: "PortfoliosAsyncStub"
    safety_stub: "SafetyAsyncStub"
    venues_stub: "VenuesAsyncStub"

    async def connected(self, actor: Actor) -> Sequence[str]:
        """Return the exchanges at which an account is connected."""
        answer = await self._call(self.venues_stub.ListKeys, venues_pb2.ListKeysRequest(), actor)
        return [VenueKey.model_validate_json(each).venue for each in answer.keys]

    async def portfolio(self, actor: Actor, venue: str = "") -> Portfolio:
        """Return what the person owns."""
        request = portfolio_pb2.GetPortfolioRequest(venue=venue)
        answer = await self._call(self.portfolios_stub.GetPortfolio, request, actor)
        return Portfolio.model_validate_json(answer.portfolio)

    async def orders(
        self, actor: Actor, *, open_only: bool, symbol: str, venue: str = ""
    ) -> Page[Order]:
        """Return the latest orders."""
        request = portfolio_pb2.ListOrdersRequest(
            open_only=open_only, symbol=symbol, limit=SHOWN, venue=venue
        )
        answer = await self._call(self.portfolios_stub.ListOrders, request, actor)
        orders = [Order.model_validate_json(each) for each in answer.orders]
        return Page(orders, more=bool(answer.next))

    async def all_open(self, actor: Actor, symbol: str, venue: str = "") -> Sequence[Order]:
        """Return every open order, page by page."""
        found: list[Order] = []
        request = portfolio_pb2.ListOrdersRequest(
            open_only=True, symbol=symbol, limit=_AT_ONCE, venue=venue
        )
        while True:
            answer = await self._call(self.portfolios_stub.ListOrders, request, actor)
            found += [Order.model_validate_json(each) for each in answer.orders]
            if not answer.next:
                return found
            request.cursor = answer.next

    async def trades(self, actor: Actor, symbol: str, venue: str = "") -> Page[Trade]:
        """Return the latest fills."""
        request = portfolio_pb2.ListTradesRequest(symbol=symbol, limit=SHOWN, venue=venue)
        answer = await self._call(self.portfolios_stub.ListTrades, request, actor)
        trades = [Trade.model_validate_json(each) for each in answer.trades]
        return Page(trades, more=bool(answer.next))

    async def movements(self, actor: Actor) -> Page[Movement]:
        """Return the latest that came or went otherwise than by a decision."""
        request = portfolio_pb2.ListMovementsRequest(limit=SHOWN)
        answer = await self._call(self.portfolios_stub.ListMovements, request, actor)
        movements = [Movement.model_validate_json(each) for each in answer.movements]
        return Page(movements, more=bool(answer.next))

    async def pnl(self, actor: Actor, period: str, venue: str = "") -> Pnl:
        """Return profit and loss of a period."""
        request = portfolio_pb2.GetPnlRequest(period=period, venue=venue)
        answer = await self._call(self.portfolios_stub.GetPnl, request, actor)
        return Pnl.model_validate_json(answer.pnl)

    async def allocation(self, actor: Actor, amount: Decimal, profile: str) -> Allocation:
        """Return how an amount could be spread."""
        request = portfolio_pb2.PlanAllocationRequest(amount=format(amount, "f"), profile=profile)
        answer = await self._call(self.portfolios_stub.PlanAllocation, request, actor)
        return Allocation.model_validate_json(answer.allocation)

    async def preview(self, actor: Actor, request: PlanRequest) -> Preview:
        """Return price, fee, effect and risk of an idea."""
        message = decisions_pb2.PreviewPlanRequest(request=request.json_bytes())
        answer = await self._call(self.decisions_stub.PreviewPlan, message, actor)
        return replace(_preview(answer), mandate_id=answer.mandate_id)

    async def rebalance(self, actor: Actor, profile: str) -> Rebalance:
        """Return what brings the portfolio to the weights of a profile."""
        return await self._rebalance(actor, decisions_pb2.PlanRebalanceRequest(profile=profile))

    async def rebalance_to(self, actor: Actor, weights: Mapping[str, Decimal]) -> Rebalance:
        """Return what brings each named asset to its weight."""
        named = {symbol: format(weight, "f") for symbol, weight in weights.items()}
        return await self._rebalance(actor, decisions_pb2.PlanRebalanceRequest(weights=named))

    async def _rebalance(
        self, actor: Actor, message: decisions_pb2.PlanRebalanceRequest
    ) -> Rebalance:
        answer = await self._call(self.decisions_stub.PlanRebalance, message, actor)
        request = PlanRequest.model_validate_json(answer.request) if answer.request else None
        return Rebalance(request, _preview(answer))

    async def decisions(self, actor: Actor, state: str) -> Page[Card]:
        """Return the latest decisions in a state, or in any."""
        states = [state] if state else []
        request = decisions_pb2.ListDecisionsRequest(states=states, limit=SHOWN)
        answer = await self._call(self.decisions_stub.ListDecisions, request, actor)
        cards = [Card.model_validate_json(each) for each in answer.cards]
        return Page(cards, more=bool(answer.next))

    async def cancel(
        self, actor: Actor, order_ids: Sequence[str], symbol: str, venue: str = ""
    ) -> Sequence[Order]:
        """Cancel open orders."""
        orders: list[Order] = []
        # Without a name there is one request all the same: for all of them.
        for start in range(0, max(1, len(order_ids)), _AT_ONCE):
            request = portfolio_pb2.CancelOrdersRequest(
                order_ids=order_ids[start : start + _AT_ONCE], symbol=symbol, venue=venue
            )
            answer = await self._call(self.portfolios_stub.CancelOrders, request, actor)
            orders += [Order.model_validate_json(each) for each in answer.orders]
        return orders

    async def limits(self, actor: Actor) -> RiskLimits:
        """Return what a plan must keep to."""
        request = safety_pb2.GetRiskLimitsRequest()
        answer = await self._call(self.safety_stub.GetRiskLimits, request, actor)
        return RiskLimits.model_validate_json(answer.limits)

    async def mandates(self, actor: Actor) -> Sequence[Mandate]:
        """Return the active mandates."""
        request = safety_pb2.ListMandatesRequest(active_only=True, limit=SHOWN)
        answer = await self._call(self.safety_stub.ListMandates, request, actor)
        return [Mandate.model_validate_json(each) for each in answer.mandates]

    async def revoke(self, actor: Actor, mandate_id: str) -> Mandate:
        """End a mandate."""
        request = safety_pb2.RevokeMandateRequest(mandate_id=mandate_id)
        answer = await self._call(self.safety_stub.RevokeMandate, request, actor)
        return Mandate.model_validate_json(answer.mandate)

    async def trading(self, actor: Actor) -> TradingStatus:
        """Return how the person trades."""
        request = safety_pb2.GetTradingRequest()
        answer = await self._call(self.safety_stub.GetTrading, request, actor)
        return TradingStatus.model_validate_json(answer.trading)

    async def set_mode(self, actor: Actor, mode: str) -> TradingStatus:
        """Set a mode that allows no more."""
        request = safety_pb2.SetModeRequest(mode=mode)
        answer = await self._call(self.safety_stub.SetMode, request, actor)
        return TradingStatus.model_validate_json(answer.trading)

    async def kill_switch(self, actor: Actor) -> KillSwitch:
        """Tell whether trading is stopped."""
        request = safety_pb2.GetKillSwitchRequest()
        answer = await self._call(self.safety_stub.GetKillSwitch, request, actor)
        return KillSwitch.model_validate_json(answer.kill_switch)

    async def stop_trading(self, actor: Actor) -> KillSwitch:
        """Throw the kill switch."""
        request = safety_pb2.SetKillSwitchRequest(on=True)
        answer = await self._call(self.safety_stub.SetKillSwitch, request, actor)
        return KillSwitch.model_validate_json(answer.kill_switch)


def _preview(
    answer: decisions_pb2.PreviewPlanResponse | decisions_pb2.PlanRebalanceResponse,
) -> Preview:
    return Preview(
        plan=Plan.model_validate_json(answer.plan) if answer.plan else None,
        effect=Effect.model_validate_json(answer.effect) if answer.effect else None,
        warnings=[Reason.model_validate_json(each) for each in answer.warnings],
        denied=Reason.model_validate_json(answer.denied) if answer.denied else None,
    )
