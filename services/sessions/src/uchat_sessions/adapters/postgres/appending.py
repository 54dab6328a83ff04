"""The append itself: lock the logs, look the keys up, decide, seal, chain, write.

All within the caller's transaction, in three statements whatever the number of proposals. The keys
are looked up by a statement *after* the one that took the locks, so that it sees what the former
holder of a lock wrote: `ON CONFLICT DO NOTHING` in one statement with the numbering would see the
state from before the wait and leave gaps. The unique keys stand behind as the guard.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from uchat_sessions.adapters.postgres.keys import LogKey, LogKeys
from uchat_sessions.domain.cards import FOREVER, cards_of
from uchat_sessions.domain.chain import Link, next_hash
from uchat_sessions.domain.proposals import Proposal
from uchat_sessions.domain.sequencer import Claim, Decision, Head, Numbered, Sequencer
from uchat_sessions.domain.views import Stored
from uchat_sessions.ports import Appended, Committed

if TYPE_CHECKING:
    import asyncpg
    from asyncpg.pool import PoolConnectionProxy

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"

LOCK: Final = """
SELECT l.log, l.person, l.last_seq, l.waiting, l.erased_at IS NOT NULL AS erased, l.chain,
       greatest(clock_timestamp(), l.updated_at) AS now, k.wrapped, l.former
FROM log l LEFT JOIN log_key k ON k.log = l.log
WHERE l.log = ANY($1::text[])
ORDER BY l.log
FOR UPDATE OF l
"""

_LOOK_UP: Final = """
SELECT true AS claim, k.log, k.key, k.message_id, k.seq, k.body_mac, k.code
FROM unnest($1::text[], $2::text[]) AS p(log, key) JOIN entry_key k USING (log, key)
UNION ALL
SELECT false, u.log, '', u.message_id, u.seq, NULL, NULL
FROM unnest($3::text[], $4::text[]) AS p(log, message_id) JOIN unanswered u USING (log, message_id)
"""
# Statements of their own for batches with outcomes: the others pay nothing for them.
_LOOK_UP_OUTCOMES: Final = f"""
{_LOOK_UP}
UNION ALL
SELECT NULL, o.log, o.about, '', o.rev, NULL, NULL
FROM unnest($5::text[], $6::text[]) AS p(log, about) JOIN outcome o USING (log, about)
"""  # noqa: S608 - put together from constants

_WRITE: Final = """
WITH entries AS (
    INSERT INTO entry (log, seq, created_at, kind, message_id, sealed_by, body, chain)
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::timestamptz[], $4::text[], $5::text[],
                         $6::text[], $7::bytea[], $8::bytea[])
), announcements AS (
    INSERT INTO outbox (created_at, log_id, seq, trace)
    SELECT * FROM unnest($3::timestamptz[], $1::text[], $2::bigint[], $9::text[])
), keys AS (
    INSERT INTO entry_key (log, key, seq, message_id, body_mac, code)
    SELECT log, key, nullif(seq, 0), message_id, body_mac, nullif(code, '')
    FROM unnest($10::text[], $11::text[], $12::bigint[], $13::text[], $14::bytea[], $15::text[])
        AS k(log, key, seq, message_id, body_mac, code)
), asked AS (
    INSERT INTO unanswered (log, message_id, seq, created_at)
    SELECT * FROM unnest($16::text[], $17::text[], $18::bigint[], $19::timestamptz[])
    ON CONFLICT DO NOTHING
), answered AS (
    DELETE FROM unanswered u USING unnest($20::text[], $21::text[]) AS a(log, message_id)
    WHERE u.log = a.log AND u.message_id = a.message_id
)
UPDATE log l SET last_seq = n.last_seq, waiting = n.waiting, chain = n.chain, updated_at = n.now
FROM unnest($22::text[], $23::bigint[], $24::integer[], $25::bytea[], $26::timestamptz[])
    AS n(log, last_seq, waiting, chain, now)
WHERE l.log = n.log
"""
_OUTCOMES: Final = f"""
WITH outcomes AS (
    INSERT INTO outcome (log, about, rev)
    SELECT * FROM unnest($27::text[], $28::text[], $29::bigint[])
    ON CONFLICT (log, about) DO UPDATE SET rev = excluded.rev
), ended AS (
    UPDATE pending p SET until = e.seq
    FROM unnest($30::text[], $31::text[], $32::bigint[]) AS e(log, message_id, seq)
    WHERE p.log = e.log AND p.message_id = e.message_id AND p.until = {FOREVER}
), opened AS (
    INSERT INTO pending (log, message_id, seq, until)
    SELECT * FROM unnest($33::text[], $34::text[], $35::bigint[], $36::bigint[])
), """  # noqa: S608 - put together from constants
_WRITE_OUTCOMES: Final = _WRITE.replace("WITH ", _OUTCOMES, 1)


@dataclass(slots=True)
class _Locked:
    """A locked log while its new entries are made."""

    head: Head
    chain: bytes
    now: datetime


class _Row(NamedTuple):
    appended: Appended
    chain: bytes


@dataclass(frozen=True, slots=True)
class Appending:
    """Appends proposals within a transaction. `unique=False` is the negative control."""

    keys: LogKeys
    unique: bool = True

    async def within(self, connection: Connection, proposals: Sequence[Proposal]) -> Committed:
        """Append proposals in order; holds the locks of their logs until the caller commits."""
        rows = await connection.fetch(LOCK, logs_of(proposals))
        return await self.with_locked(connection, proposals, rows)

    async def with_locked(
        self,
        connection: Connection,
        proposals: Sequence[Proposal],
        rows: "Sequence[asyncpg.Record]",
    ) -> Committed:
        """Append proposals in order to the logs that an earlier statement has locked by `LOCK`."""
        locked = {
            row["log"]: _Locked(
                Head(
                    row["log"],
                    row["person"],
                    row["last_seq"],
                    row["waiting"],
                    row["erased"],
                    row["former"],
                ),
                row["chain"],
                row["now"],
            )
            for row in rows
        }
        keys = self.keys.open_all({row["log"]: row["wrapped"] for row in rows if row["wrapped"]})
        decision = await self._decide(connection, proposals, locked, keys)
        made = [self._make(entry, locked[entry.proposal.log], keys) for entry in decision.entries]
        if decision.entries or decision.claims:
            await _write(connection, decision, made, locked)
        return Committed(decision.outcomes, [row.appended for row in made])

    async def _decide(
        self,
        connection: Connection,
        proposals: Sequence[Proposal],
        locked: dict[str, _Locked],
        keys: dict[str, LogKey],
    ) -> Decision:
        keyed = [p for p in proposals if p.key]
        rows = await _look_up(connection, keyed)

        def mac(proposal: Proposal) -> bytes:
            key = keys.get(proposal.log)
            return key.mac(proposal.body_hash) if key else b""

        return Sequencer(
            heads={log: state.head for log, state in locked.items()},
            claims={
                (row["log"], row["key"]): Claim(
                    row["message_id"], row["seq"] or 0, row["body_mac"], row["code"] or ""
                )
                for row in rows
                if row["claim"]
            },
            waiting=frozenset(
                (row["log"], row["message_id"]) for row in rows if row["claim"] is False
            ),
            revs={(row["log"], row["key"]): row["seq"] for row in rows if row["claim"] is None},
            mac=mac,
            unique=self.unique,
        ).decide(proposals)

    def _make(self, entry: Numbered, log: _Locked, keys: dict[str, LogKey]) -> _Row:
        p = entry.proposal
        body = keys[p.key_log].seal(p.data, p.log, p.message_id, p.kind)
        stored = Stored(entry.seq, log.now, p.kind, p.message_id, p.key_log, body)
        log.chain = next_hash(
            log.chain, Link(p.log, entry.seq, log.now, p.kind, p.message_id, p.key_log, body)
        )
        return _Row(Appended(p, stored), log.chain)


def logs_of(proposals: Sequence[Proposal]) -> list[str]:
    """Return the logs that must be locked to append proposals."""
    return list({name for p in proposals for name in (p.log, p.key_log)})


async def _look_up(connection: Connection, keyed: Sequence[Proposal]) -> "list[asyncpg.Record]":
    if not keyed:
        return []
    # Of a message its own id, of a reply the one it answers.
    named = [(p.log, p.answers or p.message_id) for p in keyed if not p.about]
    about = [p for p in keyed if p.about]
    columns = (
        [p.log for p in keyed],
        [p.key for p in keyed],
        [log for log, _ in named],
        [message_id for _, message_id in named],
    )
    if not about:
        return await connection.fetch(_LOOK_UP, *columns)
    return await connection.fetch(
        _LOOK_UP_OUTCOMES, *columns, [p.log for p in about], [p.about for p in about]
    )


async def _write(
    connection: Connection, decision: Decision, made: Sequence[_Row], locked: dict[str, _Locked]
) -> None:
    entries = [row.appended for row in made]
    stored = [e.stored for e in entries]
    changed = [locked[log] for log in sorted({e.log for e in entries})]
    claims = list(decision.claims.items())
    asked = list(decision.waiting.items())
    outcomes = _outcome_columns(decision) if decision.revs else ()
    await connection.execute(
        _WRITE_OUTCOMES if outcomes else _WRITE,
        [e.log for e in entries],
        [s.seq for s in stored],
        [s.created_at for s in stored],
        [s.kind for s in stored],
        [s.message_id for s in stored],
        [s.sealed_by for s in stored],
        [s.body for s in stored],
        [row.chain for row in made],
        [e.proposal.trace for e in entries],
        [log for (log, _), _ in claims],
        [key for (_, key), _ in claims],
        [claim.seq for _, claim in claims],
        [claim.message_id for _, claim in claims],
        [claim.body_mac for _, claim in claims],
        [claim.code for _, claim in claims],
        [log for (log, _), _ in asked],
        [message_id for (_, message_id), _ in asked],
        [seq for _, seq in asked],
        [locked[log].now for (log, _), _ in asked],
        [log for log, _ in decision.answered],
        [message_id for _, message_id in decision.answered],
        [state.head.log for state in changed],
        [state.head.last_seq for state in changed],
        [state.head.waiting for state in changed],
        [state.chain for state in changed],
        [state.now for state in changed],
        *outcomes,
    )


def _outcome_columns(decision: Decision) -> tuple[list[str] | list[int], ...]:
    cards = cards_of(decision.entries)
    return (
        [log for log, _ in decision.revs],
        [about for _, about in decision.revs],
        list(decision.revs.values()),
        [log for log, _ in cards.ended],
        [message_id for _, message_id in cards.ended],
        list(cards.ended.values()),
        [log for log, _, _ in cards.opened],
        [message_id for _, message_id, _ in cards.opened],
        [seq for _, _, seq in cards.opened],
        list(cards.opened.values()),
    )
