"""People, conversations, snapshots and erasure on a real Postgres."""

import asyncio
from typing import Any

import orjson
import pytest

from uchat_contracts import ids
from uchat_contracts.state import LogState, fold
from uchat_platform.auth import SERVICE_ACTOR
from uchat_platform.errors import ExpiredError, InvalidInputError, NotFoundError, UchatError
from uchat_sessions.adapters.postgres import audit
from uchat_sessions.domain.views import ConversationChange

pytestmark = pytest.mark.integration

CANARY = "the purple heron eats at noon"


async def test_an_identity_resolved_by_many_at_once_is_one_person(stores: Any):
    two = [await stores.open(), await stores.open()]
    external = ids.new_ulid()
    people = await asyncio.gather(
        *(two[n % 2].writing.resolve("telegram", external, "Ada") for n in range(24))
    )
    assert len({(p.person, p.home, p.display_name) for p in people}) == 1
    assert sum(p.created for p in people) == 1
    assert await two[0].pool.fetchval("SELECT count(*) FROM person") == 1
    assert await two[0].pool.fetchval("SELECT count(*) FROM log") == 2
    other = await two[0].writing.resolve("account", external, "Ada")
    assert other.person != people[0].person


async def test_a_conversation_is_told_in_its_own_log_and_in_its_persons(store: Any):
    person = await store.person()
    me = store.trader(person.person)
    made = await store.writing.create(me, "k-1", "Plans", "quick")
    again = await store.writing.create(me, "k-1", "Other", "")
    assert again == made
    changed = await store.writing.change(me, made.log, ConversationChange(title="New", pinned=True))
    assert (changed.title, changed.mode, changed.pinned, changed.last_seq) == (
        "New",
        "quick",
        True,
        2,
    )
    same = await store.writing.change(me, made.log, ConversationChange(title="New"))
    assert same.last_seq == 2
    own = await store.entries(person.person, made.log)
    told = await store.entries(person.person, person.person)
    assert [e.kind for e in own] == ["session.created", "session.updated"]
    assert [(e.kind, e.data["session_id"], e.data["title"]) for e in told] == [
        ("session.created", person.home, ""),
        ("session.created", made.log, "Plans"),
        ("session.updated", made.log, "New"),
    ]


async def test_conversations_are_paged_latest_first(store: Any):
    person = await store.person()
    me = store.trader(person.person)
    made = [(await store.writing.create(me, f"k-{n}", f"t{n}", "")).log for n in range(5)]
    await store.log.append([store.proposal(person, "c-1")])
    page = await store.writing.page(me, None, 3)
    assert [view.log for view in page] == [person.home, made[4], made[3]]
    rest = await store.writing.page(me, (page[-1].updated_at, page[-1].log), 10)
    assert [view.log for view in rest] == [made[2], made[1], made[0]]
    assert [view.title for view in rest] == ["t2", "t1", "t0"]


async def test_an_erased_conversation_is_gone_for_good(store: Any):
    person = await store.person()
    me = store.trader(person.person)
    made = await store.writing.create(me, "k-1", CANARY, "")
    event = store.message(person.person, made.log, "c-1", CANARY)
    assert (await store.writing.append(me, event, None, "")).status == "accepted"
    await store.writing.erase(me, made.log)
    await store.writing.erase(me, made.log)
    assert store.purged == [made.log]
    again = store.message(person.person, made.log, "c-1", CANARY)
    outcome = await store.writing.append(me, again, None, "")
    assert (outcome.status, outcome.code) == ("rejected", "erased")
    found = await store.reading.verdict(me, made.log, "c-1", event.body_hash(), 0)
    assert (found.status, found.code) == ("rejected", "erased")
    for attempt in (
        store.reading.read(me, made.log, 0, None, 10),
        store.reading.snapshot(me, made.log, None),
        store.reading.context(SERVICE_ACTOR, made.log, 10),
        store.writing.get(me, made.log),
        store.writing.change(me, made.log, ConversationChange(title="x")),
    ):
        with pytest.raises(NotFoundError):
            await attempt
    with pytest.raises(ExpiredError):
        await store.writing.create(me, "k-1", "", "")
    assert (await store.reading.heads(SERVICE_ACTOR, [made.log]))[1] == []
    assert await store.reading.unanswered(0, 10) == []
    told = await store.entries(person.person, person.person)
    assert [e.kind for e in told][1:] == ["session.created", "session.deleted"]
    assert told[1].data["title"] == ""
    assert not await store.pool.fetch("SELECT 1 FROM log_key WHERE log = $1", made.log)
    assert not await store.pool.fetch("SELECT 1 FROM outbox WHERE log_id = $1", made.log)
    assert not [f async for f in audit.walk(store.pool) if f.fault]
    await store.pool.execute("UPDATE purge SET due_at = now()")
    await store.writing.purge()
    assert store.purged == [made.log, made.log]
    assert await store.pool.fetchval("SELECT count(*) FROM purge") == 0


async def test_who_erases_the_home_gets_a_new_one(store: Any):
    person = await store.person()
    await store.writing.erase(store.trader(person.person), person.home)
    told = await store.entries(person.person, person.person)
    assert [e.kind for e in told] == ["session.created", "session.deleted", "session.created"]
    assert told[2].data["home"] is True
    views = await store.writing.page(store.trader(person.person), None, 10)
    assert [view.log for view in views] == [told[2].data["session_id"]]


async def test_an_append_and_an_erasure_at_once_leave_a_whole_log(store: Any):
    person = await store.person()
    me = store.trader(person.person)
    made = await store.writing.create(me, "k-1", "", "")
    events = [store.message(person.person, made.log, f"c-{n}") for n in range(20)]
    results = await asyncio.gather(
        *(store.writing.append(me, event, None, "") for event in events[:10]),
        store.writing.erase(me, made.log),
        *(store.writing.append(me, event, None, "") for event in events[10:]),
    )
    codes = {outcome.code for outcome in results if outcome is not None}
    assert codes <= {"", "erased"}
    assert not [f async for f in audit.walk(store.pool) if f.fault]
    assert await store.pool.fetchval("SELECT count(*) FROM unanswered") == 0


async def test_a_snapshot_and_the_entries_after_it_are_a_fresh_snapshot(store: Any):
    person = await store.person()
    me = store.trader(person.person)
    for number in range(70):
        await store.log.append([store.proposal(person, f"c-{number}", f"text {number}")])
        if number % 9 == 0:
            change = ConversationChange(title=f"title {number}", archived=number % 2 == 0)
            await store.writing.change(me, person.home, change)
    entries = await store.entries(person.person, person.home)
    fresh, waiting = await store.reading.snapshot(me, person.home, None)
    assert waiting == 70
    assert fresh.seq == len(entries) == 79
    folded = LogState(log=person.home, epoch=store.epoch.value, seq=0)
    for at in range(len(entries) + 1):
        state, _ = await store.reading.snapshot(me, person.home, at)
        assert state == folded
        assert LogState.model_validate_json(state.json_bytes()) == state
        for entry in entries[at:]:
            state = fold(state, entry)
        assert state == fresh
        if at < len(entries):
            folded = fold(folded, entries[at])
    with pytest.raises(InvalidInputError):
        await store.reading.snapshot(me, person.home, 80)


async def test_a_range_of_entries_is_what_was_asked_for(store: Any):
    person = await store.person()
    await store.log.append([store.proposal(person, f"c-{n}") for n in range(99)])
    me = store.trader(person.person)

    async def read(after: int, before: int | None, limit: int) -> list[int]:
        page = await store.reading.read(me, person.home, after, before, limit)
        return [orjson.loads(entry)["seq"] for entry in page.entries]

    assert await read(0, None, 3) == [1, 2, 3]
    assert await read(97, None, 9) == [98, 99, 100]
    assert await read(100, None, 9) == []
    assert await read(500, None, 9) == []
    assert await read(0, 50, 3) == [47, 48, 49]
    assert await read(0, 2**60, 2) == [99, 100]
    assert await read(10, 13, 9) == [11, 12]
    assert await read(10, 5, 9) == []


async def test_nothing_that_was_said_lies_in_a_table_in_clear(store: Any):
    person = await store.person(CANARY)
    me = store.trader(person.person)
    made = await store.writing.create(me, "k-1", CANARY, "")
    await store.writing.change(me, made.log, ConversationChange(title=f"{CANARY}!"))
    event = store.message(person.person, made.log, "c-1", CANARY)
    await store.writing.append(me, event, None, "")
    await store.writing.append(me, store.message(person.person, made.log, "c-1", "x"), None, "")
    tables = await store.pool.fetch(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p')"
        " AND relnamespace = 'sessions'::regnamespace AND relname <> 'alembic_version'"
    )
    assert len(tables) > 12
    needles = [CANARY, CANARY.encode().hex(), event.body_hash()]
    for (table,) in tables:
        for row in await store.pool.fetch(f'SELECT t::text AS line FROM "{table}" t'):
            assert not any(needle in row["line"] for needle in needles), table
    entries = await store.entries(person.person, made.log)
    assert entries[2].data["parts"][0]["text"] == CANARY


@pytest.mark.parametrize(
    ("provider", "external", "name"),
    [("", "x", ""), ("a", "", ""), ("a", "b\0", ""), ("a", "b", "n" * 201)],
)
async def test_bad_input_is_named(store: Any, provider: str, external: str, name: str):
    with pytest.raises(UchatError) as error:
        await store.writing.resolve(provider, external, name)
    assert error.value.code.startswith("invalid_")
