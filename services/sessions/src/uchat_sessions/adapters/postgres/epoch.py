"""The epoch: which life of which database the sequence numbers belong to."""

import asyncio
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from uchat_platform import logging
from uchat_platform.errors import UnavailableError
from uchat_platform.health import Health
from uchat_sessions.adapters.postgres.errors import translated

if TYPE_CHECKING:
    import asyncpg

_EVERY_S: Final = 1.0
# The present timeline is the head of the WAL file's name: the control file's says it only after
# the first checkpoint that follows a failover.
_IDENTITY: Final = """
SELECT system_identifier::text || ':' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)
FROM pg_control_system()
"""
_log = logging.get_logger(__name__)


@dataclass(slots=True)
class PostgresEpoch:
    """Reads the epoch again and again: a restore or a failover changes it by itself."""

    pool: "asyncpg.Pool[asyncpg.Record]"
    health: Health | None = None
    value: str = field(default="", init=False)

    async def read(self) -> str:
        """Read the epoch now.

        Raises:
            UnavailableError: the database is away.
        """
        with translated():
            identity: str = await self.pool.fetchval(_IDENTITY)
        value = hashlib.sha256(identity.encode()).hexdigest()[:12]
        if self.value not in ("", value):
            _log.warning("epoch_changed", before=self.value, after=value)
        self.value = value
        return value

    async def run(self) -> None:
        """Read it every second, which also tells whether the database is there."""
        while True:
            try:
                async with asyncio.timeout(_EVERY_S * 3):
                    await self.read()
            except (UnavailableError, TimeoutError):
                self._ready(there=False)
            else:
                self._ready(there=True)
            await asyncio.sleep(_EVERY_S)

    def _ready(self, *, there: bool) -> None:
        if self.health is not None:
            self.health.ready("postgres", there)
