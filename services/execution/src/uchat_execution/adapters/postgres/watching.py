"""Orders to keep an eye on, read from Postgres without locks."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from uchat_execution.adapters.postgres.errors import translated
from uchat_execution.adapters.postgres.orders import COLUMNS, order_of
from uchat_execution.domain.orders import Order

if TYPE_CHECKING:
    import asyncpg

_SYMBOLS: Final = "SELECT DISTINCT symbol FROM orders WHERE state = 'waiting'"
# A stop's sale and a take-profit's purchase wait for the price to fall, the others to rise.
_REACHED: Final = f"""
SELECT {COLUMNS} FROM orders o WHERE state = 'waiting' AND symbol = $1
    AND CASE WHEN (type = 'stop') = (side = 'sell')
        THEN trigger_price >= $2 ELSE trigger_price <= $2 END
    AND EXISTS (SELECT FROM decision d WHERE d.decision_id = o.decision_id
                AND d.state IN ('approved', 'executing'))
    AND NOT EXISTS (SELECT FROM kill_switch k JOIN account a ON a.account = o.account
                    WHERE k.is_on AND k.scope IN ('everybody', a.person, (
                        SELECT 'org:' || organisation FROM organisation_member m
                        WHERE m.person = a.person)))
    AND NOT EXISTS (SELECT FROM trading_state t
                    WHERE t.account = o.account AND t.state = 'halted')
ORDER BY created_at, order_id LIMIT $3
"""  # noqa: S608 - our own column names
# What is on its way is none of them: its answer brings everything, and most of it never rests.
# Live exchanges are asked, not listened to.
_ACCOUNTS: Final = """
SELECT account FROM orders WHERE state IN ('unknown', 'open', 'partially_filled')
    AND venue = 'paper'
GROUP BY account ORDER BY min(created_at), account LIMIT $1
"""
_RESTING: Final = f"""
SELECT {COLUMNS} FROM orders WHERE account = $1
    AND state IN ('unknown', 'open', 'partially_filled')
ORDER BY created_at, order_id LIMIT 1000
"""  # noqa: S608 - our own column names
_BY_CLIENT_ID: Final = f"""
SELECT {COLUMNS} FROM orders WHERE venue = $1 AND account = $2 AND client_order_id = $3
"""  # noqa: S608 - our own column names


@dataclass(frozen=True, slots=True)
class PostgresWatched:
    """`Watched` on a pool of connections."""

    pool: "asyncpg.Pool[asyncpg.Record]"

    async def waiting_symbols(self) -> Sequence[str]:
        """Return the symbols that orders kept here wait for."""
        return [row["symbol"] for row in await self._fetch(_SYMBOLS)]

    async def reached(self, symbol: str, price: Decimal, limit: int) -> Sequence[Order]:
        """Return orders whose trigger the market has reached at a price, oldest first."""
        return [order_of(row) for row in await self._fetch(_REACHED, symbol, price, limit)]

    async def accounts_resting(self, limit: int) -> Sequence[str]:
        """Return accounts with orders that rest at the venue, or may, those longest first."""
        return [row["account"] for row in await self._fetch(_ACCOUNTS, limit)]

    async def resting(self, account: str) -> Sequence[Order]:
        """Return an account's orders that rest at the venue, or may."""
        return [order_of(row) for row in await self._fetch(_RESTING, account)]

    async def by_client_id(self, venue: str, account: str, client_order_id: str) -> Order | None:
        """Return the order that has this id at a venue."""
        rows = await self._fetch(_BY_CLIENT_ID, venue, account, client_order_id)
        return order_of(rows[0]) if rows else None

    async def _fetch(self, query: str, *values: object) -> Sequence[Any]:
        with translated():
            return await self.pool.fetch(query, *values)
