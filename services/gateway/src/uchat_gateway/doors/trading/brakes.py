"""Limits and brakes: risk limits, mandates, the kill switch."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from uchat_contracts.ids import new_ulid
from uchat_contracts.trading import KillSwitch, Mandate, RiskLimits, Trading
from uchat_gateway.domain.permissions import Permission
from uchat_gateway.doors.answers import Cursor, Limit, Via, json_answer, page_answer
from uchat_gateway.doors.problems import problems
from uchat_gateway.doors.security import CurrentActor, CurrentPrincipal, requires
from uchat_gateway.doors.trading.models import (
    ChooseMode,
    Grant,
    Id,
    MandateList,
    SetLimits,
    Throw,
    text_of,
)
from uchat_gateway.ports.trading import NewMandate, Safety
from uchat_gateway.service.step_up import StepUp

_READ = [requires(Permission.CHAT_READ)]
_ACT = [requires(Permission.DECISION_APPROVE_OWN)]


def router(safety: Safety, step_up: StepUp) -> APIRouter:
    """Return the routes on limits and brakes."""
    routes = APIRouter()
    _add_limits(routes, safety)
    _add_switch(routes, safety)
    _add_mode(routes, safety)
    _add_mandates(routes, safety)
    _add_granting(routes, safety, step_up)
    return routes


def _add_limits(routes: APIRouter, safety: Safety) -> None:
    @routes.get("/risk/limits", dependencies=_READ, response_model=RiskLimits)
    async def get_risk_limits(actor: CurrentActor) -> Response:
        """Return what the caller's plans must keep to."""
        return json_answer(await safety.risk_limits(actor))

    @routes.put(
        "/risk/limits", dependencies=_ACT, response_model=RiskLimits, responses=problems(404)
    )
    async def set_risk_limits(actor: CurrentActor, body: SetLimits) -> Response:
        """Tighten the caller's own limits; operators: set those of any scope."""
        limits = b"" if body.limits is None else body.limits.json_bytes()
        return json_answer(
            await safety.set_risk_limits(actor, scope=body.scope or "", limits=limits)
        )


def _add_switch(routes: APIRouter, safety: Safety) -> None:
    @routes.get("/kill-switch", dependencies=_READ, response_model=KillSwitch)
    async def get_kill_switch(actor: CurrentActor) -> Response:
        """Tell whether the caller's trading is stopped."""
        return json_answer(await safety.kill_switch(actor))

    @routes.post(
        "/kill-switch", dependencies=_ACT, response_model=KillSwitch, responses=problems(409)
    )
    async def set_kill_switch(actor: CurrentActor, body: Throw) -> Response:
        """Stop the caller's trading, or let it go on; operators: that of others, too.

        Nothing new is sent to a venue after `effective_at`; `in_flight` may still arrive there.
        """
        actor = replace(actor, interface=body.interface)
        return json_answer(await safety.set_kill_switch(actor, on=body.on, scope=body.scope or ""))


def _add_mode(routes: APIRouter, safety: Safety) -> None:
    @routes.get("/trading", dependencies=_READ, response_model=Trading)
    async def get_trading(actor: CurrentActor) -> Response:
        """Return how the caller trades now: the mode, and what the account may do and why."""
        return json_answer(await safety.trading(actor))

    @routes.put("/trading/mode", dependencies=_ACT, response_model=Trading)
    async def set_mode(actor: CurrentActor, body: ChooseMode) -> Response:
        """Choose manual, assisted, autonomous or emergency."""
        actor = replace(actor, interface=body.interface)
        return json_answer(await safety.set_mode(actor, body.mode))


def _add_mandates(routes: APIRouter, safety: Safety) -> None:
    @routes.get("/mandates", dependencies=_READ, response_model=MandateList)
    async def list_mandates(
        *,
        actor: CurrentActor,
        active: Annotated[bool, Query(description="Only active ones")] = False,
        cursor: Cursor = "",
        limit: Limit = 50,
    ) -> Response:
        """List the limits that the caller signed, latest first, by cursor."""
        page = await safety.mandates(actor, active_only=active, cursor=cursor, limit=limit)
        return page_answer("mandates", page)

    @routes.delete(
        "/mandates/{mandate_id}",
        dependencies=_ACT,
        response_model=Mandate,
        responses=problems(404),
    )
    async def revoke_mandate(
        actor: CurrentActor, mandate_id: Annotated[Id, Path()], interface: Via = "api"
    ) -> Response:
        """Revoke a mandate at once; again changes nothing."""
        return json_answer(await safety.revoke(replace(actor, interface=interface), mandate_id))


def _add_granting(routes: APIRouter, safety: Safety, step_up: StepUp) -> None:
    @routes.post(
        "/mandates",
        status_code=201,
        dependencies=_ACT,
        response_model=Mandate,
        responses=problems(403, 404, 409),
    )
    async def grant_mandate(principal: CurrentPrincipal, body: Grant) -> Response:
        """Sign a limit inside which decisions approve themselves. It replaces the former one.

        Whoever has a password must have given it in the last 5 minutes: `step_up_required` asks for
        `auth/step-up`.
        """
        await step_up.check(principal)
        wanted = NewMandate(
            per_day=text_of(body.per_day),
            symbols=body.symbols,
            expires_at=body.expires_at.isoformat(),
            op_id=body.op_id or new_ulid(),
            per_order="" if body.per_order is None else text_of(body.per_order),
            drawdown_stop="" if body.drawdown_stop is None else text_of(body.drawdown_stop),
        )
        actor = replace(principal.actor, interface=body.interface)
        return json_answer(await safety.grant(actor, wanted), 201)
