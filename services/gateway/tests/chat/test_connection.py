"""A live connection from hello to its end, with everything behind it in memory."""

import asyncio
from datetime import timedelta

import pytest

from uchat_contracts import ids
from uchat_contracts.frames import Close
from uchat_contracts.state import LogState
from uchat_gateway.doors.chat.ws.connections import LiveTimes
from uchat_gateway.ports.access import Revoked


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
    parts = [{"text": "hi"}]
    await client.say({"t": "send", "log": home, "client_msg_id": "c-1", "parts": parts})
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
