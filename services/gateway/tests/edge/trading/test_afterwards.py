"""Modifying, quoting again, settling and approving for others over HTTP; modes and limits."""

import pytest

from uchat_contracts.ids import new_conversation_id

pytestmark = pytest.mark.integration
PREFIX = "/api/v1/unified-chat"
V1 = "/api/v1"
WISH = {"legs": [{"symbol": "ETH", "side": "buy", "type": "limit", "quantity": "1",
                  "limit_price": "1800", "post_only": True}]}  # fmt: skip


@pytest.fixture
async def client(gateway):
    tokens = await gateway.guest()
    gateway.http.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    gateway.http.person = tokens["user_id"]
    return gateway.http


async def test_orders_are_proposed_by_hand_in_ones_own_conversation(client, execution, outside):
    session_id = new_conversation_id()
    outside.homes[session_id] = client.person
    body = {"session_id": session_id, "plan": WISH, "op_id": "o-1", "interface": "web_ui"}
    made = await client.post(f"{PREFIX}/decision/propose", json=body)
    assert made.status_code == 201, made.text
    assert made.json()["request"]["legs"][0]["limit_price"] == "1800"
    ((actor, request),) = execution.of("ProposePlan")
    assert (actor.interface, request.op_id) == ("web_ui", "o-1")
    other = body | {"session_id": new_conversation_id()}
    assert (await client.post(f"{PREFIX}/decision/propose", json=other)).status_code == 404
    wrong = body | {"plan": {"legs": [{"symbol": "ETH", "side": "buy"}]}}
    assert (await client.post(f"{PREFIX}/decision/propose", json=wrong)).status_code == 422


async def test_weights_become_a_wish_that_can_be_proposed(client, execution):
    made = await client.post(f"{PREFIX}/decision/rebalance", json={"weights": {"BTC": "0.5"}})
    assert made.status_code == 200, made.text
    wish = made.json()["request"]
    assert (wish["purpose"], wish["legs"][0]["symbol"]) == ("rebalance", "BTC")
    assert [warning["code"] for warning in made.json()["warnings"]] == ["rounded"]
    ((_, request),) = execution.of("PlanRebalance")
    assert dict(request.weights) == {"BTC": "0.5"}
    done = await client.post(f"{PREFIX}/decision/rebalance", json={"profile": "bold"})
    assert done.json() == {"warnings": []}
    for wrong in ({"weights": {"BTC": "1.5"}}, {"weights": {"btc!": "0.1"}}, {"profile": "wild"}):
        answer = await client.post(f"{PREFIX}/decision/rebalance", json=wrong)
        assert answer.status_code == 422


async def test_a_plan_is_replaced_by_another_one(client, execution):
    card = execution.put(client.person)
    body = {
        "decision_id": card.decision_id,
        "approved": True,
        "plan_hash": card.plan_hash,
        "modifications": WISH,
        "op_id": "o-1",
    }
    answer = await client.post(f"{PREFIX}/decision/approve", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "modified"
    assert answer.json()["decision"]["version"] == 2
    assert answer.json()["decision"]["request"]["legs"][0]["post_only"] is True
    stale = await client.post(f"{PREFIX}/decision/approve", json=body | {"op_id": "o-2"})
    assert (stale.status_code, stale.json()["code"]) == (409, "superseded")


@pytest.mark.parametrize("change", [{"approved": False}, {"plan_hash": None}])
async def test_a_modification_says_what_it_was_made_from(client, execution, change):
    card = execution.put(client.person)
    body = {
        "decision_id": card.decision_id,
        "approved": True,
        "plan_hash": card.plan_hash,
        "modifications": WISH,
    }
    answer = await client.post(f"{PREFIX}/decision/approve", json=body | change)
    assert (answer.status_code, answer.json()["code"]) == (400, "modification_incomplete")
    assert not execution.of("ModifyDecision")


async def test_what_is_over_is_quoted_again(client, execution):
    card = execution.put(client.person, state="expired")
    body = {"decision_id": card.decision_id, "op_id": "o-1", "interface": "web_ui"}
    answer = await client.post(f"{PREFIX}/decision/quote-again", json=body)
    assert (answer.status_code, answer.json()["follows"]) == (200, card.decision_id)
    ((actor, request),) = execution.of("QuoteAgain")
    assert (actor.interface, request.op_id, request.remedy) == ("web_ui", "o-1", False)
    still = execution.put(client.person)
    refused = await client.post(
        f"{PREFIX}/decision/quote-again", json={"decision_id": still.decision_id}
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "decision_open")


async def test_a_person_helps_with_an_unknown_outcome(client, execution):
    card = execution.put(client.person, state="needs_human")
    body = {"decision_id": card.decision_id, "leg": 1, "choice": "on_exchange",
            "venue_order_id": "4711"}  # fmt: skip
    answer = await client.post(f"{PREFIX}/decision/settle", json=body)
    assert (answer.status_code, answer.json()["state"]) == (200, "needs_human")
    ((_, request),) = execution.of("SettleOrder")
    assert (request.leg, request.choice, request.venue_order_id) == (1, "on_exchange", "4711")
    wrong = await client.post(f"{PREFIX}/decision/settle", json=body | {"choice": "forget"})
    assert wrong.status_code == 422


async def test_a_trader_has_nothing_to_approve_for_others(client, execution):
    answer = await client.get(f"{PREFIX}/decisions/for-approval")
    assert answer.status_code == 403
    assert not execution.of("ListForApproval")


async def test_a_mode_is_chosen(client, execution):
    assert (await client.get(f"{V1}/trading")).json()["mode"] == "assisted"
    body = {"mode": "emergency", "interface": "mobile"}
    chosen = await client.put(f"{V1}/trading/mode", json=body)
    assert (chosen.json()["mode"], chosen.json()["changed_via"]) == ("emergency", "mobile")
    assert (await client.put(f"{V1}/trading/mode", json={"mode": "yolo"})).status_code == 422


async def test_ones_own_limits_have_no_scope(client, execution):
    limits = (await client.get(f"{V1}/risk/limits")).json()
    body = {"limits": limits | {"per_order": "1"}}
    tighter = await client.put(f"{V1}/risk/limits", json=body)
    assert (tighter.status_code, tighter.json()["per_order"]) == (200, "1")
    ((_, request),) = execution.of("SetRiskLimits")
    assert request.scope == ""


async def test_who_has_a_password_gives_it_again_for_a_mandate(gateway, execution, client):
    account = {"email": "ann@example.org", "password": "Secret-1234", "full_name": "Ann"}
    assert (await client.post(f"{V1}/auth/upgrade", json=account)).status_code == 200
    wanted = {"per_day": "100", "per_order": "50", "drawdown_stop": "0.1",
              "expires_at": "2027-01-01T00:00:00+01:00"}  # fmt: skip
    refused = await client.post(f"{V1}/mandates", json=wanted)
    assert (refused.status_code, refused.json()["code"]) == (403, "step_up_required")
    assert not execution.of("GrantMandate")
    wrong = await client.post(f"{V1}/auth/step-up", json={"password": "Secret-1235"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "invalid_credentials")
    right = await client.post(f"{V1}/auth/step-up", json={"password": account["password"]})
    assert right.status_code == 200
    granted = await client.post(f"{V1}/mandates", json=wanted)
    assert granted.status_code == 201, granted.text
    request = execution.of("GrantMandate")[0][1]
    assert (request.per_order, request.drawdown_stop) == ("50", "0.1")
