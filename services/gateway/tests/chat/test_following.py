"""Logs followed on a live connection: resumed, in order, without gaps, and while an answer runs."""

import pytest

from uchat_contracts import ids
from uchat_contracts.frames import Close
from uchat_contracts.state import LogState, fold
from uchat_platform.auth import Actor
from uchat_platform.testing import eventually


def text(frame):
    return frame["data"]["parts"][0]["text"]


async def test_somebody_elses_session(world):
    person, stranger = world.sessions.person(), world.sessions.person()
    theirs = world.sessions.home_of(stranger)
    client = world.connect(theirs)
    await client.hello(world.guards.token(person))
    assert await client.closed() == Close.NO_SUCH_SESSION
    client = await world.join(person, world.sessions.home_of(person))
    await client.say({"t": "sub", "log": theirs})
    assert (await client.until(t="error", re=theirs))["code"] == "not_found"
    await client.say({"t": "sub", "log": stranger})
    assert (await client.until(t="error", re=stranger))["code"] == "not_found"
    world.sessions.add(theirs, "message", {"message_id": "m", "parts": []})
    assert not [frame for frame in client.got if frame["t"] == "ev"]
    await eventually(lambda: not world.bus.subscribers[f"uchat.live.v1.{theirs}"])


@pytest.mark.parametrize("path", ["nonsense", "unified_x", "uchat.>", "*"])
async def test_a_path_that_names_no_log(world, path):
    client = world.connect(path)
    await client.hello(world.guards.token(world.sessions.person()))
    assert await client.closed() == Close.NO_SUCH_SESSION
    assert not world.bus.subscribed


async def test_resuming_at_every_point_gives_the_same_history(world):
    person = world.sessions.person()
    home = world.sessions.home_of(person)
    for n in range(30):
        world.sessions.add(home, "message", {"message_id": f"m{n}", "parts": [{"text": str(n)}]})
    whole = world.sessions.logs[home].entries
    for cursor in range(len(whole) + 1):
        client = world.connect()
        subs = [{"log": home, "epoch": "e1", "seq": cursor}]
        await client.hello(world.guards.token(person), subs=subs)
        ok = await client.until(t="sub_ok", log=home)
        assert (ok["mode"], ok["from"], ok["to"]) == ("replay", cursor + 1, 31)
        got = []
        while len(got) < len(whole) - cursor:
            got.append((await client.until(t="ev", log=home))["seq"])
        assert got == list(range(cursor + 1, 32))
        assert (await client.until(t="live", log=home))["seq"] == 31
        client.connection.close(1000)
        world.services.connections.remove(client.connection)


@pytest.mark.parametrize(("epoch", "seq"), [("e0", 1), (None, None), ("e1", 99), (None, 1)])
async def test_a_cursor_that_is_no_good_gets_a_snapshot(world, epoch, seq):
    person = world.sessions.person()
    home = world.sessions.home_of(person)
    client = world.connect()
    await client.hello(world.guards.token(person), subs=[{"log": home, "epoch": epoch, "seq": seq}])
    assert (await client.until(t="sub_ok", log=home))["mode"] == "snapshot"


async def test_a_gap_above_a_thousand_gets_a_snapshot(world):
    person = world.sessions.person()
    home = world.sessions.home_of(person)
    for n in range(1001):
        world.sessions.add(home, "message", {"message_id": f"m{n}", "parts": []})
    client = world.connect()
    await client.hello(world.guards.token(person), subs=[{"log": home, "epoch": "e1", "seq": 0}])
    assert (await client.until(t="sub_ok", log=home))["mode"] == "snapshot"


async def test_snapshot_plus_what_follows_is_a_fresh_snapshot(world):
    person = world.sessions.person()
    home = world.sessions.home_of(person)
    state = None
    for n in range(5):
        client = world.connect()
        await client.hello(world.guards.token(person), subs=[{"log": home}])
        ok = await client.until(t="sub_ok", log=home)
        fresh = LogState.model_validate(ok["state"])
        if state is not None:
            assert state == fresh
        state = fresh
        await client.until(t="live", log=home)
        entry = world.sessions.add(home, "message", {"message_id": f"m{n}", "parts": []})
        event = await client.until(t="ev", log=home)
        assert (event["seq"], event["type"], event["data"]) == (entry.seq, "message", entry.data)
        state = fold(state, entry)
        client.connection.close(1000)
        world.services.connections.remove(client.connection)


async def test_what_happens_while_the_past_is_read_comes_once_and_after_it(world):
    person = world.sessions.person()
    home = world.sessions.home_of(person)
    read, added = world.sessions.read, []

    async def read_slowly(actor, log, **fields):
        if log == home and not added:
            added.append(world.sessions.add(home, "message", {"message_id": "m1", "parts": []}))
            page = await read(actor, log, **fields)
            added.append(world.sessions.add(home, "message", {"message_id": "m2", "parts": []}))
            return page
        return await read(actor, log, **fields)

    world.sessions.read = read_slowly
    client = world.connect()
    await client.hello(world.guards.token(person), subs=[{"log": home, "epoch": "e1", "seq": 0}])
    seqs = [(await client.until(t="ev", log=home))["seq"] for _ in range(3)]
    assert seqs == [1, 2, 3]
    assert not [frame for frame in client.got if frame["t"] == "ev" and frame["log"] == home]


async def test_a_lost_event_is_fetched_when_the_next_one_comes(world):
    person = world.sessions.person()
    home = world.sessions.home_of(person)
    client = await world.join(person, home)
    world.bus.lose = lambda _subject, payload: b'"lost"' in payload
    world.sessions.add(home, "message", {"message_id": "lost", "parts": []})
    world.sessions.add(home, "message", {"message_id": "next", "parts": []})
    assert (await client.until(t="ev", log=home))["data"]["message_id"] == "lost"
    assert (await client.until(t="ev", log=home))["data"]["message_id"] == "next"


async def test_a_lost_last_event_is_found_after_a_gap_of_the_bus(world):
    person = world.sessions.person()
    home = world.sessions.home_of(person)
    client = await world.join(person, home)
    await eventually(lambda: world.sessions.heads_asked)
    world.bus.lose = lambda _subject, _payload: True
    world.sessions.add(home, "message", {"message_id": "lost", "parts": []})
    world.bus.gap()
    assert (await client.until(t="ev", log=home))["data"]["message_id"] == "lost"
    assert all(len(batch) <= 2 for batch in world.sessions.heads_asked)


async def test_another_epoch_sends_the_client_to_resume(world):
    person = world.sessions.person()
    home = world.sessions.home_of(person)
    client = await world.join(person, home, cursor=1)
    world.sessions.restore("e2")
    world.bus.gap()
    assert await client.closed() == Close.INSUFFICIENT_STATE
    again = world.connect()
    await again.hello(world.guards.token(person), subs=[{"log": home, "epoch": "e1", "seq": 1}])
    ok = await again.until(t="sub_ok", log=home)
    assert (ok["mode"], ok["epoch"]) == ("snapshot", "e2")


async def test_fill_gives_what_is_missing(world):
    person = world.sessions.person()
    home = world.sessions.home_of(person)
    for n in range(9):
        world.sessions.add(home, "message", {"message_id": f"m{n}", "parts": []})
    client = await world.join(person, home, cursor=10)
    await client.say({"t": "fill", "log": home, "after": 3, "to": 6})
    assert [(await client.until(t="ev"))["seq"] for _ in range(3)] == [4, 5, 6]
    await client.say({"t": "fill", "log": home, "after": 6, "to": 6})
    assert (await client.until(t="error", re=home))["code"] == "invalid_frame"
    await client.say({"t": "fill", "log": home, "after": 0, "to": 5000})
    assert (await client.until(t="sub_ok", mode="snapshot", log=home))["to"] == 10


async def test_unsub_ends_the_events_of_a_log(world):
    person = world.sessions.person()
    home = world.sessions.home_of(person)
    client = await world.join(person, home)
    await client.say({"t": "unsub", "log": home})
    await eventually(lambda: len(client.connection._requests._followers) == 1)
    world.sessions.add(home, "message", {"message_id": "m", "parts": []})
    await client.say({"t": "sub", "log": home, "epoch": "e1", "seq": 1})
    assert (await client.until(t="ev"))["seq"] == 2
    await client.until(t="live")


async def test_an_erased_session_is_left(world):
    person = world.sessions.person()
    actor = Actor(person, frozenset({"trader"}))
    home = world.sessions.home_of(person)
    other = (await world.sessions.create(actor, key="k", title="", mode=None)).session_id
    client, of_path = await world.join(person, home), await world.join(person, other)
    await client.say({"t": "sub", "log": other})
    await client.until(t="live", log=other)
    await world.sessions.erase(actor, other)
    assert (await client.until(t="error", re=other))["code"] == "not_found"
    assert await of_path.closed() == Close.NO_SUCH_SESSION


async def test_deltas_stream_and_who_joins_late_gets_the_text_so_far(world):
    person = world.sessions.person()
    home = world.sessions.home_of(person)
    first = await world.join(person, home)
    asked = ids.new_message_id()
    answer = ids.derived_message_id(asked)
    world.sessions.delta(home, answer, 0, "BTC ")
    world.sessions.delta(home, answer, 1, "is ")
    assert (await first.until(t="delta"))["text"] == "BTC "
    second = world.connect()
    await second.hello(world.guards.token(person), subs=[{"log": home}])
    live = (await second.until(t="sub_ok", log=home))["live"]
    assert live == [{"message_id": answer, "run_id": "r1", "text": "BTC is ", "next_i": 2}]
    world.sessions.delta(home, answer, 2, "up")
    delta = await second.until(t="delta")
    assert (delta["i"], delta["text"]) == (2, "up")
    await second.say({"t": "snap", "log": home, "message_id": answer})
    snap = await second.until(t="snap")
    assert (snap["text"], snap["next_i"]) == ("BTC is up", 3)
    world.sessions.answer(home, asked, "BTC is up.")
    assert text(await second.until(t="ev", log=home)) == "BTC is up."
    await second.say({"t": "snap", "message_id": answer})
    assert (await second.until(t="error"))["code"] == "not_running"


async def test_a_lost_delta_is_repaired_for_everybody(world):
    person = world.sessions.person()
    home = world.sessions.home_of(person)
    client = await world.join(person, home)
    answer = ids.derived_message_id(ids.new_message_id())
    world.sessions.delta(home, answer, 0, "a")
    world.sessions.say_running(home, answer, "abc", 3)
    world.sessions.delta(home, answer, 2, "c")
    await client.until(t="delta", i=0, text="a")
    repaired = await client.until(t="delta", reset=True)
    assert (repaired["i"], repaired["n"], repaired["text"]) == (0, 3, "abc")
