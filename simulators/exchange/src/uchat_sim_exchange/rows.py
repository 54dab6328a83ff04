"""How orders and trades lie in the journal."""

import sqlite3
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from uchat_sim_exchange.domain.orders import Order, Trade

Statement = tuple[str, Sequence[object]]

_ORDER: Final = (
    "order_id, account, client_order_id, pair, side, type, time_in_force, quantity,"
    " quote_quantity, price, stop_price, placed_ms, updated_ms, working_ms, status, executed,"
    " executed_quote, locked"
)
_AMOUNTS: Final = frozenset({7, 8, 9, 10, 15, 16, 17})
_TRADE: Final = "trade_id, order_id, account, pair, side, price, quantity, commission, maker, at_ms"
_OPEN: Final = "status IN ('NEW', 'PARTIALLY_FILLED')"


def save_order(order: Order) -> Statement:
    """Return what writes an order as it stands now."""
    values = (
        order.order_id,
        order.account,
        order.client_order_id,
        order.pair,
        order.side,
        order.type,
        order.time_in_force,
        text(order.quantity),
        text(order.quote_quantity),
        text(order.price),
        text(order.stop_price),
        order.placed_ms,
        order.updated_ms,
        order.working_ms,
        order.status,
        text(order.executed),
        text(order.executed_quote),
        text(order.locked),
    )
    return f"INSERT OR REPLACE INTO orders ({_ORDER}) VALUES ({marks(values)})", values  # noqa: S608 - no input


def save_trade(trade: Trade) -> Statement:
    """Return what writes a trade."""
    values = (
        trade.trade_id,
        trade.order_id,
        trade.account,
        trade.pair,
        trade.side,
        text(trade.price),
        text(trade.quantity),
        text(trade.commission),
        int(trade.maker),
        trade.at_ms,
    )
    return f"INSERT INTO trade ({_TRADE}) VALUES ({marks(values)})", values  # noqa: S608 - no input


def open_orders(db: sqlite3.Connection) -> list[Order]:
    """Return all orders that rest in the book, oldest first."""
    return select_orders(db, _OPEN, (), 1 << 31)


def select_orders(
    db: sqlite3.Connection,
    where: str,
    values: Sequence[object],
    limit: int,
    *,
    latest: bool = False,
) -> list[Order]:
    """Return orders by a condition over their columns, oldest first: the first or latest ones."""
    direction = "DESC" if latest else "ASC"
    sql = f"SELECT {_ORDER} FROM orders WHERE {where} ORDER BY order_id {direction} LIMIT ?"  # noqa: S608 - conditions are constants
    found = [_order(row) for row in db.execute(sql, (*values, limit))]
    return found[::-1] if latest else found


def select_trades(
    db: sqlite3.Connection,
    where: str,
    values: Sequence[object],
    limit: int,
    *,
    latest: bool = False,
) -> list[Trade]:
    """Return trades by a condition over their columns, oldest first: the first or latest ones."""
    direction = "DESC" if latest else "ASC"
    sql = f"SELECT {_TRADE} FROM trade WHERE {where} ORDER BY trade_id {direction} LIMIT ?"  # noqa: S608 - conditions are constants
    found = [_trade(row) for row in db.execute(sql, (*values, limit))]
    return found[::-1] if latest else found


def marks(values: Sequence[object]) -> str:
    """Return as many placeholders as there are values."""
    return ", ".join("?" * len(values))


def text(value: Decimal) -> str:
    """Return a decimal as it is kept."""
    return format(value, "f")


def _order(row: Sequence[Any]) -> Order:
    values: list[Any] = [Decimal(v) if at in _AMOUNTS else v for at, v in enumerate(row)]
    return Order(*values)


def _trade(row: Sequence[Any]) -> Trade:
    *head, price, quantity, commission, maker, at_ms = row
    return Trade(
        *head,
        price=Decimal(price),
        quantity=Decimal(quantity),
        commission=Decimal(commission),
        maker=bool(maker),
        at_ms=at_ms,
    )
