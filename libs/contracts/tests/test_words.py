import time
import uuid
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pydantic import TypeAdapter, ValidationError

from uchat_contracts import frames, ids, money, subjects
from uchat_contracts.events import MessageReceived
from uchat_contracts.parts import Origin, Part


def message(text="hi", **changes):
    values = {
        "occurred_at": datetime.now(UTC),
        "session_id": "unified_01JD5A8Q2M7T4X9B3C6D8E0F1G",
        "user_id": "user_01JD5A8Q2M7T4X9B3C6D8E0F1H",
        "message_id": ids.new_message_id(),
        "client_msg_id": "c-1",
        "parts": [Part(type="text", text=text)],
        "origin": Origin(interface="api"),
    } | changes
    return MessageReceived(**values)


def test_the_dedupe_id_names_person_log_client_id_and_body():
    first = message().nats_msg_id()
    assert message().nats_msg_id() == first
    assert message(text="ho").nats_msg_id() != first
    assert message(mode="quick").nats_msg_id() != first
    assert message(client_msg_id="c-2").nats_msg_id() != first
    assert message(user_id=ids.new_person_id()).nats_msg_id() != first
    assert message(session_id=ids.new_conversation_id()).nats_msg_id() != first


def test_an_answer_has_one_id_however_often_its_turn_runs():
    asked = ids.new_message_id()
    assert ids.derived_message_id(asked) == ids.derived_message_id(asked)
    TypeAdapter(ids.MessageId).validate_python(ids.derived_message_id(asked))


def test_a_kind_with_dots_fits_one_subject_token():
    assert subjects.log("unified_x", "session.updated").count(".") == 4


def test_money_is_an_exact_string_in_json():
    adapter = TypeAdapter(money.Amount)
    assert adapter.dump_json(Decimal("0.10")) == b'"0.10"'
    assert adapter.dump_json(Decimal("1E-8")) == b'"0.00000001"'
    for bad in ("NaN", "Infinity", "1e40"):
        with pytest.raises(ValidationError):
            adapter.validate_python(bad)


def test_a_frame_with_unknown_fields_is_understood():
    frame = frames.CLIENT_FRAMES.validate_json('{"t":"pong","later":1}')
    assert isinstance(frame, frames.Pong)


def test_sub_ok_speaks_of_from():
    frame = frames.SubOk(log="l", epoch="e", from_=1, to=2, mode="replay")
    assert b'"from":1' in frame.json_bytes()


@pytest.mark.parametrize("name", sorted(ids.RESERVED_INTERFACES))
def test_no_client_can_say_that_it_is_an_interface_of_ours(name):
    with pytest.raises(ValidationError):
        frames.CLIENT_FRAMES.validate_python({"t": "hello", "v": 1, "iface": name})


def test_ids_that_are_derived_are_uuids_of_their_names():
    namespace = uuid.UUID("6f2d1c9e-3f0b-5d57-9a41-0d3e1b6c7a55")
    expected = uuid.uuid5(namespace, "message:user_1:unified_1:c-1")
    assert ids.received_message_id("user_1", "unified_1", "c-1") == f"msg_{expected.hex}"
    assert ids.derived_message_id("msg_1") == f"msg_{uuid.uuid5(namespace, 'reply:msg_1').hex}"


def test_ulids_sort_by_time_and_never_repeat():
    before = int(time.time() * 1000)
    made = [ids.new_ulid() for _ in range(1000)]
    after = int(time.time() * 1000)
    assert len(set(made)) == 1000
    digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    times = [sum(digits.index(c) << 5 * (9 - n) for n, c in enumerate(each[:10])) for each in made]
    assert before <= times[0]
    assert times[-1] <= after
    assert [each[:10] for each in made] == sorted(each[:10] for each in made)
    assert all(ids.is_log_id(f"user_{each}") for each in made)
