"""Alerts and digests, by person."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.gateway.tests.edge.trading.around.execution import AT, Execution, page

from uchat_contracts.ids import new_ulid
from uchat_contracts.rpc.execution.v1 import alerts_pb2, alerts_pb2_grpc
from uchat_contracts.trading import Alert, AlertRequest, DigestSettings
from uchat_platform.errors import NotFoundError


@dataclass
class AlertsService(alerts_pb2_grpc.AlertsServicer):
    world: Execution
    alerts: dict[str, Alert] = field(default_factory=dict)
    settings: dict[str, DigestSettings] = field(default_factory=dict)
    by_op: dict[str, str] = field(default_factory=dict)

    def _mine(self, method: str, request: Any) -> Alert:
        actor = self.world.called(method, request)
        alert = self.alerts.get(request.alert_id)
        if alert is None or alert.user_id != actor.person_id:
            raise NotFoundError("There is no such alert", code="alert_not_found")
        return alert

    def _keep(self, alert: Alert) -> alerts_pb2.AlertBody:
        self.alerts[alert.alert_id] = alert
        return alerts_pb2.AlertBody(alert=alert.json_bytes())

    async def SetAlert(self, request, context):
        actor = self.world.called("SetAlert", request)
        known = self.by_op.get(request.op_id) if request.op_id else None
        if known:
            return self._keep(self.alerts[known])
        alert = Alert(
            **dict(AlertRequest.model_validate_json(request.request)),
            alert_id=f"alt_{new_ulid()}",
            user_id=actor.person_id,
            rev=1,
            state="armed",
            text="BTC",
            created_at=AT,
            created_via=actor.interface,
        )
        self.by_op[request.op_id] = alert.alert_id
        return self._keep(alert)

    async def ListAlerts(self, request, context):
        actor = self.world.called("ListAlerts", request)
        mine = [each for each in self.alerts.values() if each.user_id == actor.person_id]
        items, following = page(mine, request.cursor, request.limit)
        bodies = [each.json_bytes() for each in items]
        return alerts_pb2.ListAlertsResponse(alerts=bodies, next=following)

    async def GetAlert(self, request, context):
        return self._keep(self._mine("GetAlert", request))

    async def SnoozeAlert(self, request, context):
        alert = self._mine("SnoozeAlert", request)
        until = datetime.fromisoformat(request.until) if request.until else None
        state = "snoozed" if until else "armed"
        return self._keep(alert.model_copy(update={"state": state, "snoozed_until": until}))

    async def DeleteAlert(self, request, context):
        alert = self._mine("DeleteAlert", request)
        gone = self._keep(alert.model_copy(update={"state": "deleted"}))
        del self.alerts[alert.alert_id]
        return gone

    async def GetDigest(self, request, context):
        actor = self.world.called("GetDigest", request)
        settings = self.settings.get(actor.person_id, DigestSettings())
        return alerts_pb2.DigestBody(settings=settings.json_bytes())

    async def SetDigest(self, request, context):
        actor = self.world.called("SetDigest", request)
        self.settings[actor.person_id] = DigestSettings.model_validate_json(request.settings)
        return alerts_pb2.DigestBody(settings=request.settings)
