"""Judge a load run: ledgers of all senders against what the database holds. Pure."""

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.support.ledger import Ledger, Row

EXAMPLES = 5
FAULTS = {
    "missing": "accepted, but in no log",
    "twice": "one client_msg_id in more than one entry",
    "phantom": "an entry that nobody sent",
    "altered": "an entry with another text than was sent",
    "refused": "rejected without a reason that the run gave",
    "gap": "seq of a log is not 1, 2, 3, …",
    "disorder": "acked before the other was sent, but later in the log",
    "unanswered": "a message without an answer",
    "answered_twice": "a message with more than one answer",
    "answer_to_nothing": "an answer to a message that is not in the log",
    "answer_disorder": "answers not in the order of their messages",
    "view_differs": "what a connected client applied is not what the database holds",
    "socket_disorder": "a socket was sent an event other than the next one",
    "spurious_duplicate": "told to be a duplicate although it was sent only once",
    "stored_differs": "the table holds other numbers than the history shows",
    "dead_letter": "put aside as a message that could never be handled",
    "cursor_back": "a partition's cursor went back",
}


@dataclass(slots=True)
class Findings:
    """How often each promise was broken, with a few examples of each."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)
    entries: int = 0
    messages: int = 0
    answers: int = 0

    def add(self, fault: str, example: str) -> None:
        """Count one broken promise."""
        if fault not in FAULTS:
            raise KeyError(fault)
        self.counts[fault] += 1
        if len(shown := self.examples.setdefault(fault, [])) < EXAMPLES:
            shown.append(example)

    @property
    def faults(self) -> int:
        """Return how many promises were broken in all."""
        return self.counts.total()


def check(
    ledgers: Iterable[Ledger],
    truth: Mapping[str, Sequence[Row]],
    cursors: Mapping[str, Sequence[int]] | None = None,
    stored: Mapping[str, Sequence[int]] | None = None,
) -> Findings:
    """Compare all ledgers with the truth: rows per log in the order in which they were read.

    `cursors` are successive readings of each partition's cursor; `stored` is every seq of each log
    as the table itself holds it, ascending.
    """
    findings = Findings()
    for ledger in ledgers:
        rows = truth.get(ledger.log, ())
        findings.entries += len(rows)
        _check_numbers(ledger.log, rows, findings)
        _check_messages(ledger, rows, findings)
        _check_order(ledger, rows, findings)
        _check_answers(ledger.log, rows, findings)
        _check_view(ledger, rows, findings)
        if stored is not None and list(stored.get(ledger.log, ())) != [row.seq for row in rows]:
            findings.add("stored_differs", ledger.log)
    for partition, readings in (cursors or {}).items():
        for before, after in itertools.pairwise(readings):
            if after < before:
                findings.add("cursor_back", f"partition {partition}: {before} to {after}")
    return findings


def _check_numbers(log: str, rows: Sequence[Row], findings: Findings) -> None:
    for wanted, row in enumerate(rows, start=1):
        if row.seq != wanted:
            findings.add("gap", f"{log}: expected seq {wanted}, found {row.seq}")
            return


def _check_messages(ledger: Ledger, rows: Sequence[Row], findings: Findings) -> None:
    found: Counter[str] = Counter()
    for row in rows:
        if row.role != "user":
            continue
        findings.messages += 1
        found[row.cid] += 1
        sent = ledger.sent.get(row.cid)
        if sent is None:
            findings.add("phantom", f"{ledger.log} seq {row.seq}: {row.cid!r}")
        elif sent.text != row.text:
            findings.add("altered", f"{ledger.log} seq {row.seq}: {row.cid!r}")
    for cid, sent in ledger.sent.items():
        if found[cid] > 1:
            findings.add("twice", f"{ledger.log}: {cid!r} in {found[cid]} entries")
        if sent.rejected is not None:
            findings.add("refused", f"{ledger.log}: {cid!r} {sent.rejected}")
        elif sent.acked_at is not None and not found[cid]:
            findings.add("missing", f"{ledger.log}: {cid!r} of {sent.attempts} attempts")
        if sent.told_duplicate and not sent.repeated and sent.attempts == 1:
            findings.add("spurious_duplicate", f"{ledger.log}: {cid!r}")


def _check_order(ledger: Ledger, rows: Sequence[Row], findings: Findings) -> None:
    # A later row that was acked before an earlier row was first sent breaks real-time order.
    latest_send, of = float("-inf"), ""
    for row in rows:
        sent = ledger.sent.get(row.cid) if row.role == "user" else None
        if sent is None:
            continue
        if sent.acked_at is not None and sent.acked_at < latest_send:
            findings.add("disorder", f"{ledger.log}: {row.cid!r} stands after {of!r}")
        if sent.first_at > latest_send:
            latest_send, of = sent.first_at, row.cid


def _check_answers(log: str, rows: Sequence[Row], findings: Findings) -> None:
    asked = {row.message_id: row.seq for row in rows if row.role == "user"}
    answers: Counter[str] = Counter()
    last_asked = 0
    for row in rows:
        if row.role != "assistant":
            continue
        findings.answers += 1
        answers[row.answers] += 1
        seq = asked.get(row.answers)
        if seq is None or seq > row.seq:
            findings.add("answer_to_nothing", f"{log} seq {row.seq}: {row.answers!r}")
            continue
        if seq < last_asked:
            findings.add("answer_disorder", f"{log} seq {row.seq} answers {seq} after {last_asked}")
        last_asked = max(last_asked, seq)
    for message_id, seq in asked.items():
        if not answers[message_id]:
            findings.add("unanswered", f"{log} seq {seq}: {message_id}")
        elif answers[message_id] > 1:
            findings.add("answered_twice", f"{log} seq {seq}: {answers[message_id]} answers")


def _check_view(ledger: Ledger, rows: Sequence[Row], findings: Findings) -> None:
    expected = {row.seq: row.key for row in rows}
    last = 0
    covered: set[int] = set()
    for before, after in ledger.snapshots:
        covered.update(range(before + 1, after + 1))
    for seq, key in ledger.applied:
        if seq <= last or expected.get(seq) != key:
            findings.add("view_differs", f"{ledger.log}: applied {seq} {key!r} after {last}")
            break
        last = seq
        covered.add(seq)
    else:
        if lacking := [seq for seq in expected if seq not in covered]:
            findings.add("view_differs", f"{ledger.log}: never saw {lacking[:EXAMPLES]}")
    for delivered, seq in ledger.disordered:
        findings.add("socket_disorder", f"{ledger.log}: {seq} was sent after {delivered}")
