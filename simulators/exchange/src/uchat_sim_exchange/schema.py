"""The tables of the journal. Decimals are text, so nothing is rounded; times are Unix ms."""

import sqlite3
from typing import Final

_TABLES: Final = """
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
CREATE TABLE IF NOT EXISTS access_key (
  api_key TEXT PRIMARY KEY, secret TEXT NOT NULL, account TEXT NOT NULL,
  reading INTEGER NOT NULL, spot_trading INTEGER NOT NULL, withdrawals INTEGER NOT NULL,
  ip_restrict INTEGER NOT NULL, created_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS movement (
  number INTEGER PRIMARY KEY, account TEXT NOT NULL, deposit INTEGER NOT NULL,
  asset TEXT NOT NULL, amount TEXT NOT NULL, fee TEXT NOT NULL, at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS movement_by_account ON movement (account, at_ms);
CREATE TABLE IF NOT EXISTS market_source (
  only_one INTEGER PRIMARY KEY CHECK (only_one = 1), name TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS rejection (
  number INTEGER PRIMARY KEY, account TEXT NOT NULL, client_order_id TEXT NOT NULL,
  pair TEXT NOT NULL, side TEXT NOT NULL, type TEXT NOT NULL, quantity TEXT NOT NULL,
  code INTEGER NOT NULL, message TEXT NOT NULL, at_ms INTEGER NOT NULL
) STRICT;
"""
# Columns that older journals do not have: their orders have all been matched.
_ADDED: Final = {
    "stop_price": "TEXT NOT NULL DEFAULT '0'",
    "working_ms": "INTEGER NOT NULL DEFAULT 0",
}
LAST_IDS: Final = """
SELECT (SELECT coalesce(max(order_id), 0) FROM orders),
       (SELECT coalesce(max(trade_id), 0) FROM trade),
       (SELECT coalesce(max(number), 0) FROM movement),
       (SELECT coalesce(max(number), 0) FROM rejection)
"""


def prepare(db: sqlite3.Connection) -> None:
    """Make what is missing, also in a journal of an older exchange."""
    # In one transaction: each by itself would be an fsync.
    db.executescript(f"BEGIN; {_TABLES} COMMIT;")
    known = {row[1] for row in db.execute("PRAGMA table_info(orders)")}
    for name, kind in _ADDED.items():
        if name not in known:
            db.execute(f"ALTER TABLE orders ADD COLUMN {name} {kind}")
