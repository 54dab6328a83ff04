"""Entries as everybody reads them."""

import orjson

from uchat_contracts.events import LogEntry
from uchat_sessions.domain.views import Stored


def entry_json(log: str, epoch: str, entry: Stored, data: bytes) -> bytes:
    """Return a LogEntry as JSON, `data` being the JSON of its data.

    Written here and not by the model: what was checked when it was proposed is only put in place.
    """
    return orjson.dumps(
        {
            "type": "log_entry.v1",
            "log": log,
            "epoch": epoch,
            "seq": entry.seq,
            "ts": entry.created_at,
            "kind": entry.kind,
            "data": orjson.Fragment(data),
        },
        option=orjson.OPT_UTC_Z,
    )


def entry_model(log: str, epoch: str, entry: Stored, data: bytes) -> LogEntry:
    """Return a LogEntry as a model."""
    return LogEntry(
        log=log,
        epoch=epoch,
        seq=entry.seq,
        ts=entry.created_at,
        kind=entry.kind,
        data=orjson.loads(data),
    )


def announcement_id(log: str, epoch: str, seq: int) -> str:
    """Return the id of an announcement, as `LogEntry.nats_msg_id` gives it."""
    return f"log:{log}:{epoch}:{seq}"
