"""Accounts, the ledger and its projection, in Postgres."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from uchat_contracts.trading import PAPER
from uchat_execution.adapters.postgres.rows import plain
from uchat_execution.domain.accounts import Account, Balance
from uchat_execution.domain.ledger import Posting
from uchat_execution.domain.money import ZERO, exact
from uchat_execution.ports.store import Facts, Point
from uchat_platform.errors import NotFoundError

_COLUMNS: Final = (
    "account, person, venue, simulated, quote_currency, opening, deposited, at_venue, rev,"
    " opened_at, reopened"
)
_OPEN: Final = f"""
INSERT INTO account ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (person, venue) WHERE state = 'active' DO NOTHING
"""  # noqa: S608 - our own column names
_POST: Final = """
WITH tx AS (
    INSERT INTO ledger_tx (source_key, kind, account) VALUES ($1, $2, $3)
    ON CONFLICT (source_key) DO NOTHING RETURNING id
), entries AS (
    INSERT INTO ledger_entry (tx_id, n, book, asset, amount)
    SELECT tx.id, e.n, e.book, e.asset, e.amount
    FROM tx, unnest($4::text[], $5::text[], $6::numeric[]) WITH ORDINALITY
        AS e (book, asset, amount, n)
), moved AS (
    INSERT INTO balance (account, asset, free, reserved, cost, realised)
    SELECT $3, m.asset, m.free, m.reserved, m.cost, m.realised
    FROM tx, unnest($7::text[], $8::numeric[], $9::numeric[], $10::numeric[], $11::numeric[])
        AS m (asset, free, reserved, cost, realised) ORDER BY m.asset
    ON CONFLICT (account, asset) DO UPDATE SET
        free = balance.free + excluded.free, reserved = balance.reserved + excluded.reserved,
        cost = balance.cost + excluded.cost, realised = balance.realised + excluded.realised
)
SELECT id FROM tx
"""
# What came from outside since then is no profit: it counts as if it had been there already.
_WORTH_AT: Final = """
SELECT e.total + a.deposited - coalesce(e.deposited, a.opening) AS total
FROM account a, LATERAL (
    (SELECT total, deposited FROM equity WHERE account = $1 AND at <= $2 ORDER BY at DESC LIMIT 1)
    UNION ALL
    (SELECT total, deposited FROM equity WHERE account = $1 AND at > $2 ORDER BY at LIMIT 1)
    LIMIT 1
) AS e WHERE a.account = $1
"""
# A merge that nobody finishes lapses by itself.
_FACTS: Final = """
SELECT clock_timestamp() AS now,
    EXISTS (SELECT FROM merge WHERE gone = $2 AND (state = 'finished'
        OR (state = 'begun' AND begun_at > clock_timestamp() - interval '10 minutes'))) AS merging,
    (SELECT count(*) FROM orders
        WHERE account = $1 AND claimed_at > clock_timestamp() - interval '1 minute') AS recent,
    (SELECT e.total + a.deposited - coalesce(e.deposited, a.opening) FROM account a, LATERAL (
        (SELECT total, deposited FROM equity WHERE account = $1 AND at <= date_trunc('day', now())
         ORDER BY at DESC LIMIT 1)
        UNION ALL
        (SELECT total, deposited FROM equity WHERE account = $1 ORDER BY at LIMIT 1)
        LIMIT 1) AS e WHERE a.account = $1) AS day_start,
    (SELECT reconciled_at FROM reconciliation WHERE account = $1) AS reconciled_at,
    coalesce((SELECT identity = (SELECT system_identifier::text || ':'
            || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) FROM pg_control_system())
        FROM database_life), false) AS same_life,
    (SELECT restored_at FROM database_life) AS restored_at,
    least((SELECT four_eyes_above FROM organisation JOIN organisation_member USING (organisation)
            WHERE person = $2),
        (SELECT min((limits->>'four_eyes_above')::numeric) FROM risk_limits
            WHERE scope IN ('everybody', $2, (SELECT 'org:' || organisation
                FROM organisation_member WHERE person = $2)))) AS four_eyes_above
"""


@dataclass(frozen=True, slots=True)
class PostgresAccounts:
    """`Accounts` within one transaction."""

    connection: Any

    async def of_person(
        self, person: str, venue: str = PAPER, *, lock: bool = False
    ) -> Account | None:
        """Return the person's active account at a venue."""
        row = await self.connection.fetchrow(
            f"SELECT {_COLUMNS} FROM account"  # noqa: S608 - our own
            " WHERE person = $1 AND venue = $2 AND state = 'active'"
            + (" FOR UPDATE" if lock else ""),
            person,
            venue,
        )
        return Account(**plain(row)) if row else None

    async def get(self, account: str, *, lock: bool = False) -> Account:
        """Return an account that exists."""
        row = await self.connection.fetchrow(
            f"SELECT {_COLUMNS} FROM account WHERE account = $1"  # noqa: S608 - our own
            + (" FOR UPDATE" if lock else ""),
            account,
        )
        if row is None:
            raise NotFoundError(f"Expected an account, found none with id {account!r}")
        return Account(**plain(row))

    async def open(self, account: Account) -> bool:
        """Store a new account with the person's stop switch."""
        await self.connection.execute(
            "INSERT INTO kill_switch (scope) VALUES ($1) ON CONFLICT DO NOTHING", account.person
        )
        done = await self.connection.execute(
            _OPEN,
            account.account,
            account.person,
            account.venue,
            account.simulated,
            account.quote_currency,
            account.opening,
            account.deposited,
            account.at_venue,
            account.rev,
            account.opened_at,
            account.reopened,
        )
        if done != "INSERT 0 1":
            return False
        await self.connection.execute(
            "INSERT INTO reconciliation (account) VALUES ($1)", account.account
        )
        return True

    async def at_venue(self, account: str) -> None:
        """Note that the venue knows the account."""
        await self.connection.execute(
            "UPDATE account SET at_venue = true WHERE account = $1", account
        )

    async def next_rev(self, account: str) -> int:
        """Count a change of the portfolio."""
        return await self.connection.fetchval(
            "UPDATE account SET rev = rev + 1 WHERE account = $1 RETURNING rev", account
        )

    async def archive(self, account: str) -> None:
        """Take the account out of use."""
        await self.connection.execute(
            "UPDATE account SET state = 'archived', archived_at = now() WHERE account = $1", account
        )

    async def facts(self, account: str, person: str) -> Facts:
        """Return what claims are decided by, in one question."""
        return Facts(**plain(await self.connection.fetchrow(_FACTS, account, person)))

    async def balances(self, account: str) -> dict[str, Balance]:
        """Return what the account holds."""
        rows = await self.connection.fetch(
            "SELECT asset, free, reserved, cost, realised FROM balance WHERE account = $1", account
        )
        return {row["asset"]: Balance(**plain(row)) for row in rows}

    async def post(self, posting: Posting) -> bool:
        """Write a ledger transaction and move the balances."""
        entries, moved = posting.entries, posting.moved()
        assets = sorted({*moved, *posting.profits})
        profits = [posting.profits.get(asset) for asset in assets]
        tx_id = await self.connection.fetchval(
            _POST,
            posting.source_key,
            posting.kind,
            posting.account,
            [entry.book for entry in entries],
            [entry.asset for entry in entries],
            [entry.amount for entry in entries],
            assets,
            [moved.get(asset, (ZERO, ZERO))[0] for asset in assets],
            [moved.get(asset, (ZERO, ZERO))[1] for asset in assets],
            [profit.cost if profit else ZERO for profit in profits],
            [profit.realised if profit else ZERO for profit in profits],
        )
        return tx_id is not None

    async def note_worth(self, account: str, point: Point) -> None:
        """Note what the account was worth."""
        await self.connection.execute(
            "INSERT INTO equity (account, at, total, deposited)"
            " SELECT $1, $2, $3, deposited FROM account WHERE account = $1 ON CONFLICT DO NOTHING",
            account,
            point.at,
            point.total,
        )

    async def worth_at(self, account: str, at: datetime) -> Decimal | None:
        """Return what it was worth at a time, with what came from outside since."""
        total = await self.connection.fetchval(_WORTH_AT, account, at)
        return None if total is None else exact(total)

    async def holding(self, limit: int, after: str) -> list[str]:
        """Return active accounts that hold more than cash."""
        rows = await self.connection.fetch(
            "SELECT account FROM account a WHERE state = 'active' AND account > $1 AND EXISTS ("
            " SELECT FROM balance b WHERE b.account = a.account AND b.asset <> a.quote_currency"
            " AND b.free + b.reserved <> 0) ORDER BY account LIMIT $2",
            after,
            limit,
        )
        return [row["account"] for row in rows]
