"""One conversation over REST, SSE and two WebSockets at once is one ordered history."""

import asyncio
from typing import Any

import pytest

from tests.support.api import CHAT, Api
from tests.support.live import Socket
from tests.support.view import LogView

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]
ROUNDS = 3

History = list[tuple[int, str, dict[str, Any]]]


def socket(person: Api, log: str, device: str, interface: str = "web_chat") -> Socket:
    """Return a socket that follows one log from nothing."""
    views = {log: LogView(log)}
    return Socket(person.http, person.base, person.token, views, device, interface)


async def follow_events(person: Api, log: str, seen: dict[int, tuple[str, Any]]) -> None:
    """Read the server-sent events of a conversation from its begin, until cancelled."""
    async for id_, _, event in person.events(f"{CHAT}/session/{log}/events?after=0"):
        if id_:
            seen[int(id_.rpartition(":")[2])] = (event["type"], event["data"])


async def answer_by_stream(person: Api, log: str, text: str) -> None:
    """Send a message and read its answer as server-sent events to the end."""
    body = {"session_id": log, "message": text, "stream": True}
    path = f"{CHAT}/message"
    async for _ in person.events(path, method="POST", json=body):
        pass


async def test_all_interfaces_show_the_same_ordered_history(person: Api):
    log = await person.new_session(title="shared")
    seen: dict[int, tuple[str, Any]] = {}
    events = asyncio.create_task(follow_events(person, log, seen))
    a, b = socket(person, log, "a"), socket(person, log, "b", "mobile")
    async with a, b:
        for n in range(ROUNDS):
            await person.say(log, f"rest {n}", interface="api")
            await answer_by_stream(person, log, f"stream {n}")
            for each in (a, b):
                cid = f"socket-{each.device}-{n}"
                await each.say(log, cid, f"socket {each.device} {n}")
                await each.until(lambda v=each.views[log], c=cid: answered(v, c))
        entries = await person.history(log)
        head = entries[-1]["seq"]
        for each in (a, b):
            await each.until(lambda v=each.views[log]: v.seq >= head)
        async with asyncio.timeout(10):
            while head not in seen:
                await asyncio.sleep(0.01)
    events.cancel()
    by_rest: History = [(e["seq"], e["type"], e["data"]) for e in entries]
    by_events: History = [(seq, *seen[seq]) for seq in sorted(seen)]
    assert [seq for seq, _, _ in by_rest] == list(range(1, head + 1))
    assert a.views[log].history() == by_rest
    assert b.views[log].history() == by_rest
    assert by_events == by_rest
    roles = [data["role"] for _, kind, data in by_rest if kind == "message"]
    assert roles == ["user", "assistant"] * (4 * ROUNDS)


async def test_a_message_is_shown_at_once_on_every_device_with_its_client_id(person: Api):
    a, b = socket(person, person.home, "a"), socket(person, person.home, "b")
    async with a, b:
        await a.say(person.home, "c-1", "hello")
        await b.until(lambda: any(_has(v, "c-1") for v in b.views.values()))


def answered(view: LogView, cid: str) -> bool:
    """Tell whether a view holds the answer to a message."""
    entries = view.entries.values()
    asked = {e.data["message_id"] for e in entries if e.data.get("client_msg_id") == cid}
    return any(e.data.get("answers") in asked for e in entries)


def _has(view: LogView, cid: str) -> bool:
    return any(entry.data.get("client_msg_id") == cid for entry in view.entries.values())


async def test_the_same_client_id_is_one_entry_however_it_is_sent(person: Api):
    a = socket(person, person.home, "a")
    acks: list[dict[str, Any]] = []
    a.on_frame = lambda frame: acks.append(frame) if frame["t"] == "ack" else None
    async with a:
        await a.say(person.home, "once", "only once")
        await a.until(lambda: bool(acks))
        await a.until(lambda: len(a.views[person.home].entries) >= 3)
        assert (await person.post(person.home, "only once", "once")).status in (200, 202)
        await a.say(person.home, "once", "only once")
        await a.until(lambda: len(acks) == 2)
        assert acks[1]["status"] == "duplicate"
        other = await person.post(person.home, "another text", "once")
        if other.status == 202:
            await a.until(lambda: any(k.get("code") == "client_msg_id_conflict" for k in acks))
        else:
            assert (other.status, other.code) == (409, "client_msg_id_conflict")
    entries = await person.history(person.home)
    texts = [e["data"]["parts"][0]["text"] for e in entries if e["data"].get("role") == "user"]
    assert texts == ["only once"]
