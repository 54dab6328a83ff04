"""Units of work on a pool of connections."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from uchat_execution.adapters.postgres.accounts import PostgresAccounts
from uchat_execution.adapters.postgres.alerts import PostgresAlerts
from uchat_execution.adapters.postgres.decisions import PostgresDecisions
from uchat_execution.adapters.postgres.errors import translated
from uchat_execution.adapters.postgres.orders import PostgresOrders
from uchat_execution.adapters.postgres.organisations import PostgresOrganisations
from uchat_execution.adapters.postgres.reconciling import PostgresTruth
from uchat_execution.adapters.postgres.results import PostgresResults
from uchat_execution.adapters.postgres.rows import traceparent
from uchat_execution.adapters.postgres.safety import PostgresSafety
from uchat_execution.adapters.postgres.states import PostgresStates
from uchat_execution.adapters.postgres.venues import PostgresVenues
from uchat_execution.ports.store import Listener, Told, Unit

if TYPE_CHECKING:
    import asyncpg

Connection = Any
# What brakes and limits are is told once and forgotten; what they were stays.
_TELL: Final = """
WITH kept AS (
    INSERT INTO safety_event (about, rev, person, body)
    SELECT $1, $2, $4, $6::jsonb WHERE $3 IN ('kill_switch', 'mandate', 'trading')
    ON CONFLICT DO NOTHING
)
INSERT INTO outbox (about, rev, what, person, session_id, body, trace)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING
"""


@dataclass(slots=True)
class PostgresUnit:
    """One transaction of the books."""

    connection: Connection
    told: list[str] = field(default_factory=list[str])
    accounts: PostgresAccounts = field(init=False)
    decisions: PostgresDecisions = field(init=False)
    orders: PostgresOrders = field(init=False)
    safety: PostgresSafety = field(init=False)
    states: PostgresStates = field(init=False)
    organisations: PostgresOrganisations = field(init=False)
    truth: PostgresTruth = field(init=False)
    alerts: PostgresAlerts = field(init=False)
    results: PostgresResults = field(init=False)
    venues: PostgresVenues = field(init=False)

    def __post_init__(self) -> None:
        self.accounts = PostgresAccounts(self.connection)
        self.decisions = PostgresDecisions(self.connection, self.told)
        self.orders = PostgresOrders(self.connection, self.told)
        self.safety = PostgresSafety(self.connection, self.told)
        self.states = PostgresStates(self.connection)
        self.organisations = PostgresOrganisations(self.connection)
        self.truth = PostgresTruth(self.connection)
        self.alerts = PostgresAlerts(self.connection)
        self.results = PostgresResults(self.connection)
        self.venues = PostgresVenues(self.connection)

    async def now(self) -> datetime:
        """Return the database's time."""
        return await self.connection.fetchval("SELECT clock_timestamp()")

    async def tell(self, told: Told) -> None:
        """Write a row of the outbox."""
        await self.connection.execute(
            _TELL,
            told.about,
            told.rev,
            told.what,
            told.person,
            told.session_id,
            told.body.decode(),
            told.trace or traceparent(),
        )
        self.told.append(told.about)


@dataclass(frozen=True, slots=True)
class PostgresBooks:
    """Opens units; `listener` hears of what was told once it is committed."""

    pool: "asyncpg.Pool[asyncpg.Record]"
    listener: Listener

    @asynccontextmanager
    async def unit(self) -> AsyncGenerator[Unit]:
        """Begin a transaction; it commits at the end of the block."""
        with translated():
            async with self.pool.acquire() as connection, connection.transaction():
                unit = PostgresUnit(connection)
                yield unit
        if unit.told:
            self.listener(unit.told)
