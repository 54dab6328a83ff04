"""The execution service by gRPC: decisions, portfolios, brakes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from uchat_contracts.rpc.execution.v1 import decisions_pb2, portfolio_pb2, safety_pb2
from uchat_gateway.ports.links import Merge
from uchat_gateway.ports.trading import (
    Answer,
    JsonPage,
    Modification,
    NewMandate,
    RebalancePlan,
    Resolved,
    ResolveStatus,
    Settlement,
)
from uchat_platform import rpc
from uchat_platform.auth import Actor, ActorSigner

if TYPE_CHECKING:
    from uchat_contracts.rpc.execution.v1.decisions_pb2_grpc import DecisionsAsyncStub
    from uchat_contracts.rpc.execution.v1.portfolio_pb2_grpc import PortfoliosAsyncStub
    from uchat_contracts.rpc.execution.v1.safety_pb2_grpc import SafetyAsyncStub

_CALL_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Caller:
    """Makes calls on behalf of actors."""

    signer: ActorSigner

    async def call(
        self, method: Any, request: Any, actor: Actor, timeout_s: float = _CALL_S
    ) -> Any:
        """Make one call; one that takes longer than `timeout_s` has failed."""
        return await rpc.call(method, request, signer=self.signer, actor=actor, timeout_s=timeout_s)


@dataclass(frozen=True, slots=True)
class GrpcDecisions(Caller):
    """Calls `Decisions` for an actor; see `ports.trading` for each method."""

    stub: "DecisionsAsyncStub"

    async def resolve(self, actor: Actor, answer: Answer) -> Resolved:
        """Answer a decision."""
        request = decisions_pb2.ResolveDecisionRequest(
            decision_id=answer.decision_id,
            choice=answer.choice,
            plan_hash=answer.plan_hash,
            op_id=answer.op_id,
            wait_ms=answer.wait_ms,
        )
        timeout_s = answer.wait_ms / 1000 + _CALL_S
        response: decisions_pb2.ResolveDecisionResponse = await self.call(
            self.stub.ResolveDecision, request, actor, timeout_s
        )
        return Resolved(cast("ResolveStatus", response.status), response.card)

    async def get(self, actor: Actor, decision_id: str) -> bytes:
        """Return the card of a decision."""
        request = decisions_pb2.GetDecisionRequest(decision_id=decision_id)
        response: decisions_pb2.DecisionCard = await self.call(
            self.stub.GetDecision, request, actor
        )
        return response.card

    async def list(
        self, actor: Actor, *, states: Sequence[str], cursor: str, limit: int
    ) -> JsonPage:
        """Return a page of cards."""
        request = decisions_pb2.ListDecisionsRequest(states=states, cursor=cursor, limit=limit)
        response: decisions_pb2.ListDecisionsResponse = await self.call(
            self.stub.ListDecisions, request, actor
        )
        return JsonPage(list(response.cards), response.next or None)

    async def for_approval(self, actor: Actor, *, cursor: str, limit: int) -> JsonPage:
        """Return a page of others' cards."""
        request = decisions_pb2.ListForApprovalRequest(cursor=cursor, limit=limit)
        response: decisions_pb2.ListDecisionsResponse = await self.call(
            self.stub.ListForApproval, request, actor
        )
        return JsonPage(list(response.cards), response.next or None)

    async def propose(self, actor: Actor, session_id: str, *, request: bytes, op_id: str) -> bytes:
        """Propose a plan by hand."""
        message = decisions_pb2.ProposePlanRequest(
            request=request, session_id=session_id, op_id=op_id
        )
        response: decisions_pb2.DecisionCard = await self.call(
            self.stub.ProposePlan, message, actor
        )
        return response.card

    async def rebalance(
        self, actor: Actor, weights: Mapping[str, str], profile: str
    ) -> RebalancePlan:
        """Return the wish that brings the actor's portfolio to weights."""
        message = decisions_pb2.PlanRebalanceRequest(weights=weights, profile=profile)
        response: decisions_pb2.PlanRebalanceResponse = await self.call(
            self.stub.PlanRebalance, message, actor
        )
        parts = {
            "request": response.request,
            "plan": response.plan,
            "effect": response.effect,
            "denied": response.denied,
        }
        return RebalancePlan(parts, list(response.warnings))

    async def modify(self, actor: Actor, modification: Modification) -> Resolved:
        """Replace the plan."""
        request = decisions_pb2.ModifyDecisionRequest(
            decision_id=modification.decision_id,
            plan_hash=modification.plan_hash,
            request=modification.request,
            op_id=modification.op_id,
        )
        response: decisions_pb2.ResolveDecisionResponse = await self.call(
            self.stub.ModifyDecision, request, actor
        )
        return Resolved(cast("ResolveStatus", response.status), response.card)

    async def quote_again(
        self, actor: Actor, decision_id: str, *, op_id: str, remedy: bool
    ) -> bytes:
        """Make a new decision of one that is over."""
        request = decisions_pb2.QuoteAgainRequest(
            decision_id=decision_id, op_id=op_id, remedy=remedy
        )
        response: decisions_pb2.DecisionCard = await self.call(self.stub.QuoteAgain, request, actor)
        return response.card

    async def settle(self, actor: Actor, settlement: Settlement) -> bytes:
        """Help with an order of unknown outcome."""
        request = decisions_pb2.SettleOrderRequest(
            decision_id=settlement.decision_id,
            leg=settlement.leg,
            choice=settlement.choice,
            venue_order_id=settlement.venue_order_id,
        )
        response: decisions_pb2.DecisionCard = await self.call(
            self.stub.SettleOrder, request, actor, _CALL_S * 3
        )
        return response.card


@dataclass(frozen=True, slots=True)
class GrpcPortfolios(Caller):
    """Calls `Portfolios` for an actor; see `ports.trading` and `ports.links` for each method."""

    stub: "PortfoliosAsyncStub"

    async def portfolio(self, actor: Actor, venue: str = "") -> bytes:
        """Return the portfolio."""
        request = portfolio_pb2.GetPortfolioRequest(venue=venue)
        response: portfolio_pb2.GetPortfolioResponse = await self.call(
            self.stub.GetPortfolio, request, actor
        )
        return response.portfolio

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
        """Return a page of orders."""
        request = portfolio_pb2.ListOrdersRequest(
            open_only=open_only, symbol=symbol, cursor=cursor, limit=limit, venue=venue
        )
        response: portfolio_pb2.ListOrdersResponse = await self.call(
            self.stub.ListOrders, request, actor
        )
        return JsonPage(list(response.orders), response.next or None)

    async def cancel(
        self, actor: Actor, *, order_ids: Sequence[str], symbol: str, venue: str = ""
    ) -> JsonPage:
        """Cancel open orders."""
        request = portfolio_pb2.CancelOrdersRequest(order_ids=order_ids, symbol=symbol, venue=venue)
        response: portfolio_pb2.CancelOrdersResponse = await self.call(
            self.stub.CancelOrders, request, actor, _CALL_S * 2
        )
        return JsonPage(list(response.orders))

    async def trades(
        self, actor: Actor, *, symbol: str, cursor: str, limit: int, venue: str = ""
    ) -> JsonPage:
        """Return a page of trades."""
        request = portfolio_pb2.ListTradesRequest(
            symbol=symbol, cursor=cursor, limit=limit, venue=venue
        )
        response: portfolio_pb2.ListTradesResponse = await self.call(
            self.stub.ListTrades, request, actor
        )
        return JsonPage(list(response.trades), response.next or None)

    async def movements(
        self, actor: Actor, *, cursor: str, limit: int, venue: str = ""
    ) -> JsonPage:
        """Return a page of movements."""
        request = portfolio_pb2.ListMovementsRequest(cursor=cursor, limit=limit, venue=venue)
        response: portfolio_pb2.ListMovementsResponse = await self.call(
            self.stub.ListMovements, request, actor
        )
        return JsonPage(list(response.movements), response.next or None)

    async def pnl(self, actor: Actor, period: str, method: str, venue: str = "") -> bytes:
        """Return profit and loss."""
        request = portfolio_pb2.GetPnlRequest(
            period=period, method=method, own_currency=True, venue=venue
        )
        response: portfolio_pb2.GetPnlResponse = await self.call(self.stub.GetPnl, request, actor)
        return response.pnl

    async def allocation(self, actor: Actor, *, amount: str, profile: str) -> bytes:
        """Return an allocation."""
        request = portfolio_pb2.PlanAllocationRequest(amount=amount, profile=profile)
        response: portfolio_pb2.PlanAllocationResponse = await self.call(
            self.stub.PlanAllocation, request, actor
        )
        return response.allocation

    async def begin(self, actor: Actor, merge: Merge) -> None:
        """Supersede what is pending before two people become one."""
        request = portfolio_pb2.BeginMergeRequest(
            link_id=merge.link_id, gone=merge.gone, into=merge.into
        )
        await self.call(self.stub.BeginMerge, request, actor)

    async def finish(self, actor: Actor, merge: Merge) -> None:
        """Archive the account of who goes."""
        request = portfolio_pb2.FinishMergeRequest(
            link_id=merge.link_id, gone=merge.gone, into=merge.into
        )
        await self.call(self.stub.FinishMerge, request, actor)


@dataclass(frozen=True, slots=True)
class GrpcSafety(Caller):
    """Calls `Safety` for an actor; see `ports.trading` for each method."""

    stub: "SafetyAsyncStub"

    async def kill_switch(self, actor: Actor) -> bytes:
        """Return the kill switch."""
        request = safety_pb2.GetKillSwitchRequest()
        response: safety_pb2.KillSwitchState = await self.call(
            self.stub.GetKillSwitch, request, actor
        )
        return response.kill_switch

    async def set_kill_switch(self, actor: Actor, *, on: bool, scope: str) -> bytes:
        """Throw or release a kill switch."""
        request = safety_pb2.SetKillSwitchRequest(on=on, scope=scope)
        response: safety_pb2.KillSwitchState = await self.call(
            self.stub.SetKillSwitch, request, actor
        )
        return response.kill_switch

    async def trading(self, actor: Actor) -> bytes:
        """Return how the actor trades now."""
        response: safety_pb2.TradingStatus = await self.call(
            self.stub.GetTrading, safety_pb2.GetTradingRequest(), actor
        )
        return response.trading

    async def set_mode(self, actor: Actor, mode: str) -> bytes:
        """Change the mode."""
        response: safety_pb2.TradingStatus = await self.call(
            self.stub.SetMode, safety_pb2.SetModeRequest(mode=mode), actor
        )
        return response.trading

    async def set_risk_limits(self, actor: Actor, *, scope: str, limits: bytes) -> bytes:
        """Set the limits of a scope."""
        request = safety_pb2.SetRiskLimitsRequest(scope=scope, limits=limits)
        response: safety_pb2.GetRiskLimitsResponse = await self.call(
            self.stub.SetRiskLimits, request, actor
        )
        return response.limits

    async def risk_limits(self, actor: Actor) -> bytes:
        """Return the risk limits."""
        request = safety_pb2.GetRiskLimitsRequest()
        response: safety_pb2.GetRiskLimitsResponse = await self.call(
            self.stub.GetRiskLimits, request, actor
        )
        return response.limits

    async def mandates(
        self, actor: Actor, *, active_only: bool, cursor: str, limit: int
    ) -> JsonPage:
        """Return a page of mandates."""
        request = safety_pb2.ListMandatesRequest(
            active_only=active_only, cursor=cursor, limit=limit
        )
        response: safety_pb2.ListMandatesResponse = await self.call(
            self.stub.ListMandates, request, actor
        )
        return JsonPage(list(response.mandates), response.next or None)

    async def grant(self, actor: Actor, wanted: NewMandate) -> bytes:
        """Grant a mandate."""
        request = safety_pb2.GrantMandateRequest(
            per_day=wanted.per_day,
            symbols=wanted.symbols,
            expires_at=wanted.expires_at,
            op_id=wanted.op_id,
            per_order=wanted.per_order,
            drawdown_stop=wanted.drawdown_stop,
        )
        response: safety_pb2.MandateState = await self.call(self.stub.GrantMandate, request, actor)
        return response.mandate

    async def revoke(self, actor: Actor, mandate_id: str) -> bytes:
        """Revoke a mandate."""
        request = safety_pb2.RevokeMandateRequest(mandate_id=mandate_id)
        response: safety_pb2.MandateState = await self.call(self.stub.RevokeMandate, request, actor)
        return response.mandate
