"""Deliveries, cursors and positions in Postgres. No row holds what anybody said."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import asyncpg

from uchat_notifier.ports import (
    CursorLostError,
    Place,
    Position,
    Record,
    Reported,
    Step,
    Unsent,
)
from uchat_platform.db import LOST
from uchat_platform.errors import UnavailableError

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

_PLACE: Final = "SELECT stream, last FROM cursor WHERE partition = $1"
_MOVE: Final = """
UPDATE cursor SET stream = $4, last = $5, moved_at = now()
WHERE partition = $1 AND stream = $2 AND last = $3
"""
_FOLLOW: Final = """
INSERT INTO followed (log, partition, epoch, seq)
SELECT log, $1, epoch, seq FROM unnest($2::text[], $3::text[], $4::bigint[]) AS f(log, epoch, seq)
ON CONFLICT (log) DO UPDATE
SET partition = $1, epoch = excluded.epoch, seq = excluded.seq, updated_at = now()
"""
_QUEUE: Final = """
INSERT INTO delivery
    (delivery_id, partition, person, interface, address, log, seq, kind, about, rev, silent, trace)
SELECT delivery_id, $1, person, interface, address, log, seq, kind, about, rev, silent,
       nullif(trace, '')
FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[],
            $9::text[], $10::bigint[], $11::boolean[], $12::text[]) WITH ORDINALITY
    AS d(delivery_id, person, interface, address, log, seq, kind, about, rev, silent, trace, n)
ORDER BY n
ON CONFLICT (delivery_id) DO NOTHING
RETURNING delivery_id::text
"""
_POSITIONS: Final = "SELECT log, epoch, seq FROM followed WHERE log = ANY($1::text[])"
_FOLLOWED: Final = """
SELECT log, epoch, seq FROM followed
WHERE partition = $1 AND ($2::interval IS NULL OR updated_at > now() - $2::interval)
"""
_UNSENT: Final = """
SELECT delivery_id::text, person, interface, address, log, seq, kind, about, rev, silent,
       coalesce(trace, '')
FROM delivery WHERE partition = $1 AND sent_at IS NULL ORDER BY number LIMIT $2
"""
_SENT: Final = "UPDATE delivery SET sent_at = clock_timestamp() WHERE delivery_id = ANY($1::uuid[])"
# Also of one that an adapter has reported already: it must not be looked for again.
_FAILED: Final = """
UPDATE delivery SET status = CASE status WHEN 'queued' THEN 'failed' ELSE status END,
    code = CASE status WHEN 'queued' THEN $2 ELSE code END,
    sent_at = coalesce(sent_at, clock_timestamp())
WHERE delivery_id = $1::uuid
"""
# What failed may still arrive by another attempt; what arrived stays so.
_REPORT: Final = """
UPDATE delivery d
SET status = r.status, external_id = nullif(r.external_id, ''), code = nullif(r.code, ''),
    delivered_at = CASE WHEN r.status = 'delivered' THEN r.at END
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::text[])
    AS r(delivery_id, status, external_id, at, code)
WHERE d.delivery_id = r.delivery_id
    AND (d.status = 'queued' OR (d.status = 'failed' AND r.status = 'delivered'))
RETURNING d.status
"""
_PAGE: Final = """
SELECT number, delivery_id::text, interface, kind, about, status, queued_at, delivered_at
FROM delivery
WHERE person = $1 AND ($2 = '' OR about = $2) AND ($3::bigint IS NULL OR number < $3)
ORDER BY number DESC LIMIT $4
"""


@contextmanager
def _translated() -> Generator[None]:
    try:
        yield
    except (asyncpg.PostgresError, *LOST) as e:
        raise UnavailableError("The database is away; try again", code="database_away") from e


@dataclass(frozen=True, slots=True)
class PostgresLedger:
    """The delivery ledger."""

    pool: "asyncpg.Pool[asyncpg.Record]"

    async def place(self, partition: int) -> Place:
        """Return how far a partition is read."""
        (row,) = await self._fetch(_PLACE, partition)
        return Place(*row)

    async def positions(self, logs: Sequence[str]) -> dict[str, Position]:
        """Return how far logs were told, of those that are followed."""
        rows = await self._fetch(_POSITIONS, logs)
        return {row["log"]: Position(row["epoch"], row["seq"]) for row in rows}

    async def followed(self, partition: int, *, active_s: float | None) -> dict[str, Position]:
        """Return the followed logs of a partition: all, or those told in the last seconds."""
        active = None if active_s is None else timedelta(seconds=active_s)
        rows = await self._fetch(_FOLLOWED, partition, active)
        return {row["log"]: Position(row["epoch"], row["seq"]) for row in rows}

    async def write(self, step: Step) -> set[str]:
        """Write all of it or nothing; returns the ids of the deliveries that are new."""
        before, after = step.before, step.after
        with _translated():
            async with self.pool.acquire() as connection, connection.transaction():
                moved = await connection.execute(
                    _MOVE, step.partition, before.stream, before.last, after.stream, after.last
                )
                if moved != "UPDATE 1":
                    raise CursorLostError(f"Partition {step.partition} is read by somebody else")
                # In one order everywhere: two owners at odds wait for each other, no more.
                positions = sorted(step.positions.items())
                if positions:
                    await connection.execute(
                        _FOLLOW,
                        step.partition,
                        [log for log, _ in positions],
                        [position.epoch for _, position in positions],
                        [position.seq for _, position in positions],
                    )
                return await _queue(connection, step) if step.queued else set()

    async def unsent(self, partition: int, limit: int) -> list[Unsent]:
        """Return deliveries that are not known to be on the bus, oldest first."""
        return [Unsent(*row) for row in await self._fetch(_UNSENT, partition, limit)]

    async def sent(self, deliveries: Sequence[str]) -> None:
        """Note that deliveries are on the bus."""
        await self._fetch(_SENT, list(deliveries))

    async def failed(self, delivery: str, code: str) -> None:
        """Note that a delivery can never be made."""
        await self._fetch(_FAILED, delivery, code)

    async def report(self, reported: Sequence[Reported]) -> list[str]:
        """Note what adapters say; returns the statuses that are new. Safe to repeat."""
        # One word on each: an update takes only one row to join.
        by_id = {each.delivery_id: each for each in reported}
        rows = await self._fetch(
            _REPORT,
            list(by_id),
            [each.status for each in by_id.values()],
            [each.external_id for each in by_id.values()],
            [each.at for each in by_id.values()],
            [each.code for each in by_id.values()],
        )
        return [row["status"] for row in rows]

    async def page(self, person: str, about: str, before: int | None, limit: int) -> list[Record]:
        """Return a person's deliveries, latest first; `about` empty: all."""
        rows = await self._fetch(_PAGE, person, about, before, limit)
        return [Record(*row) for row in rows]

    async def _fetch(self, query: str, *arguments: object) -> "list[asyncpg.Record]":
        with _translated():
            return await self.pool.fetch(query, *arguments)


async def _queue(connection: "PoolConnectionProxy[asyncpg.Record]", step: Step) -> set[str]:
    made = [(queued.delivery, queued.trace) for queued in step.queued]
    rows = await connection.fetch(
        _QUEUE,
        step.partition,
        [delivery.delivery_id for delivery, _ in made],
        [delivery.user_id for delivery, _ in made],
        [delivery.interface for delivery, _ in made],
        [delivery.address for delivery, _ in made],
        [delivery.log for delivery, _ in made],
        [delivery.seq for delivery, _ in made],
        [delivery.kind for delivery, _ in made],
        [delivery.about for delivery, _ in made],
        [delivery.rev for delivery, _ in made],
        [delivery.silent for delivery, _ in made],
        [trace for _, trace in made],
    )
    return {row["delivery_id"] for row in rows}
