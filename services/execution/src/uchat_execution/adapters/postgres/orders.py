"""Orders, their events and fills in Postgres."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from uchat_contracts.events import OrderChanged
from uchat_contracts.trading import Reason, Trade
from uchat_execution.adapters.postgres.rows import plain, traceparent
from uchat_execution.domain.money import exact
from uchat_execution.domain.orders import Order, VenueFill

_FIELDS: Final = tuple(each.name for each in fields(Order))
COLUMNS: Final = ", ".join(_FIELDS)
"""Of an order, in the order that `order_of` reads."""
_PLACES: Final = ", ".join(f"${n}" for n in range(1, len(_FIELDS) + 1))
_NEXT: Final = len(_FIELDS) + 1
# A change, its event and its announcement are one statement: one way to the server and back.
_TOLD: Final = f"""
, event AS (
    INSERT INTO order_event (order_id, rev, state, source, body)
    SELECT order_id, rev, state, ${_NEXT}, ${_NEXT + 1} FROM changed
)
INSERT INTO outbox (about, rev, what, person, body, trace)
SELECT 'order:' || order_id, rev, 'order', ${_NEXT + 2}, ${_NEXT + 1}, ${_NEXT + 3} FROM changed
"""  # noqa: S608 - numbers of parameters
_INSERT: Final = f"""
WITH changed AS (
    INSERT INTO orders ({COLUMNS}) VALUES ({_PLACES}) RETURNING order_id, rev, state
) {_TOLD}
"""  # noqa: S608 - our own column names
_UPDATE: Final = f"UPDATE orders SET ({COLUMNS}) = ROW({_PLACES}) WHERE order_id = $1"  # noqa: S608 - our own
_SAVE: Final = f"WITH changed AS ({_UPDATE} RETURNING order_id, rev, state) {_TOLD}"
_DUE: Final = f"""
UPDATE orders SET next_at = clock_timestamp() + make_interval(secs => $2)
WHERE order_id IN (
    SELECT order_id FROM orders
    WHERE state IN ('submitting', 'unknown', 'open', 'partially_filled')
        AND next_at <= clock_timestamp()
    ORDER BY next_at LIMIT $1 FOR UPDATE SKIP LOCKED
) RETURNING {COLUMNS}
"""  # noqa: S608 - our own column names
# Held by nobody: the claim decides, and a stalled replica keeps none of them from the others.
_READY: Final = f"""
SELECT {COLUMNS} FROM orders
WHERE state = 'ready' AND next_at <= clock_timestamp() - interval '1 second'
    AND EXISTS (SELECT FROM decision d WHERE d.decision_id = orders.decision_id
                AND d.state IN ('approved', 'executing'))
ORDER BY random() LIMIT $1
"""  # noqa: S608 - our own column names
_INCOMING: Final = """
SELECT symbol, sum((quantity - filled) * price) AS amount FROM orders
WHERE account = $1 AND order_id <> $2 AND side = 'buy'
    AND state IN ('ready', 'submitting', 'unknown', 'open', 'partially_filled')
GROUP BY symbol
"""
_IN_FLIGHT: Final = f"""
SELECT {COLUMNS} FROM orders WHERE state = 'submitting' AND deadline > clock_timestamp()
    AND ($1::text IS NULL
         OR account IN (SELECT account FROM account WHERE person = $1))
ORDER BY deadline
"""  # noqa: S608 - our own column names
_PAGE: Final = f"""
SELECT {COLUMNS} FROM orders WHERE account = $1 AND ($2::text IS NULL OR symbol = $2)
    AND (NOT $3 OR state IN
        ('waiting', 'ready', 'submitting', 'unknown', 'open', 'partially_filled'))
    AND ($4::timestamptz IS NULL OR (created_at, order_id) < ($4, $5))
ORDER BY created_at DESC, order_id DESC LIMIT $6
"""  # noqa: S608 - our own column names
_FILL: Final = """
INSERT INTO fill (venue, account, symbol, trade_id, order_id, decision_id, side, quantity, price,
    fee, fee_asset, realised, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING
"""
_TRADES: Final = """
SELECT trade_id, order_id, decision_id, symbol, side, quantity, price, fee, fee_asset, at, source,
    CASE side WHEN 'sell' THEN realised END AS realised
FROM fill WHERE account = $1 AND ($2::text IS NULL OR symbol = $2)
    AND ($3::timestamptz IS NULL OR (at, trade_id) < ($3, $4))
ORDER BY at DESC, trade_id DESC LIMIT $5
"""


@dataclass(frozen=True, slots=True)
class PostgresOrders:
    """`Orders` within one transaction."""

    connection: Any
    told: list[str]

    async def insert(self, orders: Sequence[Order], person: str) -> None:
        """Store the orders of an approved plan."""
        await self.connection.executemany(
            _INSERT, [[*_values(order), *_event(order, person, "worker")] for order in orders]
        )
        self.told.extend(f"order:{order.order_id}" for order in orders)

    async def get(self, order_id: str, *, lock: bool = False) -> Order | None:
        """Return an order."""
        row = await self.connection.fetchrow(
            f"SELECT {COLUMNS} FROM orders WHERE order_id = $1"  # noqa: S608 - our own
            + (" FOR UPDATE" if lock else ""),
            order_id,
        )
        return order_of(row) if row else None

    async def of_decision(self, decision_id: str, version: int) -> list[Order]:
        """Return the orders of a plan."""
        rows = await self.connection.fetch(
            f"SELECT {COLUMNS} FROM orders WHERE decision_id = $1 AND version = $2 ORDER BY leg",  # noqa: S608 - our own
            decision_id,
            version,
        )
        return [order_of(row) for row in rows]

    async def save(
        self, order: Order, person: str, source: str, *, event: bool = True, said: str | None = None
    ) -> None:
        """Store an order and its event."""
        if not event:
            await self.connection.execute(_UPDATE, *_values(order))
            return
        await self.connection.execute(_SAVE, *_values(order), *_event(order, person, source, said))
        self.told.append(f"order:{order.order_id}")

    async def claim_due(self, limit: int, hold_s: float) -> list[Order]:
        """Return orders that somebody should look at now."""
        return [order_of(row) for row in await self.connection.fetch(_DUE, limit, hold_s)]

    async def incoming(self, account: str, besides: str) -> dict[str, Decimal]:
        """Return what purchases that are not settled may still cost, by asset."""
        rows = await self.connection.fetch(_INCOMING, account, besides)
        return {row["symbol"]: exact(row["amount"]) for row in rows}

    async def left_ready(self, limit: int) -> list[Order]:
        """Return orders that should have been claimed a second ago."""
        return [order_of(row) for row in await self.connection.fetch(_READY, limit)]

    async def in_flight(self, person: str | None) -> list[Order]:
        """Return claimed orders without an answer."""
        return [order_of(row) for row in await self.connection.fetch(_IN_FLIGHT, person)]

    async def open_of(self, account: str) -> list[Order]:
        """Return orders that are not settled."""
        return await self.page(account, None, open_only=True, before=None, limit=1000)

    async def page(
        self,
        account: str,
        symbol: str | None,
        *,
        open_only: bool,
        before: tuple[datetime, str] | None,
        limit: int,
    ) -> list[Order]:
        """Return orders, latest first."""
        at, order_id = before or (None, None)
        rows = await self.connection.fetch(_PAGE, account, symbol, open_only, at, order_id, limit)
        return [order_of(row) for row in rows]

    async def add_fill(self, order: Order, fill: VenueFill, realised: Decimal) -> bool:
        """Store a fill."""
        done = await self.connection.execute(
            _FILL,
            order.venue,
            order.account,
            order.symbol,
            fill.trade_id,
            order.order_id,
            order.decision_id,
            order.side,
            fill.quantity,
            fill.price,
            fill.fee,
            fill.fee_asset,
            realised,
            fill.at,
        )
        return done == "INSERT 0 1"

    async def known_fills(self, order: Order) -> set[str]:
        """Return the ids of the order's fills."""
        rows = await self.connection.fetch(
            "SELECT trade_id FROM fill WHERE venue = $1 AND account = $2 AND symbol = $3"
            " AND order_id = $4",
            order.venue,
            order.account,
            order.symbol,
            order.order_id,
        )
        return {row["trade_id"] for row in rows}

    async def trades(
        self, account: str, symbol: str | None, before: tuple[datetime, str] | None, limit: int
    ) -> list[Trade]:
        """Return fills, latest first."""
        at, trade_id = before or (None, None)
        rows = await self.connection.fetch(_TRADES, account, symbol, at, trade_id, limit)
        return [Trade(**plain(row)) for row in rows]


def _event(
    order: Order, person: str, source: str, said: str | None = None
) -> tuple[str, str, str, str | None]:
    event = OrderChanged(
        occurred_at=order.updated_at,
        session_id=person,
        order_id=order.order_id,
        rev=order.rev,
        decision_id=order.decision_id,
        leg=order.leg,
        user_id=person,
        state=order.state,
        client_order_id=order.client_order_id,
        venue=order.venue,
        symbol=order.symbol,
        side=order.side,
        quantity=order.quantity,
        filled=order.filled,
        average_price=order.average_price,
        at=order.updated_at,
        by=person if said else None,
        said=said,
    )
    return source, event.json_bytes().decode(), person, traceparent()


def _values(order: Order) -> list[Any]:
    return [_value(getattr(order, name)) for name in _FIELDS]


def _value(value: Any) -> Any:
    return value.json_bytes().decode() if isinstance(value, Reason) else value


def order_of(row: Any) -> Order:
    """Return a row of all COLUMNS as an order."""
    values = dict(row)
    if values["reason"] is not None:
        values["reason"] = Reason.model_validate_json(values["reason"])
    return Order(**plain(values))
