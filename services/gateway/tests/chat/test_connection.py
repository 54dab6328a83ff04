"""A live connection, frame by frame, with everything behind it in memory."""

import asyncio
from datetime import timedelta

import pytest

from uchat_contracts import ids
from uchat_contracts.events import MessageReceived
from uchat_contracts.frames import Close
from uchat_contracts.parts import Origin, Part
from uchat_contracts.state import LogState, fold
from uchat_gateway.doors.chat.ws.connections import LiveTimes
from uchat_gateway.ports.access import Revoked
from uchat_gateway.service.messages import Draft
from uchat_gateway.service.recent import RecentMessages
from uchat_platform.auth import Actor
from uchat_platform.testing import eventually


def text(frame):
    return frame["data"]["parts"][0]["text"]


async def send(client, log, cid, words="hi", **fields):
    await client.say(
        {"t": "send", "log": log, "client_msg_id": cid, "parts": [{"text": words}], **fields}
    )


async def test_hello_is_answered_and_the_own_logs_follow(world):
    person = world.sessions.person()
    home = world.sessions.home_of(person)
    client = world.connect(home)
    await client.hello(world.guards.token(person))
    welcome = await client.until(t="welcome")
    assert welcome["user"] == person
    assert welcome["ping_ms"] == 25_000
    first = await client.until(t="sub_ok")
    assert (first["log"], first["mode"], first["to"], first["from"]) == (home, "snapshot", 1, 2)
    assert LogState.model_validate(first["state"]).seq == 1
    assert (await client.until(t="live"))["seq"] == 1
    assert (await client.until(t="sub_ok"))["log"] == person


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"t": "hello", "v": 2, "token": "x"}, Close.VERSION),
        ({"t": "hello", "v": 1, "token": "wrong"}, Close.UNAUTHORISED),
        ({"t": "hello", "v": 1, "ticket": "wrong"}, Close.UNAUTHORISED),
        ({"t": "hello", "v": 1, "ticket": "away"}, Close.SERVER),
        ({"t": "hello", "v": 1}, Close.UNAUTHORISED),
        ({"t": "pong"}, None),
        ({"t": "fill", "log": ids.new_conversation_id(), "after": 0, "to": 1}, Close.BAD_FRAME),
        ("not json", Close.BAD_FRAME),
        ("x" * 17_000, Close.BAD_FRAME),
    ],
)
async def test_the_first_frame_decides(world, frame, code):
    client = world.connect()
    await client.say(frame)
    if code is None:
        assert client.connection.closing is None
    else:
        assert await client.closed() == code


async def test_a_binary_frame_ends_the_connection(world):
    client = world.connect()
    await client.connection.receive(None)
    assert await client.closed() == Close.BAD_FRAME


async def test_a_frame_above_64_kib_ends_the_connection(world):
    person = world.sessions.person()
    client = await world.join(person, world.sessions.home_of(person))
    await client.say({"t": "later", "x": "é" * 33_000})
    assert await client.closed() == Close.BAD_FRAME


async def test_a_message_is_accepted_and_its_echo_reaches_every_device(world):
    person = world.sessions.person()
    home = world.sessions.home_of(person)
    first, second = await world.join(person, home), await world.join(person, home)
    await send(first, home, "c-1", "hello")
    ack = await first.until(t="ack")
    assert (ack["re"], ack["status"]) == ("c-1", "accepted")
    for client in (first, second):
        event = await client.until(t="ev", log=home)
        assert event["data"]["client_msg_id"] == "c-1"
        assert event["data"]["message_id"] == ack["message_id"]
        assert event["data"]["origin"] == {"interface": "web_chat", "device": None}
    assert await eventually(lambda: world.bus.subscribed.count(f"uchat.live.v1.{home}") == 1)


async def test_the_same_message_again_is_a_duplicate_and_another_body_a_conflict(world):
    person = world.sessions.person()
    home = world.sessions.home_of(person)
    client = await world.join(person, home)
    await send(client, home, "c-1")
    first = await client.until(t="ack")
    await send(client, home, "c-1")
    again = await client.until(t="ack")
    assert (again["status"], again["seq"]) == ("duplicate", 2)
    assert again["message_id"] == first["message_id"]
    await send(client, home, "c-1", "something else")
    assert (await client.until(t="ack", status="rejected"))["code"] == "client_msg_id_conflict"


async def test_what_another_gateway_took_is_told_by_the_verdict(world):
    person = world.sessions.person()
    home = world.sessions.home_of(person)
    client = await world.join(person, home)
    await send(client, home, "c-1")
    await client.until(t="ack", status="accepted")
    world.services.messages.recent = RecentMessages()
    await send(client, home, "c-1")
    assert (await client.until(t="ack"))["status"] == "duplicate"
    world.services.messages.recent = RecentMessages()
    world.bus.stored.clear()
    await send(client, home, "c-1")
    found = {(await client.until(t="ack"))["status"] for _ in range(2)}
    assert found == {"accepted", "duplicate"}


async def test_an_answer_given_long_ago_is_found_by_the_verdict(world):
    person = world.sessions.person()
    home, actor = world.sessions.home_of(person), Actor(person, frozenset({"trader"}))
    message_id = ids.received_message_id(person, home, "c-1")
    draft = Draft(home, "c-1", message_id, [Part(type="text", text="hi")], Origin(interface="api"))
    first = await world.replies.begin(actor, draft)
    world.sessions.answer(home, message_id, "Hello")
    answer = await first.answer(1)
    world.replies.end(first)
    world.services.messages.recent = RecentMessages()
    world.bus.stored.clear()
    again = await world.replies.begin(actor, draft)
    assert (await again.answer(1)).seq == answer.seq
    world.replies.end(again)
    assert len(world.sessions.logs[home].entries) == 3


def test_recent_messages_are_bounded():
    recent = RecentMessages(kept=2)
    assert [recent.first_time(each) for each in ("a", "b", "a", "c", "a")] == [
        True,
        True,
        False,
        True,
        True,
    ]


async def test_a_late_rejection_reaches_the_sender_alone(world):
    person = world.sessions.person()
    home = world.sessions.home_of(person)
    sender, other = await world.join(person, home), await world.join(person, home)
    world.bus.on_stored = lambda _payload: None
    await send(sender, home, "c-9")
    assert (await sender.until(t="ack"))["status"] == "accepted"
    stored = next(iter(world.bus.stored.values()))
    message = MessageReceived.model_validate_json(stored)
    world.sessions.say_verdict(message, "rejected", "erased")
    ack = await sender.until(t="ack")
    assert (ack["re"], ack["status"], ack["code"]) == ("c-9", "rejected", "erased")
    assert not [frame for frame in other.got if frame["t"] == "ack"]


async def test_sends_with_a_condition_are_answered_from_the_log(world):
    person = world.sessions.person()
    home = world.sessions.home_of(person)
    client = await world.join(person, home)
    await send(client, home, "c-1", if_last_seq=1)
    ack = await client.until(t="ack")
    assert (ack["status"], ack["seq"]) == ("accepted", 2)
    await send(client, home, "c-2", if_last_seq=1)
    assert (await client.until(t="ack"))["status"] == "rejected"
    assert not world.bus.stored


async def test_refusals_of_a_send(world):
    person, stranger = world.sessions.person(), world.sessions.person()
    home = world.sessions.home_of(person)
    client = await world.join(person, home)
    await send(client, world.sessions.home_of(stranger), "c-1")
    assert (await client.until(t="ack"))["code"] == "not_found"
    await client.say({"t": "send", "log": home, "client_msg_id": "c-2", "parts": []})
    assert (await client.until(t="error", re="c-2"))["code"] == "invalid_frame"
    world.guards.limited = True
    await send(client, home, "c-3")
    ack = await client.until(t="ack")
    assert (ack["code"], ack["retry_after_ms"]) == ("rate_limited", 2000)
    world.guards.limited = False
    world.bus.away = True
    await send(client, home, "c-4")
    error = await client.until(t="error", re="c-4")
    assert (error["code"], error["retryable"]) == ("bus_unavailable", True)
    world.bus.away = False
    await send(client, home, "c-4")
    assert (await client.until(t="ack", re="c-4"))["status"] in {"accepted", "duplicate"}


async def test_a_send_to_a_log_that_is_not_followed_is_confirmed(world):
    person = world.sessions.person()
    home = world.sessions.home_of(person)
    client = world.connect()
    await client.hello(world.guards.token(person))
    await client.until(t="live", log=person)
    await send(client, home, "c-1")
    ack = await client.until(t="ack")
    assert (ack["status"], ack["seq"]) == ("accepted", 2)
    assert not client.connection.busy


async def test_a_viewer_reads_but_does_not_write(world):
    person = world.sessions.person()
    home = world.sessions.home_of(person)
    client = world.connect(home)
    await client.hello(world.guards.token(person, "viewer"))
    await client.until(t="live", log=home)
    await send(client, home, "c-1")
    assert (await client.until(t="ack"))["code"] == "not_permitted"


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


async def test_a_reader_that_stands_still_is_closed_and_the_others_do_not_feel_it(world):
    person = world.sessions.person()
    home = world.sessions.home_of(person)
    slow, quick = await world.join(person, home), await world.join(person, home)
    slow.reads.clear()
    for n in range(40):
        data = {"message_id": f"m{n}", "parts": [{"text": "x" * 40_000}]}
        world.sessions.add(home, "message", data)
        assert (await quick.until(t="ev", log=home))["data"]["message_id"] == f"m{n}"
        if slow.connection.closing:
            break
    assert await slow.closed() == Close.SLOW
    assert n < 30
    assert quick.connection.closing is None


async def test_life_of_a_connection_by_the_clock(world):
    connection = world.connect().connection
    opened = connection.life.opened_at
    connection.tick(opened + 4.9, 0)
    assert connection.closing is None
    connection.tick(opened + 5.1, 0)
    assert await world.clients[-1].closed() == Close.HELLO_TIMEOUT


async def test_pings_and_pongs(world):
    person = world.sessions.person()
    client = await world.join(person, world.sessions.home_of(person))
    wall = world.clock.now().timestamp()
    due = client.connection.life.ping_at
    client.connection.tick(due, wall)
    await client.until(t="ping")
    client.connection.life.heard_at = due + 5
    client.connection.tick(due + 11, wall)
    assert client.connection.closing is None
    due = client.connection.life.ping_at
    client.connection.tick(due, wall)
    client.connection.tick(due + 10.5, wall)
    assert await client.closed() == Close.NO_PONG


async def test_a_token_ends_or_is_renewed_in_place(world):
    person, stranger = world.sessions.person(), world.sessions.person()
    client = world.connect()
    await client.hello(world.guards.token(person, life_s=100))
    await client.until(t="live", log=person)
    start, now = world.clock.now().timestamp(), client.connection.life.opened_at
    client.connection.tick(now, start + 41)
    assert (await client.until(t="auth_expiring"))["in_ms"] <= 60_000
    await client.say({"t": "auth", "token": "wrong"})
    assert (await client.until(t="error"))["code"] == "token_invalid"
    await client.say({"t": "auth", "token": world.guards.token(person, life_s=500)})
    assert (await client.until(t="auth_ok"))["token_exp"] == int(start) + 500
    client.connection.tick(now, start + 101)
    assert client.connection.closing is None
    client.connection.tick(now, start + 501)
    assert await client.closed() == Close.TOKEN_EXPIRED
    other = world.connect()
    await other.hello(world.guards.token(person))
    await other.until(t="live", log=person)
    await other.say({"t": "auth", "token": world.guards.token(stranger)})
    assert await other.closed() == Close.UNAUTHORISED


async def test_a_revoked_sign_in_is_closed_at_once_and_others_stay(world):
    person = world.sessions.person()
    home = world.sessions.home_of(person)
    client, other = await world.join(person, home), await world.join(person, home)
    sid = client.connection.principal.sid
    world.services.access.revoke([Revoked(person, sid)], forget_after_s=60)
    assert await client.closed() == Close.REVOKED
    assert other.connection.closing is None


async def test_too_many_connections_of_a_person(world):
    person = world.sessions.person()
    for _ in range(3):
        await world.join(person, world.sessions.home_of(person))
    client = world.connect()
    await client.hello(world.guards.token(person))
    assert await client.closed() == Close.CONNECTION_LIMIT


async def test_repeated_abuse_ends_the_connection(world):
    person = world.sessions.person()
    client = await world.join(person, world.sessions.home_of(person))
    for _ in range(65):
        await client.say({"t": "fill", "log": "nonsense"})
    assert await client.closed() == Close.TOO_MANY


async def test_draining_says_goodbye_and_lets_the_answer_come(world):
    person = world.sessions.person()
    home = world.sessions.home_of(person)
    client = await world.join(person, home)
    await send(client, home, "c-1")
    ack = await client.until(t="ack")
    assert client.connection.busy
    draining = asyncio.create_task(world.services.connections.drain(5))
    assert (await client.until(t="drain"))["retry_after_ms"] == 800
    assert client.connection.closing is None
    world.sessions.answer(home, ack["message_id"])
    assert await client.closed() == Close.DRAIN
    world.services.connections.remove(client.connection)
    await draining


async def test_sessions_away_at_hello_sends_the_client_away_for_a_while(world):
    person = world.sessions.person()
    token = world.guards.token(person)
    world.sessions.away = True
    client = world.connect()
    await client.hello(token)
    assert (await client.until(t="error", re=person))["retryable"] is True
    assert await client.closed() == Close.SERVER


def test_times_are_those_of_the_protocol():
    times = LiveTimes()
    assert (times.hello, times.ping, times.pong, times.comment) == (5, 25, 10, 15)
    assert timedelta(seconds=times.expiring) == timedelta(minutes=1)
