"""Negative controls: one guard is switched off, and the checker must find what it guarded."""

import json
from pathlib import Path

import nats

from tests.load.nemesis import USUAL
from tests.support.stack import Stack

SETTINGS = {
    "unique": {"UCHAT_UNSAFE_UNIQUE_OFF": "1"},
    "cursor": {"UCHAT_UNSAFE_CURSOR_OFF": "1"},
    "guard": {"UCHAT_UNSAFE_GUARD_OFF": "1"},
}
KINDS = {
    "unique": ("kill-gateway",),
    "cursor": ("kill-sessions", "stop-sessions"),
    "guard": ("kill-nats", "kill-sessions"),
}
"""The faults under which a guard matters most."""

_WINDOW_NS = 100_000_000


def kinds(sabotage: str | None) -> tuple[str, ...]:
    """Return which faults to make."""
    return USUAL if sabotage is None else KINDS[sabotage]


async def narrow_dedupe(stack: Stack) -> None:
    """Let JetStream forget message ids after 100 ms, so that Postgres alone tells duplicates.

    JetStream's window is an optimisation that would hide for two minutes that the unique key in
    Postgres is gone.
    """
    seed = Path(stack.data_dir) / "keys" / "provisioner.nk"
    client = await nats.connect(
        str(stack.endpoints()["nats"]),
        nkeys_seed=str(seed),
        inbox_prefix="_INBOX_provisioner",
    )
    try:
        info = await client.request("$JS.API.STREAM.INFO.PROPOSED", b"", timeout=5)
        config = json.loads(info.data)["config"] | {"duplicate_window": _WINDOW_NS}
        change = json.dumps(config).encode()
        answer = await client.request("$JS.API.STREAM.UPDATE.PROPOSED", change, timeout=5)
        if error := json.loads(answer.data).get("error"):
            raise ValueError(f"Expected the stream to be changed, found {error}")
    finally:
        await client.close()
