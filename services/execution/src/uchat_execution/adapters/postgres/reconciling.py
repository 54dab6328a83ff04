"""How far accounts were compared with their venue, and what was found there, in Postgres."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import orjson

from uchat_execution.adapters.postgres.rows import plain
from uchat_execution.domain.accounts import Account
from uchat_execution.domain.money import exact
from uchat_execution.domain.orders import VenueFill
from uchat_execution.domain.statements import Movement, Standing, ToldTrade

_STANDING: Final = (
    "r.account, r.reconciled_at, r.full_at, r.moves_from, r.turn, r.drift, r.drift_rounds,"
    " r.adjust_asked_by, r.active_at"
)
_TOUCH: Final = """
INSERT INTO reconciliation AS r (account) VALUES ($1)
ON CONFLICT (account) DO UPDATE SET active_at = clock_timestamp(),
    next_at = least(r.next_at,
        greatest(clock_timestamp(), r.reconciled_at + interval '10 seconds'))
"""
_DUE: Final = f"""
UPDATE reconciliation r SET next_at = clock_timestamp() + $2
WHERE account IN (
    SELECT d.account FROM reconciliation d JOIN account a USING (account)
    WHERE d.next_at <= clock_timestamp() AND a.state = 'active' AND a.at_venue
    ORDER BY d.next_at LIMIT $1 FOR UPDATE OF d SKIP LOCKED
) RETURNING {_STANDING}
"""  # noqa: S608 - our own column names
_CLAIM: Final = f"""
INSERT INTO reconciliation AS r (account, next_at) VALUES ($1, clock_timestamp() + $2)
ON CONFLICT (account) DO UPDATE SET next_at = clock_timestamp() + $2
RETURNING {_STANDING}
"""  # noqa: S608 - our own column names
_BACKLOG: Final = """
SELECT count(*) AS due,
    coalesce(extract(epoch FROM clock_timestamp() - min(r.next_at)), 0)::float8 AS late
FROM reconciliation r JOIN account a USING (account)
WHERE r.next_at <= clock_timestamp() AND a.state = 'active' AND a.at_venue
"""
_FINISH: Final = """
UPDATE reconciliation SET reconciled_at = greatest(reconciled_at, $2), full_at = $3,
    moves_from = $4, turn = $5, drift = $6, drift_rounds = $7, next_at = clock_timestamp() + $8,
    adjusted_at = CASE WHEN $9 THEN clock_timestamp() ELSE adjusted_at END,
    adjust_asked_by = CASE WHEN $9 THEN NULL ELSE adjust_asked_by END
WHERE account = $1
"""
_EXTERNAL: Final = """
INSERT INTO fill (venue, account, symbol, trade_id, order_id, side, quantity, price, fee,
    fee_asset, realised, at, source)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'external') ON CONFLICT DO NOTHING
"""
_NOTE: Final = """
WITH noted AS (
    INSERT INTO movement (account, movement_id, kind, asset, amount, value, source, note, at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING value
)
UPDATE account SET deposited = deposited + coalesce((SELECT value FROM noted), 0)
WHERE account = $1 AND EXISTS (SELECT FROM noted)
"""
# The opening is in the ledger since before there were movements.
_MOVEMENTS: Final = """
SELECT * FROM (
    SELECT movement_id, kind, asset, amount, value, note, at FROM movement WHERE account = $1
    UNION ALL
    SELECT 'opening:' || account, 'opening', quote_currency, opening, opening, '', opened_at
    FROM account WHERE account = $1 AND opening <> 0
) AS m WHERE $2::timestamptz IS NULL OR (at, movement_id COLLATE "C") < ($2, $3)
ORDER BY at DESC, movement_id COLLATE "C" DESC LIMIT $4
"""
# The present timeline is the head of the WAL file's name: the control file's says it only after
# the first checkpoint that follows a failover.
_LIFE: Final = """
INSERT INTO database_life AS l (identity)
SELECT system_identifier::text || ':' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)
FROM pg_control_system()
ON CONFLICT (only_one) DO UPDATE SET identity = excluded.identity,
    since = CASE WHEN l.identity = excluded.identity THEN l.since ELSE clock_timestamp() END,
    restored_at = CASE WHEN l.identity = excluded.identity THEN l.restored_at
        ELSE clock_timestamp() END
RETURNING restored_at
"""
_DOUBTED: Final = """
SELECT o.order_id FROM orders o JOIN database_life l ON o.updated_at < l.restored_at
WHERE o.state = 'ready' ORDER BY o.order_id LIMIT $1
"""
# The last point of an hour stays and the highest, of a day after three months; the first one ever.
_THIN: Final = """
WITH page AS (
    SELECT account FROM account WHERE account > $1 ORDER BY account LIMIT $2
), noted AS (
    SELECT account, at, total - coalesce(deposited, 0) AS profit,
        date_trunc(CASE WHEN at < now() - interval '90 days' THEN 'day' ELSE 'hour' END, at) AS part
    FROM equity JOIN page USING (account)
    WHERE at BETWEEN now() - interval '7 days' AND now() - interval '1 day'
        OR at BETWEEN now() - interval '97 days' AND now() - interval '90 days'
), ranked AS (
    SELECT account, at, row_number() OVER (PARTITION BY account, part ORDER BY at DESC) AS last,
        row_number() OVER (PARTITION BY account, part ORDER BY profit DESC, at) AS best
    FROM noted
), gone AS (
    DELETE FROM equity e USING ranked r WHERE e.account = r.account AND e.at = r.at
        AND r.last > 1 AND r.best > 1
        AND e.at > (SELECT min(at) FROM equity f WHERE f.account = e.account)
)
SELECT max(account) FROM page
"""


@dataclass(frozen=True, slots=True)
class PostgresTruth:
    """`Truth` within one transaction."""

    connection: Any

    async def touch(self, account: str) -> None:
        """Note that somebody works on the account."""
        await self.connection.execute(_TOUCH, account)

    async def claim_due(self, limit: int, hold: timedelta) -> list[Standing]:
        """Return accounts whose round is due."""
        return [_standing(row) for row in await self.connection.fetch(_DUE, limit, hold)]

    async def claim(self, account: str, hold: timedelta) -> Standing:
        """Return one account for a round now."""
        return _standing(await self.connection.fetchrow(_CLAIM, account, hold))

    async def backlog(self) -> tuple[int, float]:
        """Return how many rounds are due, and how late the oldest is."""
        row = await self.connection.fetchrow(_BACKLOG)
        return row["due"], max(row["late"], 0.0)

    async def finish(self, standing: Standing, next_in: timedelta, *, adjusted: bool) -> None:
        """Store how far an account has come."""
        drift = {asset: format(units, "f") for asset, units in standing.drift.items()}
        await self.connection.execute(
            _FINISH,
            standing.account,
            standing.reconciled_at,
            standing.full_at,
            standing.moves_from,
            standing.turn,
            orjson.dumps(drift).decode(),
            standing.drift_rounds,
            next_in,
            adjusted,
        )

    async def ask_adjust(self, account: str, by: str) -> None:
        """Note that an operator wants the books adjusted."""
        await self.connection.execute(
            "UPDATE reconciliation SET adjust_asked_by = $2, next_at = clock_timestamp()"
            " WHERE account = $1",
            account,
            by,
        )

    async def standing(self, account: str) -> Standing | None:
        """Return how far an account has come."""
        row = await self.connection.fetchrow(
            f"SELECT {_STANDING} FROM reconciliation r WHERE account = $1",  # noqa: S608 - our own
            account,
        )
        return _standing(row) if row else None

    async def ours(self, account: str, client_order_ids: Sequence[str]) -> Mapping[str, str]:
        """Return the ids of our orders by the ids that the venue has of them."""
        rows = await self.connection.fetch(
            "SELECT client_order_id, order_id FROM orders o JOIN account a USING (account)"
            " WHERE o.venue = a.venue AND a.account = $1 AND client_order_id = ANY($2::text[])",
            account,
            list(client_order_ids),
        )
        return {row["client_order_id"]: row["order_id"] for row in rows}

    async def booked(self, account: str, symbol: str, trade_ids: Sequence[str]) -> set[str]:
        """Return which trades are in the books."""
        rows = await self.connection.fetch(
            "SELECT trade_id FROM fill f JOIN account a USING (account) WHERE f.venue = a.venue"
            " AND a.account = $1 AND symbol = $2 AND trade_id = ANY($3::text[])",
            account,
            symbol,
            list(trade_ids),
        )
        return {row["trade_id"] for row in rows}

    async def add_external(
        self, account: Account, trade: ToldTrade, fill: VenueFill, realised: Decimal
    ) -> bool:
        """Store a trade of the person's own hand."""
        done = await self.connection.execute(
            _EXTERNAL,
            account.venue,
            account.account,
            trade.symbol,
            fill.trade_id,
            f"external:{trade.venue_order_id}",
            trade.side,
            fill.quantity,
            fill.price,
            fill.fee,
            fill.fee_asset,
            realised,
            fill.at,
        )
        return done == "INSERT 0 1"

    async def cursors(self, account: str) -> Mapping[str, str]:
        """Return the last trade that is in the books, by symbol."""
        rows = await self.connection.fetch(
            "SELECT symbol, trade_id FROM trade_cursor WHERE account = $1", account
        )
        return {row["symbol"]: row["trade_id"] for row in rows}

    async def move_cursor(self, account: str, symbol: str, trade_id: str) -> None:
        """Note that everything until a trade is in the books."""
        await self.connection.execute(
            "INSERT INTO trade_cursor (account, symbol, trade_id) VALUES ($1, $2, $3)"
            " ON CONFLICT (account, symbol) DO UPDATE SET trade_id = $3",
            account,
            symbol,
            trade_id,
        )

    async def note(self, account: str, movement: Movement) -> bool:
        """Store a movement and count what came from outside."""
        done = await self.connection.execute(
            _NOTE,
            account,
            movement.movement_id,
            movement.kind,
            movement.asset,
            movement.amount,
            movement.value,
            "recon" if movement.kind == "adjustment" else "external",
            movement.note,
            movement.at,
        )
        return done == "UPDATE 1"

    async def movements(
        self, account: str, before: tuple[datetime, str] | None, limit: int
    ) -> Sequence[Movement]:
        """Return movements, latest first."""
        at, movement_id = before or (None, None)
        rows = await self.connection.fetch(_MOVEMENTS, account, at, movement_id, limit)
        return [Movement(**plain(row)) for row in rows]

    async def last_entry(self, account: str) -> int:
        """Return the number of the account's last ledger transaction."""
        return await self.connection.fetchval(
            "SELECT coalesce(max(id), 0) FROM ledger_tx WHERE account = $1", account
        )

    async def reopened(self, account: str) -> None:
        """Note that the venue had lost the account."""
        await self.connection.execute(
            "UPDATE account SET reopened = reopened + 1 WHERE account = $1", account
        )
        await self.connection.execute("DELETE FROM trade_cursor WHERE account = $1", account)
        await self.connection.execute(
            "UPDATE reconciliation SET moves_from = clock_timestamp() WHERE account = $1", account
        )

    async def life(self) -> datetime | None:
        """Return when the books were found in another database than before, if ever."""
        return await self.connection.fetchval(_LIFE)

    async def doubted(self, limit: int) -> list[str]:
        """Return orders that wait to be sent since before the restore."""
        return [row["order_id"] for row in await self.connection.fetch(_DOUBTED, limit)]

    async def thin_worths(self, after: str, limit: int) -> str | None:
        """Thin out notes of what accounts were worth; returns the last account."""
        return await self.connection.fetchval(_THIN, after, limit)


def _standing(row: Any) -> Standing:
    values = dict(row)
    told: dict[str, str] = orjson.loads(values["drift"])
    values["drift"] = {asset: exact(Decimal(units)) for asset, units in told.items()}
    return Standing(**values)
