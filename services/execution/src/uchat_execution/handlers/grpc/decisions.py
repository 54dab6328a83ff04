"""Decisions by gRPC: decode, one service method, encode."""

from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from uchat_contracts.rpc.execution.v1 import decisions_pb2 as pb
from uchat_contracts.rpc.execution.v1 import decisions_pb2_grpc as pb_grpc
from uchat_contracts.trading import Card, PlanRequest
from uchat_execution.handlers.grpc import words
from uchat_execution.service.asking import Asking, ByHand
from uchat_execution.service.modifying import Modification, Modifying
from uchat_execution.service.proposing import Proposing
from uchat_execution.service.rebalancing import Rebalancing
from uchat_execution.service.remedies import Again, QuotingAgain
from uchat_execution.service.resolving import Answer, Resolving
from uchat_execution.service.settling import Said, Settling, Word
from uchat_platform.errors import InvalidInputError
from uchat_platform.rpc import Registration

_STATES: Final = 20
_SAID: Final[dict[str, Said]] = {
    "check_again": "check_again",
    "on_exchange": "on_exchange",
    "not_there": "not_there",
}
_SERVICE: Final = "/uchat.execution.v1.Decisions"
REQUIRES: Final = {
    f"{_SERVICE}/PreviewPlan": words.READS,
    f"{_SERVICE}/PlanRebalance": words.READS,
    f"{_SERVICE}/ProposePlan": words.DECIDES,
    f"{_SERVICE}/ResolveDecision": words.DECIDES,
    f"{_SERVICE}/GetDecision": words.READS,
    f"{_SERVICE}/ListDecisions": words.READS,
    f"{_SERVICE}/ListForApproval": words.APPROVES,
    f"{_SERVICE}/ModifyDecision": words.DECIDES,
    f"{_SERVICE}/QuoteAgain": words.DECIDES,
    f"{_SERVICE}/SettleOrder": words.DECIDES,
}


@dataclass(frozen=True, slots=True)
class DecisionsServicer(pb_grpc.DecisionsServicer):
    """Serves `Decisions`; whatever changes something is idempotent by its `op_id`."""

    proposing: Proposing
    resolving: Resolving
    modifying: Modifying
    quoting: QuotingAgain
    settling: Settling
    rebalancing: Rebalancing
    asking: Asking

    async def PreviewPlan(
        self, request: pb.PreviewPlanRequest, context: Any
    ) -> pb.PreviewPlanResponse:
        """Return what a proposal would become."""
        planned = await self.proposing.preview(words.actor().person_id, _wish(request.request))
        if planned.plan is None and planned.denied is not None:
            raise InvalidInputError(planned.denied.text, code=planned.denied.code)
        return pb.PreviewPlanResponse(
            plan=planned.plan.json_bytes() if planned.plan else b"",
            effect=planned.effect.json_bytes() if planned.effect else b"",
            warnings=words.bodies(planned.warnings),
            denied=planned.denied.json_bytes() if planned.denied else b"",
            mandate_id=planned.mandate.mandate_id if planned.mandate else "",
        )

    async def PlanRebalance(
        self, request: pb.PlanRebalanceRequest, context: Any
    ) -> pb.PlanRebalanceResponse:
        """Return the wish that brings the actor's portfolio to weights, and what it becomes."""
        weights = {
            symbol.strip().upper(): words.decimal(weight, "a weight")
            for symbol, weight in request.weights.items()
        }
        made = await self.rebalancing.plan(words.actor().person_id, weights, request.profile)
        if made.request is None or made.planned is None:
            return pb.PlanRebalanceResponse()
        planned = made.planned
        return pb.PlanRebalanceResponse(
            request=made.request.json_bytes(),
            plan=planned.plan.json_bytes() if planned.plan else b"",
            effect=planned.effect.json_bytes() if planned.effect else b"",
            warnings=words.bodies(planned.warnings),
            denied=planned.denied.json_bytes() if planned.denied else b"",
        )

    async def ProposePlan(self, request: pb.ProposePlanRequest, context: Any) -> pb.DecisionCard:
        """Propose orders by hand."""
        actor = words.actor()
        wish = ByHand(
            person=actor.person_id,
            session_id=_needed(request.session_id, "session_id"),
            via=actor.interface,
            request=_wish(request.request),
            op_id=_needed(request.op_id, "op_id"),
        )
        card = await self.asking.ask(wish)
        return pb.DecisionCard(card=card.json_bytes())

    async def ResolveDecision(
        self, request: pb.ResolveDecisionRequest, context: Any
    ) -> pb.ResolveDecisionResponse:
        """Answer a decision."""
        if request.choice not in ("approve", "reject"):
            raise InvalidInputError(f"Expected approve or reject, found {request.choice[:40]!r}")
        actor = words.actor()
        answer = Answer(
            decision_id=request.decision_id,
            person=actor.person_id,
            via=actor.interface,
            choice="approve" if request.choice == "approve" else "reject",
            plan_hash=request.plan_hash,
            op_id=words.name(request.op_id),
            wait_ms=request.wait_ms,
        )
        status, card = await self.resolving.resolve(answer)
        return pb.ResolveDecisionResponse(status=status, card=card.json_bytes())

    async def GetDecision(self, request: pb.GetDecisionRequest, context: Any) -> pb.DecisionCard:
        """Return one decision."""
        card = await self.resolving.get(request.decision_id, words.actor().person_id)
        return pb.DecisionCard(card=card.json_bytes())

    async def ListDecisions(
        self, request: pb.ListDecisionsRequest, context: Any
    ) -> pb.ListDecisionsResponse:
        """Return a page of decisions, latest first."""
        limit = words.limit(request.limit)
        if len(request.states) > _STATES:
            raise InvalidInputError(f"Expected at most {_STATES} states")
        cards = await self.resolving.page(
            words.actor().person_id,
            list(request.states),
            words.decode_cursor(request.cursor),
            limit + 1,
        )
        return _page(cards, limit)

    async def ListForApproval(
        self, request: pb.ListForApprovalRequest, context: Any
    ) -> pb.ListDecisionsResponse:
        """Return a page of others' decisions that wait for the actor as well, latest first."""
        limit = words.limit(request.limit)
        cards = await self.resolving.for_approval(
            words.actor().person_id, words.decode_cursor(request.cursor), limit + 1
        )
        return _page(cards, limit)

    async def ModifyDecision(
        self, request: pb.ModifyDecisionRequest, context: Any
    ) -> pb.ResolveDecisionResponse:
        """Replace the plan that the actor saw by another one."""
        modification = Modification(
            decision_id=request.decision_id,
            person=words.actor().person_id,
            plan_hash=request.plan_hash,
            request=_wish(request.request),
            op_id=words.name(request.op_id),
        )
        status, card = await self.modifying.modify(modification)
        return pb.ResolveDecisionResponse(status=status, card=card.json_bytes())

    async def QuoteAgain(self, request: pb.QuoteAgainRequest, context: Any) -> pb.DecisionCard:
        """Make a new decision of one that is over, or of its remedy."""
        actor = words.actor()
        again = Again(
            decision_id=request.decision_id,
            person=actor.person_id,
            via=actor.interface,
            op_id=words.name(request.op_id) or "",
            remedy=request.remedy,
        )
        card = await self.quoting.quote(again)
        return pb.DecisionCard(card=card.json_bytes())

    async def SettleOrder(self, request: pb.SettleOrderRequest, context: Any) -> pb.DecisionCard:
        """Help with an order of which the venue does not tell what became."""
        said = _SAID.get(request.choice)
        if said is None:
            raise InvalidInputError(f"Expected {', '.join(_SAID)}, found {request.choice[:40]!r}")
        number = words.name(request.venue_order_id)
        if said == "on_exchange" and number is None:
            raise InvalidInputError(
                "Expected the exchange's number of the order", code="order_number_missing"
            )
        card = await self.settling.settle(
            Word(
                decision_id=request.decision_id,
                person=words.actor().person_id,
                leg=request.leg,
                said=said,
                venue_order_id=number or "",
            )
        )
        return pb.DecisionCard(card=card.json_bytes())


def _page(cards: list[Card], limit: int) -> pb.ListDecisionsResponse:
    page, more = cards[:limit], len(cards) > limit
    return pb.ListDecisionsResponse(
        cards=words.bodies(page),
        next=words.encode_cursor(page[-1].proposed_at, page[-1].decision_id) if more else "",
    )


def _wish(body: bytes) -> PlanRequest:
    try:
        return PlanRequest.model_validate_json(body)
    except ValidationError as e:
        raise InvalidInputError(
            f"{e.error_count()} faults in the plan request", code="malformed_plan"
        ) from e


def _needed(text: str, what: str) -> str:
    named = words.name(text)
    if named is None:
        raise InvalidInputError(f"Expected {what}")
    return named


def registration(servicer: DecisionsServicer) -> Registration:
    """Return what the gRPC server needs to serve decisions."""
    return Registration(
        pb_grpc.add_DecisionsServicer_to_server,
        servicer,
        pb.DESCRIPTOR.services_by_name["Decisions"],
    )
