"""What one wants to be told of: alerts, and the digest of the day."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Response
from pydantic import AwareDatetime, BaseModel

from uchat_contracts.ids import ClientInterface, ClientMessageId
from uchat_contracts.trading import Alert, AlertRequest, DigestSettings
from uchat_gateway.domain.permissions import Permission
from uchat_gateway.doors.answers import Cursor, Limit, json_answer, page_answer
from uchat_gateway.doors.models import Body
from uchat_gateway.doors.problems import problems
from uchat_gateway.doors.security import CurrentActor, requires
from uchat_gateway.doors.trading.models import Expiry, Id
from uchat_gateway.ports.access import Limiter
from uchat_gateway.ports.alerts import Alerts

_READ = [requires(Permission.CHAT_READ)]
_WRITE = [requires(Permission.CHAT_WRITE)]
Key = Annotated[
    ClientMessageId | None,
    Header(alias="Idempotency-Key", description="The same key again: the first alert"),
]
AlertId = Annotated[Id, Path()]


class NewAlert(AlertRequest, Body):
    """What to be told of; see `AlertRequest`."""

    interface: ClientInterface = "api"


class Snooze(Body):
    """Until when an alert is silent, 31 days at most; null: not any more."""

    snoozed_until: Expiry | None


class SetDigest(DigestSettings, Body):
    """When to send the day's summary; see `DigestSettings`."""


class AlertList(BaseModel):
    """A page of alerts, latest first; `next` is the cursor of the following page."""

    alerts: list[Alert]
    next: str | None = None


def router(alerts: Alerts, limiter: Limiter) -> APIRouter:
    """Return the routes on alerts."""
    routes = APIRouter()
    _add_alerts(routes, alerts, limiter)
    _add_changes(routes, alerts, limiter)
    _add_digest(routes, alerts)
    return routes


def _add_alerts(routes: APIRouter, alerts: Alerts, limiter: Limiter) -> None:
    @routes.get("/alerts", dependencies=_READ, response_model=AlertList)
    async def list_alerts(
        *,
        actor: CurrentActor,
        active: Annotated[bool, Query(description="Only those that are not over")] = False,
        cursor: Cursor = "",
        limit: Limit = 50,
    ) -> Response:
        """List the caller's alerts, latest first, by cursor."""
        page = await alerts.page(actor, active_only=active, cursor=cursor, limit=limit)
        return page_answer("alerts", page)

    @routes.post(
        "/alerts",
        status_code=201,
        dependencies=_WRITE,
        response_model=Alert,
        responses=problems(409, 429),
    )
    async def set_alert(actor: CurrentActor, body: NewAlert, key: Key = None) -> Response:
        """Set an alert: it is told on every interface, once for each crossing.

        One whose condition holds already is `beyond`: it is told at the next crossing. There are
        100 at most that are not over (`too_many_alerts`).
        """
        # Each is told on every interface, and kept in the log, as a message is.
        await limiter.hit_message(actor.person_id)
        request = AlertRequest.model_validate(body.model_dump(exclude={"interface"}))
        actor = replace(actor, interface=body.interface)
        return json_answer(await alerts.set(actor, request.json_bytes(), op_id=key or ""), 201)

    @routes.get(
        "/alerts/{alert_id}", dependencies=_READ, response_model=Alert, responses=problems(404)
    )
    async def get_alert(actor: CurrentActor, alert_id: AlertId) -> Response:
        """Return one alert of the caller."""
        return json_answer(await alerts.get(actor, alert_id))


def _add_changes(routes: APIRouter, alerts: Alerts, limiter: Limiter) -> None:
    @routes.patch(
        "/alerts/{alert_id}",
        dependencies=_WRITE,
        response_model=Alert,
        responses=problems(404, 409, 429),
    )
    async def snooze_alert(actor: CurrentActor, alert_id: AlertId, body: Snooze) -> Response:
        """Silence an alert until a time, or let it speak again; also one that is over.

        What holds when the silence ends is told then.
        """
        await limiter.hit_message(actor.person_id)
        return json_answer(await alerts.snooze(actor, alert_id, _text(body.snoozed_until)))

    @routes.delete(
        "/alerts/{alert_id}", dependencies=_WRITE, response_model=Alert, responses=problems(404)
    )
    async def delete_alert(actor: CurrentActor, alert_id: AlertId) -> Response:
        """Delete an alert and return it as it was."""
        return json_answer(await alerts.delete(actor, alert_id))


def _add_digest(routes: APIRouter, alerts: Alerts) -> None:
    @routes.get("/digest", dependencies=_READ, response_model=DigestSettings)
    async def get_digest(actor: CurrentActor) -> Response:
        """Return when the caller is told what the day comes to."""
        return json_answer(await alerts.digest(actor))

    @routes.put("/digest", dependencies=_WRITE, response_model=DigestSettings)
    async def set_digest(actor: CurrentActor, body: SetDigest) -> Response:
        """Have the digest told each day at a local time of an IANA time zone, or turn it off."""
        return json_answer(await alerts.set_digest(actor, body.json_bytes()))


def _text(at: AwareDatetime | None) -> str:
    return "" if at is None else at.isoformat()
