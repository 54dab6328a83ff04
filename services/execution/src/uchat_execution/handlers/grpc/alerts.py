"""Alerts and the digest by gRPC: decode, one service method, encode."""

from dataclasses import dataclass
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from uchat_contracts.model import Model
from uchat_contracts.rpc.execution.v1 import alerts_pb2 as pb
from uchat_contracts.rpc.execution.v1 import alerts_pb2_grpc as pb_grpc
from uchat_contracts.trading import AlertRequest, DigestSettings
from uchat_execution.handlers.grpc import words
from uchat_execution.service.alerts.digesting import Digests
from uchat_execution.service.alerts.setting import Alerting
from uchat_platform.errors import InvalidInputError
from uchat_platform.rpc import Registration

_SERVICE: Final = "/uchat.execution.v1.Alerts"
REQUIRES: Final = {
    f"{_SERVICE}/SetAlert": words.TELLS,
    f"{_SERVICE}/ListAlerts": words.READS,
    f"{_SERVICE}/GetAlert": words.READS,
    f"{_SERVICE}/SnoozeAlert": words.TELLS,
    f"{_SERVICE}/DeleteAlert": words.TELLS,
    f"{_SERVICE}/GetDigest": words.READS,
    f"{_SERVICE}/SetDigest": words.TELLS,
}
_ModelT = TypeVar("_ModelT", bound=Model)


@dataclass(frozen=True, slots=True)
class AlertsServicer(pb_grpc.AlertsServicer):
    """Serves `Alerts`. Setting is idempotent by `op_id`, all else by itself."""

    alerting: Alerting
    digests: Digests

    async def SetAlert(self, request: pb.SetAlertRequest, context: Any) -> pb.AlertBody:
        """Set an alert."""
        actor = words.actor()
        alert = await self.alerting.set(
            actor.person_id,
            _read(AlertRequest, request.request, "an alert"),
            via=actor.interface,
            op_id=words.name(request.op_id),
        )
        return pb.AlertBody(alert=alert.json_bytes())

    async def ListAlerts(
        self, request: pb.ListAlertsRequest, context: Any
    ) -> pb.ListAlertsResponse:
        """Return a page of alerts, latest first."""
        limit = words.limit(request.limit)
        alerts = await self.alerting.page(
            words.actor().person_id,
            active_only=request.active_only,
            before=words.decode_cursor(request.cursor),
            limit=limit + 1,
        )
        page, more = alerts[:limit], len(alerts) > limit
        return pb.ListAlertsResponse(
            alerts=words.bodies(page),
            next=words.encode_cursor(page[-1].created_at, page[-1].alert_id) if more else "",
        )

    async def GetAlert(self, request: pb.AlertRef, context: Any) -> pb.AlertBody:
        """Return one alert."""
        alert = await self.alerting.get(words.actor().person_id, request.alert_id)
        return pb.AlertBody(alert=alert.json_bytes())

    async def SnoozeAlert(self, request: pb.SnoozeAlertRequest, context: Any) -> pb.AlertBody:
        """Silence an alert until a time, or let it speak again."""
        until = words.moment(request.until) if request.until else None
        alert = await self.alerting.snooze(words.actor().person_id, request.alert_id, until)
        return pb.AlertBody(alert=alert.json_bytes())

    async def DeleteAlert(self, request: pb.AlertRef, context: Any) -> pb.AlertBody:
        """Delete an alert."""
        alert = await self.alerting.delete(words.actor().person_id, request.alert_id)
        return pb.AlertBody(alert=alert.json_bytes())

    async def GetDigest(self, request: pb.GetDigestRequest, context: Any) -> pb.DigestBody:
        """Return when the digest is told."""
        settings = await self.digests.settings(words.actor().person_id)
        return pb.DigestBody(settings=settings.json_bytes())

    async def SetDigest(self, request: pb.SetDigestRequest, context: Any) -> pb.DigestBody:
        """Set when the digest is told."""
        wanted = _read(DigestSettings, request.settings, "a digest")
        settings = await self.digests.set(words.actor().person_id, wanted)
        return pb.DigestBody(settings=settings.json_bytes())


def _read(model: type[_ModelT], body: bytes, what: str) -> _ModelT:
    try:
        return model.model_validate_json(body)
    except ValidationError as e:
        # What the model says of a value may quote it: only what it asks for is told.
        found = [str(error["msg"]).removeprefix("Value error, ") for error in e.errors()]
        raise InvalidInputError(
            f"This is not {what}: {found[0][:200]}", code="invalid_alert"
        ) from e


def registration(servicer: AlertsServicer) -> Registration:
    """Return what the gRPC server needs to serve alerts."""
    return Registration(
        pb_grpc.add_AlertsServicer_to_server, servicer, pb.DESCRIPTOR.services_by_name["Alerts"]
    )
