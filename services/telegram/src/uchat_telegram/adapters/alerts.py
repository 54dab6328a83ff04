"""Alerts by gRPC from the execution service."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from uchat_contracts.rpc.execution.v1 import alerts_pb2
from uchat_contracts.trading import Alert
from uchat_platform import rpc
from uchat_platform.auth import Actor, ActorSigner

if TYPE_CHECKING:
    from uchat_contracts.rpc.execution.v1.alerts_pb2_grpc import AlertsAsyncStub

_CALL_S: Final = 3.0
_MOST: Final = 100


@dataclass(frozen=True, slots=True)
class GrpcAlerts:
    """See `ports.Alerts` for each method."""

    stub: "AlertsAsyncStub"
    signer: ActorSigner

    async def active(self, actor: Actor) -> Sequence[Alert]:
        """Return the alerts that are not over."""
        request = alerts_pb2.ListAlertsRequest(active_only=True, limit=_MOST)
        found: alerts_pb2.ListAlertsResponse = await self._call(
            self.stub.ListAlerts, request, actor
        )
        return [Alert.model_validate_json(each) for each in found.alerts]

    async def snooze(self, actor: Actor, alert_id: str, until: datetime) -> Alert:
        """Silence an alert."""
        request = alerts_pb2.SnoozeAlertRequest(alert_id=alert_id, until=until.isoformat())
        made: alerts_pb2.AlertBody = await self._call(self.stub.SnoozeAlert, request, actor)
        return Alert.model_validate_json(made.alert)

    async def delete(self, actor: Actor, alert_id: str) -> Alert:
        """Delete an alert."""
        request = alerts_pb2.AlertRef(alert_id=alert_id)
        gone: alerts_pb2.AlertBody = await self._call(self.stub.DeleteAlert, request, actor)
        return Alert.model_validate_json(gone.alert)

    async def _call(self, method: Any, request: Any, actor: Actor) -> Any:
        return await rpc.call(method, request, signer=self.signer, actor=actor, timeout_s=_CALL_S)
