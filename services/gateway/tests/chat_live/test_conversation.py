"""A conversation over REST, events and sockets on real parts: one history for all."""

import asyncio
import json

import httpx
import pytest

PREFIX = "/api/v1/unified-chat"


async def read_events(person, log, count, **options):
    """Return the first `count` durable events of a log's event stream, and the comments' number."""
    events, ids_, buffer = [], [], ""
    async with person.http.stream("GET", f"{PREFIX}/session/{log}/events", **options) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-accel-buffering"] == "no"
        async for piece in answer.aiter_text():
            buffer += piece
            while "\n\n" in buffer:
                block, _, buffer = buffer.partition("\n\n")
                fields = dict(line.split(": ", 1) for line in block.splitlines() if line[0] != ":")
                frame = json.loads(fields["data"]) if "data" in fields else {}
                if frame.get("t") == "ev":
                    events.append(frame)
                    ids_.append(fields["id"])
                else:
                    assert "id" not in fields
                if len(events) == count:
                    return events, ids_
    return events, ids_


def event(frame):
    return {key: frame[key] for key in ("log", "seq", "ts", "type", "data")}


async def test_one_history_for_rest_events_and_two_sockets(person, brain):
    log = await person.new_session()
    first, second = await person.live(log, 0, None), await person.live(log, 0, None)
    reading = asyncio.create_task(read_events(person, log, 16, params={"after": 1}))
    for turn in range(8):
        match turn % 4:
            case 0:
                answer = await person.post(log, f"rest {turn}", client_msg_id=f"c-{turn}")
                assert answer.status_code == 200, answer.text
                assert answer.json()["content"] == f"You said: rest {turn}"
            case 1:
                await first.send(log, f"c-{turn}", f"first {turn}")
                assert (await first.until(t="ack"))["status"] == "accepted"
            case 2:
                body = {"session_id": log, "message": f"stream {turn}", "stream": True}
                async with person.http.stream("POST", f"{PREFIX}/message", json=body) as answer:
                    assert answer.status_code == 200
                    raw = "".join([piece async for piece in answer.aiter_text()])
                assert "event: accepted" in raw
                assert '"t":"delta"' in raw
                assert f"You said: stream {turn}" in raw.split("event: message\ndata: ")[1]
            case _:
                await second.send(log, f"c-{turn}", f"second {turn}")
                assert (await second.until(t="ack"))["status"] == "accepted"
    events, event_ids = await asyncio.wait_for(reading, 10)
    history = await person.history(log, after=1)
    assert [entry["seq"] for entry in history] == list(range(2, 18))
    assert [event(frame) for frame in events] == history
    epoch = event_ids[0].split(":")[0]
    assert event_ids == [f"{epoch}:{entry['seq']}" for entry in history]
    for socket in (first, second):
        while socket.got[-1].get("seq") != 17 or socket.got[-1]["t"] != "ev":
            await socket.until(t="ev", log=log)
        seen = [event(f) for f in socket.got if f["t"] == "ev" and f["log"] == log]
        assert seen[-16:] == history
    users = [e["data"]["parts"][0]["text"] for e in history if e["data"]["role"] == "user"]
    assert users == [
        f"{name} {n}" for n, name in enumerate(["rest", "first", "stream", "second"] * 2)
    ]


async def test_cut_after_every_frame_and_resume(person, brain):
    log = await person.new_session()
    for n in range(4):
        await person.post(log, f"m {n}")
    history = await person.history(log)
    epoch = (await person.http.get(f"{PREFIX}/session/{log}")).json()["epoch"]
    for cut in range(len(history) + 1):
        socket = await person.socket(f"/ws/{log}", subs=[{"log": log, "epoch": epoch, "seq": 0}])
        for seq in range(1, cut + 1):
            await socket.until(t="ev", log=log, seq=seq)
        socket.ws.transport.abort()
        again = await person.live(log, cut, epoch)
        seen = [f for f in socket.got + again.got if f["t"] == "ev" and f["log"] == log]
        assert [event(f) for f in seen if f in socket.got[: len(socket.got)]][:cut] == history[:cut]
        resumed = [event(f) for f in again.got if f["t"] == "ev" and f["log"] == log]
        assert resumed == history[cut:]
        await again.ws.close()


async def test_the_same_message_again_is_answered_once(person, brain):
    log = await person.new_session()
    first = await person.post(log, "hello", client_msg_id="once")
    again = await person.post(log, "hello", client_msg_id="once")
    by_header = await person.http.post(
        f"{PREFIX}/message",
        json={"session_id": log, "message": "hello"},
        headers={"Idempotency-Key": "once"},
    )
    for answer in (again, by_header):
        assert answer.status_code == 200, answer.text
        same = {k: v for k, v in answer.json().items() if k != "timing"}
        assert same == {k: v for k, v in first.json().items() if k != "timing"}
    other = await person.post(log, "something else", client_msg_id="once")
    assert (other.status_code, other.json()["code"]) == (409, "client_msg_id_conflict")
    assert len(await person.history(log)) == 3
    socket = await person.live(log)
    await socket.send(log, "once", "hello")
    ack = await socket.until(t="ack")
    assert (ack["status"], ack["message_id"]) == ("duplicate", first.json()["answers"])
    await socket.send(log, "once", "another")
    ack = await socket.until(t="ack", status="rejected")
    assert ack["code"] == "client_msg_id_conflict"


async def test_a_message_that_is_not_waited_for(person, brain):
    log = await person.new_session()
    answer = await person.post(log, "later", wait=False, client_msg_id="c")
    assert answer.status_code == 202
    accepted = answer.json()
    assert (accepted["status"], accepted["client_msg_id"]) == ("accepted", "c")
    page = await person.http.get(accepted["history"], params={"after": 2, "wait": 5})
    (entry,) = page.json()["entries"]
    assert entry["data"]["answers"] == accepted["message_id"]


async def test_no_answer_in_time_is_said_so(person, brain):
    brain.answering.clear()
    log = await person.new_session()
    answer = await person.post(log, "anybody?", client_msg_id="c")
    assert (answer.status_code, answer.json()["status"]) == (202, "pending")
    brain.answering.set()
    again = await person.post(log, "anybody?", client_msg_id="c")
    assert again.json()["content"] == "You said: anybody?"


async def test_the_home_conversation_is_meant_when_none_is_named(person, brain):
    answer = await person.http.post(f"{PREFIX}/message", json={"message": "hi"})
    assert answer.status_code == 200, answer.text
    sessions = (await person.http.get(f"{PREFIX}/sessions")).json()["sessions"]
    assert [each["session_id"] for each in sessions if each["home"]] == [
        answer.json()["session_id"]
    ]


async def test_if_last_seq(person, brain):
    log = await person.new_session()
    assert (await person.post(log, "one", if_last_seq=1)).status_code == 200
    stale = await person.post(log, "two", if_last_seq=1)
    assert stale.status_code == 409
    assert len(await person.history(log)) == 3


async def test_long_poll_returns_at_once_and_with_what_comes(person, brain):
    log = await person.new_session()
    url = f"{PREFIX}/history/{log}"
    page = (await person.http.get(url, params={"after": 0, "wait": 5})).json()
    assert [entry["seq"] for entry in page["entries"]] == [1]
    empty = (await person.http.get(url, params={"after": 1, "wait": 0.1})).json()
    assert (empty["entries"], empty["seq"], empty["next"]) == ([], 1, None)
    waiting = asyncio.create_task(person.http.get(url, params={"after": 1, "wait": 20}))
    await asyncio.sleep(0.1)
    await person.post(log, "wake up", wait=False)
    page = (await asyncio.wait_for(waiting, 3)).json()
    assert page["entries"][0]["data"]["parts"] == [{"type": "text", "text": "wake up"}]


async def test_history_in_pages_both_ways(person, brain):
    log = await person.new_session()
    for n in range(3):
        await person.post(log, f"m {n}")
    url, whole = f"{PREFIX}/history/{log}", await person.history(log)
    forwards, after = [], 0
    while after is not None:
        page = (await person.http.get(url, params={"after": after, "limit": 2})).json()
        forwards += page["entries"]
        after = page["next"]
    backwards, before = [], None
    while True:
        params = {"limit": 2} | ({} if before is None else {"before": before})
        page = (await person.http.get(url, params=params)).json()
        backwards = page["entries"] + backwards
        before = page["next"]
        if before is None:
            break
    assert forwards == backwards == whole


async def test_events_resume_by_last_event_id(person, brain):
    log = await person.new_session()
    for n in range(2):
        await person.post(log, f"m {n}")
    events, event_ids = await read_events(person, log, 5, params={"after": 0})
    rest, _ = await read_events(person, log, 2, headers={"Last-Event-ID": event_ids[2]})
    assert rest == events[3:]
    ticket = (await person.http.post(f"{PREFIX}/ws-ticket")).json()
    assert ticket["expires_in"] == 30
    async with httpx.AsyncClient(base_url=str(person.http.base_url), trust_env=False) as browser:
        plain = type(person)(browser, "", person.url, person.stack)
        by_ticket, _ = await read_events(
            plain, log, 5, params={"after": 0, "ticket": ticket["ticket"]}
        )
        assert by_ticket == events
        url = f"{PREFIX}/session/{log}/events"
        again = await browser.get(url, params={"ticket": ticket["ticket"]})
        assert (again.status_code, again.json()["code"]) == (401, "ticket_invalid")


async def test_sessions_are_made_once_listed_changed_and_erased(person):
    headers = {"Idempotency-Key": "k1"}
    made = [
        (
            await person.http.post(f"{PREFIX}/session/new", json={"title": "T"}, headers=headers)
        ).json()
        for _ in range(2)
    ]
    assert made[0]["session_id"] == made[1]["session_id"]
    log, url = made[0]["session_id"], f"{PREFIX}/session/{made[0]['session_id']}"
    changed = await person.http.patch(url, json={"title": "Plans", "pinned": True})
    assert (changed.json()["title"], changed.json()["pinned"]) == ("Plans", True)
    listed, cursor = [], ""
    while cursor is not None:
        page = await person.http.get(f"{PREFIX}/sessions", params={"limit": 1, "cursor": cursor})
        listed += page.json()["sessions"]
        cursor = page.json()["next"]
    assert log in [each["session_id"] for each in listed]
    socket = await person.live(log)
    assert (await person.http.delete(url)).status_code == 204
    assert await socket.closed() == 4504
    assert (await person.http.get(url)).status_code == 404
    assert (await person.post(log, "hello?")).status_code in {404, 410}


@pytest.mark.parametrize("interface", ["mobile", "widget"])
async def test_the_interface_stands_in_the_entry(person, brain, interface):
    log = await person.new_session()
    await person.post(log, "hi", interface=interface)
    assert (await person.history(log))[1]["data"]["origin"]["interface"] == interface
