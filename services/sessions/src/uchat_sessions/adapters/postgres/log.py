"""The writer's side of the logs: one transaction for entries, cursors and spent outbox rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from uchat_platform.outbox import Outbox, OutboxRow
from uchat_sessions.adapters.postgres.appending import LOCK, Appending, Connection, logs_of
from uchat_sessions.adapters.postgres.errors import translated
from uchat_sessions.domain.proposals import Proposal
from uchat_sessions.ports import Committed, CursorLostError, CursorMove

if TYPE_CHECKING:
    import asyncpg

# One statement for three things, which saves two round trips of an append: the cursors are moved,
# the outbox rows that are spent are deleted (those that a relay holds are left to it: it holds them
# for as long as the bus is away), and the logs are locked.
_BEGIN: Final = f"""
WITH moved AS (
    UPDATE cursor c SET last = m.last, moved_at = now()
    FROM unnest($1::integer[], $2::text[], $3::bigint[], $4::bigint[])
        AS m(part, stream, prev, last)
    WHERE c.partition = m.part AND c.stream = m.stream AND c.last = m.prev
    RETURNING c.partition
), spent AS (
    SELECT o.created_at, o.log_id, o.seq
    FROM unnest($5::timestamptz[], $6::text[], $7::bigint[]) AS s(created_at, log_id, seq)
    JOIN outbox o USING (created_at, log_id, seq)
    FOR UPDATE OF o SKIP LOCKED
), deleted AS (
    DELETE FROM outbox o USING spent s
    WHERE o.created_at = s.created_at AND o.log_id = s.log_id AND o.seq = s.seq
), locked AS ({LOCK.replace("$1", "$8")})
SELECT partition, NULL AS log, NULL AS person, NULL::bigint AS last_seq, NULL::integer AS waiting,
       NULL::boolean AS erased, NULL::bytea AS chain, NULL::timestamptz AS now,
       NULL::bytea AS wrapped, NULL::text[] AS former
FROM moved
UNION ALL
SELECT NULL, * FROM locked
"""  # noqa: S608 - put together from constants
_SET: Final = """
UPDATE cursor c SET last = m.last
FROM unnest($1::integer[], $2::text[], $3::bigint[], $4::bigint[]) AS m(part, stream, prev, last)
WHERE c.partition = m.part
"""
_OPEN: Final = """
UPDATE cursor SET last = CASE WHEN stream = $2 THEN last ELSE 0 END, stream = $2
WHERE partition = $1 RETURNING last
"""


@dataclass(frozen=True, slots=True)
class PostgresLog:
    """Appends in one transaction a call.

    `cursor_safe=False` is the negative control: the cursor is then set beforehand, on its own,
    without comparing, so that a crash in between loses messages.
    """

    pool: "asyncpg.Pool[asyncpg.Record]"
    appending: Appending
    outbox: Outbox
    cursor_safe: bool = True

    async def append(
        self, proposals: Sequence[Proposal], moves: Sequence[CursorMove] = ()
    ) -> Committed:
        """Append proposals and move cursors, all or nothing."""
        spent = self.outbox.take() if moves else []
        try:
            with translated():
                async with self.pool.acquire() as connection:
                    if moves and not self.cursor_safe:
                        await connection.execute(_SET, *_columns(moves))
                    async with connection.transaction():
                        if not moves or not self.cursor_safe:
                            return await self.appending.within(connection, proposals)
                        rows = await _begin(connection, proposals, moves, spent)
                        return await self.appending.with_locked(connection, proposals, rows)
        except BaseException:
            self.outbox.put_back(spent)
            raise

    async def open_cursor(self, partition: int, stream: str) -> int:
        """Return where to read a partition on from; 0 if the cursor counts in another stream."""
        with translated():
            last: int = await self.pool.fetchval(_OPEN, partition, stream)
        return last


async def _begin(
    connection: Connection,
    proposals: Sequence[Proposal],
    moves: Sequence[CursorMove],
    spent: Sequence[OutboxRow],
) -> "list[asyncpg.Record]":
    rows = await connection.fetch(
        _BEGIN,
        *_columns(moves),
        [row.created_at for row in spent],
        [row.log_id for row in spent],
        [row.seq for row in spent],
        logs_of(proposals),
    )
    moved = {row["partition"] for row in rows if row["partition"] is not None}
    if len(moved) != len(moves):
        raise CursorLostError(frozenset(m.partition for m in moves) - moved)
    return [row for row in rows if row["partition"] is None]


def _columns(moves: Sequence[CursorMove]) -> tuple[list[int], list[str], list[int], list[int]]:
    return (
        [m.partition for m in moves],
        [m.stream for m in moves],
        [m.prev for m in moves],
        [m.last for m in moves],
    )
