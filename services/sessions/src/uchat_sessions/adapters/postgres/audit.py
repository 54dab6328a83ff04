"""Walks the audit chains: every entry of every log, from the first row on."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from uchat_sessions.domain.chain import START, Link, next_hash

if TYPE_CHECKING:
    import asyncpg

_PAGE: Final = 1000
_LOGS: Final = """
SELECT log, last_seq, chain FROM log WHERE log > $1 ORDER BY log LIMIT 500
"""
_ENTRIES: Final = """
SELECT log, seq, created_at, kind, message_id, sealed_by, body, chain FROM entry
WHERE log = $1 AND seq > $2 ORDER BY seq LIMIT $3
"""


@dataclass(frozen=True, slots=True)
class LogAudit:
    """What was found of one log; `fault` is empty if all of it holds."""

    log: str
    entries: int
    fault: str


async def walk(pool: "asyncpg.Pool[asyncpg.Record]") -> AsyncGenerator[LogAudit]:
    """Yield the finding for each log. Safe beside a running service."""
    after = ""
    while logs := await pool.fetch(_LOGS, after):
        for log in logs:
            yield await _check(pool, log["log"], log["last_seq"], log["chain"])
        after = logs[-1]["log"]


async def _check(
    pool: "asyncpg.Pool[asyncpg.Record]", log: str, last: int, head: bytes
) -> LogAudit:
    seq, chain = 0, START
    # Up to the head that was read: what is appended meanwhile belongs to the next walk.
    while seq < last:
        rows = await pool.fetch(_ENTRIES, log, seq, min(_PAGE, last - seq))
        if not rows:
            return LogAudit(log, seq, f"entry {seq + 1} is missing")
        for row in rows:
            if row["seq"] != seq + 1:
                return LogAudit(log, seq, f"entry {seq + 1} is missing")
            chain = next_hash(chain, Link(*list(row)[:-1]))
            seq += 1
            if chain != row["chain"]:
                return LogAudit(log, seq, f"entry {seq} was changed")
    if chain != head:
        return LogAudit(log, seq, "the head was changed")
    return LogAudit(log, seq, "")
