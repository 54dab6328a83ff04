"""Lots, results, the curve of values and preferences, in Postgres."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import orjson

from uchat_contracts.trading import LedgerEntry
from uchat_execution.adapters.postgres.rows import plain
from uchat_execution.domain.lots import Booked, BookedTrade, Lot, Result
from uchat_execution.domain.money import exact
from uchat_execution.domain.performance import Valued
from uchat_execution.ports.results import Told

_SUMS: Final = "trades, bought, sold, fees, realised, realised_fifo, slippage, slippage_approved"
_ADDED: Final = ", ".join(f"{each} = r.{each} + excluded.{each}" for each in _SUMS.split(", "))
_SUMMED: Final = ", ".join(
    f"coalesce(sum({each}), 0){'::int' if each == 'trades' else ''} AS {each}"
    for each in _SUMS.split(", ")
)
_TRADE: Final = (
    "symbol", "side", "quantity", "price", "fee", "fee_asset", "realised", "approved", "arrival",
)  # fmt: skip
_MOVES: Final = "('fill', 'external', 'deposit', 'withdrawal', 'adjustment')"
_BEHIND: Final = f"""
SELECT EXISTS (SELECT FROM ledger_tx WHERE account = $1 AND kind IN {_MOVES}
    AND id > coalesce((SELECT tx_id FROM projection WHERE account = $1), 0))
"""  # noqa: S608 - our own words
# LIMIT 1 keeps the look-up of a fill a query of its own: joined, it may read all of an account's
# fills for each transaction, as long as the planner knows no better how many there are.
_BOOKED: Final = f"""
SELECT t.id, coalesce(f.at, t.at) AS at, g.gains, m.value, f.symbol, f.side, f.quantity, f.price,
    f.fee, f.fee_asset, f.realised, o.price AS approved, o.arrival_price AS arrival
FROM (
    SELECT * FROM ledger_tx WHERE account = $1 AND kind IN {_MOVES}
        AND id > coalesce((SELECT tx_id FROM projection WHERE account = $1), 0)
    ORDER BY id LIMIT $2
) AS t JOIN account a ON a.account = t.account
CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_object_agg(asset, amount), '{{}}') AS gains FROM (
        SELECT asset, sum(amount)::text AS amount FROM ledger_entry
        WHERE tx_id = t.id AND book IN ('free:' || $1, 'reserved:' || $1) GROUP BY asset
    ) AS each
) AS g
LEFT JOIN LATERAL (
    SELECT * FROM fill WHERE t.kind IN ('fill', 'external') AND venue = a.venue AND account = $1
        AND symbol = split_part(t.source_key, ':', 4)
        AND trade_id = substr(t.source_key, length('fill:' || a.venue || ':' || $1 || ':'
            || split_part(t.source_key, ':', 4) || ':') + 1)
    LIMIT 1
) AS f ON true
LEFT JOIN orders o ON o.order_id = f.order_id
LEFT JOIN movement m ON m.account = $1 AND m.movement_id = t.source_key
ORDER BY t.id
"""  # noqa: S608 - our own words
_KEEP_LOTS: Final = """
INSERT INTO lot (account, asset, tx_id, units, cost)
SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::numeric[], $5::numeric[])
ON CONFLICT (account, asset, tx_id) DO UPDATE SET units = excluded.units, cost = excluded.cost
"""
_DROP_LOTS: Final = """
DELETE FROM lot USING unnest($2::text[], $3::bigint[]) AS gone (asset, tx_id)
WHERE account = $1 AND lot.asset = gone.asset AND lot.tx_id = gone.tx_id
"""
_ADD_RESULT: Final = f"""
INSERT INTO result AS r (account, at, symbol, {_SUMS})
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (account, at, symbol) DO UPDATE SET {_ADDED}
"""  # noqa: S608 - our own column names
_FOLLOW: Final = """
INSERT INTO projection AS p (account, tx_id) VALUES ($1, $2)
ON CONFLICT (account) DO UPDATE SET tx_id = greatest(p.tx_id, excluded.tx_id)
"""
_BY_ASSET: Final = f"""
SELECT symbol, {_SUMMED} FROM result
WHERE account = $1 AND at >= coalesce($2, '-infinity'::timestamptz) GROUP BY symbol
"""  # noqa: S608 - our own column names
_BY_PART: Final = f"""
SELECT width_bucket(at, $2::timestamptz[]) AS part, {_SUMMED} FROM result
WHERE account = $1 AND at >= ($2::timestamptz[])[1] GROUP BY part
"""  # noqa: S608 - our own column names
_VALUED: Final = """
SELECT asked.n, e.at, e.total, coalesce(e.deposited, a.opening) AS deposited
FROM account a, unnest($2::timestamptz[]) WITH ORDINALITY AS asked (at, n), LATERAL (
    (SELECT at, total, deposited FROM equity WHERE account = $1 AND at <= asked.at
     ORDER BY at DESC LIMIT 1)
    UNION ALL
    (SELECT at, total, deposited FROM equity WHERE account = $1 AND at > asked.at
     ORDER BY at LIMIT 1)
    LIMIT 1
) AS e WHERE a.account = $1
"""
# Of many notes one is looked up for each part of the time; after each payment there is one anyway.
_CURVE: Final = """
WITH few AS (
    SELECT at FROM equity WHERE account = $1 AND at >= $2 ORDER BY at LIMIT $3 + 1
), since AS (
    SELECT min(at) AS at, count(*) > $3 AS too_many FROM few
), paid AS (
    SELECT booked_at FROM movement WHERE account = $1 AND value IS NOT NULL AND booked_at >= $2
    ORDER BY booked_at DESC LIMIT $3
), noted AS (
    SELECT few.at FROM few, since WHERE NOT too_many
    UNION
    SELECT e.at FROM since, generate_series(0, $3 - 1) AS n, LATERAL (
        SELECT at FROM equity
        WHERE account = $1 AND at >= since.at + n * ((now() - since.at) / $3) ORDER BY at LIMIT 1
    ) AS e WHERE too_many
    UNION
    SELECT e.at FROM since, paid, LATERAL (
        SELECT at FROM equity WHERE account = $1 AND at >= paid.booked_at ORDER BY at LIMIT 1
    ) AS e WHERE too_many
    UNION
    (SELECT at FROM equity WHERE account = $1 AND at < $2 ORDER BY at DESC LIMIT 1)
)
SELECT e.at, e.total, coalesce(e.deposited, a.opening) AS deposited
FROM noted JOIN equity e USING (at) JOIN account a USING (account) WHERE account = $1 ORDER BY at
"""
_LEDGER: Final = """
SELECT t.id::text AS transaction, e.n, t.kind, t.source_key AS reference,
    CASE e.book WHEN 'free:' || $1 THEN 'free' WHEN 'reserved:' || $1 THEN 'reserved'
        ELSE e.book END AS book,
    e.asset, e.amount, t.at
FROM ledger_tx t JOIN ledger_entry e ON e.tx_id = t.id
WHERE t.account = $1 AND t.id <= coalesce($2, 9223372036854775807)
    AND ($2::bigint IS NULL OR (t.id, e.n) < ($2, $3))
ORDER BY t.id DESC, e.n DESC LIMIT $4
"""


@dataclass(frozen=True, slots=True)
class PostgresResults:
    """`Results` within one transaction."""

    connection: Any

    async def behind(self, account: str) -> bool:
        """Tell whether the projections lack something."""
        return await self.connection.fetchval(_BEHIND, account)

    async def booked(self, account: str, most: int) -> Sequence[Booked]:
        """Return the next transactions that change units."""
        return [_booked(row) for row in await self.connection.fetch(_BOOKED, account, most)]

    async def lots(self, account: str, assets: Iterable[str]) -> Mapping[str, Sequence[Lot]]:
        """Return the open lots of some assets, oldest first."""
        rows = await self.connection.fetch(
            "SELECT asset, tx_id, units, cost FROM lot"
            " WHERE account = $1 AND asset = ANY($2::text[]) ORDER BY asset, tx_id",
            account,
            list(assets),
        )
        found: dict[str, list[Lot]] = {}
        for row in rows:
            lot = Lot(row["tx_id"], exact(row["units"]), exact(row["cost"]))
            found.setdefault(row["asset"], []).append(lot)
        return found

    async def keep(
        self,
        account: str,
        last: int,
        lots: Mapping[tuple[str, int], Lot | None],
        results: Mapping[tuple[datetime, str], Result],
    ) -> None:
        """Store lots, add results."""
        kept = [(asset, lot) for (asset, _), lot in lots.items() if lot is not None]
        await self.connection.execute(
            _KEEP_LOTS,
            account,
            [asset for asset, _ in kept],
            [lot.tx_id for _, lot in kept],
            [lot.units for _, lot in kept],
            [lot.cost for _, lot in kept],
        )
        gone = [key for key, lot in lots.items() if lot is None]
        await self.connection.execute(
            _DROP_LOTS, account, [asset for asset, _ in gone], [tx_id for _, tx_id in gone]
        )
        await self.connection.executemany(
            _ADD_RESULT, [(account, *key, *astuple(result)) for key, result in results.items()]
        )
        await self.connection.execute(_FOLLOW, account, last)

    async def by_asset(self, account: str, since: datetime | None) -> Mapping[str, Result]:
        """Return the results since a time, by asset."""
        rows = await self.connection.fetch(_BY_ASSET, account, since)
        return {row["symbol"]: _result(row) for row in rows}

    async def by_part(self, account: str, starts: Sequence[datetime]) -> Sequence[Result]:
        """Return the results of the parts that begin at these times."""
        rows = await self.connection.fetch(_BY_PART, account, list(starts))
        found = {row["part"]: _result(row) for row in rows}
        return [found.get(n, Result()) for n in range(1, len(starts) + 1)]

    async def costs(self, account: str) -> Mapping[str, Decimal]:
        """Return what the open lots cost, by asset."""
        rows = await self.connection.fetch(
            "SELECT asset, sum(cost) AS cost FROM lot WHERE account = $1 GROUP BY asset", account
        )
        return {row["asset"]: exact(row["cost"]) for row in rows}

    async def valued(self, account: str, times: Sequence[datetime]) -> Sequence[Valued | None]:
        """Return the latest notes until these times."""
        rows = await self.connection.fetch(_VALUED, account, list(times))
        found = {row["n"]: _valued(row) for row in rows}
        return [found.get(n) for n in range(1, len(times) + 1)]

    async def curve(self, account: str, since: datetime, most: int) -> Sequence[Valued]:
        """Return notes since a time, and the last one before."""
        return [_valued(row) for row in await self.connection.fetch(_CURVE, account, since, most)]

    async def ledger(
        self, account: str, before: tuple[int, int] | None, limit: int
    ) -> Sequence[LedgerEntry]:
        """Return entries, latest first."""
        tx_id, n = before or (None, None)
        rows = await self.connection.fetch(_LEDGER, account, tx_id, n, limit)
        return [LedgerEntry(**plain(row)) for row in rows]

    async def told_in(self, person: str) -> Told | None:
        """Return what a person wants figures to be told in."""
        row = await self.connection.fetchrow(
            "SELECT time_zone, currency FROM preference WHERE person = $1", person
        )
        return Told(**dict(row)) if row else None

    async def tell_in(self, person: str, told: Told) -> None:
        """Store what a person wants figures to be told in."""
        await self.connection.execute(
            "INSERT INTO preference (person, time_zone, currency) VALUES ($1, $2, $3)"
            " ON CONFLICT (person) DO UPDATE SET time_zone = $2, currency = $3,"
            " updated_at = clock_timestamp()",
            person,
            told.time_zone,
            told.currency,
        )

    async def hand_over(self, gone: str, into: str) -> None:
        """Give a person what another one had chosen."""
        await self.connection.execute(
            "INSERT INTO preference (person, time_zone, currency)"
            " SELECT $2, time_zone, currency FROM preference WHERE person = $1"
            " ON CONFLICT DO NOTHING",
            gone,
            into,
        )


def _booked(row: Any) -> Booked:
    gains: dict[str, str] = orjson.loads(row["gains"])
    values = plain(row)
    trade = None
    if values["symbol"] is not None:
        trade = BookedTrade(**{name: values[name] for name in _TRADE})
    units = {asset: exact(Decimal(amount)) for asset, amount in gains.items()}
    return Booked(values["id"], values["at"], units, values["value"], trade)


def _result(row: Any) -> Result:
    values = plain(row)
    return Result(**{name: values[name] for name in _SUMS.split(", ")})


def _valued(row: Any) -> Valued:
    return Valued(row["at"], exact(row["total"]), exact(row["deposited"]))
