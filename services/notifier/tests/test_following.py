"""Deliveries on real servers: once, in order, whatever is lost, doubled, swapped or killed."""

import asyncio
import random
from typing import Any

import pytest

from uchat_contracts import ids, subjects
from uchat_contracts.events import LogEntry
from uchat_platform.auth import SERVICE_ACTOR
from uchat_platform.errors import UnavailableError
from uchat_platform.testing import eventually

pytestmark = pytest.mark.integration


async def until_head(world: Any, log: str, seq: int) -> None:
    async def reached() -> bool:
        _, heads = await world.sessions.reading.heads(SERVICE_ACTOR, [log])
        return bool(heads) and heads[0].last_seq >= seq

    await eventually(reached, timeout_s=10)


async def test_each_thing_is_told_where_it_concerns_somebody(world, replica, inbox):
    ada, eve = await world.arrive("7001"), await world.web_person()
    await world.ask(ada, "c-1")
    await world.ask(ada, "c-2", "web_chat")
    await world.ask(eve, "c-1", "web_chat")
    for rev, state in ((1, "awaiting_approval"), (2, "approved"), (3, "executed")):
        await world.card(ada, "d-1", rev, state)
        await world.card(eve, "d-2", rev, state)
    await world.kill_switch(ada, 1)
    await eventually(lambda: len(inbox.take()) == 5, timeout_s=10)
    answer = ids.derived_message_id(ids.received_message_id(ada.person, ada.home, "c-1"))
    told = inbox.told()
    assert ("7001", f"answer:{answer}", 0) in told
    assert [each for each in told if each[1].startswith("decision")] == [
        ("7001", "decision:d-1", rev) for rev in (1, 2, 3)
    ]
    switch = next(each for each in inbox.all if each.kind == "kill_switch")
    assert (switch.user_id, switch.log, switch.silent) == (ada.person, ada.person, False)
    assert inbox.texts() == ["answer c-1"]
    rows = await world.query("SELECT d::text AS line, sent_at FROM delivery d")
    assert len(rows) == 5
    assert not [row for row in rows if "answer c-1" in row["line"]]
    await eventually(lambda: _all_sent(world))


async def _all_sent(world: Any) -> bool:
    return not await world.query("SELECT 1 FROM delivery WHERE sent_at IS NULL")


async def test_a_kill_in_the_middle_loses_and_doubles_nothing(world, run, inbox):
    ada = await world.arrive("7001")
    blocked = Blocked(after=2)
    async with run(world.settings, blocked.prepare) as first:
        for number in range(6):
            await world.ask(ada, f"c-{number}")
            await until_head(world, ada.home, 1 + 2 * (number + 1))
        await asyncio.wait_for(blocked.reached.wait(), 10)
        await first.kill()
    async with run(world.settings):
        await eventually(lambda: len(inbox.take()) >= 6, timeout_s=10)
        await world.ask(ada, "c-6")
        await eventually(lambda: len(inbox.take()) >= 7, timeout_s=10)
    assert inbox.texts() == [f"answer c-{n}" for n in range(7)]
    assert len({each.delivery_id for each in inbox.all}) == 7


class Blocked:
    """Lets some deliveries through and then keeps everything away from the bus."""

    def __init__(self, after: int) -> None:
        self.left = after
        self.reached = asyncio.Event()

    def prepare(self, app: Any) -> None:
        follow = app.handlers.follow

        def blocked(partition: int, place: Any) -> Any:
            following = follow(partition, place)
            following._outlet = Valve(self, following._outlet)
            return following

        object.__setattr__(app.handlers, "follow", blocked)


class Valve:
    def __init__(self, blocked: Blocked, outlet: Any) -> None:
        self.blocked = blocked
        self.outlet = outlet

    async def put(self, queued: Any) -> None:
        if not self.blocked.left:
            self.blocked.reached.set()
            raise UnavailableError("The bus is away", code="bus_unavailable")
        self.blocked.left -= 1
        await self.outlet.put(queued)


async def test_two_replicas_come_and_go_while_people_talk(world, run, inbox):
    people = [await world.arrive(str(7000 + n)) for n in range(8)]

    async def talk(person: Any) -> None:
        for number in range(8):
            await world.ask(person, f"c-{number}")
            await world.card(person, "d-1" + person.person, number + 1, "awaiting_approval")
            await asyncio.sleep(0.1)

    async def disturb() -> None:
        async with run(world.settings) as second:
            await eventually(lambda: len(second.app.ownership.owned) == 8, timeout_s=10)
        async with run(world.settings) as third:
            await eventually(lambda: third.app.ownership.owned, timeout_s=10)
            await third.kill()

    async with run(world.settings):
        await asyncio.gather(disturb(), *(talk(person) for person in people))
        await eventually(lambda: len(inbox.take()) >= 8 * 16, timeout_s=15)
    told = inbox.take()
    assert len({each.delivery_id for each in told}) == len(told) == 8 * 16
    for person in people:
        mine = [each for each in told if each.user_id == person.person]
        answers = [each.data["parts"][0]["text"] for each in mine if each.kind == "message"]
        assert answers == [f"answer c-{n}" for n in range(8)]
        assert [each.rev for each in mine if each.kind == "decision"] == list(range(1, 9))


class Mute:
    """Announces nothing."""

    def announce(self, appended: Any) -> None:
        """Say nothing."""

    async def tell(self, verdict: Any) -> None:
        """Say nothing."""


async def _entries(world: Any, log: str) -> list[LogEntry]:
    page = await world.sessions.reading.read(SERVICE_ACTOR, log, 0, None, 100)
    return [LogEntry.model_validate_json(entry) for entry in page.entries]


async def test_announcements_may_be_swapped_doubled_and_lost(world, replica, inbox, bus_for):
    ada = await world.arrive("7001")
    bus = await bus_for("sessions")
    await world.ask(ada, "c-0")
    await eventually(lambda: len(inbox.take()) == 1, timeout_s=10)
    lane = world.sessions.lane
    aloud = lane.announcer
    object.__setattr__(lane, "announcer", Mute())
    await world.query("SELECT 1")
    for number in range(1, 5):
        await world.ask(ada, f"c-{number}")
        await until_head(world, ada.home, 3 + 2 * number)
        await world.card(ada, "d-1", number, "awaiting_approval")
    await until_head(world, ada.person, 5)
    entries = [*await _entries(world, ada.home), *await _entries(world, ada.person)]
    missing = [e for e in entries if e.kind in ("message", "decision") and e.seq > 1]
    # Each third is lost, the last of both logs among them; the others come backwards, twice.
    heard = [e for n, e in enumerate(missing) if n % 3 and e.seq < 4][::-1] * 2
    for number, entry in enumerate(heard):
        await bus.publish(
            subjects.log(entry.log, entry.kind),
            entry.json_bytes(),
            stream=subjects.LOG,
            msg_id=f"odd-{number}-{entry.nats_msg_id()}",
        )
    object.__setattr__(lane, "announcer", aloud)
    replica.app.handlers.bus.missed()
    await eventually(lambda: len(inbox.take()) >= 9, timeout_s=15)
    assert inbox.texts() == [f"answer c-{n}" for n in range(5)]
    assert [each.rev for each in inbox.all if each.kind == "decision"] == [1, 2, 3, 4]


async def test_a_log_that_was_erased_meanwhile_holds_up_nobody(world, run, inbox):
    ada = await world.arrive("7001")
    me = ada.person
    blocked = Blocked(after=0)
    async with run(world.settings, blocked.prepare) as first:
        await world.ask(ada, "c-1")
        await asyncio.wait_for(blocked.reached.wait(), 10)
        await first.kill()
    actor = _trader(me)
    await world.sessions.writing.erase(actor, ada.home)
    again = await world.arrive("7001")
    async with run(world.settings):
        await world.ask(again, "c-2")
        await eventually(lambda: len(inbox.take()) == 1, timeout_s=10)
    assert inbox.texts() == ["answer c-2"]
    rows = await world.query("SELECT status, code FROM delivery ORDER BY number")
    assert [tuple(row) for row in rows] == [("failed", "erased"), ("queued", None)]


def _trader(person: str) -> Any:
    from uchat_platform.auth import Actor

    return Actor(person, frozenset({"trader"}), "web_chat")


async def test_a_new_link_is_told_and_followed_at_once(world, replica, inbox):
    eve, ada = await world.web_person(), await world.arrive("7001")
    linking = world.sessions.links.linking
    await world.card(eve, "d-0", 1, "awaiting_approval")
    await world.card(ada, "d-1", 1, "awaiting_approval")
    await eventually(lambda: len(inbox.take()) == 1, timeout_s=10)
    code, _, _ = await linking.link_code(_trader(eve.person), "telegram", "e…")
    from uchat_sessions.domain.links import Claimant

    claimed, _ = await linking.claim(code, Claimant("telegram", "7001", "Ada"))
    await linking.confirm(_trader(eve.person), claimed.id, may_approve=True)
    await world.card(eve, "d-2", 1, "awaiting_approval")
    # What still comes of the former person's trading reaches the same chat.
    await world.card(ada, "d-1", 2, "superseded")
    wanted = {
        (eve.person, "decision:d-2"),
        (ada.person, "decision:d-1"),
        (eve.person, f"link:{claimed.id}"),
    }

    def told() -> list[tuple[str, str]]:
        inbox.take()
        return [(each.user_id, each.about) for each in inbox.all]

    # The first of them is the card that was told before the link.
    await eventually(lambda: wanted <= set(told()[1:]), timeout_s=10)
    assert {each.address for each in inbox.all} == {"7001"}
    assert (eve.person, "decision:d-0") not in told()


async def test_a_poisoned_announcement_stops_nothing_but_itself(world, replica, inbox, bus_for):
    ada = await world.arrive("7001")
    bus = await bus_for("sessions")
    await bus.publish(
        subjects.log(ada.person, "decision"), b"{}", stream=subjects.LOG, msg_id="poison"
    )
    await world.ask(ada, "c-1")
    await eventually(lambda: inbox.texts() == ["answer c-1"], timeout_s=10)


async def test_an_outage_of_nats_in_between_changes_nothing(world, replica, inbox, nats_control):
    ada = await world.arrive("7001")
    await world.ask(ada, "c-1")
    await eventually(lambda: len(inbox.take()) == 1, timeout_s=10)
    nats_control.kill()
    await nats_control.start()
    await world.ask(ada, "c-2")
    await world.card(ada, "d-1", 1, "awaiting_approval")
    await eventually(lambda: len(inbox.take()) >= 3, timeout_s=15)
    assert inbox.texts() == ["answer c-1", "answer c-2"]
    assert len({each.delivery_id for each in inbox.all}) == len(inbox.all) == 3


class Flaky:
    """Fails now and then, before or after the work is done: nobody knows which."""

    def __init__(self, inner: Any, draw: random.Random, faults: list[int]) -> None:
        self.inner = inner
        self.draw = draw
        self.faults = faults

    def __getattr__(self, name: str) -> Any:
        work = getattr(self.inner, name)

        async def flaky(*arguments: Any, **named: Any) -> Any:
            chance = self.draw.random() if self.faults[0] else 1.0
            self.faults[0] -= chance < 0.3
            if chance < 0.15:
                raise UnavailableError("away before")
            found = await work(*arguments, **named)
            if chance < 0.3:
                raise UnavailableError("away after")
            return found

        return flaky


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_fails_and_wherever_all_is_told_once_in_order(world, run, inbox, seed: int):
    draw, faults = random.Random(seed), [20]

    def prepare(app: Any) -> None:
        follow = app.handlers.follow

        def flaky(partition: int, place: Any) -> Any:
            following = follow(partition, place)
            for name in ("_ledger", "_logs", "_outlet"):
                setattr(following, name, Flaky(getattr(following, name), draw, faults))
            return following

        object.__setattr__(app.handlers, "follow", flaky)

    ada, bob = await world.arrive("7001"), await world.arrive("7002")
    async with run(world.settings, prepare):
        for number in range(8):
            await world.ask(ada, f"c-{number}")
            await world.card(bob, "d-1", number + 1, "awaiting_approval")
        await eventually(lambda: len(inbox.take()) >= 16, timeout_s=25)
    assert faults[0] < 20
    assert inbox.texts() == [f"answer c-{n}" for n in range(8)]
    assert [each.rev for each in inbox.all if each.kind == "decision"] == list(range(1, 9))
