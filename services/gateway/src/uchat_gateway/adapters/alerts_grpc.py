"""Alerts by gRPC from the execution service."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from uchat_contracts.rpc.execution.v1 import alerts_pb2
from uchat_gateway.adapters.trading_grpc import Caller
from uchat_gateway.ports.trading import JsonPage
from uchat_platform.auth import Actor

if TYPE_CHECKING:
    from uchat_contracts.rpc.execution.v1.alerts_pb2_grpc import AlertsAsyncStub


@dataclass(frozen=True, slots=True)
class GrpcAlerts(Caller):
    """Calls `Alerts` for an actor; see `ports.alerts` for each method."""

    stub: "AlertsAsyncStub"

    async def set(self, actor: Actor, request: bytes, *, op_id: str) -> bytes:
        """Set an alert."""
        asked = alerts_pb2.SetAlertRequest(request=request, op_id=op_id)
        answer: alerts_pb2.AlertBody = await self.call(self.stub.SetAlert, asked, actor)
        return answer.alert

    async def page(self, actor: Actor, *, active_only: bool, cursor: str, limit: int) -> JsonPage:
        """Return a page of alerts."""
        asked = alerts_pb2.ListAlertsRequest(active_only=active_only, cursor=cursor, limit=limit)
        answer: alerts_pb2.ListAlertsResponse = await self.call(self.stub.ListAlerts, asked, actor)
        return JsonPage(list(answer.alerts), answer.next or None)

    async def get(self, actor: Actor, alert_id: str) -> bytes:
        """Return one alert."""
        asked = alerts_pb2.AlertRef(alert_id=alert_id)
        answer: alerts_pb2.AlertBody = await self.call(self.stub.GetAlert, asked, actor)
        return answer.alert

    async def snooze(self, actor: Actor, alert_id: str, until: str) -> bytes:
        """Silence an alert."""
        asked = alerts_pb2.SnoozeAlertRequest(alert_id=alert_id, until=until)
        answer: alerts_pb2.AlertBody = await self.call(self.stub.SnoozeAlert, asked, actor)
        return answer.alert

    async def delete(self, actor: Actor, alert_id: str) -> bytes:
        """Delete an alert."""
        asked = alerts_pb2.AlertRef(alert_id=alert_id)
        answer: alerts_pb2.AlertBody = await self.call(self.stub.DeleteAlert, asked, actor)
        return answer.alert

    async def digest(self, actor: Actor) -> bytes:
        """Return when the digest is told."""
        asked = alerts_pb2.GetDigestRequest()
        answer: alerts_pb2.DigestBody = await self.call(self.stub.GetDigest, asked, actor)
        return answer.settings

    async def set_digest(self, actor: Actor, settings: bytes) -> bytes:
        """Set when the digest is told."""
        asked = alerts_pb2.SetDigestRequest(settings=settings)
        answer: alerts_pb2.DigestBody = await self.call(self.stub.SetDigest, asked, actor)
        return answer.settings
