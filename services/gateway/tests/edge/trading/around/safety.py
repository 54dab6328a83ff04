"""Kill switches and mandates, by person."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from services.gateway.tests.edge.trading.around.execution import AT, ONE, Execution, page

from uchat_contracts.ids import new_ulid
from uchat_contracts.rpc.execution.v1 import safety_pb2, safety_pb2_grpc
from uchat_contracts.trading import KillSwitch, Mandate, RiskLimits, Trading
from uchat_platform.errors import NotFoundError

WIDER = RiskLimits(
    per_order=ONE,
    per_asset_share=Decimal("0.5"),
    daily_loss_share=Decimal("0.1"),
    price_collar_bps=50,
    orders_per_minute=30,
)


@dataclass
class SafetyService(safety_pb2_grpc.SafetyServicer):
    world: Execution

    def _state(self, person):
        off = KillSwitch(on=False, rev=0, user_id=person)
        switch = self.world.switches.get(person, off)
        return safety_pb2.KillSwitchState(kill_switch=switch.json_bytes())

    async def GetKillSwitch(self, request, context):
        return self._state(self.world.called("GetKillSwitch", request).person_id)

    async def SetKillSwitch(self, request, context):
        actor = self.world.called("SetKillSwitch", request)
        self.world.switches[actor.person_id] = KillSwitch(
            on=request.on,
            rev=1,
            user_id=actor.person_id,
            changed_at=AT,
            changed_via=actor.interface,
            effective_at=AT,
        )
        return self._state(actor.person_id)

    async def GetTrading(self, request, context):
        actor = self.world.called("GetTrading", request)
        trading = Trading(user_id=actor.person_id, mode="assisted", rev=0)
        return safety_pb2.TradingStatus(trading=trading.json_bytes())

    async def SetMode(self, request, context):
        actor = self.world.called("SetMode", request)
        trading = Trading(
            user_id=actor.person_id, mode=request.mode, rev=1, changed_via=actor.interface
        )
        return safety_pb2.TradingStatus(trading=trading.json_bytes())

    async def SetRiskLimits(self, request, context):
        self.world.called("SetRiskLimits", request)
        # Without limits those of the wider scope count again.
        return safety_pb2.GetRiskLimitsResponse(limits=request.limits or WIDER.json_bytes())

    async def GetRiskLimits(self, request, context):
        self.world.called("GetRiskLimits", request)
        return safety_pb2.GetRiskLimitsResponse(limits=WIDER.json_bytes())

    async def ListMandates(self, request, context):
        actor = self.world.called("ListMandates", request)
        mine = [each for each in self.world.mandates.values() if each.user_id == actor.person_id]
        found, following = page(mine, request.cursor, request.limit)
        return safety_pb2.ListMandatesResponse(
            mandates=[each.json_bytes() for each in found], next=following
        )

    async def GrantMandate(self, request, context):
        actor = self.world.called("GrantMandate", request)
        mandate = Mandate(
            mandate_id=f"mandate_{new_ulid()}",
            user_id=actor.person_id,
            state="active",
            per_day=Decimal(request.per_day),
            used_today=Decimal(0),
            symbols=list(request.symbols),
            granted_at=AT,
            granted_via=actor.interface,
            expires_at=datetime.fromisoformat(request.expires_at),
        )
        self.world.mandates[mandate.mandate_id] = mandate
        return safety_pb2.MandateState(mandate=mandate.json_bytes())

    async def RevokeMandate(self, request, context):
        actor = self.world.called("RevokeMandate", request)
        held = self.world.mandates.get(request.mandate_id)
        if held is None or held.user_id != actor.person_id:
            raise NotFoundError("There is no such mandate")
        gone = held.model_copy(update={"state": "revoked", "revoked_via": actor.interface})
        self.world.mandates[held.mandate_id] = gone
        return safety_pb2.MandateState(mandate=gone.json_bytes())
