"""Answers that propose decisions: announced once for execution, whatever happens in between."""

import asyncio
import contextlib
from typing import Any

import pytest

from uchat_contracts import ids, subjects
from uchat_contracts.events import DecisionProposed, LogEntry
from uchat_platform.auth import SERVICE_ACTOR
from uchat_platform.bus import PartitionReader
from uchat_platform.testing import eventually

pytestmark = pytest.mark.integration


async def until_head(replica: Any, log: str, seq: int) -> None:
    async def reached() -> bool:
        _, heads = await replica.app.reading.heads(SERVICE_ACTOR, [log])
        return bool(heads) and heads[0].last_seq >= seq

    await eventually(reached, timeout_s=10)


class Told:
    """What was announced to TRADING."""

    def __init__(self, bus: Any) -> None:
        self.reader = PartitionReader(bus, subjects.TRADING, subjects.decision("proposed", "*"), 0)
        self.events: list[DecisionProposed] = []
        self.msg_ids: list[str] = []

    def take(self) -> int:
        for received in self.reader.take(100):
            self.events.append(DecisionProposed.model_validate_json(received.payload))
            self.msg_ids.append(received.msg_id)
        return len(self.events)


async def ask(world: Any, replica: Any, person: Any, **more: Any) -> Any:
    event = world.message(person.person, person.home, "c-1")
    await world.send(event)
    await until_head(replica, person.home, 2)
    more = {"user_id": person.person, "proposals": [world.buy, world.buy]} | more
    return world.reply(person.home, event.message_id, interface="telegram", **more)


async def test_proposed_decisions_are_part_of_the_answer_and_told_to_execution(
    world, replica, person, bus_for
):
    reply = await ask(world, replica, person)
    rogue = reply.model_copy(
        update={"parts": [*reply.parts, reply.parts[0].model_copy(update={"type": "decision"})]}
    )
    await world.answer(rogue)
    await world.answer(reply, "again")
    await world.answer(reply.model_copy(update={"proposals": [world.buy]}), "another run")
    await world.send(world.message(person.person, person.home, "c-2"))
    await until_head(replica, person.home, 4)
    entry = (await replica.entries(replica.trader(person.person), person.home))[2]
    decisions = [ids.derived_decision_id(reply.turn_id, n) for n in (0, 1)]
    assert (entry.data["decisions"], entry.data["asked_via"]) == (decisions, "telegram")
    assert entry.data["user_id"] == person.person
    assert [part["type"] for part in entry.data["parts"]] == ["text", "decision", "decision"]
    assert [part.get("decision_id") for part in entry.data["parts"]] == [None, *decisions]
    told = Told(await bus_for("subscriber"))
    async with told.reader:
        await eventually(lambda: told.take() == 2)
    assert [event.decision_id for event in told.events] == decisions
    assert told.msg_ids == [f"decision:{decision}:proposed" for decision in decisions]
    first = told.events[0]
    assert (first.ordinal, first.user_id, first.interface) == (0, person.person, "telegram")
    assert (first.session_id, first.message_id) == (person.home, reply.message_id)
    assert (first.turn_id, first.request) == (reply.turn_id, world.buy)


class Mute:
    """Announces nothing."""

    def announce(self, appended: Any) -> None:
        """Say nothing."""

    async def tell(self, verdict: Any) -> None:
        """Say nothing."""


async def test_a_decision_that_a_crash_left_untold_is_relayed(world, run, bus_for):
    async with run(world.settings) as replica:
        person = await replica.app.writing.resolve("account", ids.new_ulid(), "Ada")
        await eventually(lambda: replica.app.ownership.owned)
    async with run(world.settings) as crashing:
        object.__setattr__(crashing.app.lane, "announcer", Mute())
        reply = await ask(world, crashing, person)
        await world.answer(reply)
        await until_head(crashing, person.home, 3)
        crashing.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await crashing.task
    told = Told(await bus_for("subscriber"))
    async with told.reader, run(world.settings):
        await eventually(lambda: told.take() == 2, timeout_s=8)

        async def spent() -> bool:
            return not await world.query("SELECT 1 FROM outbox")

        await eventually(spent)
        assert told.take() == 2
    assert [event.request for event in told.events] == [world.buy] * 2


async def test_nothing_is_proposed_for_who_does_not_own_the_conversation(
    world, replica, person, bus_for
):
    other = await replica.app.writing.resolve("account", ids.new_ulid(), "Eve")
    await world.answer(await ask(world, replica, person, user_id=other.person))
    await until_head(replica, person.home, 3)
    entry = (await replica.entries(replica.trader(person.person), person.home))[2]
    assert "decisions" not in entry.data
    assert [part["type"] for part in entry.data["parts"]] == ["text", "text"]
    told = Told(await bus_for("subscriber"))
    async with told.reader:
        await told.reader.started()
        assert told.take() == 0


async def test_outcomes_arrive_by_the_bus_once_and_never_backwards(world, replica, person):
    announced: list[LogEntry] = []
    await world.gateway.subscribe(
        subjects.live(person.home),
        lambda m: announced.append(LogEntry.model_validate_json(m.payload)),
    )
    await world.gateway.flush()
    for rev, state in ((1, "awaiting_approval"), (3, "executed"), (2, "approved")):
        event = world.outcome(person, "d-1", rev, state)
        await world.tell(event)
        await world.tell(event, f"again-{rev}")
    await world.tell(world.outcome(person, "d-1", 4, "executed", data={"decision_id": "d-1"}))
    await world.tell(world.outcome(person, "d-2", 1))
    await eventually(lambda: announced and announced[-1].seq == 4)
    cards = [entry for entry in announced if entry.seq > 1]
    assert [(entry.kind, entry.data["rev"]) for entry in cards] == [
        ("decision", 1),
        ("decision.resolved", 3),
        ("decision", 1),
    ]
    rows = await world.query(
        "SELECT message_id FROM entry WHERE log = $1 ORDER BY seq", person.home
    )
    assert [row["message_id"] for row in rows[1:]] == ["d-1", "d-1", "d-2"]
    state, _ = await replica.app.reading.snapshot(SERVICE_ACTOR, person.home, None)
    assert [card.decision_id for card in state.pending] == ["d-2"]
