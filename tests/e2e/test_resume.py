"""A client that loses its connection anywhere ends up with exactly what the database holds."""

import functools
from typing import Any

import pytest

from tests.e2e.test_conversation import answered, socket
from tests.support.api import CHAT, Api
from tests.support.live import ClosedError, Socket
from uchat_contracts.events.log import LogEntry
from uchat_contracts.state import LogState, fold

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]
RECORDED_TURNS = 4


async def database(person: Api, log: str) -> list[tuple[int, str, dict[str, Any]]]:
    """Return the log as the database holds it."""
    return [(e["seq"], e["type"], e["data"]) for e in await person.history(log)]


async def resume(socket: Socket, log: str, head: int) -> None:
    """Connect again from what the view holds, until it is live and complete."""
    await socket.connect()
    view = socket.views[log]
    await socket.until(lambda: view.is_live and view.seq >= head)


async def replay_frames(person: Api, log: str, epoch: str, head: int) -> int:
    """Return how many frames it takes to replay a whole log on a new connection."""
    whole = socket(person, log, "whole")
    whole.views[log].epoch = epoch
    async with whole:
        await whole.until(lambda: whole.views[log].is_live and whole.views[log].seq >= head)
        return whole.frames


async def test_cut_after_every_frame_of_a_replay(person: Api):
    log = await person.new_session(title="recorded")
    for n in range(RECORDED_TURNS):
        await person.say(log, f"turn {n}")
    truth = await database(person, log)
    page = await person.expect(200, "GET", f"{CHAT}/history/{log}")
    frames = await replay_frames(person, log, page["epoch"], len(truth))
    assert frames >= len(truth) + 3
    for cut in range(1, frames + 1):
        client = socket(person, log, f"cut-{cut}")
        client.views[log].epoch = page["epoch"]
        client.cut_after(cut)
        await _until_cut(client)
        client.cut_after(10**9)
        await resume(client, log, len(truth))
        assert client.views[log].history() == truth, f"cut after frame {cut}"
        assert client.views[log].disordered == []
        await client.close()


async def _until_cut(client: Socket) -> None:
    try:
        await client.connect()
        await client.wait_closed(1.0)
    except ClosedError:
        pass
    await client.close()


async def test_cut_after_every_frame_of_a_running_turn(person: Api):
    log = await person.new_session(title="live")
    cut, cuts = 1, 0
    while True:
        client = socket(person, log, f"live-{cut}")
        client.cut_after(cut)
        complete = await _turn(client, log, f"c-{cut}")
        await client.close()
        client.cut_after(10**9)
        if not any(e.data.get("client_msg_id") == f"c-{cut}" for e in _entries(client, log)):
            # Not even the echo had come: a client sends again under the same id.
            await client.connect()
            await client.say(log, f"c-{cut}", f"turn {cut}")
        else:
            await client.connect()
        await client.until(lambda c=client, n=cut: answered(c.views[log], f"c-{n}"))
        await client.until(lambda c=client: c.views[log].is_live)
        assert (
            client.views[log].history()
            == (await database(person, log))[-len(_entries(client, log)) :]
        )
        assert client.views[log].runs == {}
        await client.close()
        if complete:
            break
        cuts, cut = cuts + 1, cut + 1
    assert cuts >= 5
    asked = [
        d["client_msg_id"] for _, _, d in await database(person, log) if d.get("role") == "user"
    ]
    assert asked == [f"c-{n}" for n in range(1, cut + 1)]


async def _turn(client: Socket, log: str, cid: str) -> bool:
    # True: the whole turn came before the cut.
    try:
        await client.connect()
        await client.say(log, cid, f"turn {cid.removeprefix('c-')}")
        await client.until(lambda: answered(client.views[log], cid))
    except ClosedError:
        return False
    return True


def _entries(client: Socket, log: str) -> list[Any]:
    return list(client.views[log].entries.values())


async def snapshot(person: Api, log: str) -> LogState:
    """Return the state that a client is given which has nothing yet."""
    states: list[dict[str, Any]] = []
    client = socket(person, log, "fresh")
    client.on_frame = lambda frame: states.append(frame) if frame["t"] == "sub_ok" else None
    async with client:
        await client.until(lambda: bool(states))
    assert states[0]["mode"] == "snapshot"
    return LogState.model_validate(states[0]["state"])


async def test_every_snapshot_and_the_events_after_it_are_a_fresh_snapshot(person: Api):
    log = await person.new_session(title="folded")
    states = [await snapshot(person, log)]
    for n in range(30):
        if n % 3 == 2:
            path = f"{CHAT}/session/{log}"
            await person.expect(200, "PATCH", path, json={"title": f"title {n}"})
        else:
            await person.say(log, f"message {n}")
        states.append(await snapshot(person, log))
    fresh = states[-1]
    entries = [
        LogEntry(
            log=log, epoch=fresh.epoch, seq=e["seq"], ts=e["ts"], kind=e["type"], data=e["data"]
        )
        for e in await person.history(log)
    ]
    assert fresh.seq == len(entries) > 50
    assert fresh.title == "title 29"
    for state in states:
        assert functools.reduce(fold, entries[state.seq :], state) == fresh
