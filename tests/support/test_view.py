"""The client rules of `uchat.v1`, as the tests' own client follows them."""

from typing import Any

from tests.support.view import LogView

LOG = "unified_01JD0000000000000000000000"


def event(seq: int, **data: Any) -> dict[str, Any]:
    """Return a durable event frame."""
    body = {"message_id": f"m{seq}", "role": "user", **data}
    return {"t": "ev", "log": LOG, "seq": seq, "ts": "t", "type": "message", "data": body}


def delta(i: int, n: int, text: str, **more: Any) -> dict[str, Any]:
    """Return a delta frame of answer m9."""
    return {"t": "delta", "log": LOG, "message_id": "m9", "run_id": "r", "i": i, "n": n} | {
        "text": text,
        **more,
    }


def test_applies_only_the_next_event_and_ignores_lower_ones():
    view = LogView(LOG, epoch="e", seq=0)
    assert view.on_frame(event(1)) == []
    assert view.on_frame(event(1)) == []
    assert view.applied == [1]
    assert view.disordered == [(1, 1)]


def test_asks_once_for_a_gap_and_applies_what_was_parked():
    view = LogView(LOG, epoch="e")
    assert view.on_frame(event(3)) == [{"t": "fill", "log": LOG, "after": 0, "to": 2}]
    assert view.on_frame(event(4)) == []
    view.on_frame(event(1))
    view.on_frame(event(2))
    assert view.applied == [1, 2, 3, 4]
    assert view.fills == 1
    view.on_frame(event(5))
    assert view.disordered == [(0, 3)]


def test_a_snapshot_replaces_all():
    view = LogView(LOG, epoch="old", seq=7)
    entry = {"seq": 3, "kind": "message", "data": {"message_id": "m3"}, "ts": "t"}
    state = {"seq": 3, "entries": [entry]}
    view.on_frame({"t": "sub_ok", "log": LOG, "epoch": "new", "mode": "snapshot", "state": state})
    assert (view.epoch, view.seq, list(view.entries)) == ("new", 3, [3])
    assert view.subscription() == {"log": LOG, "epoch": "new", "seq": 3}


def test_deltas_apply_in_order_and_a_gap_asks_for_a_snap():
    view = LogView(LOG, epoch="e")
    view.on_frame(delta(0, 2, "Bitcoin "))
    assert view.on_frame(delta(0, 2, "Bitcoin ")) == []
    assert view.on_frame(delta(3, 1, "60k"))[0]["t"] == "snap"
    snap = {"t": "snap", "log": LOG, "message_id": "m9", "run_id": "r", "text": "all", "next_i": 4}
    view.on_frame(snap)
    view.on_frame(delta(4, 1, "!"))
    assert view.runs["m9"].text == "all!"
    view.on_frame(delta(0, 1, "anew", reset=True))
    assert view.runs["m9"].text == "anew"


def test_the_durable_message_ends_its_run():
    view = LogView(LOG, epoch="e")
    view.on_frame(delta(0, 1, "x"))
    view.on_frame(event(1, message_id="m9", role="assistant"))
    assert view.runs == {}
