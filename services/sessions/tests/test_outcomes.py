"""What comes of trading: cards and other outcomes in logs, and the snapshots that hold them."""

import asyncio
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uchat_contracts.state import LogState, fold
from uchat_contracts.trading import OPEN_STATES
from uchat_platform.errors import InvalidInputError
from uchat_sessions.adapters.postgres import audit
from uchat_sessions.domain.cards import cards_of
from uchat_sessions.domain.proposals import Proposal
from uchat_sessions.domain.sequencer import Head, Numbered, Sequencer
from uchat_sessions.domain.views import ConversationChange
from uchat_sessions.service.proposing import from_outcome, from_reply

STATES = (
    *("proposed", "awaiting_approval", "approved", "executing", "executed"),
    *("denied", "rejected", "expired", "needs_human", "failed"),
)


def about(thing: str, rev: int, owner: str = "user_A", *, card_open: bool = True) -> Proposal:
    return Proposal(
        log="unified_A",
        kind="decision",
        data=b"{}",
        message_id=thing,
        key=f"outcome:{thing}:{rev}",
        owner=owner,
        about=thing,
        rev=rev,
        card_open=card_open,
    )


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 9)), max_size=40), st.data())
def test_an_older_event_never_follows_a_newer_one(arrived: list[tuple[str, int]], data: Any):
    head = Head("unified_A", "user_A", 0, 0, erased=False)
    entries: list[Numbered] = []
    claims: dict[Any, Any] = {}
    revs: dict[tuple[str, str], int] = {}
    while arrived:
        size = data.draw(st.integers(1, len(arrived)))
        batch, arrived = arrived[:size], arrived[size:]
        decision = Sequencer(
            {head.log: head}, dict(claims), frozenset(), lambda _: b"", dict(revs)
        ).decide(about(thing, rev) for thing, rev in batch)
        entries += decision.entries
        claims |= decision.claims
        revs |= decision.revs
    for thing in "abc":
        told = [e.proposal.rev for e in entries if e.proposal.about == thing]
        assert told == sorted(set(told))
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=30), st.data())
def test_spans_of_cards_are_the_open_ones_at_every_seq(cards: list[tuple[str, bool]], data: Any):
    entries = [
        Numbered(seq, about(thing, seq, card_open=is_open))
        for seq, (thing, is_open) in enumerate(cards, 1)
    ]
    rows: dict[tuple[str, str, int], int] = {}
    left = entries
    while left:
        size = data.draw(st.integers(1, len(left)))
        batch, left = cards_of(left[:size]), left[size:]
        for (log, thing), seq in batch.ended.items():
            rows |= {
                row: seq for row, until in rows.items() if row[:2] == (log, thing) and until > 2**62
            }
        rows |= batch.opened
    for at in range(len(cards) + 1):
        latest = {thing: (seq, is_open) for seq, (thing, is_open) in enumerate(cards[:at], 1)}
        expected = {(thing, seq) for thing, (seq, is_open) in latest.items() if is_open}
        assert {(t, seq) for (_, t, seq), until in rows.items() if seq <= at < until} == expected


def test_an_outcome_needs_the_owner_of_the_log_or_who_was_linked_with_them():
    heads = {"unified_A": Head("unified_A", "user_B", 3, 0, erased=False, former=["user_A"])}
    decision = Sequencer(heads, {}, frozenset(), lambda _: b"").decide(
        [about("x", 1, "user_A"), about("y", 1, "user_B"), about("z", 1, "user_C")]
    )
    assert [o.code for o in decision.outcomes] == ["", "", "not_found"]
    assert len(decision.claims) == 2


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kind": "message"}, "reserved_kind"),
        ({"kind": "session.deleted"}, "reserved_kind"),
        ({"kind": "link.changed"}, "reserved_kind"),
        ({"rev": 2}, "card_mismatch"),
        ({"about": "decision:other"}, "card_mismatch"),
        ({"user_id": "user_01J9ZK3V7Q8W4X5Y6Z7A8B9C0D"}, "card_mismatch"),
    ],
)
async def test_what_is_no_outcome_is_refused(store: Any, change: dict[str, Any], code: str):
    event = store.outcome(await store.person(), "d-1", 1)
    with pytest.raises(InvalidInputError) as error:
        from_outcome(event.model_copy(update=change))
    assert error.value.code == code


@pytest.mark.integration
async def test_two_writers_and_any_order_leave_only_what_is_newer(stores: Any):
    two = [await stores.open(), await stores.open()]
    person = await two[0].person()
    events = [
        two[0].outcome(person, thing, rev, random.Random(rev).choice(STATES))
        for thing in ("d-1", "d-2", "d-3")
        for rev in range(1, 11)
    ] * 2
    random.Random(7).shuffle(events)
    batches = [events[n : n + 4] for n in range(0, len(events), 4)]

    async def write(store: Any, mine: list[Any]) -> None:
        for batch in mine:
            await store.log.append([from_outcome(event) for event in batch])

    await asyncio.gather(write(two[0], batches[::2]), write(two[1], batches[1::2]))
    entries = await two[0].entries(person.person, person.home)
    for thing in ("d-1", "d-2", "d-3"):
        revs = [e.data["rev"] for e in entries if e.data.get("decision_id") == thing]
        assert revs == sorted(set(revs))
        assert revs[-1] == 10
    assert [e.seq for e in entries] == list(range(1, len(entries) + 1))
    assert not [f async for f in audit.walk(two[0].pool) if f.fault]
    await the_law_holds(two[0], person, person.home)


@pytest.mark.integration
@pytest.mark.parametrize("seed", range(3))
async def test_a_snapshot_and_what_follows_is_a_fresh_snapshot_for_every_kind(
    store: Any, seed: int
):
    draw = random.Random(seed)
    person = await store.person()
    me = store.trader(person.person)
    revs: dict[str, int] = {}
    logs = (person.home, person.person)
    for number in range(90):
        chance = draw.random()
        if chance < 0.15:
            change = ConversationChange(title=f"title {number}", pinned=draw.random() < 0.5)
            await store.writing.change(me, person.home, change)
        elif chance < 0.35:
            asked = store.message(person.person, person.home, f"c-{number}")
            await store.log.append([store.proposal(person, f"m-{number}")])
            await store.writing.append(me, asked, None, "")
            reply = store.reply(person.home, asked.message_id, user_id=person.person)
            await store.log.append([from_reply(reply)])
        else:
            batch: list[Proposal] = []
            for _ in range(draw.randint(1, 4)):
                thing = f"d-{draw.randint(1, 9)}"
                rev = revs[thing] = revs.get(thing, 0) + 1
                state = draw.choice(STATES)
                batch += [
                    from_outcome(store.outcome(person, thing, rev, state, log=log)) for log in logs
                ]
            await store.log.append(batch)
    for log in logs:
        await the_law_holds(store, person, log)


async def the_law_holds(store: Any, person: Any, log: str) -> None:
    me = store.trader(person.person)
    entries = await store.entries(person.person, log)
    fresh, _ = await store.reading.snapshot(me, log, None)
    assert [card.state for card in fresh.pending if card.state not in OPEN_STATES] == []
    folded = LogState(log=log, epoch=store.epoch.value, seq=0)
    for at in range(len(entries) + 1):
        state, _ = await store.reading.snapshot(me, log, at)
        assert state == folded, at
        if at < len(entries):
            folded = fold(folded, entries[at])
    assert folded == fresh


@pytest.mark.integration
async def test_an_erased_conversation_takes_its_outcomes_along(store: Any):
    person = await store.person()
    me = store.trader(person.person)
    made = await store.writing.create(me, "k-1", "", "")
    first, later = (from_outcome(store.outcome(person, "d-1", rev, log=made.log)) for rev in (1, 2))
    assert (await store.log.append([first])).outcomes[0].status == "accepted"
    await store.writing.erase(me, made.log)
    late = await store.log.append([later])
    assert [(o.status, o.code) for o in late.outcomes] == [("rejected", "erased")]
    unknown = store.outcome(person, "d-1", 3, log="unified_01J9ZK3V7Q8W4X5Y6Z7A8B9C0D")
    nowhere = await store.log.append([from_outcome(unknown)])
    assert [o.code for o in nowhere.outcomes] == ["not_found"]
    assert not await store.pool.fetch("SELECT 1 FROM outcome UNION ALL SELECT 1 FROM pending")
