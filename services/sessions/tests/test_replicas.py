"""Several replicas at once: handover, crashes, the relay, and a server that forgets."""

import asyncio
import base64
import contextlib
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from uchat_contracts import subjects
from uchat_contracts.events import LogEntry
from uchat_platform.auth import SERVICE_ACTOR
from uchat_platform.bus import PartitionReader
from uchat_platform.crypto import SealError
from uchat_platform.testing import eventually

pytestmark = pytest.mark.integration


async def until_head(replica: Any, heads: dict[str, int]) -> None:
    async def reached() -> bool:
        _, found = await replica.app.reading.heads(SERVICE_ACTOR, list(heads))
        return {head.log: head.last_seq for head in found} == heads

    await eventually(reached, timeout_s=20)


async def people(replica: Any, count: int) -> list[Any]:
    resolve = replica.app.writing.resolve
    return [await resolve("account", f"p-{n}", "") for n in range(count)]


async def check(replica: Any, persons: list[Any], sent: int) -> None:
    for person in persons:
        entries = await replica.entries(replica.trader(person.person), person.home)
        assert [e.seq for e in entries] == list(range(1, sent + 2))
        assert [e.data["client_msg_id"] for e in entries[1:]] == [f"c-{n}" for n in range(sent)]


async def test_partitions_wander_between_replicas_without_loss(world: Any, run: Any):
    """A second replica comes and goes, and is killed, while everybody writes."""
    async with run(world.settings) as first:
        persons = await people(first, 24)
        await eventually(lambda: len(first.app.ownership.owned) == 16)

        async def write(person: Any) -> None:
            for number in range(20):
                await world.send(world.message(person.person, person.home, f"c-{number}"))
                await asyncio.sleep(0.1)

        async def disturb() -> None:
            async with run(world.settings) as second:
                await eventually(lambda: len(second.app.ownership.owned) == 8)
            async with run(world.settings) as third:
                await eventually(lambda: third.app.ownership.owned)
                # As a kill would: no farewell, connections cut, whatever is in hand is lost.
                third.task.cancel()
                third.app.pool.terminate()
                with contextlib.suppress(asyncio.CancelledError):
                    await third.task

        await asyncio.gather(disturb(), *(write(person) for person in persons))
        await until_head(first, {person.home: 21 for person in persons})
        await check(first, persons, 20)
        assert await world.query("SELECT 1 FROM cursor WHERE last > 0")


async def test_a_replica_killed_in_the_middle_of_an_append_is_gone(world: Any, run: Any):
    async with run(world.settings) as replica:
        (person,) = await people(replica, 1)
        async with world.holding("LOCK TABLE outbox") as waiting:
            await world.send(world.message(person.person, person.home, "c-0"))
            await eventually(waiting)
            replica.task.cancel()
            replica.app.pool.terminate()
            _, left = await asyncio.wait([replica.task], timeout=5)
            assert not left


class Mute:
    """Announces nothing."""

    def announce(self, appended: Any) -> None:
        """Say nothing."""

    async def tell(self, verdict: Any) -> None:
        """Say nothing."""


async def test_what_a_crash_left_unannounced_is_relayed_in_its_trace(world: Any, run: Any, bus_for):
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
    async with run(world.settings) as replica:
        (person,) = await people(replica, 1)
        await eventually(lambda: replica.app.ownership.owned)
    async with run(world.settings) as crashing:
        # Commits, and is gone before it announces anything.
        object.__setattr__(crashing.app.lane, "announcer", Mute())
        event = world.message(person.person, person.home, "c-0", "hello")
        await world.gateway.publish(
            subjects.proposed("message", person.home),
            event.json_bytes(),
            stream=subjects.PROPOSED,
            msg_id="one",
            headers={"traceparent": trace},
        )
        await until_head(crashing, {person.home: 2})
        crashing.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await crashing.task
    async with run(world.settings):
        everything = f"uchat.log.v1.*.{person.home}.message"
        reader = PartitionReader(await bus_for("ai-core"), subjects.LOG, everything, 0)
        async with reader, asyncio.timeout(8):
            (found,) = await anext(aiter(reader.batches()))
        entry = LogEntry.model_validate_json(found.payload)
        assert (entry.seq, entry.data["client_msg_id"]) == (2, "c-0")
        assert found.msg_id == entry.nats_msg_id()
        assert found.headers["traceparent"] == trace

        async def spent() -> bool:
            return not await world.query("SELECT 1 FROM outbox")

        await eventually(spent)


async def test_without_valkey_everything_is_still_there(world: Any, run: Any):
    away = world.settings.model_copy(update={"valkey_url": _nowhere(world.settings.valkey_url)})
    async with run(away) as replica:
        (person,) = await people(replica, 1)
        for number in range(3):
            await world.send(world.message(person.person, person.home, f"c-{number}"))
        await until_head(replica, {person.home: 4})
        await check(replica, [person], 3)


async def test_a_wrong_key_stops_the_start(world: Any, run: Any, tmp_path: Path):
    async with run(world.settings) as replica:
        await people(replica, 1)
    other = tmp_path / "kek"
    other.touch(mode=0o600)
    other.write_text(base64.b64encode(bytes(32)).decode())
    with pytest.raises(SealError):
        async with run(world.settings.model_copy(update={"kek_file": other})):
            pass


def _nowhere(url: Any) -> Any:
    return type(url)("redis://127.0.0.1:1/0")


async def test_the_ring_holds_the_latest_entries_sealed(world: Any, run: Any):
    async with run(world.settings) as replica:
        (person,) = await people(replica, 1)
        for number in range(70):
            await world.send(world.message(person.person, person.home, f"c-{number}", "heron"))
        await until_head(replica, {person.home: 71})
        ring = replica.app.ring

        async def filled() -> Any:
            return await ring.latest(person.home, 71, 64)

        recent = await eventually(filled)
        assert [entry.seq for entry in recent] == list(range(8, 72))
        stored = await replica.app.reading.logs.entries(person.home, 7, 72, 64, latest=False)
        assert recent == stored
        assert await ring.latest(person.home, 72, 10) is None
        assert await ring.latest(person.home, 71, 65) is None
        client: Any = Redis.from_url(world.settings.valkey_url.get_secret_value())
        async with client:
            (name,) = [key async for key in client.scan_iter("sessions:ring:*" + person.home)]
            assert not any(b"heron" in member for member in await client.zrange(name, 0, -1))
            await client.zremrangebyscore(name, 50, 50)
        assert await ring.latest(person.home, 71, 64) is None
        await check(replica, [person], 70)
        await replica.app.writing.erase(replica.trader(person.person), person.home)
        assert await ring.latest(person.home, 71, 3) is None


async def test_nats_killed_and_started_again_loses_nothing(world: Any, run: Any, nats_control: Any):
    async with run(world.settings) as replica:
        persons = await people(replica, 6)

        async def write(person: Any) -> None:
            for number in range(12):
                event = world.message(person.person, person.home, f"c-{number}")
                await world.gateway.publish(
                    subjects.proposed("message", person.home),
                    event.json_bytes(),
                    stream=subjects.PROPOSED,
                    msg_id=event.nats_msg_id(),
                    timeout_s=20,
                )
                await asyncio.sleep(0.05)

        async def disturb() -> None:
            await asyncio.sleep(0.2)
            await nats_control.restart()

        await asyncio.gather(disturb(), *(write(person) for person in persons))
        await until_head(replica, {person.home: 13 for person in persons})
        await check(replica, persons, 12)

        async def announced() -> bool:
            return not await world.query("SELECT 1 FROM outbox")

        await eventually(announced, timeout_s=10)
