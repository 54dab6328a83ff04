"""Brakes and limits by gRPC: decode, one service method, encode."""

from dataclasses import dataclass
from typing import Any, Final

from uchat_contracts.rpc.execution.v1 import safety_pb2 as pb
from uchat_contracts.rpc.execution.v1 import safety_pb2_grpc as pb_grpc
from uchat_execution.handlers.grpc import words
from uchat_execution.service.safety import Safety
from uchat_platform.errors import InvalidInputError, NotPermittedError
from uchat_platform.rpc import Registration, current_actor

_SYMBOLS: Final = 50
_SERVICE: Final = "/uchat.execution.v1.Safety"
REQUIRES: Final = {
    f"{_SERVICE}/GetKillSwitch": words.READS,
    f"{_SERVICE}/SetKillSwitch": words.BRAKES,
    f"{_SERVICE}/GetTrading": words.READS,
    f"{_SERVICE}/SetMode": words.DECIDES,
    f"{_SERVICE}/GetRiskLimits": words.READS,
    f"{_SERVICE}/SetRiskLimits": words.OPERATES,
    f"{_SERVICE}/ListMandates": words.READS,
    f"{_SERVICE}/GrantMandate": words.DECIDES,
    f"{_SERVICE}/RevokeMandate": words.BRAKES,
}


@dataclass(frozen=True, slots=True)
class SafetyServicer(pb_grpc.SafetyServicer):
    """Serves `Safety`. Throwing and revoking are idempotent, granting is by its `op_id`."""

    safety: Safety

    async def GetKillSwitch(
        self, request: pb.GetKillSwitchRequest, context: Any
    ) -> pb.KillSwitchState:
        """Return whether trading is stopped."""
        switch = await self.safety.switch(words.actor().person_id)
        return pb.KillSwitchState(kill_switch=switch.json_bytes())

    async def SetKillSwitch(
        self, request: pb.SetKillSwitchRequest, context: Any
    ) -> pb.KillSwitchState:
        """Stop trading, or let it go on."""
        if not request.on and current_actor().service not in words.PEOPLE:
            raise NotPermittedError("Only a person may let trading go on", code="person_needed")
        actor = words.actor()
        switch = await self.safety.throw(actor.person_id, on=request.on, via=actor.interface)
        return pb.KillSwitchState(kill_switch=switch.json_bytes())

    async def GetRiskLimits(
        self, request: pb.GetRiskLimitsRequest, context: Any
    ) -> pb.GetRiskLimitsResponse:
        """Return the risk limits."""
        return pb.GetRiskLimitsResponse(limits=self.safety.limits().json_bytes())

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
        )
        return pb.MandateState(mandate=mandate.json_bytes())

    async def RevokeMandate(
        self, request: pb.RevokeMandateRequest, context: Any
    ) -> pb.MandateState:
        """End a mandate."""
        actor = words.actor()
        mandate = await self.safety.revoke(actor.person_id, request.mandate_id, actor.interface)
        return pb.MandateState(mandate=mandate.json_bytes())


def registration(servicer: SafetyServicer) -> Registration:
    """Return what the gRPC server needs to serve brakes and limits."""
    return Registration(
        pb_grpc.add_SafetyServicer_to_server, servicer, pb.DESCRIPTOR.services_by_name["Safety"]
    )
