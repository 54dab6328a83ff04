"""Who may do what with brakes and limits, as the gRPC methods say it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from uchat_contracts.rpc.execution.v1 import safety_pb2 as pb
from uchat_contracts.trading import KillSwitch, Mandate, RiskLimits, Trading
from uchat_execution.handlers.grpc.safety import REQUIRES, SafetyServicer
from uchat_execution.service.limits import Limits
from uchat_platform import rpc
from uchat_platform.auth import Actor, SignedActor
from uchat_platform.errors import InvalidInputError, NotPermittedError

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]


class Caller:
    """Calls the methods as somebody, through a service."""

    def __init__(self, app, person):
        self.servicer = SafetyServicer(app.safety, app.modes, app.own_limits, Limits(app.books))
        self.person = person

    async def __call__(self, method, request, *, role="trader", service="gateway"):
        actor = Actor(self.person, frozenset({role}), "web_ui")
        token = rpc._CURRENT.set(SignedActor(actor, service))
        try:
            return await getattr(self.servicer, method)(request, None)
        finally:
            rpc._CURRENT.reset(token)

    async def refused(self, *args, **kwargs):
        with pytest.raises((NotPermittedError, InvalidInputError)) as caught:
            await self(*args, **kwargs)
        return caught.value.code


@pytest.fixture
def call(world, person):
    return Caller(world.app, person)


def kill(on, scope=""):
    return pb.SetKillSwitchRequest(on=on, scope=scope)


async def test_wide_switches_are_for_operators_and_only_people_release(call, person):
    assert await call.refused("SetKillSwitch", kill(True, "everybody")) == "role_forbidden"
    # An operator's role counts only where a person is there.
    brain = {"role": "admin", "service": "ai-core"}
    assert await call.refused("SetKillSwitch", kill(True, "everybody"), **brain) == "role_forbidden"
    state = await call("SetKillSwitch", kill(True, "everybody"), role="admin")
    switch = KillSwitch.model_validate_json(state.kill_switch)
    assert (switch.on, switch.scope, switch.user_id) == (True, "everybody", person)
    own = await call("SetKillSwitch", kill(True, person), service="ai-core")
    assert KillSwitch.model_validate_json(own.kill_switch).scope == "person"
    assert await call.refused("SetKillSwitch", kill(False), service="ai-core") == "person_needed"
    await call("SetKillSwitch", kill(False))
    shown = KillSwitch.model_validate_json(
        (await call("GetKillSwitch", pb.GetKillSwitchRequest())).kill_switch
    )
    assert (shown.on, shown.scope) == (True, "everybody")


async def test_the_brain_lowers_a_mode_and_a_person_raises_it(call):
    brain = {"service": "ai-core"}
    raised = pb.SetModeRequest(mode="autonomous")
    assert await call.refused("SetMode", raised, **brain) == "person_needed"
    made = await call("SetMode", pb.SetModeRequest(mode="manual"), **brain)
    assert Trading.model_validate_json(made.trading).mode == "manual"
    await call("SetMode", raised)
    shown = await call("GetTrading", pb.GetTradingRequest())
    assert Trading.model_validate_json(shown.trading).mode == "autonomous"


async def test_own_limits_are_tightened_by_traders_and_set_by_operators(call, person):
    async def counts():
        answer = await call("GetRiskLimits", pb.GetRiskLimitsRequest())
        return RiskLimits.model_validate_json(answer.limits)

    def wish(limits, scope=""):
        body = limits.json_bytes() if limits else b""
        return pb.SetRiskLimitsRequest(scope=scope, limits=body)

    at_first = await counts()
    tighter = at_first.model_copy(update={"per_order": Decimal(10)})
    await call("SetRiskLimits", wish(tighter))
    assert await counts() == tighter
    assert await call.refused("SetRiskLimits", wish(at_first, person)) == "limits_looser"
    assert await call.refused("SetRiskLimits", wish(None)) == "role_forbidden"
    assert await call.refused("SetRiskLimits", wish(tighter, "everybody")) == "role_forbidden"
    broken = pb.SetRiskLimitsRequest(limits=b"{}")
    assert await call.refused("SetRiskLimits", broken) == "invalid_limits"
    await call("SetRiskLimits", wish(None, person), role="admin")
    assert await counts() == at_first
    assert "ai-core" not in REQUIRES["/uchat.execution.v1.Safety/SetRiskLimits"].services


async def test_a_mandate_is_granted_with_all_of_its_policy(call):
    request = pb.GrantMandateRequest(
        per_day="1000",
        per_order="250.5",
        drawdown_stop="0.1",
        expires_at=(datetime.now(UTC) + timedelta(days=1)).isoformat(),
    )
    made = Mandate.model_validate_json((await call("GrantMandate", request)).mandate)
    assert (made.per_order, made.drawdown_stop) == (Decimal("250.5"), Decimal("0.1"))
    wrong = pb.GrantMandateRequest(per_day="1", per_order="NaN", expires_at=request.expires_at)
    assert await call.refused("GrantMandate", wrong) == "invalid_input"
