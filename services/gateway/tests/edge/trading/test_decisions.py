"""Decisions over HTTP."""

import uuid

import pytest

from uchat_contracts import ids
from uchat_platform.errors import UnavailableError
from uchat_platform.testing import eventually

pytestmark = pytest.mark.integration
PREFIX = "/api/v1/unified-chat"


@pytest.fixture
async def client(gateway):
    tokens = await gateway.guest()
    gateway.http.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    gateway.http.person = tokens["user_id"]
    return gateway.http


def body(card, **fields):
    return {
        "decision_id": card.decision_id,
        "approved": True,
        "plan_hash": card.plan_hash,
        "op_id": "o-1",
        **fields,
    }


async def approve(client, card, **fields):
    return await client.post(f"{PREFIX}/decision/approve", json=body(card, **fields))


async def test_the_first_answer_counts_and_every_later_one_is_told_of_it(client, execution):
    card = execution.put(client.person)
    first = await approve(client, card, interface="web_ui", wait=0.25)
    assert first.status_code == 200, first.text
    assert first.json()["status"] == "accepted"
    assert first.json()["decision"]["resolved"]["via"] == "web_ui"
    ((actor, request),) = execution.of("ResolveDecision")
    assert (actor.person_id, actor.roles) == (client.person, frozenset({"trader"}))
    assert (request.choice, request.plan_hash, request.wait_ms) == ("approve", card.plan_hash, 250)
    again = await approve(client, card)
    assert (again.status_code, again.json()["status"]) == (200, "duplicate")
    late = await approve(client, card, op_id="o-2", approved=False)
    assert late.status_code == 409
    assert late.headers["content-type"] == "application/problem+json"
    assert late.json()["code"] == "already_resolved"
    assert late.json()["decision"]["resolved"]["choice"] == "approve"


async def test_expired_and_superseded_say_so_with_the_card(client, execution):
    expired = await approve(client, execution.put(client.person, state="expired"))
    assert (expired.status_code, expired.json()["code"]) == (410, "expired")
    card = execution.put(client.person, version=2)
    changed = await approve(client, card, plan_hash="00" * 32)
    assert (changed.status_code, changed.json()["code"]) == (409, "superseded")
    assert changed.json()["decision"]["plan_hash"] == card.plan_hash


async def test_without_a_hash_only_an_unambiguous_plan_is_approved(client, execution):
    card = execution.put(client.person)
    assert (await approve(client, card, plan_hash=None)).status_code == 200
    changed = execution.put(client.person, version=2)
    refused = await approve(client, changed, plan_hash=None)
    assert (refused.status_code, refused.json()["code"]) == (409, "superseded")
    assert execution.cards[changed.decision_id].resolved is None
    rejected = await approve(client, changed, plan_hash=None, approved=False)
    assert rejected.json()["decision"]["state"] == "rejected"


async def test_an_idempotency_key_names_the_answer(client, execution):
    card = execution.put(client.person)
    wanted = {"decision_id": card.decision_id, "approved": True, "plan_hash": card.plan_hash}
    for status in ("accepted", "duplicate"):
        answer = await client.post(
            f"{PREFIX}/decision/approve", json=wanted, headers={"Idempotency-Key": "k-1"}
        )
        assert answer.json()["status"] == status
    differs = await client.post(
        f"{PREFIX}/decision/approve",
        json=wanted | {"op_id": "k-2"},
        headers={"Idempotency-Key": "k-1"},
    )
    assert (differs.status_code, differs.json()["code"]) == (400, "idempotency_key_mismatch")


async def test_decisions_are_read_by_their_owner(client, execution):
    cards = [execution.put(client.person) for _ in range(3)]
    execution.put(client.person, state="executed")
    stranger = execution.put(ids.new_person_id())
    first = (await client.get(f"{PREFIX}/decisions", params={"state": "open", "limit": 2})).json()
    rest = (
        await client.get(f"{PREFIX}/decisions", params={"state": "open", "cursor": first["next"]})
    ).json()
    found = [each["decision_id"] for each in first["decisions"] + rest["decisions"]]
    assert found == [card.decision_id for card in cards]
    assert rest["next"] is None
    one = await client.get(f"{PREFIX}/decision/{cards[0].decision_id}")
    assert one.json()["plan_hash"] == cards[0].plan_hash
    for missing in (stranger.decision_id, str(uuid.uuid4())):
        answer = await client.get(f"{PREFIX}/decision/{missing}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert (await approve(client, stranger)).status_code == 404


MISFITS = (
    {"decision_id": "d"},
    {"plan_hash": "x"},
    {"op_id": ""},
    {"wait": 11},
    {"wait": -1},
    {"approved": "maybe"},
    {"interface": "No"},
    {"choice": "approve"},
)


async def test_what_does_not_fit_is_refused(client, execution):
    card = execution.put(client.person)
    for fields in MISFITS:
        answer = await approve(client, card, **fields)
        assert answer.status_code == 422, fields
    huge = b'{"decision_id": "%s", "approved": true, "wait": 1e400}' % card.decision_id.encode()
    answer = await client.post(
        f"{PREFIX}/decision/approve", content=huge, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422
    assert execution.of("ResolveDecision") == []


async def test_while_execution_is_away_it_says_so(client, execution):
    card = execution.put(client.person)
    execution.refuses["ResolveDecision"] = UnavailableError("away")
    answer = await approve(client, card)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


async def test_a_running_answer_is_stopped_by_its_owner(client, outside, gateway, bus_for):
    session_id = ids.new_conversation_id()
    outside.homes[session_id] = client.person
    bus = await bus_for("ai-core")
    told = []
    await bus.subscribe("uchat.stop.v1.*", lambda message: told.append(message.subject))
    await bus.flush()
    answer = await client.post(f"{PREFIX}/run/{session_id}/stop")
    assert (answer.status_code, answer.json()["session_id"]) == (202, session_id)
    other = await client.post(f"{PREFIX}/run/{ids.new_conversation_id()}/stop")
    assert other.status_code == 404
    assert await eventually(lambda: told == [f"uchat.stop.v1.{session_id}"])


PATHS = (
    ("PATCH", f"{PREFIX}/session/new"),
    ("GET", f"{PREFIX}/session/new"),
    ("DELETE", f"{PREFIX}/session/new"),
    ("GET", f"{PREFIX}/decision/approve"),
    ("GET", f"{PREFIX}/decision/quote-again"),
    ("GET", f"{PREFIX}/decision/settle"),
    ("GET", f"{PREFIX}/decision/propose"),
    ("DELETE", "/api/v1/links/telegram"),
    ("GET", "/api/v1/links/continue"),
)


async def test_a_path_beside_a_parameter_knows_its_methods(client):
    for method, path in PATHS:
        answer = await client.request(method, path)
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST"), path
        assert answer.json()["code"] == "method_not_allowed"
