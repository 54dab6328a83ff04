import asyncio
from pathlib import Path

import orjson
import pytest
from brain_world import Market
from log_world import PERSON, log_world

from uchat_ai_core import migrations
from uchat_ai_core.domain.partition import partition_of
from uchat_ai_core.domain.turn import Answered, TextAdded
from uchat_ai_core.service.loop import TurnLoop
from uchat_ai_core.service.turns import Turns
from uchat_contracts import ids, subjects
from uchat_contracts.events import Running, StopRun
from uchat_contracts.parts import Part
from uchat_platform.bus import PartitionReader
from uchat_platform.clock import SystemClock
from uchat_platform.testing import eventually

pytestmark = pytest.mark.integration
VERSIONS = Path(migrations.__file__).parent / "versions"


@pytest.fixture
async def world(clean_streams, bus_for, postgres_database):
    dsn = await postgres_database("ai_core", VERSIONS)
    async with log_world(bus_for, dsn, Market()) as world:
        yield world


class SlowBrain:
    """Says word after word until it is released."""

    def __init__(self, pause_s=0.02):
        self.pause_s = pause_s
        self.go_on = asyncio.Event()
        self.turns = []
        self.closed = 0

    async def turn(self, turn_in):
        self.turns.append(turn_in.message.text)
        text = ""
        try:
            while not self.go_on.is_set():
                text += "word "
                yield TextAdded("word ")
                await asyncio.sleep(self.pause_s)
            yield TextAdded("end")
            yield Answered((Part(type="text", text=text + "end"),), "general_query", 0.9, "slow")
        finally:
            self.closed += 1


class BrokenBrain:
    def __init__(self, failures):
        self.failures = failures

    async def turn(self, turn_in):
        yield TextAdded("half ")
        if self.failures:
            self.failures -= 1
            raise ZeroDivisionError
        yield TextAdded("whole")
        yield Answered((Part(type="text", text="half whole"),), "general_query", 0.9, "b")


async def all_owned(*replicas):
    await eventually(
        lambda: sum(len(replica.loop.owned) for replica in replicas) == subjects.PARTITIONS,
        timeout_s=15,
    )


async def answered(world, log, message_id, timeout_s=10):
    found = await eventually(lambda: world.logs.answers_to(log, message_id), timeout_s=timeout_s)
    return found[0]


async def test_a_message_is_answered_from_the_window_and_streams(world):
    await world.follow_deltas()
    await all_owned(await world.replica())
    log = ids.new_conversation_id()
    first = await world.logs.say(log, "I have $5000 to invest", interface="telegram")
    await answered(world, log, first)
    second = await world.logs.say(log, "How much did I say I have?")
    answer = await answered(world, log, second)
    assert "$5000 (on Telegram" in answer.parts[0].text
    assert world.logs.contexts == 1

    def told():
        each = [orjson.loads(message.payload) for message in world.deltas]
        return [e for e in each if e["message_id"] == ids.derived_message_id(second)]

    await eventually(lambda: told() and told()[-1].get("phase") == "finished")
    mine = told()
    # The text came at once, which says by itself that the run has started.
    assert "started" not in [each.get("phase") for each in mine]
    deltas = [each for each in mine if each["type"] == "delta.v1"]
    assert "".join(each["text"] for each in deltas) == "\n\n".join(p.text for p in answer.parts)
    expected = 0
    for each in deltas:
        assert each["i"] == expected
        expected += each["n"]
    assert world.logs.replies[-1].model == "planner"


class SlowLeases:
    """Keeps whoever asks waiting, and then gives nothing."""

    def __init__(self):
        self.asked = 0
        self.go_on = asyncio.Event()

    async def take(self, _log):
        self.asked += 1
        await self.go_on.wait()


async def test_of_many_that_are_asked_at_once_few_begin_at_once_and_all_in_the_end():
    leases, stop = SlowLeases(), asyncio.Event()
    turns = Turns(SlowBrain(), None, SystemClock(), {})
    loop = TurnLoop(turns, leases, None, most_turns=1000, most_logs=1, most_bytes=1)
    running = asyncio.create_task(loop.run(stop))
    await asyncio.sleep(0)
    for _ in range(300):
        loop.ring(ids.new_conversation_id(), 1, by="test")
    await eventually(lambda: leases.asked)
    assert leases.asked == 64
    leases.go_on.set()
    await eventually(lambda: leases.asked == 300)
    stop.set()
    await running


async def test_partitions_are_those_of_the_server(world):
    await all_owned(await world.replica())
    bus = await world.bus_for("ai-core")
    logs = [ids.new_conversation_id() for _ in range(40)]
    for log in logs:
        await world.logs.say(log, "hi")
    seen = {}
    for partition in range(subjects.PARTITIONS):
        reader = PartitionReader(bus, subjects.LOG, subjects.log_partition(partition), 0)
        async with reader:
            wanted = {log for log in logs if partition_of(log) == partition}
            while not wanted <= seen.keys():
                for received in reader.take(1000):
                    seen[received.subject.split(".")[3]] = partition
                await asyncio.sleep(0.01)
    assert {log: seen[log] for log in logs} == {log: partition_of(log) for log in logs}


async def test_messages_of_a_conversation_are_answered_one_by_one_in_order(world):
    await all_owned(await world.replica())
    log = ids.new_conversation_id()
    sent = [await world.logs.say(log, f"hello {n}") for n in range(20)]
    for message_id in sent:
        await answered(world, log, message_id)
    order = [reply.answers for reply in world.logs.replies]
    assert order == sent


async def test_a_lost_doorbell_is_found_by_the_sweeper(world):
    await all_owned(await world.replica())
    world.logs.announce = False
    log = ids.new_conversation_id()
    message_id = await world.logs.say(log, "hi")
    assert (await answered(world, log, message_id)).model == "planner"


async def test_a_lost_doorbell_queues_up_when_there_is_no_room(world):
    brain = SlowBrain()
    replica = await world.replica(brain, most_turns=1)
    await all_owned(replica)
    await world.logs.say(ids.new_conversation_id(), "busy")
    await eventually(lambda: brain.turns)
    world.logs.announce = False
    log = ids.new_conversation_id()
    message_id = await world.logs.say(log, "hi")
    await eventually(lambda: replica.loop.is_known(log), timeout_s=10)
    brain.go_on.set()
    await answered(world, log, message_id)


async def test_who_writes_much_does_not_keep_others_waiting(world):
    brain = SlowBrain()
    replica = await world.replica(brain, most_turns=1)
    await all_owned(replica)
    busy, quiet = ids.new_conversation_id(), ids.new_conversation_id()
    much = [await world.logs.say(busy, f"busy {n}") for n in range(6)]
    await eventually(lambda: brain.turns)
    little = await world.logs.say(quiet, "quiet")
    await eventually(lambda: replica.loop.is_known(quiet))
    brain.go_on.set()
    await answered(world, busy, much[-1])
    order = [reply.answers for reply in world.logs.replies]
    assert order.index(little) == 1
    assert [each for each in order if each != little] == much


async def test_two_replicas_answer_once_each_message(world):
    one = await world.replica(name="a")
    two = await world.replica(name="b")
    await all_owned(one, two)
    logs = [ids.new_conversation_id() for _ in range(30)]
    sent = [(log, await world.logs.say(log, "price of BTC")) for log in logs for _ in range(3)]
    for log, message_id in sent:
        await answered(world, log, message_id, timeout_s=15)
    turns = [reply.turn_id for reply in world.logs.replies]
    assert len(turns) == len(set(turns)) == len(sent)


async def test_a_killed_owner_is_replaced_with_a_higher_epoch(world):
    brain = SlowBrain()
    dying = await world.replica(brain, "a")
    await all_owned(dying)
    await world.follow_deltas()
    log = ids.new_conversation_id()
    message_id = await world.logs.say(log, "hi")
    await eventually(lambda: brain.turns)
    await eventually(lambda: len(world.deltas) > 3)
    dying.kill()
    await world.replica(name="b")
    answer = await answered(world, log, message_id, timeout_s=15)
    assert answer.model == "planner"
    epochs = [orjson.loads(message.payload)["epoch"] for message in world.deltas]
    assert epochs == sorted(epochs)
    assert epochs[-1] > epochs[0]
    assert len(world.logs.replies) == 1


async def test_a_fenced_owner_stops_at_once_and_publishes_nothing(world):
    brain = SlowBrain()
    replica = await world.replica(brain, "a")
    await all_owned(replica)
    log = ids.new_conversation_id()
    await world.logs.say(log, "hi")
    await eventually(lambda: brain.turns)
    connection = replica.leases._connection
    await eventually(lambda: replica.loop._active[log].held)
    await connection.close()
    import asyncpg

    thief = await asyncpg.connect(world.dsn)
    await thief.execute(
        "UPDATE turn_lease SET owner = 'b', epoch = epoch + 1, until = now() + interval '1 hour'"
    )
    await thief.close()
    await eventually(lambda: brain.closed, timeout_s=5)
    assert world.logs.replies == []
    assert replica.loop.running(log) is None


async def test_who_asks_gets_the_running_answer(world):
    brain = SlowBrain()
    await all_owned(await world.replica(brain))
    gateway = await world.bus_for("gateway")
    log = ids.new_conversation_id()
    message_id = await world.logs.say(log, "hi")
    await eventually(lambda: brain.turns)

    async def ask():
        return await gateway.request(subjects.running(log), b"", timeout_s=0.2)

    running = Running.model_validate_json(await eventually(ask))
    assert running.message_id == ids.derived_message_id(message_id)
    other = subjects.running(ids.new_conversation_id())
    assert await gateway.request(other, b"", timeout_s=0.1) is None
    brain.go_on.set()
    await answered(world, log, message_id)


async def stop(world, log, person, run_id=None):
    bus = await world.bus_for("gateway")
    event = StopRun(log=log, user_id=person, run_id=run_id)
    await bus.publish_core(subjects.stop(log), event.json_bytes())
    await bus.flush()


async def test_the_asker_stops_an_answer_and_what_was_said_stays(world):
    brain = SlowBrain()
    replica = await world.replica(brain)
    await all_owned(replica)
    log = ids.new_conversation_id()
    message_id = await world.logs.say(log, "tell me everything")
    await eventually(lambda: brain.turns and replica.turns.runs[log].text.count("word") > 2)
    await stop(world, log, PERSON, replica.turns.runs[log].run_id)
    reply = await answered(world, log, message_id)
    assert reply.parts[0].text.startswith("word")
    assert reply.parts[0].model_dump()["interrupted"] is True
    assert world.logs.replies[-1].proposals == []
    await eventually(lambda: brain.closed == 1)


async def test_nobody_else_and_no_stop_of_another_run_ends_an_answer(world):
    brain = SlowBrain()
    replica = await world.replica(brain)
    await all_owned(replica)
    log = ids.new_conversation_id()
    message_id = await world.logs.say(log, "tell me everything")
    await eventually(lambda: brain.turns and replica.turns.runs[log].text)
    await stop(world, log, ids.new_person_id())
    await stop(world, log, PERSON, "run_of_before")
    said = len(replica.turns.runs[log].text)
    await eventually(lambda: len(replica.turns.runs[log].text) > said + 20)
    assert not world.logs.answers_to(log, message_id)
    assert replica.loop.stop(log, PERSON, None)
    await answered(world, log, message_id)


async def test_a_newer_message_interrupts_and_what_was_said_stays(world):
    brain = SlowBrain()
    await all_owned(await world.replica(brain))
    log = ids.new_conversation_id()
    first = await world.logs.say(log, "tell me everything")
    await eventually(lambda: brain.turns)
    second = await world.logs.say(log, "no, stop", policy="interrupt")
    interrupted = await answered(world, log, first)
    assert interrupted.parts[0].text.startswith("word")
    assert interrupted.parts[0].model_dump()["interrupted"] is True
    brain.go_on.set()
    assert (await answered(world, log, second)).parts[0].text.endswith("end")


async def test_a_turn_that_fails_is_tried_again_under_a_higher_epoch(world):
    await world.follow_deltas()
    await all_owned(await world.replica(BrokenBrain(1)))
    log = ids.new_conversation_id()
    message_id = await world.logs.say(log, "hi")
    assert (await answered(world, log, message_id)).parts[0].text == "half whole"
    told = [orjson.loads(message.payload) for message in world.deltas]
    deltas = [each for each in told if each["type"] == "delta.v1"]
    last = max(each["epoch"] for each in deltas)
    assert "".join(each["text"] for each in deltas if each["epoch"] == last) == "half whole"
    assert min(each["epoch"] for each in deltas) < last


async def test_a_turn_that_always_fails_ends_in_an_apology_and_the_next_goes_on(world):
    brain = BrokenBrain(3)
    await all_owned(await world.replica(brain))
    log = ids.new_conversation_id()
    first = await world.logs.say(log, "hi")
    second = await world.logs.say(log, "hi again")
    apology = await answered(world, log, first)
    assert apology.model == "apology"
    assert "fault on our side" in apology.parts[0].text
    assert (await answered(world, log, second)).model == "b"


async def test_windows_are_bounded(world):
    replica = await world.replica(most_logs=5)
    await all_owned(replica)
    for _ in range(20):
        log = ids.new_conversation_id()
        await answered(world, log, await world.logs.say(log, "hi"))
    assert len(replica.loop.windows) <= 5
    assert replica.loop.windows.size < 100_000
    assert not replica.loop._active
    assert not replica.turns.runs


async def test_a_reply_waits_for_nats_and_comes_once(world, nats_control):
    brain = SlowBrain()
    await all_owned(await world.replica(brain))
    log = ids.new_conversation_id()
    message_id = await world.logs.say(log, "hi")
    await eventually(lambda: brain.turns)
    nats_control.kill()
    brain.go_on.set()
    await asyncio.sleep(0.3)
    await nats_control.start()
    await answered(world, log, message_id, timeout_s=15)
    assert len(world.logs.replies) == 1


async def test_an_erased_conversation_is_forgotten(world):
    replica = await world.replica()
    await all_owned(replica)
    log = ids.new_conversation_id()
    await answered(world, log, await world.logs.say(log, "hi"))
    await eventually(lambda: len(replica.loop.windows) == 1)
    await world.logs.erase(log)
    await eventually(lambda: len(replica.loop.windows) == 0)
