"""How accounts, keys, movements of money and refused orders lie in the journal."""

import sqlite3
from collections.abc import Iterable, Sequence
from decimal import Decimal

from uchat_sim_exchange.domain.accounts import (
    Account,
    Balance,
    Key,
    Movement,
    Permissions,
    Rejection,
)
from uchat_sim_exchange.rows import Statement, marks, text


def save_account(account: Account) -> Statement:
    """Return what writes a new account."""
    return (
        "INSERT INTO account VALUES (?, ?) ON CONFLICT DO NOTHING",
        (account.api_key, account.secret),
    )


def save_balances(account: Account, assets: Iterable[str]) -> list[Statement]:
    """Return what writes an account's balances of some assets."""
    return [
        (
            "INSERT OR REPLACE INTO balance VALUES (?, ?, ?, ?)",
            (
                account.api_key,
                asset,
                text(account.balance(asset).free),
                text(account.balance(asset).locked),
            ),
        )
        for asset in assets
    ]


def save_key(key: Key) -> Statement:
    """Return what writes a key."""
    may = key.permissions
    return (
        "INSERT OR REPLACE INTO access_key VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            key.api_key,
            key.secret,
            key.account,
            int(may.reading),
            int(may.spot_trading),
            int(may.withdrawals),
            int(may.ip_restrict),
            key.created_ms,
        ),
    )


def drop_key(api_key: str) -> Statement:
    """Return what forgets a key."""
    return "DELETE FROM access_key WHERE api_key = ?", (api_key,)


def save_movement(movement: Movement) -> Statement:
    """Return what writes a deposit or a withdrawal."""
    return (
        "INSERT INTO movement VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            movement.number,
            movement.account,
            int(movement.deposit),
            movement.asset,
            text(movement.amount),
            text(movement.fee),
            movement.at_ms,
        ),
    )


def save_rejection(rejection: Rejection) -> Statement:
    """Return what writes a refused order."""
    values = (
        rejection.number,
        rejection.account,
        rejection.client_order_id,
        rejection.pair,
        rejection.side,
        rejection.type,
        rejection.quantity,
        rejection.code,
        rejection.message,
        rejection.at_ms,
    )
    return f"INSERT INTO rejection VALUES ({marks(values)})", values  # noqa: S608 - no input


def accounts(db: sqlite3.Connection) -> dict[str, Account]:
    """Return every account with its balances, by the key that opened it."""
    found = {
        key: Account(key, secret)
        for key, secret in db.execute("SELECT api_key, secret FROM account")
    }
    for key, asset, free, locked in db.execute("SELECT api_key, asset, free, locked FROM balance"):
        found[key].balances[asset] = Balance(Decimal(free), Decimal(locked))
    return found


def keys(db: sqlite3.Connection) -> dict[str, Key]:
    """Return the keys that were made after their accounts, by the key."""
    return {
        row[0]: Key(row[0], row[1], row[2], Permissions(*map(bool, row[3:7])), row[7])
        for row in db.execute("SELECT * FROM access_key")
    }


def movements(
    db: sqlite3.Connection, where: str, values: Sequence[object], limit: int, offset: int
) -> list[Movement]:
    """Return movements by a condition over their columns, newest first, as Binance does."""
    sql = f"SELECT * FROM movement WHERE {where} ORDER BY number DESC LIMIT ? OFFSET ?"  # noqa: S608 - conditions are constants
    return [
        Movement(number, account, bool(deposit), asset, Decimal(amount), Decimal(fee), at_ms)
        for number, account, deposit, asset, amount, fee, at_ms in db.execute(
            sql, (*values, limit, offset)
        )
    ]


def rejections(db: sqlite3.Connection, after: int, limit: int) -> list[Rejection]:
    """Return every account's refused orders after a number."""
    sql = "SELECT * FROM rejection WHERE number > ? ORDER BY number LIMIT ?"
    return [Rejection(*row) for row in db.execute(sql, (after, limit))]
