"""How accounts, orders and trades lie in the journal. Decimals are text, so nothing is rounded."""

import sqlite3
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from uchat_sim_exchange.domain.orders import Account, Balance, Order, Trade

Statement = tuple[str, Sequence[object]]

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS account (api_key TEXT PRIMARY KEY, secret TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS balance (
  api_key TEXT NOT NULL, asset TEXT NOT NULL, free TEXT NOT NULL, locked TEXT NOT NULL,
  PRIMARY KEY (api_key, asset)
) STRICT;
CREATE TABLE IF NOT EXISTS orders (
  order_id INTEGER PRIMARY KEY, account TEXT NOT NULL, client_order_id TEXT NOT NULL,
  pair TEXT NOT NULL, side TEXT NOT NULL, type TEXT NOT NULL, time_in_force TEXT NOT NULL,
  quantity TEXT NOT NULL, quote_quantity TEXT NOT NULL, price TEXT NOT NULL,
  placed_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL, status TEXT NOT NULL,
  executed TEXT NOT NULL, executed_quote TEXT NOT NULL, locked TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS orders_by_client_id ON orders (account, client_order_id, order_id);
CREATE INDEX IF NOT EXISTS orders_by_pair ON orders (account, pair, order_id);
CREATE INDEX IF NOT EXISTS orders_open ON orders (order_id)
  WHERE status IN ('NEW', 'PARTIALLY_FILLED');
CREATE TABLE IF NOT EXISTS trade (
  trade_id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, account TEXT NOT NULL,
  pair TEXT NOT NULL, side TEXT NOT NULL, price TEXT NOT NULL, quantity TEXT NOT NULL,
  commission TEXT NOT NULL, maker INTEGER NOT NULL, at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS trade_by_pair ON trade (account, pair, trade_id);
CREATE INDEX IF NOT EXISTS trade_by_order ON trade (order_id, trade_id);
"""
LAST_IDS: Final = """
SELECT (SELECT coalesce(max(order_id), 0) FROM orders),
       (SELECT coalesce(max(trade_id), 0) FROM trade)
"""
_ORDER: Final = (
    "order_id, account, client_order_id, pair, side, type, time_in_force, quantity,"
    " quote_quantity, price, placed_ms, updated_ms, status, executed, executed_quote, locked"
)
_TRADE: Final = "trade_id, order_id, account, pair, side, price, quantity, commission, maker, at_ms"
_OPEN: Final = "status IN ('NEW', 'PARTIALLY_FILLED')"


def save_account(account: Account) -> list[Statement]:
    """Return what writes an account and all its balances."""
    statements: list[Statement] = [
        (
            "INSERT INTO account VALUES (?, ?) ON CONFLICT DO NOTHING",
            (account.api_key, account.secret),
        )
    ]
    statements += [
        (
            "INSERT OR REPLACE INTO balance VALUES (?, ?, ?, ?)",
            (account.api_key, asset, _text(balance.free), _text(balance.locked)),
        )
        for asset, balance in account.balances.items()
    ]
    return statements


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
        _text(order.quantity),
        _text(order.quote_quantity),
        _text(order.price),
        order.placed_ms,
        order.updated_ms,
        order.status,
        _text(order.executed),
        _text(order.executed_quote),
        _text(order.locked),
    )
    return f"INSERT OR REPLACE INTO orders ({_ORDER}) VALUES ({_marks(values)})", values  # noqa: S608 - no input


def save_trade(trade: Trade) -> Statement:
    """Return what writes a trade."""
    values = (
        trade.trade_id,
        trade.order_id,
        trade.account,
        trade.pair,
        trade.side,
        _text(trade.price),
        _text(trade.quantity),
        _text(trade.commission),
        int(trade.maker),
        trade.at_ms,
    )
    return f"INSERT INTO trade ({_TRADE}) VALUES ({_marks(values)})", values  # noqa: S608 - no input


def accounts(db: sqlite3.Connection) -> dict[str, Account]:
    """Return every account with its balances, by API key."""
    found = {
        key: Account(key, secret)
        for key, secret in db.execute("SELECT api_key, secret FROM account")
    }
    for key, asset, free, locked in db.execute("SELECT api_key, asset, free, locked FROM balance"):
        found[key].balances[asset] = Balance(Decimal(free), Decimal(locked))
    return found


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


def latest_order(
    db: sqlite3.Connection, account: str, pair: str, client_order_id: str
) -> Order | None:
    """Return the newest order of a client's id; an id can be used again after a fill."""
    sql = (
        f"SELECT {_ORDER} FROM orders WHERE account = ? AND client_order_id = ? AND pair = ?"  # noqa: S608 - constants
        " ORDER BY order_id DESC LIMIT 1"
    )
    row = db.execute(sql, (account, client_order_id, pair)).fetchone()
    return _order(row) if row else None


def _order(row: Sequence[Any]) -> Order:
    *head, quantity, quote, price, placed, updated, status, executed, executed_quote, locked = row
    return Order(
        *head,
        quantity=Decimal(quantity),
        quote_quantity=Decimal(quote),
        price=Decimal(price),
        placed_ms=placed,
        updated_ms=updated,
        status=status,
        executed=Decimal(executed),
        executed_quote=Decimal(executed_quote),
        locked=Decimal(locked),
    )


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


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def _text(value: Decimal) -> str:
    return format(value, "f")
