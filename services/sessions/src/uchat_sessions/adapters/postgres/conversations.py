"""Conversations and their settings; what changes is written to the logs with it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import asyncpg

from uchat_contracts.events import SessionData
from uchat_contracts.ids import new_conversation_id
from uchat_platform.errors import ExpiredError, NotFoundError
from uchat_sessions.adapters.postgres.appending import Appending, Connection
from uchat_sessions.adapters.postgres.errors import translated
from uchat_sessions.domain.proposals import CREATED, DELETED, ERASED, UPDATED, Proposal
from uchat_sessions.domain.views import ConversationChange, ConversationView, Stored
from uchat_sessions.ports import Appended

HOME_KEY: Final = "home"
NEW_LOG: Final = """
WITH made AS (INSERT INTO log (log, person) VALUES ($1, $2))
INSERT INTO log_key (log, wrapped) VALUES ($1, $3)
"""
_TITLE: Final = "title"

# One statement, because each is a round trip that the caller waits for. It makes no log if the key
# is taken, nor for who was linked with somebody else meanwhile: what is theirs has moved.
_NEW_CONVERSATION: Final = """
WITH claimed AS (
    INSERT INTO conversation (log, person, create_key, title, mode, home)
    SELECT $1, p.person, $3, $4, nullif($5, ''), $6
    FROM (SELECT person FROM person WHERE person = $2 AND merged_into IS NULL FOR SHARE) p
    ON CONFLICT DO NOTHING
    RETURNING log, person
), made AS (INSERT INTO log (log, person) SELECT log, person FROM claimed)
INSERT INTO log_key (log, wrapped) SELECT log, $7 FROM claimed
"""
_VIEW: Final = """
SELECT l.log, c.title, coalesce(c.mode, '') AS mode, l.last_seq, l.updated_at,
       c.home, c.archived, c.pinned, k.wrapped
FROM log l JOIN conversation c USING (log) JOIN log_key k USING (log)
WHERE l.person = $1 AND l.erased_at IS NULL
"""
_GET: Final = f"{_VIEW} AND l.log = $2"
_BY_KEY: Final = f"{_VIEW} AND c.create_key = $2"
_PAGE: Final = f"{_VIEW} ORDER BY l.updated_at DESC, l.log DESC LIMIT $2"
_PAGE_BEFORE: Final = f"""
{_VIEW} AND (l.updated_at, l.log) < ($3::timestamptz, $4::text)
ORDER BY l.updated_at DESC, l.log DESC LIMIT $2
"""
_CHANGE: Final = """
UPDATE conversation SET title = $2, mode = nullif($3, ''), archived = $4, pinned = $5 WHERE log = $1
"""
_LOCK: Final = """
SELECT person, erased_at IS NOT NULL AS erased FROM log WHERE log = $1 AND person = $2 FOR UPDATE
"""
_LOCK_PERSON: Final = "SELECT home FROM person WHERE person = $1 FOR UPDATE"
_ERASE: Final = (
    "UPDATE log SET erased_at = clock_timestamp(), waiting = 0 WHERE log = $1",
    "DELETE FROM log_key WHERE log = $1",
    "DELETE FROM entry_key WHERE log = $1",
    "DELETE FROM unanswered WHERE log = $1",
    "DELETE FROM outcome WHERE log = $1",
    "DELETE FROM pending WHERE log = $1",
    "DELETE FROM outbox WHERE log_id = $1",
    "UPDATE conversation SET title = '' WHERE log = $1",
    "INSERT INTO purge (log, due_at, rounds_left) VALUES ($1, now(), 2) ON CONFLICT DO NOTHING",
)


@dataclass(frozen=True, slots=True)
class PostgresConversations:
    """A person's conversations."""

    pool: "asyncpg.Pool[asyncpg.Record]"
    appending: Appending

    async def create(
        self, person: str, key: str, title: str, mode: str
    ) -> tuple[ConversationView, Sequence[Appended]]:
        """Return the conversation of a person's key, made at the first call."""
        with translated():
            async with self.pool.acquire() as connection:
                session = SessionData(
                    session_id=new_conversation_id(), title=title, mode=mode or None
                )
                appended: Sequence[Appended] = []
                async with connection.transaction():
                    log, appended = await self.new_conversation(
                        connection, person, f"key:{key}", session
                    )
                if log:
                    return _made(session, appended[0].stored), appended
                row = await connection.fetchrow(_BY_KEY, person, f"key:{key}")
        if row is None:
            raise ExpiredError("The conversation of this key was erased", code=ERASED)
        return self._view(row), []

    async def get(self, person: str, log: str) -> ConversationView | None:
        """Return a conversation of a person."""
        with translated():
            row = await self.pool.fetchrow(_GET, person, log)
        return self._view(row) if row else None

    async def page(
        self, person: str, before: tuple[datetime, str] | None, limit: int
    ) -> list[ConversationView]:
        """Return a person's conversations, latest first, after a place in that order."""
        with translated():
            rows = await (
                self.pool.fetch(_PAGE_BEFORE, person, limit, *before)
                if before
                else self.pool.fetch(_PAGE, person, limit)
            )
        return [self._view(row) for row in rows]

    async def change(
        self, person: str, log: str, change: ConversationChange
    ) -> tuple[ConversationView | None, Sequence[Appended]]:
        """Set new values; writes no entry if they are the present ones."""
        with translated():
            async with self.pool.acquire() as connection, connection.transaction():
                await connection.execute(_LOCK, log, person)
                row = await connection.fetchrow(_GET, person, log)
                if row is None:
                    return None, []
                old = self._view(row)
                new = _changed(old, change)
                if new == old:
                    return old, []
                title = self._seal_title(log, row["wrapped"], new.title)
                await connection.execute(_CHANGE, log, title, new.mode, new.archived, new.pinned)
                committed = await self.appending.within(
                    connection, _told(person, UPDATED, _session(new))
                )
                row = await connection.fetchrow(_GET, person, log)
        return (self._view(row) if row else None), committed.appended

    async def erase(self, person: str, log: str) -> tuple[bool, Sequence[Appended]]:
        """Erase for good; False if there is no such conversation. Safe to repeat."""
        if log == person:
            return False, []
        with translated():
            async with self.pool.acquire() as connection, connection.transaction():
                locked = await connection.fetchrow(_LOCK, log, person)
                if locked is None or locked["erased"]:
                    return locked is not None, []
                for statement in _ERASE:
                    await connection.execute(statement, log)
                gone = SessionData(session_id=log, title="").json_bytes()
                told = await self.appending.within(
                    connection, [Proposal(log=person, kind=DELETED, data=gone)]
                )
                moved = await self._replace_home(connection, person, log)
        self.appending.keys.forget(log)
        return True, [*told.appended, *moved]

    async def new_conversation(
        self, connection: Connection, person: str, create_key: str, session: SessionData
    ) -> tuple[str, Sequence[Appended]]:
        """Make a conversation within a transaction; returns "" if the key is taken."""
        log = session.session_id
        key = self.appending.keys.make(log)
        title = key.seal(session.title.encode(), log, "", _TITLE)
        claimed = await connection.execute(
            _NEW_CONVERSATION,
            log,
            person,
            create_key,
            title,
            session.mode or "",
            session.home,
            key.wrapped,
        )
        if claimed != "INSERT 0 1":
            self.appending.keys.forget(log)
            return "", []
        committed = await self.appending.within(connection, _told(person, CREATED, session))
        return log, committed.appended

    async def entitled(
        self, connection: Connection, person: str, log: str, title: str
    ) -> SessionData:
        """Return a conversation that has just become a person's, with a title if it had none."""
        row = await connection.fetchrow(_GET, person, log)
        if row is None:
            raise NotFoundError("There is no such conversation")
        view = self._view(row)
        if not view.title:
            view = replace(view, title=title.capitalize())
            sealed = self._seal_title(log, row["wrapped"], view.title)
            await connection.execute(_CHANGE, log, sealed, view.mode, view.archived, view.pinned)
        return _session(view)

    async def _replace_home(
        self, connection: Connection, person: str, erased: str
    ) -> Sequence[Appended]:
        if await connection.fetchval(_LOCK_PERSON, person) != erased:
            return []
        session = SessionData(session_id=new_conversation_id(), title="", home=True)
        home, appended = await self.new_conversation(
            connection, person, f"{HOME_KEY}:{erased}", session
        )
        await connection.execute("UPDATE person SET home = $2 WHERE person = $1", person, home)
        return appended

    def _seal_title(self, log: str, wrapped: bytes, title: str) -> bytes:
        return self.appending.keys.open(log, wrapped).seal(title.encode(), log, "", _TITLE)

    def _view(self, row: asyncpg.Record) -> ConversationView:
        key = self.appending.keys.open(row["log"], row["wrapped"])
        return ConversationView(
            log=row["log"],
            title=key.open(row["title"], row["log"], "", _TITLE).decode(),
            mode=row["mode"],
            last_seq=row["last_seq"],
            updated_at=row["updated_at"],
            home=row["home"],
            archived=row["archived"],
            pinned=row["pinned"],
        )


def _made(session: SessionData, first: Stored) -> ConversationView:
    return ConversationView(
        log=session.session_id,
        title=session.title,
        mode=session.mode or "",
        last_seq=first.seq,
        updated_at=first.created_at,
        home=session.home,
        archived=session.archived,
        pinned=session.pinned,
    )


def _told(person: str, kind: str, session: SessionData) -> list[Proposal]:
    # The copy in the person's log ends with the conversation: it is sealed by the same key.
    data, log = session.json_bytes(), session.session_id
    return [
        Proposal(log=log, kind=kind, data=data),
        Proposal(log=person, kind=kind, data=data, sealed_by=log),
    ]


def _changed(old: ConversationView, change: ConversationChange) -> ConversationView:
    return ConversationView(
        log=old.log,
        title=old.title if change.title is None else change.title,
        mode=old.mode if change.mode is None else change.mode,
        last_seq=old.last_seq,
        updated_at=old.updated_at,
        home=old.home,
        archived=old.archived if change.archived is None else change.archived,
        pinned=old.pinned if change.pinned is None else change.pinned,
    )


def _session(view: ConversationView) -> SessionData:
    return SessionData(
        session_id=view.log,
        title=view.title,
        mode=view.mode or None,
        home=view.home,
        archived=view.archived,
        pinned=view.pinned,
    )
