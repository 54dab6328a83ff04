"""Cards, links and what comes of them, on the real sessions service."""

import asyncio
import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from uchat_contracts import ids, subjects
from uchat_contracts.events import OutcomeProposed
from uchat_contracts.rpc.execution.v1 import portfolio_pb2, portfolio_pb2_grpc
from uchat_contracts.trading import Card, LegRequest, PlanRequest, Reason
from uchat_platform import rpc
from uchat_platform.auth import ActorVerifier

PREFIX = "/api/v1/unified-chat"
WISH = PlanRequest(legs=[LegRequest(symbol="BTC", side="buy", quantity="0.01")])


class Execution:
    """Tells logs what became of decisions, as the execution service does."""

    def __init__(self, bus):
        self.bus = bus

    async def tell(self, log, card):
        kind = "decision" if card.state in ("awaiting_approval", "denied") else "decision.resolved"
        event = OutcomeProposed(
            occurred_at=datetime.now(UTC),
            session_id=log,
            user_id=card.user_id,
            kind=kind,
            about=f"decision:{card.decision_id}",
            rev=card.rev,
            data=card.model_dump(mode="json", exclude_none=True),
        )
        await self.bus.publish(
            subjects.proposed("outcome", log),
            event.json_bytes(),
            stream=subjects.PROPOSED,
            msg_id=event.nats_msg_id(),
        )

    async def decide(self, entry, person, state="awaiting_approval", **fields):
        """Look at what an answer proposes, and tell both logs of it."""
        now = datetime.now(UTC)
        for decision_id in entry["data"]["decisions"]:
            card = Card(
                decision_id=decision_id,
                rev=1,
                version=1,
                state=state,
                session_id=entry["log"],
                user_id=person,
                interface="api",
                proposed_at=now,
                updated_at=now,
                expires_at=now + timedelta(minutes=2),
                request=WISH,
                plan_hash="ab" * 32,
                **fields,
            )
            await self.tell(entry["log"], card)
            await self.tell(person, card)
        return card


@pytest.fixture
async def execution(bus_for):
    return Execution(await bus_for("execution"))


async def whoami(person):
    return (await person.http.get("/api/v1/auth/me")).json()["id"]


@pytest.mark.parametrize("stream", [False, True])
async def test_a_caller_gets_the_answer_with_its_card(person, brain, execution, stream):
    brain.proposals = [WISH]
    log = await person.new_session()
    socket = await person.live(log)
    asking = asyncio.create_task(person.post(log, "buy 0.01 BTC", stream=stream))
    answer = await answer_on(socket)
    me = await whoami(person)
    card = await execution.decide(answer, me)
    reply = await asking
    assert reply.status_code == 200, reply.text
    body = reply.json() if not stream else last_event(reply.text)
    assert body["requires_approval"] is True
    assert body["decision_id"] == card.decision_id
    assert body["decision"]["plan_hash"] == card.plan_hash
    assert body["parts"][-1]["type"] == "decision"


def last_event(text):
    name, data = text.strip().split("\n\n")[-1].split("\n")
    assert name == "event: message"
    return json.loads(data.removeprefix("data: "))


async def answer_on(socket):
    while True:
        event = await socket.until(t="ev", type="message")
        if event["data"]["role"] == "assistant":
            return event


async def test_a_denial_reaches_the_caller_too(person, brain, execution):
    brain.proposals = [WISH]
    log = await person.new_session()
    socket = await person.live(log)
    asking = asyncio.create_task(person.post(log, "buy it all"))
    reason = Reason(code="per_order", text="That is more than one order may be")
    await execution.decide(
        await answer_on(socket), await whoami(person), state="denied", reason=reason
    )
    body = (await asking).json()
    assert body["requires_approval"] is False
    assert (body["decision"]["state"], body["decision"]["reason"]["code"]) == (
        "denied",
        "per_order",
    )


async def test_a_card_reaches_every_socket_of_the_person_and_nobody_elses(
    person, stranger, brain, execution
):
    brain.proposals = [WISH]
    log, other = await person.new_session(), await person.new_session()
    me = await whoami(person)
    here, there = await person.live(log), await person.live(other)
    foreign = await stranger.live(await stranger.new_session())
    await here.send(log, "c-1", "buy 0.01 BTC")
    card = await execution.decide(await answer_on(here), me)
    for socket, logs in ((here, {log, me}), (there, {me})):
        seen = set()
        while seen != logs:
            event = await socket.until(t="ev", type="decision")
            assert event["data"]["decision_id"] == card.decision_id
            seen.add(event["log"])
    again = await person.socket(f"/ws/{log}")
    sub_ok = await again.until(t="sub_ok", log=log)
    assert [each["decision_id"] for each in sub_ok["pending"]] == [card.decision_id]
    sub_ok = await again.until(t="sub_ok", log=me)
    assert [each["decision_id"] for each in sub_ok["pending"]] == [card.decision_id]
    async with person.http.stream("GET", f"{PREFIX}/session/{me}/events?after=0") as events:
        told = []
        async for line in events.aiter_lines():
            told.append(line)
            if '"type":"decision"' in line:
                break
    first = json.loads(next(line for line in told if line.startswith("data:"))[5:])
    assert (first["log"], first["mode"], first["pending"]) == (me, "replay", [])
    history = await person.history(me)
    assert [entry["type"] for entry in history][-1] == "decision"
    resolved = card.model_copy(update={"state": "rejected", "rev": 2})
    await execution.tell(log, resolved)
    await execution.tell(me, resolved)
    for socket in (here, there, again):
        event = await socket.until(t="ev", type="decision.resolved", log=me)
        assert event["data"]["state"] == "rejected"
    assert not [frame for frame in foreign.got if "decision" in str(frame.get("type"))]
    fresh = await person.socket(f"/ws/{log}")
    assert (await fresh.until(t="sub_ok", log=log))["pending"] == []


async def test_the_same_conversation_goes_on_in_the_browser(person, telegram):
    tess = await telegram.meet(ids.new_ulid())
    code = await telegram.continue_code(tess.person_id)
    answer = await person.http.post("/api/v1/links/continue", json={"code": code})
    assert answer.status_code == 200, answer.text
    tokens = answer.json()
    assert (tokens["user_id"], tokens["session_id"]) == (tess.person_id, tess.home_session_id)
    person.http.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    page = await person.http.get(f"{PREFIX}/history/{tokens['session_id']}")
    assert page.json()["session_id"] == tess.home_session_id
    used = await person.http.post("/api/v1/links/continue", json={"code": code})
    assert (used.status_code, used.json()["code"]) == (410, "code_expired")
    unknown = await person.http.post("/api/v1/links/continue", json={"code": "x" * 43})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "code_unknown")


class Portfolios(portfolio_pb2_grpc.PortfoliosServicer):
    """Takes merges."""

    def __init__(self):
        self.calls = []

    async def BeginMerge(self, request, context):
        self.calls.append(("begin", request.gone, request.into))
        return portfolio_pb2.BeginMergeResponse()

    async def FinishMerge(self, request, context):
        self.calls.append(("finish", request.gone, request.into))
        return portfolio_pb2.FinishMergeResponse()


@asynccontextmanager
async def portfolios(servers, address):
    descriptor = portfolio_pb2.DESCRIPTOR.services_by_name["Portfolios"]
    names = [f"/{descriptor.full_name}/{method.name}" for method in descriptor.methods]
    requires = dict.fromkeys(names, rpc.Requires(frozenset({"gateway"})))
    servicer = Portfolios()
    registration = rpc.Registration(
        portfolio_pb2_grpc.add_PortfoliosServicer_to_server, servicer, descriptor
    )
    verifier = ActorVerifier.load(servers.service_keys_file)
    host, _, port = address.removeprefix("ipv4:").partition(":")
    async with rpc.server([registration], requires, verifier, host, int(port)):
        yield servicer


async def test_two_accounts_become_one(person, telegram, servers, gateway_service):
    me, external_id = await whoami(person), ids.new_ulid()
    tess = await telegram.meet(external_id)
    socket = await person.live(await person.new_session())
    made = (await person.http.post("/api/v1/links/telegram")).json()
    assert made["url"] == f"https://t.me/uchat_bot?start={made['code']}"
    early = await person.http.post(f"/api/v1/links/{made['id']}/confirm", json={})
    assert (early.status_code, early.json()["code"]) == (409, "link_not_claimed")
    claimed = await telegram.claim(made["code"], external_id)
    assert claimed.masked_account == "Guest"
    async with asyncio.timeout(8):
        while True:
            changed = await socket.until(t="ev", type="link.changed", log=me)
            if changed["data"]["state"] == "awaiting_confirmation":
                break
    assert changed["data"]["match_number"]
    async with portfolios(servers, gateway_service.env["UCHAT_EXECUTION_ADDR"]) as trading:

        async def confirm():
            return await person.http.post(
                f"/api/v1/links/{made['id']}/confirm", json={"may_approve": True}
            )

        confirmed = await confirm()
        while confirmed.status_code == 503:
            confirmed = await confirm()
        assert confirmed.status_code == 200, confirmed.text
        assert confirmed.json()["state"] == "active"
        assert trading.calls[-2:] == [("begin", tess.person_id, me), ("finish", tess.person_id, me)]
        assert (await confirm()).status_code == 200
    assert (await telegram.meet(external_id)).person_id == me
    page = await person.http.get(f"{PREFIX}/history/{tess.home_session_id}")
    assert page.status_code == 200, page.text
    listed = (await person.http.get("/api/v1/links")).json()["links"]
    assert made["id"] in [link["id"] for link in listed if link["state"] == "active"]
