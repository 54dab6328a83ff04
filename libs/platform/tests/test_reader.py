import asyncio
import statistics
import time

import pytest

from uchat_contracts import ids, subjects
from uchat_platform.bus import Bus, PartitionReader, Received, StreamRecreatedError
from uchat_platform.bus.provision import provision
from uchat_platform.testing import NatsControl, Servers, eventually
from uchat_platform.testing.fixtures import BusFor

pytestmark = pytest.mark.integration

EVERYTHING = "uchat.proposed.v1.*.*.*"


def reader(bus: Bus, after: int | None = 0, **more: object) -> PartitionReader:
    return PartitionReader(bus, subjects.PROPOSED, EVERYTHING, after, **more)


async def propose(bus: Bus, log: str, number: int) -> int:
    ack = await bus.publish(
        subjects.proposed("message", log),
        b"%d" % number,
        stream=subjects.PROPOSED,
        msg_id=f"in:{log}:{number}",
        timeout_s=20,
    )
    return ack.seq


async def collect(source: PartitionReader, count: int) -> list[Received]:
    found: list[Received] = []
    async with asyncio.timeout(20):
        async for batch in source.batches():
            found += batch
            if len(found) >= count:
                break
    return found


async def test_it_reads_on_from_the_cursor(clean_streams: Servers, bus_for: BusFor) -> None:
    gateway, sessions = await bus_for("gateway"), await bus_for("sessions")
    log = ids.new_conversation_id()
    numbers = [await propose(gateway, log, i) for i in range(5)]
    async with reader(sessions, numbers[1]) as source:
        found = await collect(source, 3)
    assert [each.seq for each in found] == numbers[2:]
    assert source.position == numbers[-1]
    assert found[0].subject == subjects.proposed("message", log)
    assert found[0].msg_id == f"in:{log}:2"


async def test_a_partition_holds_its_logs_in_order(clean_streams: Servers, bus_for: BusFor) -> None:
    gateway, sessions = await bus_for("gateway"), await bus_for("sessions")
    logs = [ids.new_conversation_id() for _ in range(40)]
    await asyncio.gather(*(propose(gateway, log, i) for i in range(5) for log in logs))
    ready = asyncio.Event()
    readers = [
        PartitionReader(sessions, subjects.PROPOSED, subjects.proposed_partition(p), 0, ready=ready)
        for p in range(subjects.PARTITIONS)
    ]
    seen: dict[str, list[bytes]] = {log: [] for log in logs}
    where: dict[str, set[int]] = {log: set() for log in logs}
    async with asyncio.timeout(10):
        for each in readers:
            await each.__aenter__()
        while sum(map(len, seen.values())) < 200:
            await ready.wait()
            ready.clear()
            for partition, each in enumerate(readers):
                for received in each.take(7):
                    log = received.subject.rpartition(".")[2]
                    seen[log].append(received.payload)
                    where[log].add(partition)
        for each in readers:
            await each.__aexit__(None, None, None)
    assert all(numbers == [b"0", b"1", b"2", b"3", b"4"] for numbers in seen.values())
    assert all(len(partitions) == 1 for partitions in where.values())
    assert len(set().union(*where.values())) > 8


async def test_kill_9_of_the_server_loses_and_doubles_nothing(
    clean_streams: Servers, bus_for: BusFor, nats_control: NatsControl
) -> None:
    gateway, sessions = await bus_for("gateway"), await bus_for("sessions")
    log, total = ids.new_conversation_id(), 5_000
    left = iter(range(total))

    async def publish_all() -> None:
        for number in left:
            await propose(gateway, log, number)

    async with reader(sessions) as source, asyncio.TaskGroup() as group:
        for _ in range(20):
            group.create_task(publish_all())
        found = await collect(source, 1_000)
        await nats_control.restart()
        found += await collect(source, 1_500)
        await nats_control.restart()
        found += await collect(source, total - len(found))
    numbers = [each.seq for each in found]
    assert numbers == sorted(set(numbers))
    assert sorted(int(each.payload) for each in found) == list(range(total))


async def test_a_frozen_server_loses_nothing(
    clean_streams: Servers, bus_for: BusFor, nats_control: NatsControl
) -> None:
    gateway, sessions = await bus_for("gateway"), await bus_for("sessions")
    log = ids.new_conversation_id()
    async with reader(sessions) as source:
        await propose(gateway, log, 0)
        assert len(await collect(source, 1)) == 1
        nats_control.pause()
        sent = [asyncio.create_task(propose(gateway, log, i)) for i in range(1, 11)]
        await asyncio.wait(sent, timeout=1)
        nats_control.resume()
        found = await collect(source, 10)
        await asyncio.gather(*sent)
    assert sorted(int(each.payload) for each in found) == list(range(1, 11))


async def test_a_consumer_that_vanished_is_made_again(
    clean_streams: Servers, bus_for: BusFor
) -> None:
    gateway, sessions = await bus_for("gateway"), await bus_for("sessions")
    admin = await bus_for("provisioner")
    log = ids.new_conversation_id()
    async with reader(sessions) as source:
        await propose(gateway, log, 0)
        await collect(source, 1)
        names = (await admin.api("CONSUMER.NAMES.PROPOSED"))["consumers"]
        for name in names:
            await admin.api(f"CONSUMER.DELETE.PROPOSED.{name}")
        await propose(gateway, log, 1)
        found = await collect(source, 1)
    assert found[0].payload == b"1"


async def test_new_only_skips_what_was_there_and_keeps_its_place(
    clean_streams: Servers, bus_for: BusFor, nats_control: NatsControl
) -> None:
    gateway, sessions = await bus_for("gateway"), await bus_for("sessions")
    log = ids.new_conversation_id()
    await propose(gateway, log, 0)
    async with reader(sessions, None) as source:
        await source.started()
        await propose(gateway, log, 1)
        assert [each.payload for each in await collect(source, 1)] == [b"1"]
        nats_control.kill()
        await eventually(lambda: not gateway.connected)
        await nats_control.start()
        await propose(gateway, log, 2)
        await propose(gateway, log, 3)
        assert [each.payload for each in await collect(source, 2)] == [b"2", b"3"]


async def test_a_stream_made_anew_is_reported(clean_streams: Servers, bus_for: BusFor) -> None:
    gateway, sessions = await bus_for("gateway"), await bus_for("sessions")
    admin = await bus_for("provisioner")
    log = ids.new_conversation_id()
    last = [await propose(gateway, log, i) for i in range(3)][-1]
    before = await sessions.stream_identity(subjects.PROPOSED)
    assert before.cursor(before.created, last) == last
    await admin.api("STREAM.DELETE.PROPOSED")
    await provision(admin)
    async with reader(sessions, last, created=before.created) as source:
        with pytest.raises(StreamRecreatedError) as caught:
            await collect(source, 1)
    now = caught.value.identity
    assert now.created != before.created
    assert now.cursor(before.created, last) == 0


async def test_a_reader_from_now_on_survives_a_stream_made_anew(
    clean_streams: Servers, bus_for: BusFor, nats_control: NatsControl
) -> None:
    gateway, sessions = await bus_for("gateway"), await bus_for("sessions")
    admin = await bus_for("provisioner")
    log = ids.new_conversation_id()
    gaps: list[int] = []
    sessions.on_gap(lambda: gaps.append(1))
    async with reader(sessions, None) as source:
        await source.started()
        await propose(gateway, log, 0)
        await collect(source, 1)
        await admin.api("STREAM.DELETE.PROPOSED")
        await provision(admin)
        await nats_control.restart()
        await eventually(lambda: gaps)
        await eventually(lambda: sessions.connected and gateway.connected)

        async def arrives() -> list[Received]:
            await propose(gateway, log, len(gaps) + int(time.monotonic_ns()))
            return source.take(10)

        assert await eventually(arrives)


async def test_a_slow_owner_holds_the_server_back(clean_streams: Servers, bus_for: BusFor) -> None:
    sessions, ai_core = await bus_for("sessions"), await bus_for("ai-core")
    log, total = ids.new_conversation_id(), 6_000
    subject, body = subjects.log(log, "message"), b"x" * 2_000
    for start in range(0, total, 500):
        await asyncio.gather(
            *(
                sessions.publish(subject, body, stream=subjects.LOG, msg_id=f"{log}:{i}")
                for i in range(start, start + 500)
            )
        )
    async with PartitionReader(ai_core, subjects.LOG, "uchat.log.v1.*.*.*", 0) as source:
        found: list[int] = []
        async with asyncio.timeout(20):
            while len(found) < total:
                found += [each.seq for each in source.take(200)]
                await asyncio.sleep(0)
        assert found == sorted(set(found))


async def test_an_idle_reader_is_woken_at_once(clean_streams: Servers, bus_for: BusFor) -> None:
    gateway, sessions = await bus_for("gateway"), await bus_for("sessions")
    log = ids.new_conversation_id()
    took: list[float] = []
    async with reader(sessions) as source:
        await source.started()
        incoming = source.batches()
        for i in range(100):
            waiting = asyncio.ensure_future(anext(incoming))
            await asyncio.sleep(0.002)
            started = time.perf_counter()
            sent = asyncio.create_task(propose(gateway, log, i))
            await waiting
            took.append(time.perf_counter() - started)
            await sent
    assert statistics.median(took) < 0.02
