"""The pipelined connection to Valkey, on a real one."""

import asyncio

import pytest
from redis.exceptions import ConnectionError as LostError
from redis.exceptions import ResponseError

from uchat_platform.embedded.ports import free_port
from uchat_platform.valkey_lane import ValkeyLane

pytestmark = pytest.mark.integration


async def test_many_callers_get_their_own_answers(valkey_database):
    lane = ValkeyLane(valkey_database)
    assert await lane.call("SET", "k", b"v\r\n", "EX", 60) == b"OK"
    assert await lane.call("GET", "k") == b"v\r\n"
    answers = await asyncio.gather(*(lane.call("INCR", "n") for _ in range(200)))
    assert answers == list(range(1, 201))
    lane.close()


async def test_an_error_is_its_callers_alone(valkey_database):
    lane = ValkeyLane(valkey_database)
    answers = await asyncio.gather(
        lane.call("SET", "k", "v"),
        lane.call("INCR", "k"),
        lane.call("GET", "missing"),
        return_exceptions=True,
    )
    assert answers[0] == b"OK"
    assert isinstance(answers[1], ResponseError)
    assert answers[2] is None
    lane.close()


async def test_a_lost_connection_is_made_again(valkey_database):
    lane = ValkeyLane(valkey_database)
    await lane.call("PING")
    lane._wire.transport.abort()
    await asyncio.sleep(0.01)
    assert await lane.call("PING") == b"PONG"
    lane.close()
    assert await lane.call("PING") == b"PONG"
    lane.close()


async def test_an_answer_given_up_does_not_shift_the_others(valkey_database):
    lane = ValkeyLane(valkey_database)
    given_up = asyncio.ensure_future(lane.call("ECHO", "given up"))
    await asyncio.sleep(0)
    given_up.cancel()
    assert await lane.call("ECHO", "mine") == b"mine"
    lane.close()


async def test_a_silent_server_is_left(valkey_database):
    lane = ValkeyLane(valkey_database, timeout_s=0.05)
    with pytest.raises(LostError):
        await lane.call("BLPOP", "nothing", 5)
    assert await lane.call("PING") == b"PONG"
    lane.close()


async def test_nobody_there():
    lane = ValkeyLane(f"redis://127.0.0.1:{free_port()}")
    with pytest.raises(ConnectionRefusedError):
        await lane.call("PING")
    with pytest.raises(LostError):
        await lane.call("PING")


async def test_a_wrong_password(valkey_database):
    _, _, place = valkey_database.rpartition("@")
    with pytest.raises(ResponseError):
        await ValkeyLane(f"redis://:wrong@{place}").call("PING")
