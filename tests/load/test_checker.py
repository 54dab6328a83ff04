"""The checker finds each fault that it names, and none in a sound history."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.load.checker import FAULTS, Findings, check
from tests.support.ledger import Ledger, Row, Sent

LOG = "unified_A"


def sound(messages: int = 3) -> tuple[Ledger, list[Row]]:
    """Return a sender's ledger and the log that belongs to it, without any fault."""
    ledger, rows = Ledger("s", LOG), [Row(1, "session.created")]
    for n in range(messages):
        at = float(n)
        ledger.sent[f"c{n}"] = Sent(f"c{n}", f"t{n}", first_at=at, acked_at=at + 0.5)
        rows.append(Row(len(rows) + 1, "message", "user", f"m{n}", f"c{n}", "", f"t{n}"))
        rows.append(Row(len(rows) + 1, "message", "assistant", f"a{n}", "", f"m{n}"))
    ledger.applied = [(row.seq, row.key) for row in rows]
    return ledger, rows


def renumbered(rows: list[Row]) -> list[Row]:
    """Return the rows with a seq without gaps."""
    return [replace(row, seq=n) for n, row in enumerate(rows, start=1)]


def judge(ledger: Ledger, rows: list[Row], *, seen: bool = True) -> Findings:
    """Check one log; `seen`: the client saw just what the log holds."""
    if seen:
        ledger.applied = [(row.seq, row.key) for row in rows]
    return check([ledger], {LOG: rows})


def test_a_sound_history_has_no_fault():
    findings = judge(*sound())
    assert findings.faults == 0
    assert (findings.messages, findings.answers, findings.entries) == (3, 3, 7)


def test_a_message_that_was_never_accepted_may_be_missing_or_there():
    ledger, rows = sound()
    ledger.sent["c2"].acked_at = None
    assert judge(ledger, rows).faults == 0
    ledger.sent["c9"] = Sent("c9", "t9", first_at=9.0)
    assert judge(ledger, rows).faults == 0


def test_a_snapshot_stands_for_the_events_that_it_replaced():
    ledger, rows = sound()
    ledger.applied = [(row.seq, row.key) for row in rows[:2] + rows[5:]]
    ledger.snapshots = [(2, 5)]
    assert judge(ledger, rows, seen=False).faults == 0


def lose_one(ledger: Ledger, rows: list[Row]) -> list[Row]:
    del rows[3:5]
    return renumbered(rows)


def double_one(ledger: Ledger, rows: list[Row]) -> list[Row]:
    rows += [
        replace(rows[-2], message_id="other"),
        Row(0, "message", "assistant", "x", "", "other"),
    ]
    return renumbered(rows)


def invent_one(ledger: Ledger, rows: list[Row]) -> list[Row]:
    rows += [replace(rows[1], message_id="p", cid="p")]
    return renumbered([*rows, Row(0, "message", "assistant", "x", "", "p")])


def alter_one(ledger: Ledger, rows: list[Row]) -> list[Row]:
    rows[1] = replace(rows[1], text="something else")
    return rows


def refuse_one(ledger: Ledger, rows: list[Row]) -> list[Row]:
    ledger.sent["c9"] = Sent("c9", "t9", first_at=9.0, acked_at=9.5, rejected="not_found")
    return rows


def skip_a_number(ledger: Ledger, rows: list[Row]) -> list[Row]:
    return [replace(row, seq=row.seq + (row.seq > 3)) for row in rows]


def swap_two(ledger: Ledger, rows: list[Row]) -> list[Row]:
    return renumbered([rows[0], *rows[3:5], *rows[1:3], *rows[5:]])


def drop_an_answer(ledger: Ledger, rows: list[Row]) -> list[Row]:
    return renumbered(rows[:-1])


def answer_twice(ledger: Ledger, rows: list[Row]) -> list[Row]:
    return renumbered([*rows, replace(rows[-1], message_id="again")])


def answer_nothing(ledger: Ledger, rows: list[Row]) -> list[Row]:
    return renumbered([*rows, replace(rows[-1], message_id="again", answers="nobody")])


def answer_in_another_order(ledger: Ledger, rows: list[Row]) -> list[Row]:
    return renumbered([rows[0], rows[1], rows[3], rows[4], rows[2], *rows[5:]])


def repeat_in_a_socket(ledger: Ledger, rows: list[Row]) -> list[Row]:
    ledger.disordered = [(4, 4)]
    return rows


def call_it_a_duplicate(ledger: Ledger, rows: list[Row]) -> list[Row]:
    ledger.sent["c1"].told_duplicate = True
    return rows


@pytest.mark.parametrize(
    ("fault", "breaks"),
    [
        ("missing", lose_one),
        ("twice", double_one),
        ("phantom", invent_one),
        ("altered", alter_one),
        ("refused", refuse_one),
        ("gap", skip_a_number),
        ("disorder", swap_two),
        ("unanswered", drop_an_answer),
        ("answered_twice", answer_twice),
        ("answer_to_nothing", answer_nothing),
        ("answer_disorder", answer_in_another_order),
        ("socket_disorder", repeat_in_a_socket),
        ("spurious_duplicate", call_it_a_duplicate),
    ],
)
def test_finds_each_fault_alone(fault: str, breaks: Callable[[Ledger, list[Row]], list[Row]]):
    ledger, rows = sound()
    findings = judge(ledger, breaks(ledger, rows))
    assert set(findings.counts) == {fault}


@pytest.mark.parametrize("lost", [0, 3, 6])
def test_a_client_that_missed_an_event_differs_from_the_database(lost: int):
    ledger, rows = sound()
    del ledger.applied[lost]
    assert set(judge(ledger, rows, seen=False).counts) == {"view_differs"}


def test_a_client_that_applied_twice_differs_from_the_database():
    ledger, rows = sound()
    ledger.applied.insert(3, ledger.applied[3])
    assert set(judge(ledger, rows, seen=False).counts) == {"view_differs"}


def test_a_table_with_other_numbers_than_the_history_is_found():
    ledger, rows = sound()
    numbers = [row.seq for row in rows]
    assert check([ledger], {LOG: rows}, stored={LOG: numbers}).faults == 0
    findings = check([ledger], {LOG: rows}, stored={LOG: [*numbers, numbers[-1]]})
    assert findings.counts == {"stored_differs": 1}


def test_a_cursor_that_went_back_is_found():
    ledger, rows = sound()
    findings = check([ledger], {LOG: rows}, {"4": [1, 7, 7, 6, 9]})
    assert findings.counts == {"cursor_back": 1}
    assert set(FAULTS) >= set(findings.counts)
