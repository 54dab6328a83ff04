"""People and the outside identities that they are known by."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from uchat_contracts.events import SessionData
from uchat_contracts.ids import new_conversation_id, new_person_id, new_ulid
from uchat_platform.errors import UnavailableError
from uchat_sessions.adapters.postgres.appending import Connection
from uchat_sessions.adapters.postgres.conversations import HOME_KEY, NEW_LOG, PostgresConversations
from uchat_sessions.adapters.postgres.errors import translated
from uchat_sessions.adapters.postgres.links import SEALED
from uchat_sessions.domain.links import ACCOUNT
from uchat_sessions.domain.views import PersonView
from uchat_sessions.ports import Appended

if TYPE_CHECKING:
    import asyncpg

_NAME: Final = "display_name"
_CLAIM_IDENTITY: Final = """
INSERT INTO identity (provider, external_id, person) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
"""
_IDENTITY: Final = """
SELECT p.person, p.home, p.display_name, k.wrapped
FROM identity i JOIN person p USING (person) JOIN log_key k ON k.log = p.person
WHERE i.provider = $1 AND i.external_id = $2
"""
_NEW_LINK: Final = """
INSERT INTO link (link, person, provider, external_id, state, account, display_name)
VALUES ($1, $2, $3, $4, 'active', $5, $6)
"""
_NEW_PERSON: Final = "INSERT INTO person (person, home, display_name) VALUES ($1, $2, $3)"


@dataclass(frozen=True, slots=True)
class PostgresPeople:
    """People."""

    pool: "asyncpg.Pool[asyncpg.Record]"
    conversations: PostgresConversations

    async def resolve(
        self, provider: str, external_id: str, display_name: str
    ) -> tuple[PersonView, Sequence[Appended]]:
        """Return the person behind an identity, made together with a home at the first call."""
        with translated():
            async with self.pool.acquire() as connection:
                known = await self._identity(connection, provider, external_id)
                if known is not None:
                    return known, []
                async with connection.transaction():
                    person = new_person_id()
                    # Waits for whoever is making the same identity, and then finds it taken.
                    claimed = await connection.execute(
                        _CLAIM_IDENTITY, provider, external_id, person
                    )
                    if claimed == "INSERT 0 1":
                        home, appended = await self._new_person(connection, person, display_name)
                        if provider != ACCOUNT:
                            await self._new_link(
                                connection, person, provider, external_id, display_name
                            )
                        return PersonView(person, home, display_name, created=True), appended
                known = await self._identity(connection, provider, external_id)
        if known is None:
            raise UnavailableError("The identity is being changed; try again")
        return known, []

    async def _identity(
        self, connection: Connection, provider: str, external_id: str
    ) -> PersonView | None:
        row = await connection.fetchrow(_IDENTITY, provider, external_id)
        if row is None:
            return None
        key = self.conversations.appending.keys.open(row["person"], row["wrapped"])
        name = key.open(row["display_name"], row["person"], "", _NAME).decode()
        return PersonView(row["person"], row["home"], name, created=False)

    async def _new_link(
        self, connection: Connection, person: str, provider: str, external_id: str, name: str
    ) -> None:
        """Note that a person came by an outside interface, so that they can part with it."""
        link = f"link_{new_ulid()}"
        wrapped = await connection.fetchval("SELECT wrapped FROM log_key WHERE log = $1", person)
        key = self.conversations.appending.keys.open(person, wrapped)
        nobody, sealed = (key.seal(text.encode(), person, link, SEALED) for text in ("", name))
        await connection.execute(_NEW_LINK, link, person, provider, external_id, nobody, sealed)

    async def _new_person(
        self, connection: Connection, person: str, display_name: str
    ) -> tuple[str, Sequence[Appended]]:
        key = self.conversations.appending.keys.make(person)
        await connection.execute(NEW_LOG, person, person, key.wrapped)
        home = SessionData(session_id=new_conversation_id(), title="", home=True)
        name = key.seal(display_name.encode(), person, "", _NAME)
        await connection.execute(_NEW_PERSON, person, home.session_id, name)
        return await self.conversations.new_conversation(connection, person, HOME_KEY, home)
