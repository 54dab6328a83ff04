"""The outbox of a log: what a commit promised to announce, until it is announced.

Rows name entries (log, seq) and hold no text. They are published right after the commit and
deleted in the next transaction; the relay is for what a crash left. It goes by age, never by a
serial number: those are not committed in order.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import asyncpg

from uchat_platform import logging
from uchat_platform.db import LOST
from uchat_platform.errors import UchatError, UnavailableError

_EVERY_S: Final = 1.0
_AFTER: Final = timedelta(seconds=2)
_LIMIT: Final = 500

_log = logging.get_logger(__name__)


class OutboxRow(NamedTuple):
    """An entry to announce; `trace` is the traceparent under which it was appended."""

    created_at: datetime
    log_id: Any
    seq: int
    trace: str | None = None


class Outbox:
    """Deletes what was announced and relays what was not.

    `publish` rebuilds the announcement of a row from the log and returns once it is acknowledged;
    it may be called for a row that was announced already.
    """

    def __init__(
        self,
        pool: "asyncpg.Pool[Any]",
        publish: Callable[[OutboxRow], Awaitable[None]],
        *,
        table: str = "outbox",
    ) -> None:
        self._pool = pool
        self._publish = publish
        self._table = table
        self._acked: list[OutboxRow] = []

    def acked(self, row: OutboxRow) -> None:
        """Note that a row was announced."""
        self._acked.append(row)

    def take(self) -> list[OutboxRow]:
        """Return the announced rows, to delete in the transaction that comes next."""
        rows, self._acked = self._acked, []
        return rows

    def put_back(self, rows: list[OutboxRow]) -> None:
        """Note that the transaction with these rows was rolled back."""
        self._acked.extend(rows)

    async def delete(self, connection: Any, rows: list[OutboxRow]) -> None:
        """Delete rows within the connection's transaction, except what the relay holds just now."""
        if rows:
            await connection.execute(
                _DELETE.format(table=self._table),
                [row.created_at for row in rows],
                [str(row.log_id) for row in rows],
                [row.seq for row in rows],
            )

    async def run(self) -> None:
        """Until cancelled: relay what nobody announced, delete what no transaction took along."""
        while True:
            await asyncio.sleep(_EVERY_S)
            try:
                await self._delete_acked()
                while await self.relay() == _LIMIT:
                    pass
            except (*LOST, asyncpg.PostgresError, UnavailableError) as e:
                _log.warning("outbox_waits", table=self._table, detail=str(e))

    async def relay(self) -> int:
        """Announce rows older than 2 s that no other relay holds; returns how many it announced.

        A row that cannot be announced for good is logged and stays, and holds up no other.

        Raises:
            UnavailableError: some could not be announced now; they stay.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            found = await connection.fetch(_OLD.format(table=self._table), _AFTER, _LIMIT)
            rows = [OutboxRow(*row) for row in found]
            results = await asyncio.gather(
                *(self._publish(row) for row in rows), return_exceptions=True
            )
            done = [row for row, result in zip(rows, results, strict=True) if result is None]
            await self.delete(connection, done)
        if rows:
            _log.info("outbox_relayed", table=self._table, found=len(rows), announced=len(done))
        for row, result in zip(rows, results, strict=True):
            if isinstance(result, UchatError) and not result.retryable:
                _log.error("outbox_row_stuck", session_id=row.log_id, seq=row.seq, code=result.code)
            elif result is not None:
                raise result
        return len(done)

    async def _delete_acked(self) -> None:
        rows = self.take()
        if not rows:
            return
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                await self.delete(connection, rows)
        except BaseException:
            self.put_back(rows)
            raise


_OLD: Final = """
select created_at, log_id, seq, trace from {table}
where created_at < clock_timestamp() - $1::interval
order by created_at limit $2 for update skip locked
"""
_DELETE: Final = """
delete from {table} o using (
  select t.created_at, t.log_id, t.seq
  from unnest($1::timestamptz[], $2::text[], $3::bigint[]) as d (created_at, log_id, seq)
  join {table} t
    on t.created_at = d.created_at and t.log_id::text = d.log_id and t.seq = d.seq
  for update of t skip locked
) x
where o.created_at = x.created_at and o.log_id = x.log_id and o.seq = x.seq
"""
