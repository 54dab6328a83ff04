"""The reader's side of the logs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import asyncpg

from uchat_contracts.events import SessionData
from uchat_sessions.adapters.postgres.errors import translated
from uchat_sessions.adapters.postgres.keys import LogKey, LogKeys
from uchat_sessions.domain.sequencer import Claim
from uchat_sessions.domain.views import LogHead, Stored, Waiting

_HEADS: Final = """
SELECT l.log, l.person, l.last_seq, l.waiting, coalesce(c.mode, ''), k.wrapped
FROM log l JOIN log_key k ON k.log = l.log LEFT JOIN conversation c ON c.log = l.log
WHERE l.log = ANY($1::text[]) AND l.erased_at IS NULL
"""
_FIRST: Final = """
SELECT seq, created_at, kind, message_id, sealed_by, body
FROM entry WHERE log = $1 AND seq > $2 AND seq < $3 ORDER BY seq LIMIT $4
"""
_LATEST: Final = """
SELECT seq, created_at, kind, message_id, sealed_by, body
FROM entry WHERE log = $1 AND seq > $2 AND seq < $3 ORDER BY seq DESC LIMIT $4
"""
_MESSAGES: Final = """
SELECT seq, created_at, kind, message_id, sealed_by, body
FROM entry WHERE log = $1 AND kind = 'message' ORDER BY seq DESC LIMIT $2
"""
_SETTINGS: Final = """
SELECT seq, created_at, kind, message_id, sealed_by, body FROM entry
WHERE log = $1 AND seq <= $2 AND kind LIKE 'session.%' AND kind <> 'session.deleted'
ORDER BY seq DESC LIMIT 1
"""
_ENTRY: Final = """
SELECT seq, created_at, kind, message_id, sealed_by, body FROM entry WHERE log = $1 AND seq = $2
"""
_PENDING: Final = """
SELECT e.seq, e.created_at, e.kind, e.message_id, e.sealed_by, e.body
FROM pending p JOIN entry e ON e.log = p.log AND e.seq = p.seq
WHERE p.log = $1 AND p.until > $2 AND p.seq <= $2 ORDER BY e.seq
"""
_WAITING: Final = "SELECT log, message_id, seq FROM unanswered WHERE log = $1 ORDER BY seq"
_ALL_WAITING: Final = """
SELECT log, message_id, seq FROM unanswered
WHERE created_at <= now() - $1 * interval '1 millisecond'
ORDER BY created_at, log, seq LIMIT $2
"""
_CLAIM: Final = """
SELECT message_id, coalesce(seq, 0), body_mac, coalesce(code, '') FROM entry_key
WHERE log = $1 AND key = $2
"""
_ANY_KEY: Final = "SELECT log, wrapped FROM log_key LIMIT 1"
_KEYS: Final = "SELECT log, wrapped FROM log_key WHERE log = ANY($1::text[])"


@dataclass(frozen=True, slots=True)
class PostgresReader:
    """Reads logs, and opens what it reads."""

    pool: "asyncpg.Pool[asyncpg.Record]"
    keys: LogKeys

    async def check_keys(self) -> None:
        """Open some log's key, so that a wrong key-encryption key is found before any work.

        Raises:
            SealError: the keys in the database were wrapped by another key.
        """
        for row in await self._fetch(_ANY_KEY):
            self.keys.open(row["log"], row["wrapped"])

    async def head(self, log: str) -> LogHead | None:
        """Return the head of a log, or None if there is none, or no more."""
        found = await self.heads([log])
        return found[0] if found else None

    async def heads(self, logs: Sequence[str]) -> list[LogHead]:
        """Return the heads of those logs that exist."""
        return [LogHead(*row) for row in await self._fetch(_HEADS, list(logs))]

    async def entries(
        self, log: str, after: int, before: int, limit: int, *, latest: bool
    ) -> list[Stored]:
        """Return entries with after < seq < before, ascending: the first or the latest `limit`."""
        query = _LATEST if latest else _FIRST
        found = [Stored(*row) for row in await self._fetch(query, log, after, before, limit)]
        return found[::-1] if latest else found

    async def messages(self, log: str, limit: int) -> list[Stored]:
        """Return the latest messages, ascending."""
        return [Stored(*row) for row in await self._fetch(_MESSAGES, log, limit)][::-1]

    async def settings_entry(self, log: str, at: int) -> Stored | None:
        """Return the latest entry up to `at` that set title, mode and the like."""
        rows = await self._fetch(_SETTINGS, log, at)
        return Stored(*rows[0]) if rows else None

    async def entry(self, log: str, seq: int) -> Stored | None:
        """Return one entry."""
        rows = await self._fetch(_ENTRY, log, seq)
        return Stored(*rows[0]) if rows else None

    async def pending(self, log: str, at: int) -> list[Stored]:
        """Return the entry with the latest card of each decision that is open at a seq."""
        return [Stored(*row) for row in await self._fetch(_PENDING, log, at)]

    async def waiting(self, log: str) -> list[Waiting]:
        """Return the messages of a log without an answer, oldest first."""
        return [Waiting(*row) for row in await self._fetch(_WAITING, log)]

    async def all_waiting(self, older_than_ms: int, limit: int) -> list[Waiting]:
        """Return the messages of all logs without an answer, oldest first."""
        return [Waiting(*row) for row in await self._fetch(_ALL_WAITING, older_than_ms, limit)]

    async def claim(self, log: str, key: str) -> Claim | None:
        """Return what took a key."""
        rows = await self._fetch(_CLAIM, log, key)
        return Claim(*rows[0]) if rows else None

    async def body_mac(self, head: LogHead, body_hash: str) -> bytes:
        """Return what a body is recognised by in a claim of that log."""
        return self.keys.open(head.log, head.wrapped_key).mac(body_hash)

    async def open(self, head: LogHead, entries: Sequence[Stored]) -> list[bytes]:
        """Return the JSON of each entry's data; of an erased conversation only its id is left."""
        keys = {head.log: self.keys.open(head.log, head.wrapped_key)}
        others = {entry.sealed_by for entry in entries} - {head.log}
        if others:
            # Asked each time: a key in memory may be of a log that was erased since.
            rows = await self._fetch(_KEYS, sorted(others))
            keys |= self.keys.open_all({row["log"]: row["wrapped"] for row in rows})
        return [_open(head.log, entry, keys) for entry in entries]

    async def _fetch(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        with translated():
            return await self.pool.fetch(query, *arguments)


def _open(log: str, entry: Stored, keys: Mapping[str, LogKey]) -> bytes:
    key = keys.get(entry.sealed_by)
    if key is None:
        return SessionData(session_id=entry.sealed_by, title="").json_bytes()
    return key.open(entry.body, log, entry.message_id, entry.kind)
