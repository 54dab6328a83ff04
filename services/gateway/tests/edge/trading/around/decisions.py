"""Decisions that the first answer settles."""

from dataclasses import dataclass

from services.gateway.tests.edge.trading.around.execution import AT, Execution, page

from uchat_contracts.rpc.execution.v1 import decisions_pb2, decisions_pb2_grpc
from uchat_contracts.trading import Approval, PlanRequest, Reason
from uchat_platform.errors import ConflictError


@dataclass
class DecisionsService(decisions_pb2_grpc.DecisionsServicer):
    world: Execution

    async def ResolveDecision(self, request, context):
        actor = self.world.called("ResolveDecision", request)
        card = self.world.owned(actor.person_id, request.decision_id)
        status = "accepted"
        if card.resolved is not None:
            same = card.resolved.op_id == request.op_id
            status = "duplicate" if same else "already_resolved"
        elif card.state == "expired":
            status = "expired"
        elif request.plan_hash != card.plan_hash:
            status = "superseded"
        else:
            resolved = Approval(
                choice=request.choice,
                by=actor.person_id,
                via=actor.interface,
                at=AT,
                op_id=request.op_id,
            )
            state = "approved" if request.choice == "approve" else "rejected"
            card = card.model_copy(update={"resolved": resolved, "state": state, "rev": 3})
            self.world.cards[card.decision_id] = card
        return decisions_pb2.ResolveDecisionResponse(status=status, card=card.json_bytes())

    async def GetDecision(self, request, context):
        actor = self.world.called("GetDecision", request)
        card = self.world.owned(actor.person_id, request.decision_id)
        return decisions_pb2.DecisionCard(card=card.json_bytes())

    async def ListDecisions(self, request, context):
        actor = self.world.called("ListDecisions", request)
        mine = [card for card in self.world.cards.values() if card.user_id == actor.person_id]
        if request.states:
            mine = [
                card
                for card in mine
                if card.state in request.states or ("open" in request.states and card.is_open)
            ]
        found, following = page(mine, request.cursor, request.limit)
        return decisions_pb2.ListDecisionsResponse(
            cards=[card.json_bytes() for card in found], next=following
        )

    async def ListForApproval(self, request, context):
        actor = self.world.called("ListForApproval", request)
        others = [card for card in self.world.cards.values() if card.user_id != actor.person_id]
        found, following = page(others, request.cursor, request.limit)
        return decisions_pb2.ListDecisionsResponse(
            cards=[card.json_bytes() for card in found], next=following
        )

    async def ProposePlan(self, request, context):
        actor = self.world.called("ProposePlan", request)
        wish = PlanRequest.model_validate_json(request.request)
        card = self.world.put(actor.person_id, request=wish, session_id=request.session_id)
        return decisions_pb2.DecisionCard(card=card.json_bytes())

    async def PlanRebalance(self, request, context):
        self.world.called("PlanRebalance", request)
        if not request.weights:
            return decisions_pb2.PlanRebalanceResponse()
        wish = PlanRequest(
            legs=[{"symbol": symbol, "side": "buy", "amount": "10"} for symbol in request.weights],
            purpose="rebalance",
        )
        warning = Reason(code="rounded", text="Rounded.")
        return decisions_pb2.PlanRebalanceResponse(
            request=wish.json_bytes(), warnings=[warning.json_bytes()]
        )

    async def ModifyDecision(self, request, context):
        actor = self.world.called("ModifyDecision", request)
        card = self.world.owned(actor.person_id, request.decision_id)
        if request.plan_hash != card.plan_hash:
            return decisions_pb2.ResolveDecisionResponse(
                status="superseded", card=card.json_bytes()
            )
        wish = PlanRequest.model_validate_json(request.request)
        update = {"request": wish, "version": card.version + 1, "plan_hash": "cd" * 32}
        card = card.model_copy(update=update)
        self.world.cards[card.decision_id] = card
        return decisions_pb2.ResolveDecisionResponse(status="modified", card=card.json_bytes())

    async def QuoteAgain(self, request, context):
        actor = self.world.called("QuoteAgain", request)
        card = self.world.owned(actor.person_id, request.decision_id)
        if card.is_open:
            raise ConflictError("It is not over", code="decision_open")
        again = self.world.put(actor.person_id, follows=card.decision_id)
        return decisions_pb2.DecisionCard(card=again.json_bytes())

    async def SettleOrder(self, request, context):
        actor = self.world.called("SettleOrder", request)
        card = self.world.owned(actor.person_id, request.decision_id)
        return decisions_pb2.DecisionCard(card=card.json_bytes())
