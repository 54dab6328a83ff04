"""Brakes and limits by gRPC: decode, one service method, encode."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from pydantic import ValidationError

from uchat_contracts.rpc.execution.v1 import safety_pb2 as pb
from uchat_contracts.rpc.execution.v1 import safety_pb2_grpc as pb_grpc
from uchat_contracts.trading import RiskLimits
from uchat_execution.domain import risk
from uchat_execution.handlers.grpc import words
from uchat_execution.service.limits import Limits, OwnLimits
from uchat_execution.service.modes import Modes
from uchat_execution.service.safety import Safety
from uchat_platform.errors import InvalidInputError, NotPermittedError
from uchat_platform.rpc import Registration, current_actor

_SYMBOLS: Final = 50
_SERVICE: Final = "/uchat.execution.v1.Safety"
REQUIRES: Final = {
    f"{_SERVICE}/GetKillSwitch": words.READS,
    f"{_SERVICE}/SetKillSwitch": words.BRAKES,
    f"{_SERVICE}/GetTrading": words.READS,
    f"{_SERVICE}/SetMode": words.BRAKES,
    f"{_SERVICE}/GetRiskLimits": words.READS,
    f"{_SERVICE}/SetRiskLimits": words.DECIDES,
    f"{_SERVICE}/ListMandates": words.READS,
    f"{_SERVICE}/GrantMandate": words.DECIDES,
    f"{_SERVICE}/RevokeMandate": words.BRAKES,
}


@dataclass(frozen=True, slots=True)
class SafetyServicer(pb_grpc.SafetyServicer):
    """Serves `Safety`. Throwing and revoking are idempotent, granting is by its `op_id`."""

    safety: Safety
    modes: Modes
    own_limits: OwnLimits
    limits: Limits

    async def GetKillSwitch(
        self, request: pb.GetKillSwitchRequest, context: Any
    ) -> pb.KillSwitchState:
        """Return whether trading is stopped."""
        switch = await self.safety.switch(words.actor().person_id)
        return pb.KillSwitchState(kill_switch=switch.json_bytes())

    async def SetKillSwitch(
        self, request: pb.SetKillSwitchRequest, context: Any
    ) -> pb.KillSwitchState:
        """Stop trading, or let it go on: the actor's, or (operators) that of more people."""
        if not request.on and not _is_person():
            raise NotPermittedError("Only a person may let trading go on", code="person_needed")
        actor = words.actor()
        if request.scope in ("", actor.person_id):
            switch = await self.safety.throw(actor.person_id, on=request.on, via=actor.interface)
        else:
            _check_operates()
            scope = words.name(request.scope) or ""
            switch = await self.safety.throw_wide(
                scope, on=request.on, via=actor.interface, by=actor.person_id
            )
        return pb.KillSwitchState(kill_switch=switch.json_bytes())

    async def GetTrading(self, request: pb.GetTradingRequest, context: Any) -> pb.TradingStatus:
        """Return how the actor trades."""
        trading = await self.modes.trading(words.actor().person_id)
        return pb.TradingStatus(trading=trading.json_bytes())

    async def SetMode(self, request: pb.SetModeRequest, context: Any) -> pb.TradingStatus:
        """Set the actor's mode; the brain may only choose one that allows no more."""
        actor = words.actor()
        trading = await self.modes.set(
            actor.person_id, request.mode, via=actor.interface, may_raise=_is_person()
        )
        return pb.TradingStatus(trading=trading.json_bytes())

    async def GetRiskLimits(
        self, request: pb.GetRiskLimitsRequest, context: Any
    ) -> pb.GetRiskLimitsResponse:
        """Return the limits that count for the actor."""
        limits = await self.own_limits.of(words.actor().person_id)
        return pb.GetRiskLimitsResponse(limits=limits.json_bytes())

    async def SetRiskLimits(
        self, request: pb.SetRiskLimitsRequest, context: Any
    ) -> pb.GetRiskLimitsResponse:
        """Tighten the actor's own limits, or (operators) set those of a scope."""
        actor = words.actor()
        wanted = _limits(request.limits)
        if not _operates() and request.scope in ("", actor.person_id) and wanted is not None:
            made = await self.own_limits.tighten(actor.person_id, wanted, via=actor.interface)
            return pb.GetRiskLimitsResponse(limits=made.json_bytes())
        _check_operates()
        scope = words.name(request.scope) or actor.person_id
        counts = await self.limits.set(scope, wanted, by=actor.person_id, via=actor.interface)
        return pb.GetRiskLimitsResponse(limits=counts.json_bytes() if counts else b"")

    async def ListMandates(
        self, request: pb.ListMandatesRequest, context: Any
    ) -> pb.ListMandatesResponse:
        """Return a page of mandates, latest first."""
        limit = words.limit(request.limit)
        mandates = await self.safety.mandates(
            words.actor().person_id,
            active_only=request.active_only,
            before=words.decode_cursor(request.cursor),
            limit=limit + 1,
        )
        page, more = mandates[:limit], len(mandates) > limit
        return pb.ListMandatesResponse(
            mandates=words.bodies(page),
            next=words.encode_cursor(page[-1].granted_at, page[-1].mandate_id) if more else "",
        )

    async def GrantMandate(self, request: pb.GrantMandateRequest, context: Any) -> pb.MandateState:
        """Sign a limit beforehand."""
        if len(request.symbols) > _SYMBOLS:
            raise InvalidInputError(f"Expected at most {_SYMBOLS} symbols")
        actor = words.actor()
        mandate = await self.safety.grant(
            actor.person_id,
            words.decimal(request.per_day, "an amount a day"),
            list(request.symbols),
            words.moment(request.expires_at),
            via=actor.interface,
            op_id=words.name(request.op_id),
            per_order=_optional(request.per_order, "an amount an order"),
            drawdown_stop=_optional(request.drawdown_stop, "a drawdown"),
        )
        return pb.MandateState(mandate=mandate.json_bytes())

    async def RevokeMandate(
        self, request: pb.RevokeMandateRequest, context: Any
    ) -> pb.MandateState:
        """End a mandate."""
        actor = words.actor()
        mandate = await self.safety.revoke(actor.person_id, request.mandate_id, actor.interface)
        return pb.MandateState(mandate=mandate.json_bytes())


def _is_person() -> bool:
    return current_actor().service in words.PEOPLE


def _operates() -> bool:
    return words.OPERATES.roles & words.actor().roles != frozenset() and _is_person()


def _check_operates() -> None:
    if not _operates():
        refused = risk.role_forbidden(words.OPERATES.roles)
        raise NotPermittedError(refused.text, code=refused.code)


def _limits(body: bytes) -> RiskLimits | None:
    if not body:
        return None
    try:
        return RiskLimits.model_validate_json(body)
    except ValidationError as e:
        raise InvalidInputError(
            f"{e.error_count()} faults in the limits", code="invalid_limits"
        ) from e


def _optional(text: str, what: str) -> Decimal | None:
    return words.decimal(text, what) if text else None


def registration(servicer: SafetyServicer) -> Registration:
    """Return what the gRPC server needs to serve brakes and limits."""
    return Registration(
        pb_grpc.add_SafetyServicer_to_server, servicer, pb.DESCRIPTOR.services_by_name["Safety"]
    )
