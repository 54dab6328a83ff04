"""Accounts and sign-ins in Postgres."""

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from asyncpg.exceptions import (
    InsufficientResourcesError,
    OperatorInterventionError,
    PostgresConnectionError,
    UniqueViolationError,
)

from uchat_gateway.domain.accounts import Account, email_key
from uchat_gateway.ports.access import Revoked
from uchat_gateway.ports.accounts import (
    EmailTakenError,
    SpentToken,
    StoredAccount,
    Succession,
)
from uchat_platform.db import LOST
from uchat_platform.errors import UnavailableError

if TYPE_CHECKING:
    import asyncpg
    from asyncpg.pool import PoolConnectionProxy

_TRANSIENT: Final = (
    PostgresConnectionError,
    OperatorInterventionError,
    InsufficientResourcesError,
)


class Database:
    """A pool whose failures say that the database is away, for a while."""

    def __init__(self, pool: "asyncpg.Pool") -> None:
        self._pool = pool

    async def row(self, query: str, *arguments: object) -> "asyncpg.Record | None":
        """Return the first row. Raises UnavailableError."""
        with _away():
            return await self._pool.fetchrow(query, *arguments)

    async def rows(self, query: str, *arguments: object) -> "list[asyncpg.Record]":
        """Return all rows. Raises UnavailableError."""
        with _away():
            return await self._pool.fetch(query, *arguments)

    async def run(self, query: str, *arguments: object) -> None:
        """Run a statement. Raises UnavailableError."""
        with _away():
            await self._pool.execute(query, *arguments)

    @asynccontextmanager
    async def transaction(self) -> "AsyncGenerator[PoolConnectionProxy]":
        """Run statements as one. Raises UnavailableError."""
        with _away():
            async with self._pool.acquire() as connection, connection.transaction():
                yield connection


@contextmanager
def _away() -> Generator[None]:
    try:
        yield
    except (*LOST, *_TRANSIENT) as e:
        raise UnavailableError(
            "The database is away; try again", code="database_unavailable"
        ) from e


@dataclass(frozen=True, slots=True)
class PostgresAccounts:
    """Keeps accounts in the table `accounts`."""

    database: Database

    async def by_email(self, email: str) -> StoredAccount | None:
        """Return the account with this e-mail address, whatever its case."""
        row = await self.database.row(
            "SELECT a.* FROM accounts a WHERE a.email_key = $1",
            email_key(email),
        )
        return None if row is None else StoredAccount(_account(row), row["password_hash"])

    async def by_person(self, person_id: str) -> Account | None:
        """Return the account of a person."""
        row = await self.database.row(
            "SELECT a.* FROM accounts a WHERE a.person_id = $1",
            person_id,
        )
        return None if row is None else _account(row)

    async def add(self, account: Account, password_hash: str | None) -> Account:
        """Keep a new account and return it with the time of its creation.

        Raises:
            EmailTakenError: another account has its e-mail address.
        """
        key = None if account.email is None else email_key(account.email)
        row = await self.database.row(
            "INSERT INTO accounts AS a (account_id, person_id, email, email_key, password_hash,"
            " full_name, role, status) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
            " ON CONFLICT (email_key) DO NOTHING RETURNING a.*",
            account.account_id,
            account.person_id,
            account.email,
            key,
            password_hash,
            account.full_name,
            account.role,
            account.status,
        )
        if row is None:
            raise EmailTakenError("An account with this e-mail address exists")
        return _account(row)

    async def add_for_person(self, account: Account) -> Account:
        """Keep an account without credentials, unless its person has one; return the person's."""
        row = await self.database.row(
            "WITH made AS (INSERT INTO accounts (account_id, person_id, full_name, role, status)"
            "  VALUES ($1, $2, $3, $4, $5) ON CONFLICT (person_id) DO NOTHING RETURNING *)"
            " SELECT * FROM made UNION ALL SELECT a.* FROM accounts a WHERE a.person_id = $2"
            " LIMIT 1",
            account.account_id,
            account.person_id,
            account.full_name,
            account.role,
            account.status,
        )
        if row is None:
            # Somebody else's insert became visible after this statement began.
            return await self.add_for_person(account)
        return _account(row)

    async def add_credentials(
        self, person_id: str, email: str, password_hash: str, full_name: str | None
    ) -> Account | None:
        """Give an active account that has none an e-mail address and a password.

        Raises:
            EmailTakenError: another account has its e-mail address.
        """
        try:
            row = await self.database.row(
                "UPDATE accounts SET email = $2, email_key = $3, password_hash = $4,"
                " full_name = coalesce($5, full_name)"
                " WHERE person_id = $1 AND email IS NULL AND status = 'active' RETURNING *",
                person_id,
                email,
                email_key(email),
                password_hash,
                full_name,
            )
        except UniqueViolationError as e:
            raise EmailTakenError("An account with this e-mail address exists") from e
        return None if row is None else _account(row)


@dataclass(frozen=True, slots=True)
class PostgresSignIns:
    """Keeps sign-ins and hashes of refresh tokens; all times are the database's."""

    database: Database

    async def open(
        self, sid: str, account_id: str, token_hash: bytes, life: timedelta, *, proved: bool
    ) -> None:
        """Keep a new sign-in with its first refresh token; forget the account's expired ones."""
        await self.database.run(
            "WITH gone AS (DELETE FROM sign_ins"
            "  WHERE account_id = $2 AND expires_at < now() - interval '1 day'),"
            " opened AS (INSERT INTO sign_ins (sid, account_id, expires_at, proved_at)"
            "  VALUES ($1, $2, now() + $4, CASE WHEN $5 THEN now() END) RETURNING sid)"
            " INSERT INTO refresh_tokens (token_hash, sid) SELECT $3, sid FROM opened",
            sid,
            account_id,
            token_hash,
            life,
            proved,
        )

    async def prove(self, sid: str) -> None:
        """Note that the owner of a sign-in gave the password now."""
        await self.database.run("UPDATE sign_ins SET proved_at = now() WHERE sid = $1", sid)

    async def proved_within(self, sid: str, time: timedelta) -> bool:
        """Tell whether the password was given that lately, by signing in or since."""
        row = await self.database.row(
            "SELECT FROM sign_ins WHERE sid = $1 AND proved_at > now() - $2::interval", sid, time
        )
        return row is not None

    async def rotate(self, token_hash: bytes, successor: Succession) -> tuple[str, Account] | None:
        """Spend a refresh token for its successor: one compare-and-set, in one statement."""
        row = await self.database.row(
            "WITH spent AS (UPDATE refresh_tokens t"
            "  SET spent_at = now(), successor_hash = $2, successor_sealed = $3, client_hash = $4"
            "  FROM sign_ins s JOIN accounts a USING (account_id)"
            "  WHERE t.token_hash = $1 AND t.spent_at IS NULL AND s.sid = t.sid"
            "  AND s.ended_at IS NULL AND s.expires_at > now() AND a.status = 'active'"
            "  RETURNING t.sid, a.*),"
            " next AS (INSERT INTO refresh_tokens (token_hash, sid) SELECT $2, sid FROM spent)"
            " SELECT * FROM spent",
            token_hash,
            successor.token_hash,
            successor.sealed,
            successor.client_hash,
        )
        return None if row is None else (row["sid"], _account(row))

    async def resume(self, token_hash: bytes) -> tuple[str, Account] | None:
        """Return the sign-in of a refresh token, spent or not, if it has not ended."""
        row = await self.database.row(
            "SELECT s.sid, a.* FROM refresh_tokens t JOIN sign_ins s USING (sid)"
            " JOIN accounts a USING (account_id) WHERE t.token_hash = $1"
            " AND s.ended_at IS NULL AND s.expires_at > now() AND a.status = 'active'",
            token_hash,
        )
        return None if row is None else (row["sid"], _account(row))

    async def spent(self, token_hash: bytes) -> SpentToken | None:
        """Return a refresh token that was used before; None: there is no such one."""
        row = await self.database.row(
            "SELECT t.sid, a.person_id, s.ended_at IS NOT NULL OR s.expires_at <= now() AS ended,"
            " extract(epoch FROM now() - t.spent_at)::float8 AS spent_s,"
            " t.successor_hash, t.successor_sealed, t.client_hash,"
            " n.spent_at IS NOT NULL AS successor_spent"
            " FROM refresh_tokens t JOIN sign_ins s USING (sid) JOIN accounts a USING (account_id)"
            " LEFT JOIN refresh_tokens n ON n.token_hash = t.successor_hash"
            " WHERE t.token_hash = $1 AND t.spent_at IS NOT NULL",
            token_hash,
        )
        if row is None:
            return None
        return SpentToken(
            sid=row["sid"],
            person_id=row["person_id"],
            ended=row["ended"],
            spent_s=row["spent_s"],
            succession=Succession(
                row["successor_hash"], row["successor_sealed"], row["client_hash"]
            ),
            successor_spent=row["successor_spent"],
        )

    async def end(self, sid: str, reason: str) -> Revoked | None:
        """End a sign-in; None: there is none, or it has ended already."""
        row = await self.database.row(
            "UPDATE sign_ins s SET ended_at = now(), end_reason = $2 FROM accounts a"
            " WHERE s.sid = $1 AND s.ended_at IS NULL AND a.account_id = s.account_id"
            " RETURNING a.person_id",
            sid,
            reason,
        )
        return None if row is None else Revoked(row["person_id"], sid)

    async def end_all(self, person_id: str, reason: str) -> list[Revoked]:
        """End all sign-ins of a person."""
        rows = await self.database.rows(
            "UPDATE sign_ins s SET ended_at = now(), end_reason = $2 FROM accounts a"
            " WHERE a.person_id = $1 AND s.account_id = a.account_id AND s.ended_at IS NULL"
            " AND s.expires_at > now() RETURNING s.sid",
            person_id,
            reason,
        )
        return [Revoked(person_id, row["sid"]) for row in rows]

    async def ended_within(self, seconds: float) -> list[Revoked]:
        """Return the sign-ins that ended in the last seconds."""
        rows = await self.database.rows(
            "SELECT a.person_id, s.sid FROM sign_ins s JOIN accounts a USING (account_id)"
            " WHERE s.ended_at > now() - make_interval(secs => $1)",
            seconds,
        )
        return [Revoked(row["person_id"], row["sid"]) for row in rows]


def _account(row: "asyncpg.Record | dict[str, Any]") -> Account:
    return Account(
        account_id=row["account_id"],
        person_id=row["person_id"],
        email=row["email"],
        full_name=row["full_name"],
        role=row["role"],
        status=row["status"],
        created_at=row["created_at"],
    )
