"""The rules of the log, without any I/O."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from uchat_sessions.domain.chain import START, Link, as_micros, from_micros, next_hash
from uchat_sessions.domain.proposals import Proposal
from uchat_sessions.domain.sequencer import Claim, Head, Sequencer

LOG, OTHER, PERSON = "unified_A", "unified_B", "user_A"


def said(cid: str, body: str = "x", log: str = LOG, **more: object) -> Proposal:
    return Proposal(
        log=log,
        kind="message",
        data=b"{}",
        message_id=f"msg_{cid}",
        key=f"in:{PERSON}:{cid}",
        body_hash=body,
        author=more.pop("author", PERSON),
        **more,
    )


def answered(cid: str, turn: str = "") -> Proposal:
    return Proposal(
        log=LOG,
        kind="message",
        data=b"{}",
        message_id=f"re_{cid}",
        key=f"reply:{turn or cid}",
        answers=f"msg_{cid}",
    )


def sequencer(**more: object) -> Sequencer:
    return Sequencer(
        heads=more.pop("heads", {LOG: Head(LOG, PERSON, 0, 0, erased=False)}),
        claims=more.pop("claims", {}),
        waiting=more.pop("waiting", frozenset()),
        mac=lambda proposal: proposal.body_hash.encode(),
        **more,
    )


def test_entries_are_numbered_from_the_head_on():
    decision = sequencer().decide([said("a"), said("b"), said("a"), said("c")])
    assert [(o.status, o.seq) for o in decision.outcomes] == [
        ("accepted", 1),
        ("accepted", 2),
        ("duplicate", 1),
        ("accepted", 3),
    ]
    assert [entry.seq for entry in decision.entries] == [1, 2, 3]


def test_the_same_id_with_another_body_is_a_conflict():
    taken = {(LOG, f"in:{PERSON}:a"): Claim("msg_a", 7, b"x")}
    decision = sequencer(claims=taken).decide([said("a", "x"), said("a", "y")])
    assert [(o.status, o.code, o.seq) for o in decision.outcomes] == [
        ("duplicate", "", 7),
        ("rejected", "client_msg_id_conflict", 0),
    ]
    assert not decision.claims


def test_a_rejection_stands_under_its_key():
    heads = {LOG: Head(LOG, PERSON, 5, 1, erased=False)}
    decision = sequencer(heads=heads).decide(
        [said("a", if_last_seq=4), said("b", only_if_idle=True), said("a"), said("b")]
    )
    assert [o.code for o in decision.outcomes] == ["seq_mismatch", "run_active"] * 2
    assert not decision.entries
    assert {claim.code for claim in decision.claims.values()} == {"seq_mismatch", "run_active"}


def test_nobody_writes_into_a_log_that_is_not_theirs():
    heads = {
        LOG: Head(LOG, PERSON, 0, 0, erased=False),
        PERSON: Head(PERSON, PERSON, 0, 0, erased=False),
        OTHER: Head(OTHER, PERSON, 0, 0, erased=True),
    }
    decision = sequencer(heads=heads).decide(
        [
            said("a", author="user_B"),
            said("b", log=PERSON),
            said("c", log=OTHER),
            said("d", log="unified_C"),
        ]
    )
    assert [o.code for o in decision.outcomes] == ["not_found", "not_found", "erased", "not_found"]


def test_the_first_reply_wins_and_ends_the_waiting():
    head = Head(LOG, PERSON, 1, 1, erased=False)
    decision = sequencer(heads={LOG: head}, waiting=frozenset({(LOG, "msg_a")})).decide(
        [answered("a"), answered("a"), answered("a", "other turn"), answered("never asked")]
    )
    assert [o.status for o in decision.outcomes] == [
        "accepted",
        "duplicate",
        "rejected",
        "rejected",
    ]
    assert decision.answered == [(LOG, "msg_a")]
    assert head.waiting == 0
    assert len(decision.claims) == 1


def test_a_message_and_its_reply_in_one_batch_leave_nothing_waiting():
    decision = sequencer().decide([said("a"), answered("a"), said("b")])
    assert list(decision.waiting) == [(LOG, "msg_b")]
    assert not decision.answered


def test_without_keys_the_same_message_enters_twice():
    decision = sequencer(unique=False).decide([said("a"), said("a")])
    assert [entry.seq for entry in decision.entries] == [1, 2]
    assert not decision.claims


@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("xy")), max_size=40),
    st.integers(0, 40),
)
def test_however_batches_are_cut_the_log_is_the_same(sent: list[tuple[str, str]], cut: int):
    proposals = [said(cid, body) for cid, body in sent]
    whole = sequencer().decide(proposals)
    first = sequencer().decide(proposals[:cut])
    heads = {LOG: Head(LOG, PERSON, len(first.entries), len(first.waiting), erased=False)}
    rest = sequencer(heads=heads, claims=first.claims, waiting=frozenset(first.waiting)).decide(
        proposals[cut:]
    )
    assert first.entries + rest.entries == whole.entries
    assert first.outcomes + rest.outcomes == whole.outcomes
    assert [entry.seq for entry in whole.entries] == list(range(1, len(whole.entries) + 1))


LINK = Link(LOG, 1, datetime(2026, 11, 22, 10, 0, 0, 123456, UTC), "message", "m", LOG, b"body")


def test_the_chain_covers_every_column():
    first = next_hash(START, LINK)
    others = [
        replace_link(log="x"),
        replace_link(seq=2),
        replace_link(created_at=LINK.created_at.replace(microsecond=1)),
        replace_link(kind="x"),
        replace_link(message_id="x"),
        replace_link(sealed_by="x"),
        replace_link(body=b"x"),
    ]
    assert len({first, *(next_hash(START, link) for link in others)}) == 8
    assert next_hash(first, LINK) != first


def replace_link(**more: object) -> Link:
    return LINK._replace(**more)


@given(st.datetimes(timezones=st.just(UTC)))
def test_times_keep_every_microsecond(at: datetime):
    assert from_micros(as_micros(at)) == at


def test_a_proposal_is_sealed_by_its_own_log_unless_told():
    assert said("a").key_log == LOG
    assert replace(said("a"), sealed_by=OTHER).key_log == OTHER
