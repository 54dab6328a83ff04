"""Messages sent on a live connection: their acks, echoes and refusals."""

from uchat_contracts import ids
from uchat_contracts.events import MessageReceived
from uchat_contracts.parts import Origin, Part
from uchat_gateway.service.messages import Draft
from uchat_gateway.service.recent import RecentMessages
from uchat_platform.auth import Actor
from uchat_platform.testing import eventually


async def send(client, log, cid, words="hi", **fields):
    await client.say(
        {"t": "send", "log": log, "client_msg_id": cid, "parts": [{"text": words}], **fields}
    )


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
