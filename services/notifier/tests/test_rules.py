"""Which entries are told to whom, without any I/O."""

from datetime import UTC, datetime
from typing import Any

import pytest

from uchat_contracts.events import LogEntry
from uchat_notifier.domain.rules import Channel, deliveries_of, telling_of

PERSON = "user_01J9ZK3V7Q8W4X5Y6Z7A8B9C0D"
LOG = "unified_01J9ZK3V7Q8W4X5Y6Z7A8B9C0E"
HERE, THERE = Channel("telegram", "7"), Channel("telegram", "8")


def entry(kind: str, data: dict[str, Any], log: str = PERSON, seq: int = 5) -> LogEntry:
    return LogEntry(log=log, epoch="e1", seq=seq, ts=datetime.now(UTC), kind=kind, data=data)


def answer(**change: Any) -> LogEntry:
    data = {"role": "assistant", "message_id": "m", "asked_via": "telegram", "user_id": PERSON}
    return entry("message", data | change, LOG)


@pytest.mark.parametrize(
    ("told", "about", "rev"),
    [
        (answer(), "answer:m", 0),
        (entry("decision", {"decision_id": "d", "rev": 3}), "decision:d", 3),
        (entry("decision.resolved", {"decision_id": "d", "rev": 4}), "decision:d", 4),
        (entry("execution", {"decision_id": "d", "rev": 5}), "decision:d", 5),
        (entry("kill_switch", {"on": True}), f"kill_switch:{PERSON}", 5),
        (entry("mandate", {"mandate_id": "mandate_1"}), "mandate:mandate_1", 5),
        (entry("link.changed", {"id": "link_1"}), "link:link_1", 5),
        (entry("alert", {"text": "x"}), "alert:5", 5),
        (entry("alert", {"alert_id": "nul\0"}), "alert:5", 5),
        (entry("digest", {"day": "2026-11-30"}), "digest:2026-11-30", 5),
        (entry("venue_key", {"account": "acct_1"}), "venue_key:acct_1", 5),
    ],
)
def test_what_is_told(told: LogEntry, about: str, rev: int):
    telling = telling_of(told)
    assert telling is not None
    assert (telling.person, telling.about, telling.rev) == (PERSON, about, rev)


@pytest.mark.parametrize(
    "silent",
    [
        answer(role="user"),
        answer(asked_via=None),
        answer(user_id=None),
        entry("decision", {"decision_id": "d", "rev": 1}, LOG),
        entry("session.created", {"session_id": LOG}),
        entry("portfolio.changed", {"total": "1"}),
        entry("alert.changed", {"alert_id": "alt_1"}),
        entry("something.new", {}),
    ],
)
def test_what_is_not_told(silent: LogEntry):
    assert telling_of(silent) is None


def test_an_answer_goes_only_where_it_was_asked_for():
    asked = answer(asked_via="telegram")
    telling = telling_of(asked)
    assert telling is not None
    made = deliveries_of(asked, telling, [HERE, Channel("mail", "a@b"), THERE])
    assert [(one.interface, one.address) for one in made] == [("telegram", "7"), ("telegram", "8")]


def test_a_card_goes_everywhere_and_has_one_id_for_each_place():
    card = entry("decision", {"decision_id": "d", "rev": 1})
    telling = telling_of(card)
    assert telling is not None
    made, again = (
        deliveries_of(card, telling, [HERE, THERE, Channel("mail", "7")]) for _ in range(2)
    )
    assert made == again
    assert len({one.delivery_id for one in made}) == 3
    assert made[0].data == card.data
