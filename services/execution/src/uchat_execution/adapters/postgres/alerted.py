"""Alerts to look at, and prices by the minute, read from Postgres without locks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import orjson

from uchat_contracts.trading import PAPER
from uchat_execution.adapters.postgres.errors import translated
from uchat_execution.adapters.postgres.rows import plain
from uchat_execution.domain.alerts.crossing import BACK, RISE
from uchat_execution.domain.alerts.history import Bar
from uchat_execution.ports.alerts import Window

if TYPE_CHECKING:
    import asyncpg


def _level_crossed(value: str) -> str:
    """Return the condition that a level looks otherwise at a value, which is SQL.

    The same rule as `domain.alerts.crossing.look`: alerts that it leaves as they are stay away.
    """
    return f"""CASE
    WHEN a.beyond AND a.way = 'above' THEN {value} <= a.level * (1 - {BACK})
    WHEN a.beyond THEN {value} >= a.level * (1 + {BACK})
    WHEN a.way = 'above' THEN {value} >= a.level
    ELSE {value} <= a.level END"""


_CROSSED: Final = f"""
SELECT a.alert_id FROM unnest($1::text[], $2::numeric[]) AS q (symbol, price)
JOIN alert a USING (symbol)
WHERE a.kind = 'price' AND a.state IN ('armed', 'fired') AND a.alert_id > $3
    AND {_level_crossed("q.price")}
ORDER BY a.alert_id LIMIT $4
"""  # noqa: S608 - our own words
_WINDOWS: Final = """
SELECT DISTINCT symbol, way, coalesce((body->>'window_s')::integer, 0) AS window_s
FROM alert WHERE kind = 'percent' AND state IN ('armed', 'fired')
"""
_MOVED: Final = """
SELECT a.alert_id
FROM unnest($1::text[], $2::text[], $3::integer[], $4::numeric[]) AS q (symbol, way, window_s, far)
JOIN alert a USING (symbol, way)
WHERE a.kind = 'percent' AND a.state IN ('armed', 'fired') AND a.alert_id > $5
    AND coalesce((a.body->>'window_s')::integer, 0) = q.window_s
    AND CASE WHEN a.beyond THEN q.far <= (a.body->>'percent')::numeric / 2
        ELSE q.far >= (a.body->>'percent')::numeric END
ORDER BY a.alert_id LIMIT $6
"""
# What is at a live exchange is another account, with prices of its own: it is none of these.
# Of an account that holds something without a price nothing can be told. LIMIT keeps it alert by
# alert: a plan by statistics of a smaller table would compare each with each.
_ON_WORTH: Final = f"""
SELECT a.alert_id
FROM alert a CROSS JOIN LATERAL (
    SELECT account, quote_currency, deposited FROM account
    WHERE person = a.person AND state = 'active' AND venue = '{PAPER}' LIMIT 1
) AS c CROSS JOIN LATERAL (
    SELECT coalesce(sum((free + reserved) * CASE WHEN asset = c.quote_currency THEN 1
            ELSE ($1::jsonb->>asset)::numeric END), 0) AS total,
        coalesce(bool_and(asset = c.quote_currency OR $1::jsonb ? asset), true) AS is_known
    FROM balance WHERE account = c.account AND free + reserved <> 0
) AS w CROSS JOIN LATERAL (
    SELECT greatest(w.total, a.mark + c.deposited) AS best, (a.body->>'percent')::numeric AS percent
) AS d
WHERE a.kind IN ('portfolio', 'drawdown') AND a.state IN ('armed', 'fired') AND a.alert_id > $2
    AND w.is_known AND CASE
    WHEN a.kind = 'portfolio' THEN {_level_crossed("w.total")}
    WHEN w.total > (a.mark + c.deposited) * {RISE} THEN true
    WHEN a.beyond THEN (d.best - w.total) * 200 <= d.percent * d.best
    ELSE (d.best - w.total) * 100 >= d.percent * d.best END
ORDER BY a.alert_id LIMIT $3
"""  # noqa: S608 - our own words
_RESTED: Final = """
SELECT alert_id FROM alert WHERE state = 'snoozed' AND snoozed_until <= clock_timestamp()
ORDER BY snoozed_until LIMIT $1
"""
_KEEP: Final = """
INSERT INTO price_bar AS p (minute, symbol, low, high)
SELECT * FROM unnest($1::timestamptz[], $2::text[], $3::numeric[], $4::numeric[]) ORDER BY 1, 2
ON CONFLICT (minute, symbol) DO UPDATE
SET low = least(p.low, excluded.low), high = greatest(p.high, excluded.high)
"""


@dataclass(frozen=True, slots=True)
class PostgresAlerted:
    """`Alerted` on a pool of connections."""

    pool: "asyncpg.Pool[asyncpg.Record]"

    async def crossed(self, prices: Mapping[str, Decimal], after: str, limit: int) -> Sequence[str]:
        """Return ids of alerts on prices that look otherwise at these prices, after one."""
        rows = await self._fetch(_CROSSED, list(prices), list(prices.values()), after, limit)
        return [row["alert_id"] for row in rows]

    async def windows(self) -> Sequence[Window]:
        """Return what moves are watched: each symbol, way and window once."""
        return [Window(**row) for row in await self._fetch(_WINDOWS)]

    async def moved(self, moves: Mapping[Window, Decimal], after: str, limit: int) -> Sequence[str]:
        """Return ids of alerts on moves that look otherwise at these, after one."""
        columns = (
            [each.symbol for each in moves],
            [each.way for each in moves],
            [each.window_s for each in moves],
            list(moves.values()),
        )
        rows = await self._fetch(_MOVED, *columns, after, limit)
        return [row["alert_id"] for row in rows]

    async def on_worth(
        self, prices: Mapping[str, Decimal], after: str, limit: int
    ) -> Sequence[str]:
        """Return ids of alerts on what accounts are worth that look otherwise at these prices."""
        told = orjson.dumps({symbol: format(price, "f") for symbol, price in prices.items()})
        rows = await self._fetch(_ON_WORTH, told.decode(), after, limit)
        return [row["alert_id"] for row in rows]

    async def rested(self, limit: int) -> Sequence[str]:
        """Return ids of snoozed alerts whose time is over."""
        return [row["alert_id"] for row in await self._fetch(_RESTED, limit)]

    async def bars(self, since: datetime) -> Sequence[Bar]:
        """Return the bars that were kept, by time."""
        rows = await self._fetch(
            "SELECT symbol, minute, low, high FROM price_bar WHERE minute >= $1 ORDER BY minute",
            since,
        )
        return [Bar(**plain(row)) for row in rows]

    async def keep_bars(self, bars: Iterable[Bar], before: datetime) -> None:
        """Keep bars, and drop those from before a time."""
        kept = list(bars)
        columns = (
            [bar.minute for bar in kept],
            [bar.symbol for bar in kept],
            [bar.low for bar in kept],
            [bar.high for bar in kept],
        )
        with translated():
            await self.pool.execute(_KEEP, *columns)
            await self.pool.execute("DELETE FROM price_bar WHERE minute < $1", before)

    async def _fetch(self, query: str, *values: object) -> Sequence[Any]:
        with translated():
            return await self.pool.fetch(query, *values)
