"""Keys of live exchanges, the operator's switches and people's consents, in Postgres."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from uchat_execution.adapters.postgres.errors import translated
from uchat_execution.domain.live import Allowed, Consent, Key
from uchat_execution.domain.venues import Rights
from uchat_execution.ports.venues import SealedKey
from uchat_platform.errors import UnavailableError

if TYPE_CHECKING:
    import asyncpg

_KEY: Final = (
    "k.account, a.venue, k.masked, k.may_trade, k.connected_at, k.connected_via, k.may_withdraw,"
    " k.refused_at"
)
_KEYS: Final = f"""
SELECT {_KEY} FROM venue_key k JOIN account a USING (account)
WHERE a.person = $1 AND a.state = 'active' ORDER BY a.venue
"""  # noqa: S608 - our own column names
_NOTE_RIGHTS: Final = f"""
UPDATE venue_key k SET may_trade = $2, may_withdraw = $3, refused_at = NULL, rev = k.rev + 1
FROM account a WHERE k.account = $1 AND a.account = k.account
    AND (k.may_trade, k.may_withdraw, k.refused_at IS NOT NULL) IS DISTINCT FROM ($2, $3, false)
RETURNING {_KEY}, k.rev
"""  # noqa: S608 - our own column names
_NOTE_REFUSED: Final = f"""
UPDATE venue_key k SET refused_at = clock_timestamp(), rev = k.rev + 1
FROM account a WHERE k.account = $1 AND a.account = k.account AND k.refused_at IS NULL
RETURNING {_KEY}, k.rev
"""  # noqa: S608 - our own column names
_REPLACE: Final = f"""
UPDATE venue_key k SET sealed = $2, masked = $3, may_trade = $4, may_withdraw = false,
    refused_at = NULL, connected_at = clock_timestamp(), connected_via = $6, rev = k.rev + 1
FROM account a WHERE k.account = $1 AND a.account = k.account AND k.account_mark = $5
RETURNING {_KEY}, k.rev
"""  # noqa: S608 - our own column names
_ONE_AT_A_TIME: Final = "SELECT pg_advisory_xact_lock(hashtextextended('venue_account:' || $1, 0))"
_TAKEN: Final = """
SELECT EXISTS (SELECT FROM venue_key
    WHERE account_mark = $1 AND account <> $2 AND refused_at IS NULL)
"""
_CONSENTS: Final = """
SELECT venue, version, body AS text, given_at, given_via FROM venue_consent
WHERE person = $1 AND withdrawn_at IS NULL ORDER BY venue
"""
_WITHDRAW: Final = """
UPDATE venue_consent SET withdrawn_at = clock_timestamp(), withdrawn_via = $3
WHERE person = $1 AND venue = $2 AND withdrawn_at IS NULL
"""
_SWITCH: Final = """
INSERT INTO venue_switch AS s (venue, is_on, changed_by) VALUES ($1, $2, $3)
ON CONFLICT (venue) DO UPDATE SET is_on = $2, changed_by = $3, changed_at = clock_timestamp()
"""
_SWITCHED: Final = "INSERT INTO venue_switch_event (venue, is_on, changed_by) VALUES ($1, $2, $3)"


@dataclass(frozen=True, slots=True)
class PostgresVenues:
    """`Venues` within one transaction."""

    connection: Any

    async def keys(self, person: str) -> list[Key]:
        """Return a person's keys."""
        return [Key(**dict(row)) for row in await self.connection.fetch(_KEYS, person)]

    async def add(self, account: str, key: SealedKey, via: str) -> None:
        """Store the key of an account."""
        await self.connection.execute(
            "INSERT INTO venue_key (account, sealed, masked, may_trade, account_mark,"
            " connected_via) VALUES ($1, $2, $3, $4, $5, $6)",
            account,
            *_stored(key, via),
        )

    async def taken(self, account_mark: str, besides: str) -> bool:
        """Tell whether an account at an exchange is connected by another key."""
        if not account_mark:
            # A worker from before does not tell it.
            return False
        await self.connection.execute(_ONE_AT_A_TIME, account_mark)
        return await self.connection.fetchval(_TAKEN, account_mark, besides)

    async def replace(self, account: str, key: SealedKey, via: str) -> tuple[Key, int] | None:
        """Put a key in the place of the one before."""
        return _changed(await self.connection.fetchrow(_REPLACE, account, *_stored(key, via)))

    async def note_rights(self, account: str, rights: Rights) -> tuple[Key, int] | None:
        """Store what an account's key may do now."""
        may = rights.trade, rights.withdraw
        return _changed(await self.connection.fetchrow(_NOTE_RIGHTS, account, *may))

    async def note_account(self, account: str, account_mark: str) -> None:
        """Store of which account at the exchange the key is, if that is told."""
        await self.connection.execute(
            "UPDATE venue_key SET account_mark = $2"
            " WHERE account = $1 AND account_mark IS DISTINCT FROM $2 AND $2 <> ''",
            account,
            account_mark,
        )

    async def note_refused(self, account: str) -> tuple[Key, int] | None:
        """Store that the exchange does not accept an account's key."""
        return _changed(await self.connection.fetchrow(_NOTE_REFUSED, account))

    async def remove(self, account: str) -> None:
        """Forget the key of an account, and archive the account."""
        await self.connection.execute("DELETE FROM venue_key WHERE account = $1", account)
        await self.connection.execute(
            "UPDATE account SET state = 'archived', archived_at = now() WHERE account = $1", account
        )

    async def allowed(self, person: str, venue: str, *, share: bool = False) -> Allowed:
        """Return what a person's trading at a venue rests on."""
        held = " FOR SHARE" if share else ""
        switch = await self.connection.fetchval(
            f"SELECT is_on FROM venue_switch WHERE venue = $1{held}",  # noqa: S608 - our own
            venue,
        )
        version = await self.connection.fetchval(
            "SELECT version FROM venue_consent WHERE person = $1 AND venue = $2"  # noqa: S608 - our own
            f" AND withdrawn_at IS NULL{held}",
            person,
            venue,
        )
        key = next((key for key in await self.keys(person) if key.venue == venue), None)
        return Allowed(key, bool(switch), version)

    async def live(self) -> set[str]:
        """Return the venues that are switched on."""
        rows = await self.connection.fetch("SELECT venue FROM venue_switch WHERE is_on")
        return {row["venue"] for row in rows}

    async def switch(self, venue: str, *, on: bool, by: str) -> None:
        """Switch a venue on or off; claims that are under way are waited for."""
        await self.connection.execute(_SWITCH, venue, on, by)
        await self.connection.execute(_SWITCHED, venue, on, by)

    async def consents(self, person: str) -> list[Consent]:
        """Return what a person consents to now."""
        return [Consent(**dict(row)) for row in await self.connection.fetch(_CONSENTS, person)]

    async def consent(self, person: str, consent: Consent) -> None:
        """Store a consent, in place of the one before."""
        await self.withdraw(person, consent.venue, consent.given_via)
        await self.connection.execute(
            "INSERT INTO venue_consent (person, venue, version, body, given_at, given_via)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            person,
            consent.venue,
            consent.version,
            consent.text,
            consent.given_at,
            consent.given_via,
        )

    async def withdraw(self, person: str, venue: str, via: str) -> bool:
        """Note that a consent is taken back."""
        return await self.connection.execute(_WITHDRAW, person, venue, via) != "UPDATE 0"


def _stored(key: SealedKey, via: str) -> tuple[object, ...]:
    return key.sealed, key.masked, key.may_trade, key.account_mark or None, via


def _changed(row: Any) -> tuple[Key, int] | None:
    if row is None:
        return None
    values = dict(row)
    rev = values.pop("rev")
    return Key(**values), rev


@dataclass(frozen=True, slots=True)
class PostgresSealedKeys:
    """Sealed keys by account, read for the venue worker."""

    pool: "asyncpg.Pool[asyncpg.Record]"

    async def sealed(self, account: str) -> bytes:
        """Return the sealed key of an account.

        Raises:
            UnavailableError: `venue_key_removed`, or the database is away.
        """
        with translated():
            found = await self.pool.fetchval(
                "SELECT sealed FROM venue_key WHERE account = $1", account
            )
        if found is None:
            raise UnavailableError(
                "The account's key was removed; connect it again", code="venue_key_removed"
            )
        return found
