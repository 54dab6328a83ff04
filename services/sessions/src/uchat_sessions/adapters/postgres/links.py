"""Codes and links, each change with its log entries in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from uchat_contracts.people import Link
from uchat_platform.errors import ConflictError, ExpiredError, NotFoundError
from uchat_sessions.adapters.postgres.appending import Appending, Connection
from uchat_sessions.adapters.postgres.errors import translated
from uchat_sessions.domain.links import (
    CODE_EXPIRED,
    CODE_UNKNOWN,
    LINK_CHANGED,
    Claimant,
    Code,
)
from uchat_sessions.domain.proposals import Proposal
from uchat_sessions.domain.views import PersonView
from uchat_sessions.ports import Appended

if TYPE_CHECKING:
    import asyncpg

SEALED: Final = "link"
_NAME: Final = "display_name"
_LINK: Final = """
SELECT l.link, l.person, l.provider, l.external_id, l.state, l.account, l.display_name,
       l.match_number, l.may_approve, l.created_at, l.updated_at, k.wrapped,
       coalesce(l.expires_at <= now(), false) AS expired
FROM link l JOIN log_key k ON k.log = l.person
"""
MINE: Final = f"{_LINK} WHERE l.link = $1 AND l.person = $2"
_BY_CODE: Final = f"{_LINK} WHERE l.code_hash = $1 AND l.provider = $2 FOR UPDATE OF l"
_VISIBLE: Final = f"""
{_LINK} WHERE l.person = $1
    AND (l.state IN ('active', 'revoked') OR l.expires_at > now())
"""
_PAGE: Final = f"{_VISIBLE} ORDER BY l.created_at DESC, l.link DESC LIMIT $2"
_PAGE_BEFORE: Final = f"""
{_VISIBLE} AND (l.created_at, l.link) < ($3::timestamptz, $4::text)
ORDER BY l.created_at DESC, l.link DESC LIMIT $2
"""
_NEW: Final = """
INSERT INTO link (link, person, provider, state, code_hash, account, display_name, expires_at)
VALUES ($1, $2, $3, 'pending', $4, $5, $6, now() + $7 * interval '1 second')
"""
_CLAIM: Final = """
UPDATE link SET state = 'awaiting_confirmation', external_id = $2, display_name = $3,
    match_number = $4, updated_at = now(), expires_at = now() + $5 * interval '1 second'
WHERE link = $1 AND state = 'pending' AND expires_at > now()
"""
_OWNED: Final = """
SELECT 1 FROM identity WHERE provider = $1 AND external_id = $2 AND person = $3
"""
_OTHER: Final = """
SELECT i.person FROM identity i
WHERE i.provider = $1 AND i.external_id = $2 AND i.person <> $3 AND NOT EXISTS (
    SELECT 1 FROM identity o WHERE o.person = i.person
    AND (o.provider <> i.provider OR o.external_id <> i.external_id))
"""
_NEW_CONTINUE: Final = """
INSERT INTO link_continue (code_hash, person, expires_at)
VALUES ($1, $2, now() + $3 * interval '1 second') RETURNING expires_at
"""
_REDEEM: Final = """
UPDATE link_continue SET used_at = now()
WHERE code_hash = $1 AND used_at IS NULL AND expires_at > now() RETURNING person
"""
_SPENT: Final = "SELECT 1 FROM link_continue WHERE code_hash = $1"
_PRESENT: Final = """
WITH RECURSIVE present AS (
    SELECT person, merged_into FROM person WHERE person = $1
    UNION ALL
    SELECT p.person, p.merged_into FROM present n JOIN person p ON p.person = n.merged_into
)
SELECT p.person, p.home, p.display_name, k.wrapped
FROM present n JOIN person p USING (person) JOIN log_key k ON k.log = p.person
WHERE n.merged_into IS NULL
"""
_FORGET: Final = (
    "DELETE FROM link_continue WHERE expires_at < now() - interval '1 day'",
    "DELETE FROM link WHERE state = 'pending' AND expires_at < now() - interval '1 day'",
)


@dataclass(frozen=True, slots=True)
class PostgresLinks:
    """Codes and links. Times are compared on Postgres' clock; a code is used by one UPDATE."""

    pool: "asyncpg.Pool[asyncpg.Record]"
    appending: Appending

    async def new_continue_code(self, person: str, code: Code) -> datetime:
        """Keep a code that signs in as a person; returns when it ends."""
        with translated():
            return await self.pool.fetchval(_NEW_CONTINUE, code.digest, person, code.life_s)

    async def redeem(self, digest: bytes) -> PersonView:
        """Return whom a code stands for, at its first use in time.

        Raises:
            ExpiredError: it was used, or too late.
            NotFoundError: there never was such a code.
        """
        with translated():
            async with self.pool.acquire() as connection, connection.transaction():
                person = await connection.fetchval(_REDEEM, digest)
                if person is None:
                    raise await _refused(connection, digest)
                row = await connection.fetchrow(_PRESENT, person)
        if row is None:
            raise NotFoundError("Nobody is known by this code", code=CODE_UNKNOWN)
        key = self.appending.keys.open(row["person"], row["wrapped"])
        name = key.open(row["display_name"], row["person"], "", _NAME).decode()
        return PersonView(row["person"], row["home"], name, created=False)

    async def new_link_code(
        self, person: str, link: str, provider: str, account: str, code: Code
    ) -> tuple[Link, datetime]:
        """Keep a code by which an outside identity may ask to be linked; returns when it ends."""
        with translated():
            async with self.pool.acquire() as connection, connection.transaction():
                wrapped = await connection.fetchval(
                    "SELECT wrapped FROM log_key WHERE log = $1", person
                )
                if wrapped is None:
                    raise NotFoundError("There is no such person")
                key = self.appending.keys.open(person, wrapped)
                sealed, nobody = (
                    key.seal(text.encode(), person, link, SEALED) for text in (account, "")
                )
                await connection.execute(
                    _NEW, link, person, provider, code.digest, sealed, nobody, code.life_s
                )
                row = await connection.fetchrow(MINE, link, person)
                ends: datetime = await connection.fetchval(
                    "SELECT expires_at FROM link WHERE link = $1", link
                )
        if row is None:
            raise NotFoundError("There is no such link")
        return self.view(row), ends

    async def look(self, digest: bytes, claimant: Claimant) -> tuple[Link, str]:
        """Return the link of a code as it is, and the masked account of its owner.

        Raises:
            ConflictError, ExpiredError, NotFoundError: see `claim`.
        """
        with translated():
            async with self.pool.acquire() as connection, connection.transaction():
                row, account = await self._shown(connection, digest, claimant)
        return self.view(row), account

    async def claim(
        self, code: Code, claimant: Claimant, match_number: str
    ) -> tuple[Link, str, Sequence[Appended]]:
        """Let an identity ask by a code; returns the link and the masked account of its owner.

        The same identity may show the code again and gets the same link.

        Raises:
            ConflictError: the identity is that person's already.
            ExpiredError, NotFoundError: see `redeem`.
        """
        with translated():
            async with self.pool.acquire() as connection, connection.transaction():
                row, account = await self._shown(connection, code.digest, claimant)
                if row["state"] != "pending":
                    return self.view(row), account, []
                link, person = row["link"], row["person"]
                key = self.appending.keys.open(person, row["wrapped"])
                name = key.seal(claimant.display_name.encode(), person, link, SEALED)
                claimed = await connection.execute(
                    _CLAIM, link, claimant.external_id, name, match_number, code.life_s
                )
                if claimed != "UPDATE 1":
                    raise ExpiredError("The code was used or is too old", code=CODE_EXPIRED)
                view, appended = await self.told(connection, link, person)
        return view, account, appended

    async def _shown(
        self, connection: Connection, digest: bytes, claimant: Claimant
    ) -> "tuple[asyncpg.Record, str]":
        """Lock the link of a code that is free, or is the claimant's already."""
        row = await connection.fetchrow(_BY_CODE, digest, claimant.provider)
        if row is None:
            raise NotFoundError("There is no such code", code=CODE_UNKNOWN)
        link, person = row["link"], row["person"]
        if not _claimed_by(row, claimant.external_id):
            if row["state"] != "pending" or row["expired"]:
                raise ExpiredError("The code was used or is too old", code=CODE_EXPIRED)
            if await connection.fetchval(_OWNED, claimant.provider, claimant.external_id, person):
                raise ConflictError("They are linked already", code="already_linked")
        key = self.appending.keys.open(person, row["wrapped"])
        return row, key.open(row["account"], person, link, SEALED).decode()

    async def get(self, person: str, link: str) -> tuple[Link, str]:
        """Return a person's link, and whom a confirmation would join ("": nobody)."""
        with translated():
            row = await self.pool.fetchrow(MINE, link, person)
            if row is None:
                raise NotFoundError("There is no such link")
            other = None
            if row["external_id"] is not None:
                other = await self.pool.fetchval(
                    _OTHER, row["provider"], row["external_id"], person
                )
        return self.view(row), other or ""

    async def page(
        self, person: str, before: tuple[datetime, str] | None, limit: int
    ) -> list[Link]:
        """Return a person's links, latest first, without codes that nobody used in time."""
        with translated():
            rows = await (
                self.pool.fetch(_PAGE_BEFORE, person, limit, *before)
                if before
                else self.pool.fetch(_PAGE, person, limit)
            )
        return [self.view(row) for row in rows]

    async def forget(self) -> None:
        """Delete codes that ended a day ago."""
        with translated():
            for statement in _FORGET:
                await self.pool.execute(statement)

    async def told(
        self, connection: Connection, link: str, person: str
    ) -> tuple[Link, Sequence[Appended]]:
        """Tell in the person's log how a link stands now, within a transaction."""
        row = await connection.fetchrow(MINE, link, person)
        if row is None:
            raise NotFoundError("There is no such link")
        view = self.view(row)
        proposal = Proposal(log=person, kind=LINK_CHANGED, data=view.json_bytes())
        return view, (await self.appending.within(connection, [proposal])).appended

    def view(self, row: "asyncpg.Record") -> Link:
        """Return a link as interfaces show it."""
        key = self.appending.keys.open(row["person"], row["wrapped"])
        waits = row["state"] == "awaiting_confirmation"
        return Link(
            id=row["link"],
            provider=row["provider"],
            state=row["state"],
            display_name=key.open(row["display_name"], row["person"], row["link"], SEALED).decode(),
            match_number=row["match_number"] if waits else None,
            may_approve=row["may_approve"],
            created_at=row["created_at"],
            updated_at=row["updated_at"],
        )


def _claimed_by(row: "asyncpg.Record", external_id: str) -> bool:
    return (
        row["state"] in ("awaiting_confirmation", "active")
        and row["external_id"] == external_id
        and not row["expired"]
    )


async def _refused(connection: Connection, code_hash: bytes) -> ExpiredError | NotFoundError:
    if await connection.fetchval(_SPENT, code_hash):
        return ExpiredError("The code was used or is too old", code=CODE_EXPIRED)
    return NotFoundError("There is no such code", code=CODE_UNKNOWN)
