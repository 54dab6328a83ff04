"""Appending on a real Postgres: races, crashes at every statement, stalled owners."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from uchat_platform.errors import UnavailableError
from uchat_platform.testing import eventually
from uchat_sessions.adapters.postgres import audit
from uchat_sessions.domain.proposals import Proposal
from uchat_sessions.ports import CursorLostError, CursorMove, Feed, Incoming
from uchat_sessions.service.lane import WriterLane
from uchat_sessions.service.proposing import from_outcome

pytestmark = pytest.mark.integration


async def test_a_race_of_repeats_leaves_no_gap_and_no_second_entry(stores: Any):
    stores_of_two = [await stores.open(), await stores.open()]
    person = await stores_of_two[0].person()
    events = [stores_of_two[0].message(person.person, person.home, f"c-{n}") for n in range(200)]

    async def send(replica: int, event: Any) -> Any:
        store = stores_of_two[replica % 2]
        return await store.writing.append(store.trader(person.person), event, None, "")

    outcomes = await asyncio.gather(*(send(r, event) for event in events for r in range(4)))
    assert sorted(o.status for o in outcomes) == ["accepted"] * 200 + ["duplicate"] * 600
    entries = await stores_of_two[0].entries(person.person, person.home)
    assert [entry.seq for entry in entries] == list(range(1, 202))
    assert len({entry.data.get("client_msg_id") for entry in entries}) == 201


async def test_conditions_hold_at_the_moment_of_the_append(store: Any):
    person = await store.person()
    me = store.trader(person.person)

    async def append(cid: str, if_last_seq: int | None = None, **more: Any) -> tuple[str, str]:
        event = store.message(person.person, person.home, cid, **more)
        outcome = await store.writing.append(me, event, if_last_seq, "")
        return outcome.status, outcome.code

    assert await append("a", 1) == ("accepted", "")
    assert await append("a", 1) == ("duplicate", "")
    assert await append("b", 1) == ("rejected", "seq_mismatch")
    assert await append("b") == ("rejected", "seq_mismatch")
    assert await append("c", policy="reject") == ("rejected", "run_active")
    results = await asyncio.gather(*(append(f"race-{n}", 2) for n in range(8)))
    assert sorted(results) == [("accepted", "")] + [("rejected", "seq_mismatch")] * 7


class FakeStream:
    """One partition's messages, read on from the cursor like the real one."""

    def __init__(self, log: Any, proposals: list[Proposal]) -> None:
        self.log = log
        self.proposals = proposals
        self.feed = Feed(0, "made", 0)
        self.lost_feeds = 0
        self.read = 0

    async def next(self, limit: int) -> list[Incoming]:
        if not self.feed.open:
            while True:
                try:
                    last = await self.log.open_cursor(0, "made")
                    break
                except UnavailableError:
                    await asyncio.sleep(0.01)
            self.feed, self.read = Feed(0, "made", last), last
        items = self.proposals[self.read : self.read + limit]
        batch = [
            Incoming(self.feed, self.read + n, p.log, p, None, None, _NOW)
            for n, p in enumerate(items, 1)
        ]
        self.read += len(batch)
        return batch

    def lost(self, feed: Feed) -> None:
        feed.open = False
        self.lost_feeds += 1


_NOW = datetime.now(UTC)


class Breaking(asyncpg.Connection):
    """Loses its connection before or after a chosen statement of this process."""

    before: int | None = None
    after: int | None = None
    count = 0

    async def _guarded(self, call: Any, query: str, *arguments: Any, **more: Any) -> Any:
        kind = type(self)
        kind.count += 1
        number = kind.count
        if kind.before == number:
            self.terminate()
        result = await call(query, *arguments, **more)
        if kind.after == number:
            self.terminate()
            raise asyncpg.ConnectionDoesNotExistError("the connection was lost")
        return result

    async def fetch(self, query: str, *arguments: Any, **more: Any) -> Any:
        return await self._guarded(super().fetch, query, *arguments, **more)

    async def execute(self, query: str, *arguments: Any, **more: Any) -> Any:
        return await self._guarded(super().execute, query, *arguments, **more)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("statement", range(1, 13))
async def test_a_connection_lost_at_any_statement_loses_and_doubles_nothing(
    stores: Any, when: str, statement: int
):
    quiet = await stores.open()
    person = await quiet.person()
    proposals = [quiet.proposal(person, f"c-{n}") for n in range(9)]
    breaking = type("BreakingOnce", (Breaking,), {"count": 0, when: statement})
    store = await stores.open(connection_class=breaking, connections=2)
    stream = FakeStream(store.log, proposals)
    lane = WriterLane(store.log, store.announcer, store.ring, None, stream, 3)
    await quiet.log.open_cursor(0, "made")
    await lane.run()
    entries = await quiet.entries(person.person, person.home)
    assert [entry.data.get("client_msg_id") for entry in entries[1:]] == [
        p.client_msg_id for p in proposals
    ]
    assert [entry.seq for entry in entries] == list(range(1, 11))
    assert await quiet.pool.fetchval("SELECT last FROM cursor WHERE partition = 0") == 9
    assert await quiet.pool.fetchval("SELECT waiting FROM log WHERE log = $1", person.home) == 9
    assert not [f async for f in audit.walk(quiet.pool) if f.fault]


async def test_an_append_is_three_statements_whatever_is_in_it(stores: Any):
    counting = type("Counting", (Breaking,), {"count": 0})
    store = await stores.open(connection_class=counting, connections=1)
    person = await store.person()
    await store.log.open_cursor(0, "made")
    batches = [
        [store.proposal(person, "c-1")],
        [from_outcome(store.outcome(person, "d-1", 1)), store.proposal(person, "c-2")],
        [from_outcome(store.outcome(person, f"d-{n}", 2)) for n in range(9)],
    ]
    for number, batch in enumerate(batches):
        counting.count = 0
        await store.log.append(batch, [CursorMove(0, "made", number, number + 1)])
        # Besides BEGIN, COMMIT and the reset that this pool makes.
        assert counting.count - 3 == 3


async def test_a_stalled_owner_writes_nothing_after_it_was_replaced(stores: Any):
    zombie, owner = await stores.open(), await stores.open()
    person = await zombie.person()
    proposals = [zombie.proposal(person, f"c-{n}") for n in range(4)]
    assert await zombie.log.open_cursor(0, "made") == 0
    await owner.log.append(proposals, [CursorMove(0, "made", 0, 4)])
    with pytest.raises(CursorLostError) as lost:
        await zombie.log.append(
            [zombie.proposal(person, "other"), *proposals], [CursorMove(0, "made", 0, 4)]
        )
    assert lost.value.partitions == {0}
    entries = await owner.entries(person.person, person.home)
    assert [entry.data.get("client_msg_id") for entry in entries[1:]] == [
        p.client_msg_id for p in proposals
    ]


async def test_two_owners_at_once_append_everything_once_and_in_order(stores: Any):
    first, second = await stores.open(), await stores.open()
    person = await first.person()
    proposals = [first.proposal(person, f"c-{n}") for n in range(120)]
    streams = [FakeStream(store.log, proposals) for store in (first, second)]
    await first.log.open_cursor(0, "made")
    await asyncio.gather(
        *(
            WriterLane(store.log, store.announcer, store.ring, None, stream, 5).run()
            for store, stream in zip((first, second), streams, strict=True)
        )
    )
    entries = await first.entries(person.person, person.home)
    assert [entry.data.get("client_msg_id") for entry in entries[1:]] == [
        p.client_msg_id for p in proposals
    ]
    assert not first.announcer.verdicts
    assert not second.announcer.verdicts


async def test_a_writer_stopped_within_a_transaction_is_waited_for_two_seconds_at_most(
    stores: Any,
):
    owner = await stores.open()
    person = await owner.person()
    await owner.log.open_cursor(0, "made")
    stalled = await asyncpg.connect(
        stores.dsn, server_settings={"idle_in_transaction_session_timeout": "2000"}
    )
    await stalled.execute("BEGIN")
    await stalled.execute("UPDATE cursor SET last = 1 WHERE partition = 0")
    await stalled.execute("SELECT 1 FROM log WHERE log = $1 FOR UPDATE", person.home)
    async with asyncio.timeout(4):
        committed = await owner.log.append(
            [owner.proposal(person, "c-1")], [CursorMove(0, "made", 0, 1)]
        )
    assert committed.outcomes[0].seq == 2
    await eventually(stalled.is_closed)


async def test_a_database_that_is_away_is_waited_for_with_the_batch_in_hand(stores: Any):
    store = await stores.open()
    person = await store.person()
    proposals = [store.proposal(person, f"c-{n}") for n in range(4)]
    stream = FakeStream(store.log, proposals)
    lane = WriterLane(store.log, store.announcer, store.ring, None, stream, 2)
    owner = await asyncpg.connect(stores.owner_dsn, server_settings={"search_path": "sessions"})
    await owner.execute("ALTER TABLE outbox RENAME TO outbox_away")
    running = asyncio.create_task(lane.run())
    await eventually(lambda: _retried() > 1)
    assert not running.done()
    await owner.execute("ALTER TABLE outbox_away RENAME TO outbox")
    await owner.close()
    await asyncio.wait_for(running, 10)
    assert len(await store.entries(person.person, person.home)) == 5


def _retried() -> float:
    from uchat_sessions.service import metrics

    return metrics.RETRIED.labels("database_away")._value.get()


async def test_a_changed_row_is_found(stores: Any, store: Any):
    person = await store.person()
    await store.log.append([store.proposal(person, f"c-{n}") for n in range(20)])
    assert not [f async for f in audit.walk(store.pool) if f.fault]
    owner = await asyncpg.connect(stores.owner_dsn, server_settings={"search_path": "sessions"})
    for change, fault in (
        ("UPDATE entry SET body = body || 'x' WHERE log = $1 AND seq = 7", "entry 7 was changed"),
        (
            "UPDATE entry SET created_at = created_at + interval '1 us' WHERE log = $1 AND seq = 3",
            "entry 3 was changed",
        ),
        ("DELETE FROM entry WHERE log = $1 AND seq = 2", "entry 2 is missing"),
    ):
        await owner.execute(change, person.home)
        faults = [f async for f in audit.walk(store.pool) if f.fault]
        assert [(f.log, f.fault) for f in faults] == [(person.home, fault)]
    await owner.execute("DELETE FROM entry WHERE log = $1", person.person)
    await owner.execute("UPDATE log SET last_seq = 0 WHERE log = $1", person.person)
    found = {f.log: f.fault async for f in audit.walk(store.pool)}
    assert found[person.person] == "the head was changed"
    await owner.close()


async def test_the_negative_controls_do_harm(stores: Any):
    careless = await stores.open(unique=False, cursor_safe=False)
    person = await careless.person()
    twice = careless.proposal(person, "c-1")
    await careless.log.append([twice], [CursorMove(0, "made", 0, 1)])
    await careless.log.append([twice], [CursorMove(0, "made", 0, 1)])
    entries = await careless.entries(person.person, person.home)
    assert [e.data.get("client_msg_id") for e in entries] == [None, "c-1", "c-1"]
