"""The law of snapshots, for every kind of entry: snapshot(n) and what follows is a fresh one."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from uchat_contracts.events import LogEntry
from uchat_contracts.people import Link
from uchat_contracts.state import fold
from uchat_platform.auth import SERVICE_ACTOR
from uchat_sessions.domain.cards import Cards, cards_of
from uchat_sessions.domain.proposals import Proposal
from uchat_sessions.domain.sequencer import Numbered
from uchat_sessions.domain.views import LogHead, Stored
from uchat_sessions.service.codec import entry_model
from uchat_sessions.service.reading import Reading

LOG, PERSON, EPOCH = "unified_01J9ZK3V7Q8W4X5Y6Z7A8B9C0E", "user_01J9ZK3V7Q8W4X5Y6Z7A8B9C0D", "e1"
START = datetime(2026, 11, 23, tzinfo=UTC)
STATES = ("awaiting_approval", "approved", "executing", "executed", "denied", "needs_human")


def card(decision: str, state: str) -> dict[str, Any]:
    at = START + timedelta(seconds=ord(decision[0]))
    return {
        "decision_id": decision,
        "rev": 1,
        "version": 1,
        "state": state,
        "session_id": LOG,
        "user_id": PERSON,
        "interface": "web_chat",
        "proposed_at": at.isoformat(),
        "updated_at": at.isoformat(),
        "request": {"legs": [{"symbol": "BTC", "side": "buy", "quantity": "1"}]},
    }


LINK = Link(id="l", provider="telegram", state="active", created_at=START, updated_at=START)
others = st.sampled_from(
    [
        ("message", {"message_id": "m", "role": "user", "parts": []}),
        ("portfolio.changed", {"total": "1"}),
        ("kill_switch", {"on": True}),
        ("mandate", {"mandate_id": "x"}),
        ("link.changed", orjson.loads(LINK.json_bytes())),
        ("session.deleted", {"session_id": LOG, "title": ""}),
        ("something.new", {}),
    ]
)
cards = st.tuples(
    st.sampled_from(["decision", "decision.resolved", "execution"]),
    st.builds(card, st.sampled_from("abcdefgh"), st.sampled_from(STATES)),
)
changes = st.tuples(
    st.sampled_from(["session.created", "session.updated"]),
    st.fixed_dictionaries(
        {"session_id": st.just(LOG), "title": st.text(max_size=3), "pinned": st.booleans()}
    ),
)


@dataclass
class Memory:
    """A log in memory, with what the database keeps of open cards."""

    head_: LogHead
    stored: list[Stored]
    spans: dict[tuple[str, str, int], int]
    value: str = EPOCH

    async def head(self, log: str) -> LogHead:
        return self.head_

    async def entries(
        self, log: str, after: int, before: int, limit: int, *, latest: bool
    ) -> list[Stored]:
        return [each for each in self.stored if after < each.seq < before][:limit]

    async def pending(self, log: str, at: int) -> list[Stored]:
        rows = [seq for (_, _, seq), until in self.spans.items() if seq <= at < until]
        return [self.stored[seq - 1] for seq in rows]

    async def settings_entry(self, log: str, at: int) -> Stored | None:
        told = ("session.created", "session.updated")
        found = [each for each in self.stored[:at] if each.kind in told]
        return found[-1] if found else None

    async def open(self, head: LogHead, entries: Sequence[Stored]) -> list[bytes]:
        return [each.body for each in entries]

    async def latest(self, log: str, head: int, count: int) -> None:
        """Remember nothing."""


def kept(entries: Sequence[tuple[str, dict[str, Any]]], cut: int) -> dict[Any, int]:
    """What two transactions leave of open cards."""
    numbered = [
        Numbered(seq, Proposal(log=LOG, kind=kind, data=b"", message_id=data["decision_id"],
                               card_open=_open(data)))
        for seq, (kind, data) in enumerate(entries, 1)
        if "decision_id" in data
    ]  # fmt: skip
    rows: dict[Any, int] = {}
    for batch in (numbered[:cut], numbered[cut:]):
        made: Cards = cards_of(batch)
        for place, seq in made.ended.items():
            rows |= {r: seq for r, until in rows.items() if r[:2] == place and until > 2**62}
        rows |= made.opened
    return rows


def _open(data: dict[str, Any]) -> bool:
    return data["state"] not in ("executed", "denied")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.one_of(others, cards, cards, changes), min_size=1, max_size=130),
    st.sampled_from([LOG, PERSON]),
    st.data(),
)
def test_a_snapshot_and_what_follows_is_a_fresh_snapshot(
    entries: list[tuple[str, dict[str, Any]]], log: str, data: Any
):
    stored = [
        Stored(n, START, kind, "", log, orjson.dumps(body))
        for n, (kind, body) in enumerate(entries, 1)
    ]
    rows = kept(entries, data.draw(st.integers(0, len(entries))))
    memory = Memory(LogHead(log, PERSON, len(entries), 0, "", b""), stored, rows)
    models = [entry_model(log, EPOCH, each, each.body) for each in stored]
    places = {0, *(data.draw(st.integers(0, len(entries))) for _ in range(4))}
    asyncio.run(_check(memory, log, models, places))


async def _check(memory: Memory, log: str, models: list[LogEntry], places: set[int]) -> None:
    reading = Reading(memory, memory, memory, memory)
    fresh, _ = await reading.snapshot(SERVICE_ACTOR, log, None)
    for at in places:
        state, _ = await reading.snapshot(SERVICE_ACTOR, log, at)
        for entry in models[at:]:
            state = fold(state, entry)
        assert state == fresh
