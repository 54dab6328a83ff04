"""Alerts to look at, and prices by the minute, read from Postgres without locks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter

from uchat_contracts.trading import PAPER, Alert
from uchat_execution.adapters.postgres.alerts import readable
from uchat_execution.adapters.postgres.errors import translated
from uchat_execution.adapters.postgres.rows import plain
from uchat_execution.domain.accounts import Balance
from uchat_execution.domain.alerts.crossing import BACK
from uchat_execution.domain.alerts.history import Bar
from uchat_execution.domain.money import exact
from uchat_execution.ports.alerts import Kept, OnWorth, Some

if TYPE_CHECKING:
    import asyncpg

# The same rule as `domain.alerts.crossing.look`: those that it leaves as they are stay away.
_CROSSED: Final = f"""
SELECT a.alert_id FROM unnest($1::text[], $2::numeric[]) AS q (symbol, price)
JOIN alert a USING (symbol)
WHERE a.kind = 'price' AND a.state IN ('armed', 'fired') AND a.alert_id > $3 AND CASE
    WHEN a.beyond AND a.way = 'above' THEN q.price <= a.level * (1 - {BACK})
    WHEN a.beyond THEN q.price >= a.level * (1 + {BACK})
    WHEN a.way = 'above' THEN q.price >= a.level
    ELSE q.price <= a.level END
ORDER BY a.alert_id LIMIT $4
"""  # noqa: S608 - our own constant
_ON_MOVES: Final = """
SELECT alert_id, body, mark FROM alert
WHERE kind = 'percent' AND state IN ('armed', 'fired') AND alert_id > $1
ORDER BY alert_id LIMIT $2
"""
# What is at a live exchange is another account, with prices of its own: it is none of these.
_ON_WORTH: Final = f"""
SELECT a.alert_id, a.body, a.mark, c.deposited, c.simulated,
    (SELECT jsonb_object_agg(asset, (free + reserved)::text) FROM balance b
        WHERE b.account = c.account) AS units
FROM alert a JOIN account c ON c.person = a.person AND c.state = 'active' AND c.venue = '{PAPER}'
WHERE a.kind IN ('portfolio', 'drawdown') AND a.state IN ('armed', 'fired') AND a.alert_id > $1
ORDER BY a.alert_id LIMIT $2
"""  # noqa: S608 - our own constant
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
_Units: Final = TypeAdapter(dict[str, Decimal])


@dataclass(frozen=True, slots=True)
class PostgresAlerted:
    """`Alerted` on a pool of connections."""

    pool: "asyncpg.Pool[asyncpg.Record]"

    async def crossed(self, prices: Mapping[str, Decimal], after: str, limit: int) -> Sequence[str]:
        """Return ids of alerts on prices that look otherwise at these prices, after one."""
        rows = await self._fetch(_CROSSED, list(prices), list(prices.values()), after, limit)
        return [row["alert_id"] for row in rows]

    async def on_moves(self, after: str, limit: int) -> Some[Alert]:
        """Return alerts on moves within a window, by id, after one."""
        rows = await self._fetch(_ON_MOVES, after, limit)
        return Some([kept.alert for _, kept in readable(rows)], _last(rows, limit))

    async def on_worth(self, after: str, limit: int) -> Some[OnWorth]:
        """Return alerts on what accounts are worth."""
        rows = await self._fetch(_ON_WORTH, after, limit)
        return Some([_on_worth(kept, row) for row, kept in readable(rows)], _last(rows, limit))

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


def _on_worth(kept: Kept, row: Any) -> OnWorth:
    units = _Units.validate_json(row["units"] or "{}")
    held = {asset: Balance(asset, exact(amount)) for asset, amount in units.items()}
    return OnWorth(kept, held, exact(row["deposited"]), row["simulated"])


def _last(rows: Sequence[Any], limit: int) -> str | None:
    return rows[-1]["alert_id"] if len(rows) == limit else None
