"""The advisory locks behind partition ownership, on one connection."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Self

import asyncpg

from uchat_platform import logging

_STALLED: Final = timedelta(seconds=3)
_QUERY_S: Final = 2.0
_LATE_S: Final = 1.0
# Members lock (class + 1, own number), partitions (class, partition).
_SURVEY: Final = """
select l.classid::bigint as class, l.objid::bigint as number, l.pid,
       l.pid = pg_backend_pid() as mine,
       coalesce(a.state = 'idle' and a.state_change < clock_timestamp() - $3::interval, false)
         as stalled
from pg_locks l left join pg_stat_activity a on a.pid = l.pid
where l.locktype = 'advisory' and l.granted and l.objsubid = 2
  and l.classid in ($1::oid, $2::oid)
  and l.database = (select oid from pg_database where datname = current_database())
"""

_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Survey:
    """Who holds what: live members (this one included), and partitions."""

    members: int
    mine: frozenset[int]
    taken: frozenset[int]
    offset: int

    def free(self, count: int) -> list[int]:
        """Return partitions that nobody holds, beginning somewhere else for each member."""
        turned = ((self.offset + i) % count for i in range(count))
        return [partition for partition in turned if partition not in self.taken]


class Locks:
    """The connection that holds this member's locks; each survey is its beat.

    The beat needs no table: the server notes for each connection when its state last changed.
    """

    def __init__(self, connection: "asyncpg.Connection[Any]", lock_class: int, member: int) -> None:
        self._connection = connection
        self._class = lock_class
        self._member_class = lock_class + 1
        self._member = member
        self._suspects: set[int] = set()
        self._surveyed: float | None = None

    @classmethod
    async def open(
        cls, dsn: str, lock_class: int, member: int, on_lost: Callable[[], None]
    ) -> Self:
        """Connect and become a member.

        Raises:
            OSError, TimeoutError, asyncpg.PostgresError: not now.
        """
        connection = await asyncpg.connect(
            dsn,
            timeout=_QUERY_S,
            command_timeout=_QUERY_S,
            server_settings={"application_name": "uchat-partitions"},
        )
        connection.add_termination_listener(lambda _: on_lost())
        try:
            await connection.execute(
                "select pg_advisory_lock($1::int, $2::int)", lock_class + 1, member
            )
        except BaseException:
            connection.terminate()
            raise
        return cls(connection, lock_class, member)

    async def survey(self) -> Survey:
        """Return who holds what, and free what a stalled member holds.

        Raises:
            db.LOST, asyncpg.PostgresError: locks are lost.
        """
        rows = await self._connection.fetch(_SURVEY, self._class, self._member_class, _STALLED)
        stalled = {row["pid"] for row in rows if row["stalled"] and not row["mine"]}
        await self._end(stalled)
        partitions = [row for row in rows if row["class"] == self._class]
        return Survey(
            members=len({row["pid"] for row in rows if row["class"] == self._member_class}),
            mine=frozenset(row["number"] for row in partitions if row["mine"]),
            taken=frozenset(row["number"] for row in partitions),
            offset=self._member,
        )

    async def try_lock(self, partition: int) -> bool:
        """Take the lock of a partition if nobody has it."""
        return bool(
            await self._connection.fetchval(
                "select pg_try_advisory_lock($1::int, $2::int)", self._class, partition
            )
        )

    async def unlock(self, partition: int) -> None:
        """Give the lock of a partition back."""
        await self._connection.execute(
            "select pg_advisory_unlock($1::int, $2::int)", self._class, partition
        )

    async def close(self) -> None:
        """Give back all locks."""
        self._connection.terminate()

    async def _end(self, stalled: set[int]) -> None:
        # When the whole machine was paused, everybody's beat looks old to whoever wakes first. So:
        # only after two surveys in a row that were themselves on time.
        now = asyncio.get_running_loop().time()
        on_time = self._surveyed is not None and now - self._surveyed < _LATE_S
        self._surveyed = now
        for pid in stalled & self._suspects if on_time else ():
            _log.warning("partition_owner_stalled", backend=pid)
            await self._connection.execute("select pg_terminate_backend($1::int)", pid)
        self._suspects = stalled
