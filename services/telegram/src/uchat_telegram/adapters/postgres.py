"""What the adapter remembers, in its own schema: ids and numbers only."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import asyncpg

from uchat_platform.db import LOST
from uchat_platform.errors import UnavailableError
from uchat_telegram.ports import Shown


@dataclass(frozen=True, slots=True)
class PostgresMemory:
    """See `ports.Memory` for each method; all raise UnavailableError without a database."""

    pool: "asyncpg.Pool[asyncpg.Record]"

    async def shown(self, chat_id: int, about: str) -> Shown | None:
        """Return what a chat shows of a thing."""
        return _shown(await self._row(f"{_SHOWN} about = $2", chat_id, about))

    async def sending(self, shown: Shown) -> None:
        """Remember that a message is about to be sent."""
        await self._execute(_SENDING, shown.chat_id, shown.about)

    async def not_sent(self, shown: Shown) -> None:
        """Take that back."""
        await self._execute(_NOT_SENT, shown.chat_id, shown.about)

    async def show(self, shown: Shown) -> None:
        """Remember what a message shows now."""
        await self._execute(
            _SHOW,
            shown.chat_id,
            shown.about,
            shown.message_id,
            shown.rev,
            shown.mark,
            shown.log,
            shown.seq,
        )

    async def mode(self, chat_id: int) -> str | None:
        """Return how a chat wants its answers."""
        row = await self._row("SELECT mode FROM chat WHERE chat_id = $1", chat_id)
        return None if row is None else str(row["mode"])

    async def set_mode(self, chat_id: int, mode: str) -> None:
        """Remember how a chat wants its answers."""
        await self._execute(_SET_MODE, chat_id, mode)

    async def offset(self) -> int | None:
        """Return the id of the next update that is not confirmed."""
        # After a week without updates Telegram counts from a new number.
        row = await self._row(
            "SELECT next_update_id FROM update_offset WHERE at > now() - interval '6 days'"
        )
        return None if row is None else int(row["next_update_id"])

    async def unhandled(self, update_ids: Sequence[int]) -> frozenset[int]:
        """Return those updates that were not handled before."""
        async with self._connection() as connection:
            rows = await connection.fetch(
                "SELECT update_id FROM handled_update WHERE update_id = any($1::bigint[])",
                list(update_ids),
            )
        return frozenset(update_ids) - {int(row["update_id"]) for row in rows}

    async def handled(self, update_ids: Sequence[int], offset: int | None) -> None:
        """Remember handled updates, and the offset that confirms them."""
        async with self._connection() as connection, connection.transaction():
            await connection.execute(_HANDLED, list(update_ids))
            if offset is not None:
                await connection.execute(_OFFSET, offset)

    async def forget_old(self) -> None:
        """Forget what is too old to matter; Telegram keeps updates for a day."""
        await self._execute(_FORGET_UPDATES)
        await self._execute(_FORGET_SHOWN)

    async def _row(self, sql: str, *values: Any) -> "asyncpg.Record | None":
        async with self._connection() as connection:
            return await connection.fetchrow(sql, *values)

    async def _execute(self, sql: str, *values: Any) -> None:
        async with self._connection() as connection:
            await connection.execute(sql, *values)

    @asynccontextmanager
    async def _connection(self) -> AsyncGenerator[Any]:
        try:
            async with self.pool.acquire() as connection:
                yield connection
        except (asyncpg.PostgresError, *LOST) as e:
            raise UnavailableError("The database is away", code="database_unavailable") from e


def _shown(row: "asyncpg.Record | None") -> Shown | None:
    if row is None:
        return None
    return Shown(
        chat_id=row["chat_id"],
        about=row["about"],
        message_id=row["message_id"],
        rev=row["rev"],
        mark=row["mark"],
        log=row["log"],
        seq=row["seq"],
    )


_SHOWN: Final = (
    "SELECT chat_id, about, message_id, rev, mark, log, seq FROM shown WHERE chat_id = $1 AND"
)
# A thing whose former message is gone, or is told anew, is in doubt until the new one is there.
_SENDING: Final = """
INSERT INTO shown (chat_id, about) VALUES ($1, $2)
ON CONFLICT (chat_id, about) DO UPDATE SET message_id = NULL, updated_at = now()
"""
_NOT_SENT: Final = """
DELETE FROM shown WHERE chat_id = $1 AND about = $2 AND message_id IS NULL
"""
_SHOW: Final = """
INSERT INTO shown (chat_id, about, message_id, rev, mark, log, seq)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (chat_id, about) DO UPDATE SET
  message_id = excluded.message_id, rev = excluded.rev, mark = excluded.mark,
  log = CASE WHEN excluded.log = '' THEN shown.log ELSE excluded.log END,
  seq = CASE WHEN excluded.seq = 0 THEN shown.seq ELSE excluded.seq END,
  updated_at = now()
WHERE shown.rev <= excluded.rev OR shown.message_id IS NULL
"""
_SET_MODE: Final = """
INSERT INTO chat (chat_id, mode) VALUES ($1, $2)
ON CONFLICT (chat_id) DO UPDATE SET mode = excluded.mode
"""
_HANDLED: Final = """
INSERT INTO handled_update (update_id) SELECT unnest($1::bigint[]) ON CONFLICT DO NOTHING
"""
_OFFSET: Final = """
INSERT INTO update_offset (next_update_id) VALUES ($1)
ON CONFLICT (one) DO UPDATE SET next_update_id = excluded.next_update_id, at = now()
"""
_FORGET_UPDATES: Final = "DELETE FROM handled_update WHERE at < now() - interval '3 days'"
_FORGET_SHOWN: Final = "DELETE FROM shown WHERE updated_at < now() - interval '90 days'"
