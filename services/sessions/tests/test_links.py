"""Linking: codes, the identity that changes hands, and conversations that move with it."""

import asyncio
from typing import Any

import pytest

from uchat_contracts import ids
from uchat_platform.auth import Actor
from uchat_platform.errors import ConflictError, ExpiredError, NotFoundError, UchatError
from uchat_sessions.adapters.postgres import audit
from uchat_sessions.domain.links import Channel, Claimant
from uchat_sessions.domain.views import PersonView
from uchat_sessions.service.proposing import from_outcome, from_reply

pytestmark = pytest.mark.integration

CANARY = "the purple heron"


def claimant(number: str = "7001", name: str = CANARY) -> Claimant:
    return Claimant("telegram", number, name)


async def arrive(store: Any, number: str = "7001") -> PersonView:
    return await store.writing.resolve("telegram", number, CANARY)


async def link(store: Any, me: Actor, number: str = "7001") -> Any:
    code, _, _ = await store.linking.link_code(me, "telegram", "a…@e….org")
    claimed, _ = await store.linking.claim(code, claimant(number))
    return claimed


async def kinds(store: Any, person: str, log: str) -> list[tuple[str, str]]:
    entries = await store.entries(person, log)
    return [(e.kind, e.data.get("session_id") or e.data.get("state", "")) for e in entries]


async def test_a_continue_code_works_once_and_in_time(store: Any):
    person = await arrive(store)
    me = store.trader(person.person)
    code, ends = await store.linking.continue_code(me)
    assert len(code) >= 43
    late = (ends - (await store.pool.fetchval("SELECT now()"))).total_seconds()
    assert 50 < late <= 60
    results = await asyncio.gather(
        *(store.linking.redeem(code) for _ in range(8)), return_exceptions=True
    )
    people = [r for r in results if isinstance(r, PersonView)]
    assert [(p.person, p.home, p.display_name) for p in people] == [
        (person.person, person.home, CANARY)
    ]
    refused = [r for r in results if isinstance(r, ExpiredError)]
    assert [e.code for e in refused] == ["code_expired"] * 7
    other, _ = await store.linking.continue_code(me)
    await store.pool.execute("UPDATE link_continue SET expires_at = now()")
    with pytest.raises(ExpiredError):
        await store.linking.redeem(other)
    with pytest.raises(NotFoundError) as error:
        await store.linking.redeem("guessed")
    assert error.value.code == "code_unknown"
    await store.pool.execute("UPDATE link_continue SET expires_at = now() - interval '2 days'")
    await store.linking.forget()
    assert not await store.pool.fetchval("SELECT count(*) FROM link_continue")


async def test_a_link_code_is_claimed_by_one_identity(store: Any):
    person = await store.person()
    me = store.trader(person.person)
    code, _, made = await store.linking.link_code(me, "telegram", "a…@e….org")
    assert (made.state, made.match_number) == ("pending", None)
    results = await asyncio.gather(
        *(store.linking.claim(code, claimant(str(n))) for n in range(6)), return_exceptions=True
    )
    claimed = [r for r in results if not isinstance(r, BaseException)]
    assert len(claimed) == 1
    view, account = claimed[0]
    assert (view.id, view.state, account) == (made.id, "awaiting_confirmation", "a…@e….org")
    assert len(view.match_number) == 2
    assert {r.code for r in results if isinstance(r, UchatError)} == {"code_expired"}
    winner = next(n for n, r in enumerate(results) if not isinstance(r, BaseException))
    again, _ = await store.linking.claim(code, claimant(str(winner)))
    assert again == view
    assert (await store.linking.get(me, made.id)) == (view, "")
    told = await store.entries(person.person, person.person)
    assert [e.kind for e in told] == ["session.created", "link.changed"]
    assert told[1].data["match_number"] == view.match_number


async def test_a_code_may_be_looked_at_before_it_is_used(store: Any):
    person = await store.person()
    me = store.trader(person.person)
    code, _, made = await store.linking.link_code(me, "telegram", "a…@e….org")
    for number in ("1", "2", "1"):
        assert await store.linking.look(code, claimant(number)) == (made, "a…@e….org")
    with pytest.raises(ConflictError):
        await store.linking.confirm(me, made.id, may_approve=True)
    claimed, _ = await store.linking.claim(code, claimant("1"))
    assert (await store.linking.look(code, claimant("1")))[0] == claimed
    for guess, error in (("nope", NotFoundError), (code, ExpiredError)):
        with pytest.raises(error):
            await store.linking.look(guess, claimant("2"))
    await store.linking.confirm(me, claimed.id, may_approve=True)
    again, _, _ = await store.linking.link_code(me, "telegram", "")
    with pytest.raises(ConflictError):
        await store.linking.look(again, claimant("1"))


async def test_linking_moves_the_identity_and_every_conversation(store: Any):
    gone, me_view = await arrive(store), await store.person()
    me, them = store.trader(me_view.person), store.trader(gone.person)
    beside = await store.writing.create(them, "k-1", "Plans", "quick")
    asked = store.message(gone.person, gone.home, "c-1", CANARY)
    await store.writing.append(them, asked, None, "")
    await store.log.append([from_outcome(store.outcome(gone, "d-1", 1))])
    code, _, _ = await store.linking.link_code(me, "telegram", "")
    with pytest.raises(ConflictError):
        await store.linking.confirm(
            me, (await store.linking.page(me, None, 9))[0].id, may_approve=True
        )
    claimed, _ = await store.linking.claim(code, claimant())
    assert (await store.linking.get(me, claimed.id))[1] == gone.person
    with pytest.raises(NotFoundError):
        await store.linking.confirm(them, claimed.id, may_approve=True)
    views = await asyncio.gather(
        *(store.linking.confirm(me, claimed.id, may_approve=True) for _ in range(4))
    )
    assert {(v.state, v.may_approve, v.match_number) for v in views} == {("active", True, None)}
    assert (await arrive(store)).person == me_view.person
    page = await store.writing.page(me, None, 9)
    assert {(v.log, v.title, v.home) for v in page} == {
        (me_view.home, "", True),
        (gone.home, "Telegram", False),
        (beside.log, "Plans", False),
    }
    assert await store.writing.page(them, None, 9) == []
    assert await kinds(store, me_view.person, me_view.person) == [
        ("session.created", me_view.home),
        ("link.changed", "awaiting_confirmation"),
        *(("session.created", log) for log in sorted([gone.home, beside.log])),
        ("link.changed", "active"),
    ]
    old = await kinds(store, gone.person, gone.person)
    assert old[2:] == [("session.deleted", log) for log in sorted([gone.home, beside.log])]
    for late in (
        store.reading.read(them, gone.home, 0, None, 9),
        store.writing.append(them, store.message(gone.person, gone.home, "c-2"), None, ""),
    ):
        try:
            assert (await late).code == "not_found"
        except NotFoundError:
            continue
    mine = store.message(me_view.person, gone.home, "c-1", "hello")
    assert (await store.writing.append(me, mine, None, "")).status == "accepted"
    entries = await store.entries(me_view.person, gone.home)
    assert entries[1].data["parts"][0]["text"] == CANARY
    assert [e.seq for e in entries] == list(range(1, len(entries) + 1))
    channels = [Channel("telegram", "7001", may_approve=True)]
    assert await store.channels.channels(me_view.person) == channels
    assert await store.channels.channels(gone.person) == channels
    assert not [f async for f in audit.walk(store.pool) if f.fault]


async def test_what_was_under_way_when_people_were_linked_ends_where_it_belongs(store: Any):
    gone, me_view = await arrive(store), await store.person()
    me, them = store.trader(me_view.person), store.trader(gone.person)
    asked = store.message(gone.person, gone.home, "c-1")
    await store.writing.append(them, asked, None, "")
    await store.log.append([from_outcome(store.outcome(gone, "d-1", 1))])
    code, _ = await store.linking.continue_code(them)
    await store.linking.confirm(me, (await link(store, me)).id, may_approve=False)
    superseded = store.outcome(gone, "d-1", 2, "superseded")
    intruder = store.outcome(await store.person("Eve"), "d-1", 3, log=gone.home)
    reply = store.reply(
        gone.home, asked.message_id, user_id=gone.person, interface="telegram",
        proposals=[{"legs": [{"symbol": "BTC", "side": "buy", "quantity": "1"}]}],
    )  # fmt: skip
    late = await store.log.append(
        [from_outcome(superseded), from_outcome(intruder), from_reply(reply)]
    )
    assert [(o.status, o.code) for o in late.outcomes] == [
        ("accepted", ""),
        ("rejected", "not_found"),
        ("accepted", ""),
    ]
    snapshot, waiting = await store.reading.snapshot(me, gone.home, None)
    assert (snapshot.pending, waiting) == ([], 0)
    assert "decisions" not in snapshot.entries[-1].data
    assert (await store.linking.redeem(code)).person == me_view.person
    with pytest.raises(ExpiredError):
        await store.writing.create(them, "late", "", "")


async def test_an_identity_without_a_person_is_linked_as_well(store: Any):
    person = await store.person()
    me = store.trader(person.person)
    claimed = await link(store, me, "4711")
    assert (await store.linking.get(me, claimed.id))[1] == ""
    await store.linking.confirm(me, claimed.id, may_approve=False)
    assert (await arrive(store, "4711")).person == person.person
    with pytest.raises(ConflictError) as error:
        await link(store, me, "4711")
    assert error.value.code == "already_linked"


async def test_who_is_known_otherwise_too_keeps_what_is_theirs(store: Any):
    other, me_view = await store.person("Eve"), await store.person()
    me = store.trader(me_view.person)
    theirs = await link(store, store.trader(other.person), "4711")
    await store.linking.confirm(store.trader(other.person), theirs.id, may_approve=False)
    mine = await link(store, me, "4711")
    assert (await store.linking.get(me, mine.id))[1] == ""
    await store.linking.confirm(me, mine.id, may_approve=False)
    assert (await arrive(store, "4711")).person == me_view.person
    assert [v.log for v in await store.writing.page(store.trader(other.person), None, 9)] == [
        other.home
    ]
    ended, _ = await store.linking.get(store.trader(other.person), theirs.id)
    assert ended.state == "revoked"


async def test_a_revoked_link_makes_its_identity_a_stranger(store: Any):
    person = await store.person()
    me = store.trader(person.person)
    claimed = await link(store, me, "4711")
    await store.linking.confirm(me, claimed.id, may_approve=True)
    for _ in range(2):
        assert (await store.linking.revoke(me, claimed.id)).state == "revoked"
    assert await store.channels.channels(person.person) == []
    stranger = await arrive(store, "4711")
    assert stranger.created
    assert stranger.person != person.person
    with pytest.raises(ExpiredError):
        await store.linking.confirm(me, claimed.id, may_approve=True)
    (origin,) = await store.linking.page(store.trader(stranger.person), None, 9)
    assert (origin.state, origin.may_approve, origin.display_name) == ("active", False, CANARY)


async def test_two_who_take_each_other_over_end_as_one(store: Any):
    first, second = await arrive(store, "1"), await arrive(store, "2")
    me, them = store.trader(first.person), store.trader(second.person)
    mine, theirs = await link(store, me, "2"), await link(store, them, "1")
    results = await asyncio.gather(
        store.linking.confirm(me, mine.id, may_approve=True),
        store.linking.confirm(them, theirs.id, may_approve=True),
        return_exceptions=True,
    )
    stays, gone = (first, second) if not isinstance(results[0], BaseException) else (second, first)
    assert {getattr(r, "code", "") for r in results} == {"", "person_merged"} or {
        getattr(r, "code", "") for r in results
    } == {"", "database_away"}
    owned = {v.log for v in await store.writing.page(store.trader(stays.person), None, 9)}
    assert owned == {first.home, second.home}
    assert await store.writing.page(store.trader(gone.person), None, 9) == []


async def test_a_link_waits_ten_minutes_for_its_confirmation(store: Any):
    me = store.trader((await store.person()).person)
    claimed = await link(store, me)
    await store.pool.execute("UPDATE link SET expires_at = now()")
    with pytest.raises(ExpiredError) as error:
        await store.linking.confirm(me, claimed.id, may_approve=True)
    assert error.value.code == "link_expired"
    assert await store.linking.page(me, None, 9) == []


async def test_links_are_paged_latest_first(store: Any):
    me = store.trader((await store.person()).person)
    made = [(await store.linking.link_code(me, "telegram", ""))[2] for _ in range(5)]
    first = await store.linking.page(me, None, 3)
    rest = await store.linking.page(me, (first[-1].created_at, first[-1].id), 9)
    assert [view.id for view in [*first, *rest]] == [view.id for view in reversed(made)]


async def test_codes_and_names_lie_in_no_table_in_clear(store: Any):
    person = await arrive(store)
    me = store.trader(person.person)
    code, _, _ = await store.linking.link_code(me, "telegram", CANARY)
    other, _ = await store.linking.continue_code(me)
    await store.linking.claim(code, claimant("4711"))
    for table in ("link", "link_continue", "identity", "person", "entry"):
        for row in await store.pool.fetch(f'SELECT t::text AS line FROM "{table}" t'):
            for needle in (code, other, CANARY, CANARY.encode().hex()):
                assert needle not in row["line"], table


async def test_linking_while_everybody_writes_leaves_whole_logs(store: Any):
    gone, me_view = await arrive(store), await store.person()
    me, them = store.trader(me_view.person), store.trader(gone.person)
    claimed = await link(store, me)
    events = [store.message(gone.person, gone.home, f"c-{n}") for n in range(20)]
    results = await asyncio.gather(
        *(store.writing.append(them, event, None, "") for event in events[:10]),
        *(store.writing.create(them, f"k-{n}", "", "") for n in range(4)),
        store.linking.confirm(me, claimed.id, may_approve=True),
        *(store.writing.append(them, event, None, "") for event in events[10:]),
        *(store.writing.create(them, f"l-{n}", "", "") for n in range(4)),
        return_exceptions=True,
    )
    errors = {getattr(r, "code", "") for r in results if isinstance(r, BaseException)}
    assert errors <= {"erased", "database_away"}
    assert not await store.pool.fetch(
        "SELECT 1 FROM log WHERE person = $1 AND log <> $1", gone.person
    )
    owned = {v.log for v in await store.writing.page(me, None, 50)}
    made = {r.log for r in results if hasattr(r, "log")}
    assert made <= owned
    assert not [f async for f in audit.walk(store.pool) if f.fault]


@pytest.mark.parametrize(
    ("provider", "code"), [("account", "invalid_provider"), ("", "invalid_provider")]
)
async def test_bad_input_is_named(store: Any, provider: str, code: str):
    me = store.trader(ids.new_person_id())
    with pytest.raises(UchatError) as error:
        await store.linking.link_code(me, provider, "")
    assert error.value.code == code
