"""Answering decisions, stopping runs and seeing cards on a live connection, all in memory."""

import orjson
import pytest

from uchat_contracts import ids, subjects
from uchat_contracts.state import DECISION_KINDS, LogState


async def decide(client, card, op_id="o-1", choice="approve", **fields):
    frame = {
        "t": "decide",
        "decision_id": card["decision_id"],
        "choice": choice,
        "plan_hash": card["plan_hash"],
        "op_id": op_id,
    }
    await client.say(frame | fields)


async def test_an_answer_is_acked_with_the_decision_as_it_stands(world):
    person = world.sessions.person()
    home = world.sessions.home_of(person)
    card = world.decisions.put(person, home)
    client = await world.join(person, home)
    await decide(client, card)
    ack = await client.until(t="ack", re="o-1")
    assert ack["status"] == "accepted"
    assert ack["canonical"]["decision_id"] == card["decision_id"]
    assert ack["canonical"]["state"] == "approved"
    await decide(client, card)
    assert (await client.until(t="ack", re="o-1"))["status"] == "duplicate"
    await decide(client, card, "o-2", "reject")
    late = await client.until(t="ack", re="o-2")
    assert (late["status"], late["canonical"]["state"]) == ("already_resolved", "approved")


async def test_the_interface_is_the_frames_or_the_connections(world):
    person = world.sessions.person()
    home = world.sessions.home_of(person)
    card = world.decisions.put(person, home)
    client = await world.join(person, home)
    await decide(client, card)
    await decide(client, card, "o-2", iface="web_ui")
    await client.until(t="ack", re="o-2")
    assert [interface for interface, _ in world.decisions.asked] == ["web_chat", "web_ui"]
    await client.say(
        {
            "t": "send",
            "log": home,
            "client_msg_id": "c",
            "parts": [{"text": "hi"}],
            "iface": "widget",
        }
    )
    event = await client.until(t="ev", log=home)
    assert event["data"]["origin"]["interface"] == "widget"


async def test_another_plan_than_the_one_seen_is_not_approved(world):
    person = world.sessions.person()
    home = world.sessions.home_of(person)
    card = world.decisions.put(person, home)
    client = await world.join(person, home)
    await decide(client, card | {"plan_hash": "00" * 32})
    ack = await client.until(t="ack")
    assert (ack["status"], ack["canonical"]["plan_hash"]) == ("superseded", card["plan_hash"])


async def test_somebody_elses_decision_is_none(world):
    person, stranger = world.sessions.person(), world.sessions.person()
    card = world.decisions.put(stranger, world.sessions.home_of(stranger))
    client = await world.join(person, world.sessions.home_of(person))
    await decide(client, card)
    ack = await client.until(t="ack")
    assert (ack["status"], ack["code"]) == ("rejected", "not_found")
    assert ack.get("canonical") is None


async def test_a_viewer_may_look_and_not_answer(world):
    person = world.sessions.person()
    home = world.sessions.home_of(person)
    card = world.decisions.put(person, home)
    client = world.connect(home)
    await client.hello(world.guards.token(person, "viewer"))
    assert (await client.until(t="live", log=home))["seq"] == 1
    await decide(client, card)
    ack = await client.until(t="ack")
    assert (ack["re"], ack["status"], ack["code"]) == ("o-1", "forbidden", "not_permitted")
    await client.say({"t": "stop", "log": home})
    assert (await client.until(t="error"))["code"] == "not_permitted"
    assert world.decisions.asked == []


async def test_while_execution_is_away_the_same_answer_may_be_sent_again(world):
    person = world.sessions.person()
    home = world.sessions.home_of(person)
    card = world.decisions.put(person, home)
    client = await world.join(person, home)
    world.decisions.away = True
    await decide(client, card)
    error = await client.until(t="error")
    assert (error["re"], error["retryable"]) == ("o-1", True)
    world.decisions.away = False
    await decide(client, card)
    assert (await client.until(t="ack"))["status"] == "accepted"


async def test_who_writes_does_not_wait_for_an_answer_that_takes_long(world):
    person = world.sessions.person()
    home = world.sessions.home_of(person)
    client = await world.join(person, home)
    world.decisions.goes_on.clear()
    await decide(client, world.decisions.put(person, home))
    await client.say(
        {"t": "send", "log": home, "client_msg_id": "c", "parts": [{"text": "still here?"}]}
    )
    assert (await client.until(t="ack"))["re"] == "c"
    world.decisions.goes_on.set()
    assert (await client.until(t="ack"))["re"] == "o-1"


async def test_one_hello_asks_for_open_cards_once(world):
    person = world.sessions.person()
    home = world.sessions.home_of(person)
    world.decisions.put(person, home)
    client = world.connect(home)
    cursors = [{"log": home, "epoch": "e1", "seq": 1}, {"log": person, "epoch": "e1", "seq": 0}]
    await client.hello(world.guards.token(person), subs=cursors)
    for log in (home, person):
        assert len((await client.until(t="sub_ok", log=log))["pending"]) == 1
    assert world.decisions.listed == 1


async def test_answers_and_stops_count_as_messages_do(world):
    person = world.sessions.person()
    home = world.sessions.home_of(person)
    card = world.decisions.put(person, home)
    client = await world.join(person, home)
    world.guards.limited = True
    await decide(client, card)
    ack = await client.until(t="ack")
    assert (ack["status"], ack["code"], ack["retry_after_ms"]) == ("rejected", "rate_limited", 2000)
    await client.say({"t": "stop", "log": home})
    error = await client.until(t="error", re=home)
    assert (error["code"], error["retry_after_ms"]) == ("rate_limited", 2000)


@pytest.mark.parametrize("field", ["plan_hash", "op_id", "choice", "decision_id"])
async def test_an_answer_that_lacks_something_is_refused_by_its_name(world, field):
    person = world.sessions.person()
    home = world.sessions.home_of(person)
    client = await world.join(person, home)
    await decide(client, world.decisions.put(person, home), **{field: None})
    error = await client.until(t="error")
    assert (error["code"], error["retryable"]) == ("invalid_frame", False)
    assert world.decisions.asked == []


async def test_a_run_is_stopped_on_the_bus_by_its_owner_only(world):
    person, stranger = world.sessions.person(), world.sessions.person()
    home = world.sessions.home_of(person)
    client = await world.join(person, home)
    await client.say({"t": "stop", "log": world.sessions.home_of(stranger)})
    assert (await client.until(t="error"))["code"] == "not_found"
    await client.say({"t": "stop", "log": home, "run_id": "r1"})
    await client.say({"t": "stop", "log": ids.new_conversation_id()})
    await client.until(t="error")
    ((subject, payload),) = world.bus.told
    assert subject == subjects.stop(home)
    told = orjson.loads(payload)
    assert (told["log"], told["run_id"], told["user_id"]) == (home, "r1", person)


async def test_a_snapshot_brings_the_cards_that_wait(world):
    person = world.sessions.person()
    home = world.sessions.home_of(person)
    card = world.decisions.put(person, home)
    world.sessions.add(home, "decision", card)
    world.sessions.add(person, "decision", card)
    client = world.connect(home)
    await client.hello(world.guards.token(person))
    for log in (home, person):
        found = await client.until(t="sub_ok", log=log)
        assert found["mode"] == "snapshot"
        assert [each["decision_id"] for each in found["pending"]] == [card["decision_id"]]
        assert len(LogState.model_validate(found["state"]).pending) == 1


async def test_a_replay_brings_the_cards_that_wait_too(world):
    person = world.sessions.person()
    home = world.sessions.home_of(person)
    elsewhere = ids.new_conversation_id()
    card = world.decisions.put(person, home)
    there = world.decisions.put(person, elsewhere)
    client = world.connect(home)
    cursors = [{"log": home, "epoch": "e1", "seq": 1}, {"log": person, "epoch": "e1", "seq": 0}]
    await client.hello(world.guards.token(person), subs=cursors)
    mine = await client.until(t="sub_ok", log=home)
    assert mine["mode"] == "replay"
    assert [each["decision_id"] for each in mine["pending"]] == [card["decision_id"]]
    everywhere = await client.until(t="sub_ok", log=person)
    assert {each["decision_id"] for each in everywhere["pending"]} == {
        card["decision_id"],
        there["decision_id"],
    }


async def test_a_replay_does_not_wait_for_execution(world):
    person = world.sessions.person()
    home = world.sessions.home_of(person)
    world.decisions.put(person, home)
    world.decisions.away = True
    client = await world.join(person, home, cursor=1)
    assert client.connection.closing is None


@pytest.mark.parametrize(
    "kind",
    [
        "decision",
        "decision.resolved",
        "execution",
        "portfolio.changed",
        "kill_switch",
        "mandate",
        "link.changed",
    ],
)
async def test_what_concerns_a_person_reaches_each_socket_whatever_it_shows(world, kind):
    person = world.sessions.person()
    home = world.sessions.home_of(person)
    made = await world.sessions.create(
        world.guards.principals[world.guards.token(person)].actor, key="k", title="", mode=None
    )
    clients = [
        await world.join(person, home),
        await world.join(person, made.session_id),
        world.connect(),
    ]
    await clients[2].hello(world.guards.token(person))
    await clients[2].until(t="live", log=person)
    is_card = kind in DECISION_KINDS
    data = world.decisions.put(person, home) if is_card else {"id": "x"}
    world.sessions.add(person, kind, data)
    for client in clients:
        event = await client.until(t="ev", log=person)
        assert (event["type"], event["data"]) == (kind, data)
