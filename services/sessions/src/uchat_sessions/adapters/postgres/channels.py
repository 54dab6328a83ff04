"""Which outside identities a person has."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from uchat_sessions.adapters.postgres.errors import translated
from uchat_sessions.domain.links import ACCOUNT, Channel

if TYPE_CHECKING:
    import asyncpg

# Of a person who was linked: the channels of who has the conversations now.
_CHANNELS: Final = """
WITH RECURSIVE present AS (
    SELECT person, merged_into FROM person WHERE person = $1
    UNION ALL
    SELECT p.person, p.merged_into FROM present n JOIN person p ON p.person = n.merged_into
)
SELECT i.provider, i.external_id, coalesce(l.may_approve, false)
FROM present n JOIN identity i USING (person)
LEFT JOIN link l
    ON l.provider = i.provider AND l.external_id = i.external_id AND l.state = 'active'
WHERE n.merged_into IS NULL AND i.provider <> $2
ORDER BY i.created_at, i.provider, i.external_id
"""


@dataclass(frozen=True, slots=True)
class PostgresChannels:
    """The channels of people."""

    pool: "asyncpg.Pool[asyncpg.Record]"

    async def channels(self, person: str) -> list[Channel]:
        """Return where a person can be told something, oldest first."""
        with translated():
            return [Channel(*row) for row in await self.pool.fetch(_CHANNELS, person, ACCOUNT)]
