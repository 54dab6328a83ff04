"""What is a frame, what is refused, what is ignored, and what ends the connection."""

import json

import pytest

from uchat_contracts.frames import CLIENT_FRAME_TYPES, Hello, Pong, Send
from uchat_gateway.doors.chat.ws.decoding import (
    FRAME_PERMISSIONS,
    BadFrameError,
    InvalidFrame,
    decode,
    refuse_undeclared_frames,
)

LOG = "unified_01J9ZK3V7Q8W4X5Y6Z7A8B9C0E"


def send(**changes) -> str:
    frame = {"t": "send", "log": LOG, "client_msg_id": "c-1", "parts": [{"text": "hi"}]}
    return json.dumps(frame | changes)


def test_known_frames_are_read_and_unknown_fields_ignored():
    assert isinstance(decode('{"t":"pong","x":1}'), Pong)
    assert isinstance(decode('{"t":"hello","v":1,"token":"t","later":{}}'), Hello)
    assert isinstance(decode(send()), Send)


def test_unknown_types_are_ignored():
    assert decode('{"t":"typing","on":true}') is None


@pytest.mark.parametrize(
    "raw", ["", "{", "[]", "1", '"pong"', "null", "{}", '{"t":1}', '{"t":null}', "[" * 60_000]
)
def test_what_is_no_frame_ends_the_connection(raw):
    with pytest.raises(BadFrameError):
        decode(raw)


@pytest.mark.parametrize(
    "raw",
    [
        send(log="user_1"),
        send(parts=[]),
        send(parts=[{"type": "decision", "text": "x"}]),
        send(parts=[{"text": ""}]),
        send(parts=[{"text": "x" * 8001}]),
        send(parts=[{"text": "nul \x00"}]),
        send(parts=[{"text": "half \ud83d"}]),
        send(mode="Trading!"),
        send(policy="rollback"),
        send(if_last_seq="many"),
    ],
)
def test_fields_that_do_not_fit_are_refused_by_name(raw):
    refused = decode(raw)
    assert isinstance(refused, InvalidFrame)
    assert refused.re == "c-1"
    assert refused.detail


def test_a_name_that_is_no_text_is_not_repeated():
    assert decode(send(client_msg_id=7)).re == LOG
    assert decode(send(client_msg_id="bad \ud800")).re.isascii()


def test_every_frame_declares_who_may_send_it():
    refuse_undeclared_frames()
    assert set(FRAME_PERMISSIONS) == CLIENT_FRAME_TYPES
