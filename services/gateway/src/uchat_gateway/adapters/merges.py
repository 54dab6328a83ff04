"""Merges of two people in Postgres: what has begun, and the accounts that end with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from uchat_gateway.adapters.postgres import Database
from uchat_gateway.ports.links import Merge

if TYPE_CHECKING:
    import asyncpg


@dataclass(frozen=True, slots=True)
class PostgresMerges:
    """Keeps merges in the table `merges`; see `ports.links.MergeStore` for each method."""

    database: Database

    async def begin(self, merge: Merge) -> Merge:
        """Keep a merge and return it, or the one that was begun for this link before."""
        await self.database.run(
            "INSERT INTO merges (link_id, gone, stays, may_approve) VALUES ($1, $2, $3, $4)"
            " ON CONFLICT (link_id) DO NOTHING",
            merge.link_id,
            merge.gone,
            merge.into,
            merge.may_approve,
        )
        return await self.get(merge.link_id) or merge

    async def get(self, link_id: str) -> Merge | None:
        """Return a merge that has not ended."""
        row = await self.database.row("SELECT m.* FROM merges m WHERE m.link_id = $1", link_id)
        return None if row is None else _merge(row)

    async def end(self, link_id: str) -> None:
        """Forget a merge."""
        await self.database.run("DELETE FROM merges WHERE link_id = $1", link_id)

    async def close_account(self, merge: Merge) -> None:
        """Close the account of who goes; who stays without credentials gets theirs."""
        people = sorted((merge.gone, merge.into))
        async with self.database.transaction() as connection:
            rows = await connection.fetch(
                "SELECT a.person_id, a.email, a.email_key, a.password_hash FROM accounts a"
                " WHERE a.person_id = ANY($1) ORDER BY a.person_id FOR UPDATE",
                people,
            )
            found = {row["person_id"]: row for row in rows}
            gone, stays = found.get(merge.gone), found.get(merge.into)
            if gone is not None and stays is not None and gone["email"] and not stays["email"]:
                await connection.execute(
                    "UPDATE accounts SET email = NULL, email_key = NULL, password_hash = NULL"
                    " WHERE person_id = $1",
                    merge.gone,
                )
                await connection.execute(
                    "UPDATE accounts SET email = $2, email_key = $3, password_hash = $4"
                    " WHERE person_id = $1",
                    merge.into,
                    gone["email"],
                    gone["email_key"],
                    gone["password_hash"],
                )
            await connection.execute(
                "UPDATE accounts SET status = 'merged', merged_into = $2 WHERE person_id = $1",
                merge.gone,
                merge.into,
            )

    async def left_over(self, older_than_s: float, limit: int) -> Sequence[Merge]:
        """Return merges that nobody has worked on for so long; they count as taken on now."""
        rows = await self.database.rows(
            "UPDATE merges SET touched_at = now() WHERE link_id IN ("
            "  SELECT link_id FROM merges WHERE touched_at < now() - make_interval(secs => $1)"
            "  ORDER BY touched_at LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING *",
            older_than_s,
            limit,
        )
        return [_merge(row) for row in rows]


def _merge(row: "asyncpg.Record") -> Merge:
    return Merge(row["link_id"], row["gone"], row["stays"], row["may_approve"])
