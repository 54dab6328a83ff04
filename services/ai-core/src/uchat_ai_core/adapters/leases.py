"""Turn leases in Postgres: one connection, and one statement for all that waits."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import asyncpg

from uchat_ai_core.ports import Lease
from uchat_platform import logging
from uchat_platform.db import LOST
from uchat_platform.errors import UnavailableError

LIFE_S: Final = 3.0
"""How long a lease lasts without being renewed."""

_TAKE: Final = """
INSERT INTO turn_lease AS held (log, owner, epoch, until)
SELECT log, $2, (extract(epoch FROM clock_timestamp()) * 1000)::bigint,
       clock_timestamp() + make_interval(secs => $3)
FROM unnest($1::text[]) AS log
ON CONFLICT (log) DO UPDATE
SET owner = excluded.owner, epoch = greatest(held.epoch + 1, excluded.epoch), until = excluded.until
WHERE held.until < clock_timestamp() OR held.owner = excluded.owner
RETURNING log, epoch,
    CASE WHEN answered_at > clock_timestamp() - interval '30 seconds' THEN answered_seq ELSE 0 END
        AS answered_seq
"""
_RENEW: Final = """
UPDATE turn_lease AS held SET until = clock_timestamp() + make_interval(secs => $3)
FROM unnest($1::text[], $4::bigint[]) AS mine (log, epoch)
WHERE held.log = mine.log AND held.epoch = mine.epoch AND held.owner = $2
RETURNING held.log, held.epoch
"""
_RELEASE: Final = """
UPDATE turn_lease AS held
SET until = '-infinity',
    answered_at = CASE WHEN mine.answered > 0 THEN clock_timestamp() ELSE held.answered_at END,
    answered_seq = CASE WHEN mine.answered > 0 THEN mine.answered ELSE held.answered_seq END
FROM unnest($1::text[], $3::bigint[], $4::bigint[]) AS mine (log, epoch, answered)
WHERE held.log = mine.log AND held.epoch = mine.epoch AND held.owner = $2
"""
_FORGET: Final = "DELETE FROM turn_lease WHERE until < clock_timestamp() - interval '1 hour'"
_FORGET_EVERY_S: Final = 600.0
_AWAY: Final = (*LOST, asyncpg.PostgresError)
_Renewal = tuple[Sequence[Lease], "asyncio.Future[frozenset[Lease]]"]
_log = logging.get_logger(__name__)


class PostgresLeases:
    """Leases of one process, which `owner` names. `run` must be running.

    Whatever is asked for while a statement is under way goes into the next one. Leases need not
    survive a crash of the database, so commits do not wait for the disk.
    """

    def __init__(self, dsn: str, owner: str, *, life_s: float = LIFE_S) -> None:
        self._dsn = dsn
        self._owner = owner
        self._life_s = life_s
        self._takes: dict[str, asyncio.Future[Lease | None]] = {}
        self._renewals: list[_Renewal] = []
        self._releases: dict[str, tuple[int, int]] = {}
        self._wake = asyncio.Event()
        self._connection: asyncpg.Connection[Any] | None = None

    async def take(self, log: str) -> Lease | None:
        """Take or take again with a higher epoch; None if somebody else holds it.

        Raises:
            UnavailableError: the database is away.
        """
        future = self._takes.get(log)
        if future is None:
            future = self._takes[log] = asyncio.get_running_loop().create_future()
            self._wake.set()
        return await asyncio.shield(future)

    async def renew(self, leases: Sequence[Lease]) -> frozenset[Lease]:
        """Prolong all of them at once and return those that hold.

        Raises:
            UnavailableError: the database is away.
        """
        future: asyncio.Future[frozenset[Lease]] = asyncio.get_running_loop().create_future()
        self._renewals.append((leases, future))
        self._wake.set()
        return await asyncio.shield(future)

    def release(self, lease: Lease, answered_seq: int) -> None:
        """Give back with the next statement."""
        self._releases[lease.log] = (lease.epoch, answered_seq)
        self._wake.set()

    async def run(self) -> None:
        """Serve what is asked for, until cancelled; then give back what is still to be."""
        loop = asyncio.get_running_loop()
        forget_at = loop.time() + _FORGET_EVERY_S
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                await self._serve()
                if loop.time() > forget_at and self._connection is not None:
                    forget_at = loop.time() + _FORGET_EVERY_S
                    await self._connection.execute(_FORGET, timeout=5)
        finally:
            await self._end()

    async def _serve(self) -> None:
        takes, self._takes = self._takes, {}
        renewals, self._renewals = self._renewals, []
        releases, self._releases = self._releases, {}
        try:
            connection = await self._connect()
            await self._release(connection, releases)
            releases = {}
            await self._renew(connection, renewals)
            await self._take(connection, takes)
        except _AWAY as e:
            _log.warning("leases_away", error=repr(e))
            await self._disconnect()
            for log, held in releases.items():
                self._releases.setdefault(log, held)
            error = UnavailableError("The database of turn leases is away")
            for future in (*takes.values(), *(future for _, future in renewals)):
                if not future.done():
                    future.set_exception(error)
                    future.exception()  # an abandoned waiter is no bug
            await asyncio.sleep(0.2)
            if self._releases:
                self._wake.set()

    async def _take(
        self, connection: "asyncpg.Connection[Any]", takes: dict[str, asyncio.Future[Lease | None]]
    ) -> None:
        if not takes:
            return
        # One order for all owners: two statements over the same rows cannot block each other.
        rows = await connection.fetch(_TAKE, sorted(takes), self._owner, self._life_s, timeout=3)
        taken = {row["log"]: Lease(row["log"], row["epoch"], row["answered_seq"]) for row in rows}
        for log, future in takes.items():
            _settle(future, taken.get(log))

    async def _renew(
        self, connection: "asyncpg.Connection[Any]", renewals: Sequence[_Renewal]
    ) -> None:
        if not renewals:
            return
        asked = sorted({(lease.log, lease.epoch) for leases, _ in renewals for lease in leases})
        logs, epochs = [log for log, _ in asked], [epoch for _, epoch in asked]
        rows = await connection.fetch(_RENEW, logs, self._owner, self._life_s, epochs, timeout=3)
        kept = {(row["log"], row["epoch"]) for row in rows}
        for leases, future in renewals:
            _settle(future, frozenset(each for each in leases if (each.log, each.epoch) in kept))

    async def _release(
        self, connection: "asyncpg.Connection[Any]", releases: dict[str, tuple[int, int]]
    ) -> None:
        if not releases:
            return
        logs = sorted(releases)
        epochs, answered = _columns([releases[log] for log in logs])
        await connection.execute(_RELEASE, logs, self._owner, epochs, answered, timeout=3)

    async def _connect(self) -> "asyncpg.Connection[Any]":
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(
                self._dsn,
                timeout=3,
                server_settings={"synchronous_commit": "off", "application_name": "uchat-leases"},
            )
        return self._connection

    async def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    async def _end(self) -> None:
        try:
            if self._releases and self._connection is not None:
                await self._release(self._connection, self._releases)
        except _AWAY as e:
            _log.warning("leases_not_released", error=repr(e))
        await self._disconnect()
        for future in (*self._takes.values(), *(future for _, future in self._renewals)):
            future.cancel()


def _settle(future: "asyncio.Future[Any]", value: object) -> None:
    if not future.done():
        future.set_result(value)


def _columns(rows: Sequence[tuple[int, int]]) -> tuple[list[int], list[int]]:
    return [row[0] for row in rows], [row[1] for row in rows]
