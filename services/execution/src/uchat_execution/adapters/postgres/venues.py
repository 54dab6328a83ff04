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

_KEYS: Final = """
SELECT k.account, a.venue, k.masked, k.may_trade, k.connected_at, k.connected_via, k.may_withdraw
FROM venue_key k JOIN account a USING (account)
WHERE a.person = $1 AND a.state = 'active' ORDER BY a.venue
"""
_NOTE_RIGHTS: Final = """
UPDATE venue_key k SET may_trade = $2, may_withdraw = $3, rev = k.rev + 1
FROM account a WHERE k.account = $1 AND a.account = k.account
    AND (k.may_trade, k.may_withdraw) IS DISTINCT FROM ($2, $3)
RETURNING k.account, a.venue, k.masked, k.may_trade, k.connected_at, k.connected_via,
    k.may_withdraw, k.rev
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
            "INSERT INTO venue_key (account, sealed, masked, may_trade, connected_via)"
            " VALUES ($1, $2, $3, $4, $5)",
            account,
            key.sealed,
            key.masked,
            key.may_trade,
            via,
        )

    async def note_rights(self, account: str, rights: Rights) -> tuple[Key, int] | None:
        """Store what an account's key may do now."""
        row = await self.connection.fetchrow(_NOTE_RIGHTS, account, rights.trade, rights.withdraw)
        if row is None:
            return None
        values = dict(row)
        rev = values.pop("rev")
        return Key(**values), rev

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
