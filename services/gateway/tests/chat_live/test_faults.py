"""Bad input, slow clients, lost servers and a server that stops."""

import asyncio
import json
import signal
import time

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from uchat_contracts.ids import new_conversation_id

PREFIX = "/api/v1/unified-chat"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", "/message", {"message": "x", "later": 1}, 422, "validation_failed"),
        ("POST", "/message", {"message": ""}, 422, "validation_failed"),
        ("POST", "/message", {"message": "x" * 8001}, 422, "validation_failed"),
        ("POST", "/message", {"message": "x", "session_id": "1"}, 422, "validation_failed"),
        ("POST", "/message", {"message": "nul \x00"}, None, None),
        ("POST", "/message", {"message": "half \ud83d"}, None, None),
        ("POST", "/message", {"message": "x" * 70_000}, 413, "payload_too_large"),
        ("POST", "/session/new", {"interface": "Web Chat"}, 422, "validation_failed"),
        ("POST", "/session/new", {"title": "x" * 201}, 422, "validation_failed"),
        ("GET", "/session/nonsense", None, 422, "validation_failed"),
        ("GET", "/sessions?limit=0", None, 422, "validation_failed"),
        ("GET", "/sessions?cursor=nonsense", None, 400, "invalid_cursor"),
        ("GET", "/history/{log}?after=1&before=2", None, 400, "invalid_input"),
        ("GET", "/history/{log}?after=-1", None, 422, "validation_failed"),
        ("GET", "/history/{log}?wait=99", None, 422, "validation_failed"),
        ("GET", "/session/{log}/events?after=x", None, 422, "validation_failed"),
    ],
)
async def test_bad_input_is_a_problem_with_a_code(*, person, method, path, body, status, code):
    log = await person.new_session()
    content = None if body is None else json.dumps(body).encode()
    answer = await person.http.request(
        method,
        PREFIX + path.format(log=log),
        content=content,
        headers={"Content-Type": "application/json"},
    )
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert 400 <= answer.status_code < 500
    assert problem["code"]
    if status is not None:
        assert (answer.status_code, problem["code"]) == (status, code)


async def test_a_bad_last_event_id(person):
    log = await person.new_session()
    for value in ("12", "e1:", "e1:-1", ":"):
        answer = await person.http.get(
            f"{PREFIX}/session/{log}/events", headers={"Last-Event-ID": value}
        )
        assert (answer.status_code, answer.json()["code"]) == (400, "cursor_invalid")


async def test_two_names_for_one_message_have_to_agree(person):
    answer = await person.http.post(
        f"{PREFIX}/message",
        json={"message": "x", "client_msg_id": "a"},
        headers={"Idempotency-Key": "b"},
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_mismatch")


@pytest.mark.parametrize("token", [None, "nonsense"])
async def test_without_a_good_token(stack, token):
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=stack.url, trust_env=False, headers=headers) as http:
        log = new_conversation_id()
        for method, path in [
            ("POST", "/session/new"),
            ("GET", "/sessions"),
            ("GET", f"/session/{log}"),
            ("PATCH", f"/session/{log}"),
            ("DELETE", f"/session/{log}"),
            ("POST", "/message"),
            ("GET", f"/history/{log}"),
            ("GET", f"/session/{log}/events"),
            ("POST", "/ws-ticket"),
        ]:
            answer = await http.request(method, PREFIX + path, json={})
            assert answer.status_code == 401, path
            assert answer.json()["code"] in {"token_missing", "token_invalid"}


async def test_nobody_gets_at_somebody_elses_conversation(person, stranger):
    log = await person.new_session()
    http = stranger.http
    answers = [
        await http.get(f"{PREFIX}/session/{log}"),
        await http.patch(f"{PREFIX}/session/{log}", json={"title": "mine"}),
        await http.delete(f"{PREFIX}/session/{log}"),
        await http.get(f"{PREFIX}/history/{log}"),
        await http.get(f"{PREFIX}/history/{log}", params={"after": 1, "wait": 1}),
        await http.get(f"{PREFIX}/session/{log}/events"),
        await stranger.post(log, "hi"),
        await stranger.post(log, "hi", wait=False),
    ]
    assert {(a.status_code, a.json()["code"]) for a in answers} == {(404, "not_found")}
    socket = await stranger.socket(f"/ws/{log}")
    assert await socket.closed() == 4504
    assert (await person.http.get(f"{PREFIX}/session/{log}")).json()["title"] == ""


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("not json", 4500),
        ("[]", 4500),
        (b"{}", 4500),
        (json.dumps({"t": "x", "y": "z" * 70_000}), 4500),
        (json.dumps({"t": "x", "y": "z" * 300_000}), 1009),
    ],
)
async def test_what_is_no_frame_closes_the_socket(person, frame, code):
    socket = await person.socket()
    await socket.until(t="welcome")
    await socket.say(frame)
    assert await socket.closed() == code


async def test_a_known_frame_with_wrong_fields_is_refused_and_the_socket_stays(person):
    socket = await person.socket()
    await socket.until(t="welcome")
    await socket.say({"t": "send", "log": "x", "client_msg_id": "c-1", "parts": []})
    assert (await socket.until(t="error", re="c-1"))["code"] == "invalid_frame"
    await socket.say({"t": "something new"})
    await socket.say({"t": "fill", "log": new_conversation_id(), "after": 0, "to": 1})
    assert (await socket.until(t="error"))["code"] == "not_found"


async def test_handshakes_of_other_pages_and_protocols(person):
    url = person.url.replace("http", "ws") + PREFIX + "/ws"
    for options, status in [
        ({"origin": "https://evil.example"}, 403),
        ({"subprotocols": ["chat"]}, 400),
    ]:
        with pytest.raises(InvalidStatus) as refused:
            await connect(url, proxy=None, **options)
        assert refused.value.response.status_code == status
        assert json.loads(refused.value.response.body)["code"]
    async with connect(url, origin=person.url, proxy=None) as ws:
        assert ws.subprotocol is None


async def test_a_ticket_opens_one_socket(person):
    ticket = (await person.http.post(f"{PREFIX}/ws-ticket")).json()["ticket"]
    socket = await person.socket(hello=False)
    await socket.say({"t": "hello", "v": 1, "ticket": ticket})
    await socket.until(t="welcome")
    again = await person.socket(hello=False)
    await again.say({"t": "hello", "v": 1, "ticket": ticket})
    assert (await again.until(t="error"))["code"] == "ticket_invalid"
    assert await again.closed() == 4501


async def test_logging_out_closes_the_socket_within_a_second(person):
    log = await person.new_session()
    socket = await person.live(log)
    events = asyncio.create_task(person.http.get(f"{PREFIX}/session/{log}/events"))
    await asyncio.sleep(0.2)
    started = time.monotonic()
    assert (await person.http.post("/api/v1/auth/logout")).is_success
    assert await socket.closed() == 4503
    assert time.monotonic() - started < 1
    await asyncio.wait_for(events, 2)


async def test_a_slow_reader_is_closed_and_a_quick_one_is_not(person):
    log = await person.new_session()
    slow, quick = await person.live(log), await person.live(log)
    slow.ws.transport.pause_reading()
    sent = 0
    while 'closes_total{code="4008"}' not in (await person.http.get("/metrics")).text:
        for _ in range(10):
            sent += 1
            parts = [{"text": f"{sent} " + "x" * 7_900}] * 7
            await quick.say({"t": "send", "log": log, "client_msg_id": f"c-{sent}", "parts": parts})
            await quick.until(t="ev", log=log, seq=sent + 1)
        assert sent < 400, "more than any buffer on the way holds"
    slow.ws.transport.resume_reading()
    assert await slow.closed() in {4008, 1006}
    epoch = (await person.http.get(f"{PREFIX}/session/{log}")).json()["epoch"]
    again = await person.live(log, 1, epoch)
    seen = [f["seq"] for f in again.got if f["t"] == "ev" and f["log"] == log]
    assert seen == list(range(2, sent + 2))


async def test_the_bus_away_is_503_and_nothing_is_half_done(person, brain, nats_control):
    log = await person.new_session()
    socket = await person.live(log)
    await person.post(log, "warm")
    nats_control.kill()
    answer = await person.post(log, "hello", client_msg_id="c-1", wait=False)
    assert (answer.status_code, answer.json()["code"]) == (503, "bus_unavailable")
    assert int(answer.headers["retry-after"]) >= 0
    await socket.send(log, "c-2", "hello")
    error = await socket.until(t="error", re="c-2")
    assert (error["code"], error["retryable"]) == ("bus_unavailable", True)
    assert [e["seq"] for e in await person.history(log)] == [1, 2, 3]
    await nats_control.start()
    again = await person.post(log, "hello", client_msg_id="c-1")
    assert again.status_code == 200, again.text
    await socket.send(log, "c-2", "hello")
    await socket.until(t="ack", re="c-2")
    await socket.until(t="ev", log=log, seq=6)
    messages = [e["data"] for e in await person.history(log) if e["type"] == "message"]
    texts = [data["parts"][0]["text"] for data in messages]
    assert texts.count("hello") == 2


async def test_sigterm_drains(person, brain, gateway_service):
    log = await person.new_session()
    socket = await person.live(log)
    brain.answering.clear()
    asking = asyncio.create_task(person.post(log, "last words"))
    await socket.until(t="ev", log=log)
    poll = asyncio.create_task(
        person.http.get(f"{PREFIX}/history/{log}", params={"after": 99, "wait": 20})
    )
    await asyncio.sleep(0.1)
    gateway_service.tell(signal.SIGTERM)
    await socket.until(t="drain")
    assert (await asyncio.wait_for(poll, 2)).status_code == 200
    brain.answering.set()
    assert (await asyncio.wait_for(asking, 5)).json()["content"] == "You said: last words"
    assert await socket.closed() == 4000
    assert await asyncio.to_thread(gateway_service.process.wait, 12) == 0
    gateway_service.start()
