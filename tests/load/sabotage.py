"""Negative controls: one guard is switched off, and the checker must find what it guarded."""

from tests.load.nemesis import USUAL
from tests.load.streams import provisioner
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
    async with provisioner(stack) as ask:
        config = (await ask("STREAM.INFO.PROPOSED", {}))["config"]
        await ask("STREAM.UPDATE.PROPOSED", config | {"duplicate_window": _WINDOW_NS})
