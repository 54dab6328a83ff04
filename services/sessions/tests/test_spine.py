"""From the bus into the log and out again."""

from typing import Any

import pytest

from uchat_contracts import ids, subjects
from uchat_contracts.events import LogEntry, Verdict
from uchat_platform.auth import SERVICE_ACTOR
from uchat_platform.bus.dead_letters import DeadLetters
from uchat_platform.testing import eventually

pytestmark = pytest.mark.integration


async def until_head(replica: Any, log: str, seq: int) -> None:
    async def reached() -> bool:
        _, heads = await replica.app.reading.heads(SERVICE_ACTOR, [log])
        return bool(heads) and heads[0].last_seq >= seq

    await eventually(reached, timeout_s=10)


async def test_a_message_becomes_the_next_entry_and_is_announced(world, replica, person):
    announced: list[LogEntry] = []
    live = subjects.live(person.home)
    await world.gateway.subscribe(
        live, lambda m: announced.append(LogEntry.model_validate_json(m.payload))
    )
    await world.gateway.flush()
    event = world.message(person.person, person.home, "c-1", "hello")
    await world.send(event)
    await until_head(replica, person.home, 2)
    entries = await replica.entries(replica.trader(person.person), person.home)
    assert [(e.seq, e.kind) for e in entries] == [(1, "session.created"), (2, "message")]
    assert entries[1].data["parts"] == [{"type": "text", "text": "hello"}]
    assert entries[1].data["client_msg_id"] == "c-1"
    await eventually(lambda: announced and announced[-1].seq == 2)
    assert announced[-1] == entries[1]


async def test_a_reply_ends_the_waiting_and_the_first_one_wins(world, replica, person):
    event = world.message(person.person, person.home, "c-1")
    await world.send(event)
    await until_head(replica, person.home, 2)
    waiting = await replica.app.reading.unanswered(0, 10)
    assert [(w.log, w.message_id, w.seq) for w in waiting] == [(person.home, event.message_id, 2)]
    await world.answer(world.reply(person.home, event.message_id, "first"), "reply:a")
    await world.answer(world.reply(person.home, event.message_id, "second"), "reply:b")
    await world.send(world.message(person.person, person.home, "c-2"))
    await until_head(replica, person.home, 4)
    entries = await replica.entries(replica.trader(person.person), person.home)
    said = [entry.data["parts"][0]["text"] for entry in entries[1:]]
    assert said == ["hello", "first", "hello"]
    assert [w.seq for w in await replica.app.reading.unanswered(0, 10)] == [4]
    page, waiting = await replica.app.reading.context(SERVICE_ACTOR, person.home, 20)
    assert len(page.entries) == 3
    assert page.head.person == person.person
    assert [w.seq for w in waiting] == [4]


async def test_the_senders_sockets_are_told_of_duplicates_and_rejections(world, replica, person):
    told: list[Verdict] = []
    other = await replica.app.writing.resolve("account", ids.new_ulid(), "Eve")

    def hear(message: Any) -> None:
        if b"verdict.v1" in message.payload:
            told.append(Verdict.model_validate_json(message.payload))

    await world.gateway.subscribe(subjects.live(person.home), hear)
    await world.gateway.flush()
    first = world.message(person.person, person.home, "c-1", "hello")
    await world.send(first)
    await world.send(world.message(person.person, person.home, "c-1", "hello"), "again")
    await world.send(world.message(person.person, person.home, "c-1", "other"), "conflict")
    await world.send(world.message(other.person, person.home, "c-1", "intruder"), "intruder")
    await eventually(lambda: len(told) == 3)
    assert [(v.status, v.code, v.message_id, v.seq) for v in told] == [
        ("duplicate", None, first.message_id, 2),
        ("rejected", "client_msg_id_conflict", None, None),
        ("rejected", "not_found", None, None),
    ]
    assert told[2].user_id == other.person
    reading, sender = replica.app.reading, replica.trader(person.person)
    found = await reading.verdict(sender, person.home, "c-1", first.body_hash(), 0)
    assert (found.status, found.message_id, found.seq) == ("duplicate", first.message_id, 2)
    found = await reading.verdict(sender, person.home, "c-1", "0" * 32, 0)
    assert (found.status, found.code) == ("rejected", "client_msg_id_conflict")
    found = await reading.verdict(replica.trader(other.person), person.home, "c-1", "", 0)
    assert (found.status, found.code) == ("rejected", "not_found")
    assert await reading.verdict(sender, person.home, "c-9", "", 50) is None


async def test_what_can_never_be_handled_stops_nothing_but_itself(world, replica, person, bus_for):
    log = person.home
    await world.send(world.message(person.person, log, "c-1"))
    for number, payload in enumerate((b"not json", b"{}", b'{"type":"message_received.v1"}')):
        await world.gateway.publish(
            subjects.proposed("message", log),
            payload,
            stream=subjects.PROPOSED,
            msg_id=f"poison-{number}",
        )
    await world.answer(world.reply(log, ids.new_message_id(), turn_id="turn_\0"))
    await world.send(world.message(person.person, log, "c-2"))
    await until_head(replica, log, 3)
    entries = await replica.entries(replica.trader(person.person), log)
    assert [e.data.get("client_msg_id") for e in entries] == [None, "c-1", "c-2"]
    letters = DeadLetters(await bus_for("provisioner"), None)
    found = [(letter.code, letter.stream_seq) for _, letter in await letters.list()]
    assert [code for code, _ in found] == ["malformed_event"] * 3 + ["invalid_value"]


async def test_two_messages_with_one_id_are_one(world, replica, person):
    first = world.message(person.person, person.home, "c-1")
    await world.send(first)
    await world.send(
        world.message(person.person, person.home, "c-2", message_id=first.message_id), "twin"
    )
    sender = replica.trader(person.person)
    found = await replica.app.reading.verdict(sender, person.home, "c-2", "", 3000)
    assert (found.status, found.code) == ("rejected", "message_id_taken")
    assert len(await replica.entries(sender, person.home)) == 2
