"""The execution service as the adapter's tests need it: it remembers what it was asked."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from uchat_contracts.rpc.execution.v1 import (
    alerts_pb2,
    alerts_pb2_grpc,
    decisions_pb2,
    decisions_pb2_grpc,
    safety_pb2,
    safety_pb2_grpc,
)
from uchat_contracts.trading import Alert, Approval, Card, KillSwitch, OrderResult, Result, Trading
from uchat_platform import rpc
from uchat_platform.errors import NotFoundError

NOW = datetime(2026, 11, 23, 14, 3, tzinfo=UTC)


def unknown() -> Result:
    """Return the result of one order of which nobody knows what became."""
    order = OrderResult(
        leg=1,
        order_id="ord_1",
        client_order_id="c1",
        symbol="BTC",
        side="buy",
        status="unknown",
        quantity=Decimal("0.01"),
        filled=Decimal(0),
        fee=Decimal(0),
        fee_asset="USDT",
        at=NOW,
    )
    return Result(orders=[order], at=NOW)


class FakeAlerts(alerts_pb2_grpc.AlertsServicer):
    """Alerts by id."""

    def __init__(self) -> None:
        self.alerts: dict[str, Alert] = {}

    async def ListAlerts(self, request: Any, context: Any) -> Any:
        bodies = [each.json_bytes() for each in self.alerts.values() if each.state != "done"]
        return alerts_pb2.ListAlertsResponse(alerts=bodies)

    async def SnoozeAlert(self, request: Any, context: Any) -> Any:
        until = datetime.fromisoformat(request.until)
        changed = {"state": "snoozed", "snoozed_until": until}
        alert = self._one(request).model_copy(update=changed)
        self.alerts[alert.alert_id] = alert
        return alerts_pb2.AlertBody(alert=alert.json_bytes())

    async def DeleteAlert(self, request: Any, context: Any) -> Any:
        alert = self._one(request).model_copy(update={"state": "deleted"})
        del self.alerts[alert.alert_id]
        return alerts_pb2.AlertBody(alert=alert.json_bytes())

    def _one(self, request: Any) -> Alert:
        if request.alert_id not in self.alerts:
            raise NotFoundError("There is no such alert", code="alert_not_found")
        return self.alerts[request.alert_id]


class FakeExecution(decisions_pb2_grpc.DecisionsServicer, safety_pb2_grpc.SafetyServicer):
    """Decisions that the first answer settles, and a kill switch."""

    def __init__(self) -> None:
        self.cards: dict[str, Card] = {}
        self.asked: list[Any] = []
        self.kills: list[tuple[str, bool]] = []
        self.rev = 0
        self.quoted: list[Any] = []
        self.settled: list[Any] = []
        self.modes: list[str] = []
        self.alerts = FakeAlerts()

    async def ResolveDecision(self, request: Any, context: Any) -> Any:
        self.asked.append(request)
        card = self.cards.get(request.decision_id)
        if card is None:
            raise NotFoundError("No such decision")
        status = "already_resolved" if card.resolved else "accepted"
        if card.approvals_needed > 1:
            return decisions_pb2.ResolveDecisionResponse(
                status="awaiting_second", card=card.json_bytes()
            )
        if request.plan_hash != card.plan_hash:
            status = "superseded"
        if status == "accepted":
            card = self.settle(request.decision_id, request.choice, "telegram", request.op_id)
        return decisions_pb2.ResolveDecisionResponse(status=status, card=card.json_bytes())

    async def GetDecision(self, request: Any, context: Any) -> Any:
        if request.decision_id not in self.cards:
            raise NotFoundError("No such decision")
        return decisions_pb2.DecisionCard(card=self.cards[request.decision_id].json_bytes())

    async def QuoteAgain(self, request: Any, context: Any) -> Any:
        self.quoted.append(request)
        return decisions_pb2.DecisionCard(card=self.cards[request.decision_id].json_bytes())

    async def SettleOrder(self, request: Any, context: Any) -> Any:
        self.settled.append(request)
        return decisions_pb2.DecisionCard(card=self.cards[request.decision_id].json_bytes())

    async def GetTrading(self, request: Any, context: Any) -> Any:
        return self._trading()

    async def SetMode(self, request: Any, context: Any) -> Any:
        self.modes.append(request.mode)
        return self._trading()

    def _trading(self) -> Any:
        person = rpc.current_actor().actor.person_id
        mode = self.modes[-1] if self.modes else "assisted"
        now = Trading(user_id=person, mode=mode, rev=len(self.modes))
        return safety_pb2.TradingStatus(trading=now.json_bytes())

    def settle(self, decision_id: str, choice: str, via: str, op_id: str = "o") -> Card:
        card = self.cards[decision_id]
        resolved = Approval(choice=choice, by=card.user_id, via=via, at=NOW, op_id=op_id)
        state = "approved" if choice == "approve" else "rejected"
        new = card.model_copy(update={"resolved": resolved, "state": state, "rev": card.rev + 1})
        self.cards[decision_id] = new
        return new

    async def SetKillSwitch(self, request: Any, context: Any) -> Any:
        self.rev += 1
        person = rpc.current_actor().actor.person_id
        self.kills.append((person, request.on))
        state = KillSwitch(
            on=request.on, rev=self.rev, user_id=person, changed_at=NOW,
            changed_via="telegram", effective_at=NOW + timedelta(seconds=5),
        )  # fmt: skip
        return safety_pb2.KillSwitchState(kill_switch=state.json_bytes())
