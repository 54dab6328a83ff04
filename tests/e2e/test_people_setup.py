"""The product as people run it: one trace, limits, a model and what happens without it."""

import asyncio
import json

import aiohttp
import pytest

from tests.e2e.conftest import Strict
from tests.e2e.test_conversation import socket
from tests.support.api import CHAT, Api
from tests.support.instant_model import WORDS

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]


@pytest.fixture
async def customer(strict: Strict, http: aiohttp.ClientSession) -> Api:
    """Return a new guest of the product as it is set up for people."""
    strict.model.steer(broken=False)
    return await Api.guest(http, strict.stack.url)


def text_of(reply: dict[str, object]) -> str:
    """Return what a reply says."""
    return str(reply["content"])


async def test_the_model_answers_while_it_is_there(strict: Strict, customer: Api):
    before = strict.model.steer()
    reply = await customer.say(customer.home, "Tell me something")
    assert text_of(reply).strip() == "".join(WORDS).strip()
    assert strict.model.steer() > before
    entries = await customer.history(customer.home)
    assert entries[-1]["data"]["model"] == "openai-chat:instant"


async def test_the_planner_answers_when_the_model_is_down_and_says_so(
    strict: Strict, customer: Api
):
    strict.model.steer(broken=True)
    try:
        reply = await customer.say(customer.home, "What is the price of BTC?")
    finally:
        strict.model.steer(broken=False)
    entries = await customer.history(customer.home)
    assert "planner" in entries[-1]["data"]["model"]
    source = next(s for s in reply["sources"] if s["tool"])
    assert source["simulated"] is True
    assert source["as_of"]


async def test_one_message_is_one_trace_over_gateway_sessions_and_ai_core(
    strict: Strict, customer: Api
):
    body = {"session_id": customer.home, "message": "trace me"}
    answer = await customer.request("POST", f"{CHAT}/message", json=body)
    trace_id = answer.headers["X-Request-Id"]
    async with asyncio.timeout(20):
        while not {"gateway", "sessions", "ai-core"} <= strict.spans.services(trace_id):
            await asyncio.sleep(0.05)
    spans = strict.spans.traces[trace_id]
    ids = {span.span_id for span in spans}
    assert [s for s in spans if s.parent_id not in ids | {""}] == []
    assert len([s for s in spans if not s.parent_id]) == 1
    logged = {
        line["service"]
        for path in (strict.stack.data_dir / "logs").glob("*.log")
        for line in map(_json, path.read_text(errors="replace").splitlines())
        if line.get("trace_id") == trace_id
    }
    assert logged >= {"gateway", "sessions", "ai-core"}


def _json(line: str) -> dict[str, str]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


async def test_the_message_limit_counts_all_interfaces_together(strict: Strict, customer: Api):
    frames: list[dict[str, object]] = []
    client = socket(customer, customer.home, "limits")
    client.on_frame = frames.append
    async with client:
        for n in range(60):
            await client.say(customer.home, f"ws-{n}", f"by socket {n}")
        await client.until(lambda: sum(f["t"] == "ack" for f in frames) >= 60)
        assert all(f["status"] == "accepted" for f in frames if f["t"] == "ack")
        statuses = [
            (await customer.post(customer.home, f"by rest {n}", f"rest-{n}")).status
            for n in range(60)
        ]
        assert statuses == [202] * 60
        over = await customer.post(customer.home, "one too many", "rest-60")
        assert (over.status, over.code) == (429, "rate_limited")
        assert 1 <= int(over.headers["Retry-After"]) <= 60
        frames.clear()
        await client.say(customer.home, "ws-60", "one too many")
        await client.until(lambda: any(f["t"] in ("error", "ack") for f in frames))
        refusal = next(f for f in frames if f["t"] in ("error", "ack"))
        assert refusal["code"] == "rate_limited"
        assert refusal["re"] == "ws-60"
        assert int(str(refusal["retry_after_ms"])) > 0
    other = await Api.guest(customer.http, customer.base)
    assert (await other.post(other.home, "not my limit", "c-1")).status == 202


async def test_log_in_is_limited_per_address_before_the_password_is_looked_at(
    strict: Strict, customer: Api
):
    body = {"email": "nobody@example.com", "password": "wrong password 1"}
    statuses: list[int] = []
    for _ in range(60):
        answer = await customer.request("POST", "/api/v1/auth/login", json=body)
        statuses.append(answer.status)
        if answer.status == 429:
            assert int(answer.headers["Retry-After"]) >= 1
            break
    assert statuses[-1] == 429
    assert set(statuses[:-1]) == {401}
