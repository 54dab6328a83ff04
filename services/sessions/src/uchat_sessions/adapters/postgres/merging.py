"""A link takes effect: the identity changes hands, and with it all conversations of its person."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from uchat_contracts.events import SessionData
from uchat_contracts.people import Link
from uchat_platform.errors import ConflictError, ExpiredError, NotFoundError, UnavailableError
from uchat_sessions.adapters.postgres.appending import LOCK, Connection
from uchat_sessions.adapters.postgres.conversations import PostgresConversations
from uchat_sessions.adapters.postgres.errors import translated
from uchat_sessions.adapters.postgres.links import MINE, PostgresLinks
from uchat_sessions.domain.proposals import CREATED, DELETED, UPDATED, Proposal
from uchat_sessions.ports import Appended

if TYPE_CHECKING:
    import asyncpg

_LOCK_LINK: Final = f"{MINE} FOR UPDATE OF l"
_IDENTITY: Final = """
SELECT person FROM identity WHERE provider = $1 AND external_id = $2 FOR UPDATE
"""
_NEW_IDENTITY: Final = """
INSERT INTO identity (provider, external_id, person) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
"""
_MOVE_IDENTITY: Final = """
UPDATE identity SET person = $3 WHERE provider = $1 AND external_id = $2
"""
_DROP_IDENTITY: Final = """
DELETE FROM identity WHERE provider = $1 AND external_id = $2 AND person = $3
"""
_END_OTHERS: Final = """
UPDATE link SET state = 'revoked', updated_at = now()
WHERE provider = $1 AND external_id = $2 AND state = 'active' RETURNING link, person
"""
_REACHABLE: Final = "SELECT 1 FROM identity WHERE person = $1"
_ACTIVE: Final = """
UPDATE link SET state = 'active', may_approve = $2, updated_at = now(), expires_at = NULL
WHERE link = $1
"""
_REVOKED: Final = """
UPDATE link SET state = 'revoked', may_approve = false, updated_at = now() WHERE link = $1
"""
# Before the logs: whoever makes a conversation for this person has it finished, or is refused.
_MERGED: Final = "UPDATE person SET merged_into = $2 WHERE person = $1"
# Held until the end: two people who take each other over at once would both be gone.
_STAYS: Final = "SELECT 1 FROM person WHERE person = $1 AND merged_into IS NULL FOR SHARE"
_LOGS: Final = """
SELECT log FROM log WHERE person = $1 AND log <> $1 AND erased_at IS NULL
"""
_OWNER: Final = """
UPDATE log SET person = $2, former = array_append(former, $3) WHERE log = ANY($1::text[])
"""
_MOVED: Final = """
UPDATE conversation SET person = $2, home = false, create_key = 'moved:' || $3 || ':' || create_key
WHERE log = ANY($1::text[])
"""


@dataclass(frozen=True, slots=True)
class PostgresMerging:
    """Confirms and revokes links; each is one transaction, and may be repeated."""

    pool: "asyncpg.Pool[asyncpg.Record]"
    links: PostgresLinks
    conversations: PostgresConversations

    async def confirm(
        self, person: str, link: str, *, may_approve: bool
    ) -> tuple[Link, Sequence[Appended]]:
        """Give the identity of a claimed link to the person who confirms it.

        Who had it before is joined with them, unless they are known by another identity too: then
        they keep what is theirs.

        Raises:
            ConflictError: nobody has claimed it yet.
            ExpiredError: it was revoked, or claimed too long ago; or its person was joined with
                another one.
            NotFoundError: it is not that person's.
        """
        with translated():
            async with self.pool.acquire() as connection, connection.transaction():
                row = await connection.fetchrow(_LOCK_LINK, link, person)
                if row is None:
                    raise NotFoundError("There is no such link")
                if row["state"] == "active":
                    return self.links.view(row), []
                _check(row)
                if not await connection.fetchval(_STAYS, person):
                    raise ExpiredError("This person was linked with another", code="person_merged")
                appended = [*await self._take(connection, row)]
                await connection.execute(_ACTIVE, link, may_approve)
                view, told = await self.links.told(connection, link, person)
        return view, [*appended, *told]

    async def revoke(self, person: str, link: str) -> tuple[Link, Sequence[Appended]]:
        """Detach the identity of a link, or end what waits for it.

        Raises:
            NotFoundError: it is not that person's.
        """
        with translated():
            async with self.pool.acquire() as connection, connection.transaction():
                row = await connection.fetchrow(_LOCK_LINK, link, person)
                if row is None:
                    raise NotFoundError("There is no such link")
                if row["state"] == "revoked":
                    return self.links.view(row), []
                if row["state"] == "active":
                    await connection.execute(
                        _DROP_IDENTITY, row["provider"], row["external_id"], person
                    )
                await connection.execute(_REVOKED, link)
                return await self.links.told(connection, link, person)

    async def _take(self, connection: Connection, row: "asyncpg.Record") -> Sequence[Appended]:
        """Give the identity to the link's person; returns what was told of it elsewhere."""
        identity = (row["provider"], row["external_id"])
        person: str = row["person"]
        gone = await connection.fetchval(_IDENTITY, *identity)
        if gone is None:
            made = await connection.execute(_NEW_IDENTITY, *identity, person)
            if made != "INSERT 0 1":
                raise UnavailableError("The identity is being changed; try again")
            return []
        if gone == person:
            return []
        await connection.execute(_MOVE_IDENTITY, *identity, person)
        ended = await connection.fetch(_END_OTHERS, *identity)
        if not await connection.fetchval(_REACHABLE, gone):
            return await self._move(connection, gone, person, row["provider"])
        appended: list[Appended] = []
        for each in ended:
            appended += (await self.links.told(connection, each["link"], each["person"]))[1]
        return appended

    async def _move(
        self, connection: Connection, gone: str, person: str, provider: str
    ) -> Sequence[Appended]:
        """Give all conversations of one person to another."""
        await connection.execute(_MERGED, gone, person)
        logs = [row["log"] for row in await connection.fetch(_LOGS, gone)]
        locked = await connection.fetch(LOCK, [*logs, gone, person])
        logs = [row["log"] for row in locked if row["log"] in logs and not row["erased"]]
        await connection.execute(_OWNER, logs, person, gone)
        await connection.execute(_MOVED, logs, person, gone)
        proposals: list[Proposal] = []
        for log in logs:
            session = await self.conversations.entitled(connection, person, log, provider)
            left = SessionData(session_id=log, title="").json_bytes()
            data = session.json_bytes()
            proposals += [
                Proposal(log=log, kind=UPDATED, data=data),
                Proposal(log=gone, kind=DELETED, data=left),
                Proposal(log=person, kind=CREATED, data=data, sealed_by=log),
            ]
        return (await self.links.appending.within(connection, proposals)).appended


def _check(row: "asyncpg.Record") -> None:
    if row["state"] == "pending":
        raise ConflictError("Nobody has shown the code yet", code="link_not_claimed")
    if row["state"] == "revoked" or row["expired"]:
        raise ExpiredError("The link was revoked or is too old", code="link_expired")
