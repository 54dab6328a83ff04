"""Decisions by gRPC: decode, one service method, encode."""

from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from uchat_contracts.rpc.execution.v1 import decisions_pb2 as pb
from uchat_contracts.rpc.execution.v1 import decisions_pb2_grpc as pb_grpc
from uchat_contracts.trading import PlanRequest
from uchat_execution.handlers.grpc import words
from uchat_execution.service.proposing import Proposing
from uchat_execution.service.resolving import Answer, Resolving
from uchat_platform.errors import InvalidInputError
from uchat_platform.rpc import Registration

_STATES: Final = 20
_SERVICE: Final = "/uchat.execution.v1.Decisions"
REQUIRES: Final = {
    f"{_SERVICE}/PreviewPlan": words.READS,
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
    """Serves `Decisions`; `ResolveDecision` is idempotent by its `op_id`."""

    proposing: Proposing
    resolving: Resolving

    async def PreviewPlan(
        self, request: pb.PreviewPlanRequest, context: Any
    ) -> pb.PreviewPlanResponse:
        """Return what a proposal would become."""
        try:
            wish = PlanRequest.model_validate_json(request.request)
        except ValidationError as e:
            raise InvalidInputError(
                f"{e.error_count()} faults in the plan request", code="malformed_plan"
            ) from e
        planned = await self.proposing.preview(words.actor().person_id, wish)
        if planned.plan is None and planned.denied is not None:
            raise InvalidInputError(planned.denied.text, code=planned.denied.code)
        return pb.PreviewPlanResponse(
            plan=planned.plan.json_bytes() if planned.plan else b"",
            effect=planned.effect.json_bytes() if planned.effect else b"",
            warnings=words.bodies(planned.warnings),
            denied=planned.denied.json_bytes() if planned.denied else b"",
            mandate_id=planned.mandate.mandate_id if planned.mandate else "",
        )

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
        page = cards[:limit]
        more = len(cards) > limit
        return pb.ListDecisionsResponse(
            cards=words.bodies(page),
            next=words.encode_cursor(page[-1].proposed_at, page[-1].decision_id) if more else "",
        )


def registration(servicer: DecisionsServicer) -> Registration:
    """Return what the gRPC server needs to serve decisions."""
    return Registration(
        pb_grpc.add_DecisionsServicer_to_server,
        servicer,
        pb.DESCRIPTOR.services_by_name["Decisions"],
    )
