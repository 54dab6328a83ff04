import asyncio

import pytest
from nats import errors as nats_errors
from nats.aio.client import Client
from nats.aio.msg import Msg

from uchat_contracts import subjects
from uchat_platform.bus import SERVICES, StreamIdentity, permissions, wire
from uchat_platform.bus import connection as connection_module
from uchat_platform.bus.connection import Connection
from uchat_platform.bus.direct import Headers
from uchat_platform.health import Health


@pytest.mark.parametrize(
    "reply",
    [
        "$JS.ACK.LOG.consumer.1.417.9.1795389937584558798.2",
        "$JS.ACK._.hash.LOG.consumer.1.417.9.1795389937584558798.2",
        "$JS.ACK.hub.hash.LOG.consumer.1.417.9.1795389937584558798.2.random",
    ],
)
def test_a_position_is_read_from_either_form_of_reply(reply: str) -> None:
    assert wire.position(reply) == wire.Position(417, 9, 1795389937584558798)


def test_a_control_message_has_no_position() -> None:
    assert wire.position("$JS.FC.LOG.consumer.x") is None
    assert wire.position("") is None


@pytest.mark.parametrize(
    ("headers", "reply", "expected"),
    [
        ({"Status": "100"}, "$JS.FC.x", wire.Control("$JS.FC.x", None, gone=False)),
        (
            {"Status": "100", "Nats-Last-Consumer": "7"},
            "",
            wire.Control(None, 7, gone=False),
        ),
        (
            {"Status": "100", "Nats-Last-Consumer": "7", "Nats-Consumer-Stalled": "$JS.FC.y"},
            "",
            wire.Control("$JS.FC.y", 7, gone=False),
        ),
        ({"Status": "409"}, "", wire.Control(None, None, gone=True)),
    ],
)
def test_control_messages(headers: dict[str, str], reply: str, expected: wire.Control) -> None:
    assert wire.control(Msg(Client(), "inbox", reply, b"", headers)) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (None, {}),
        (b"NATS/1.0 503\r\n\r\n", {"Status": "503"}),
        (
            b"NATS/1.0 100 Idle Heartbeat\r\nNats-Last-Consumer: 7\r\n\r\n",
            {"Status": "100", "Description": "Idle Heartbeat", "Nats-Last-Consumer": "7"},
        ),
        (
            b"NATS/1.0\r\nNats-Msg-Id: in:user:1\r\nplace:K\xc3\xb6ln\r\n\r\n",
            {"Nats-Msg-Id": "in:user:1", "place": "Köln"},
        ),
    ],
)
def test_headers_are_read_as_the_server_writes_them(
    raw: bytes | None, expected: dict[str, str]
) -> None:
    headers = Headers(raw)
    assert dict(headers) == expected
    assert len(headers) == len(expected)
    assert "Status" in headers or "Status" not in expected
    assert headers.get("absent") is None


@pytest.mark.parametrize(
    ("stream", "stored", "published"),
    [
        (
            "PROPOSED",
            "uchat.proposed.v1.11.message.unified_X",
            "uchat.proposed.v1.message.unified_X",
        ),
        ("LOG", "uchat.log.v1.0.unified_X.message", "uchat.log.v1.unified_X.message"),
        ("TRADING", "uchat.decision.v1.proposed.7", "uchat.decision.v1.proposed.7"),
    ],
)
def test_the_partition_is_taken_out_of_a_subject(stream: str, stored: str, published: str) -> None:
    assert wire.published_subject(stream, stored) == published


def test_where_to_go_on() -> None:
    now = StreamIdentity("PROPOSED", "today", 3, 10)
    assert now.cursor("today", 7) == 7
    assert now.cursor("yesterday", 7) == 0
    assert now.cursor("today", 12) == 10


def test_only_sessions_may_write_the_log() -> None:
    log = subjects.log("*", "*")
    assert [name for name in SERVICES if log in permissions(name).publish] == ["sessions"]


@pytest.mark.parametrize("service", [name for name in SERVICES if name != "provisioner"])
def test_nobody_may_publish_or_read_everything(service: str) -> None:
    own = permissions(service)
    assert not {">", "uchat.>", "$JS.API.>"} & {*own.publish, *own.subscribe}
    assert f"_INBOX_{service}.>" in own.subscribe


async def test_a_client_that_stopped_reconnecting_ends_the_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection_module, "_STUCK_S", 0.3)
    ended = asyncio.Event()
    connection = Connection("gateway", Health("gateway"), ended.set)
    await connection.disconnected()
    await connection.error(nats_errors.NoServersError())
    assert not ended.is_set()
    async with asyncio.timeout(10):
        await ended.wait()


async def test_a_client_that_is_back_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "_STUCK_S", 0.05)
    ended = asyncio.Event()
    health = Health("gateway")
    connection = Connection("gateway", health, ended.set)
    await connection.disconnected()
    assert not health.is_ready
    await connection.reconnected()
    assert health.is_ready
    await asyncio.sleep(0.1)
    assert not ended.is_set()


async def test_a_connection_closed_for_good_ends_the_process() -> None:
    ended = asyncio.Event()
    connection = Connection("gateway", Health("gateway"), ended.set)
    await connection.closed()
    assert ended.is_set()


async def test_a_connection_closed_by_us_does_not() -> None:
    ended = asyncio.Event()
    connection = Connection("gateway", Health("gateway"), ended.set)
    connection.closing = True
    await connection.closed()
    assert not ended.is_set()
