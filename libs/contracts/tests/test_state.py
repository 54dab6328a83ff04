from datetime import UTC, datetime

import pytest

from uchat_contracts.events import LogEntry
from uchat_contracts.ids import new_conversation_id
from uchat_contracts.state import WINDOW, LogState, fold

LOG = new_conversation_id()
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def entry(seq, kind="message", **data):
    return LogEntry(log=LOG, epoch="e1", seq=seq, ts=NOW, kind=kind, data=data)


def session(seq, title):
    return entry(seq, "session.updated", session_id=LOG, title=title, mode="quick")


def test_a_state_holds_the_latest_entries_and_settings():
    state = LogState(log=LOG, epoch="e1", seq=0)
    for seq in range(1, WINDOW + 11):
        state = fold(state, session(seq, f"title {seq}") if seq % 7 == 0 else entry(seq))
    assert [item.seq for item in state.entries] == list(range(11, WINDOW + 11))
    assert (state.seq, state.title, state.mode) == (WINDOW + 10, "title 56", "quick")


@pytest.mark.parametrize("seq", [1, 3])
def test_only_the_next_entry_folds(seq):
    state = fold(LogState(log=LOG, epoch="e1", seq=0), entry(1))
    with pytest.raises(ValueError, match="Expected entry 2"):
        fold(state, entry(seq))


def test_another_epoch_does_not_fold():
    state = LogState(log=LOG, epoch="e2", seq=0)
    with pytest.raises(ValueError, match="epoch"):
        fold(state, entry(1))
