"""A person's alerts by gRPC from execution, always as the person of the turn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, TypeVar

from uchat_contracts.rpc.execution.v1 import alerts_pb2
from uchat_contracts.trading import Alert, AlertRequest, DigestSettings
from uchat_platform import rpc
from uchat_platform.auth import Actor, ActorSigner

if TYPE_CHECKING:
    from uchat_contracts.rpc.execution.v1.alerts_pb2_grpc import AlertsAsyncStub

_MOST: Final = 100


_RequestT = TypeVar("_RequestT")
_ResponseT = TypeVar("_ResponseT")


@dataclass(frozen=True, slots=True, kw_only=True)
class GrpcAlertBook:
    """Asks for one person at a time; a call that takes longer than `timeout_s` has failed.

    See `ports.alerts.AlertBook` for each method.
    """

    alerts_stub: "AlertsAsyncStub"
    signer: ActorSigner
    timeout_s: float = 3.0

    async def set_alert(self, actor: Actor, request: AlertRequest, op_id: str) -> Alert:
        """Set an alert."""
        asked = alerts_pb2.SetAlertRequest(request=request.json_bytes(), op_id=op_id)
        answer = await self._call(self.alerts_stub.SetAlert, asked, actor)
        return Alert.model_validate_json(answer.alert)

    async def alerts(self, actor: Actor) -> Sequence[Alert]:
        """Return the alerts that are not over."""
        asked = alerts_pb2.ListAlertsRequest(active_only=True, limit=_MOST)
        answer = await self._call(self.alerts_stub.ListAlerts, asked, actor)
        return [Alert.model_validate_json(each) for each in answer.alerts]

    async def snooze_alert(self, actor: Actor, alert_id: str, until: datetime | None) -> Alert:
        """Silence an alert."""
        asked = alerts_pb2.SnoozeAlertRequest(
            alert_id=alert_id, until="" if until is None else until.isoformat()
        )
        answer = await self._call(self.alerts_stub.SnoozeAlert, asked, actor)
        return Alert.model_validate_json(answer.alert)

    async def delete_alert(self, actor: Actor, alert_id: str) -> Alert:
        """Delete an alert."""
        asked = alerts_pb2.AlertRef(alert_id=alert_id)
        answer = await self._call(self.alerts_stub.DeleteAlert, asked, actor)
        return Alert.model_validate_json(answer.alert)

    async def digest(self, actor: Actor) -> DigestSettings:
        """Return when the digest is told."""
        asked = alerts_pb2.GetDigestRequest()
        answer = await self._call(self.alerts_stub.GetDigest, asked, actor)
        return DigestSettings.model_validate_json(answer.settings)

    async def set_digest(self, actor: Actor, settings: DigestSettings) -> DigestSettings:
        """Set when the digest is told."""
        asked = alerts_pb2.SetDigestRequest(settings=settings.json_bytes())
        answer = await self._call(self.alerts_stub.SetDigest, asked, actor)
        return DigestSettings.model_validate_json(answer.settings)

    async def _call(
        self, method: rpc.Method[_RequestT, _ResponseT], request: _RequestT, actor: Actor
    ) -> _ResponseT:
        return await rpc.call(
            method, request, signer=self.signer, actor=actor, timeout_s=self.timeout_s
        )
