"""Live exchanges, as a replica reaches them: through the venue worker, if there is one."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from uchat_contracts.trading import RiskLimits
from uchat_execution.adapters.postgres.venues import PostgresSealedKeys
from uchat_execution.adapters.venues_grpc import (
    RemoteGateway,
    RemoteMarket,
    RemoteStatements,
    RemoteVenue,
    WorkerClient,
)
from uchat_execution.domain.venues import VENUES
from uchat_execution.handlers.bus import SERVICE
from uchat_execution.service.desk import Desk
from uchat_execution.settings import ExecutionSettings
from uchat_platform import rpc
from uchat_platform.auth import ActorSigner
from uchat_platform.errors import InvalidInputError

if TYPE_CHECKING:
    import asyncpg


@dataclass(frozen=True, slots=True)
class Live:
    """Every exchange by name. While none is configured, whatever is asked is unavailable."""

    gateway: RemoteGateway
    venues: Mapping[str, RemoteVenue]
    statements: RemoteStatements

    @classmethod
    def by(cls, client: WorkerClient) -> "Live":
        """Return what a client of the worker reaches."""
        venues = {each.venue: RemoteVenue(client, each.venue) for each in VENUES}
        return cls(RemoteGateway(client), venues, RemoteStatements(client))

    def desks(self, limits: RiskLimits) -> dict[str, Desk]:
        """Return a desk for each exchange, with its own prices."""
        return {
            name: Desk(RemoteMarket(venue.client, venue), venue, limits)
            for name, venue in self.venues.items()
        }


@asynccontextmanager
async def reached(
    settings: ExecutionSettings, pool: "asyncpg.Pool[asyncpg.Record]"
) -> AsyncGenerator[Live]:
    """Open the way to the venue worker, if the settings name one.

    Raises:
        InvalidInputError: `setting_missing`, there is no seed to sign calls with.
    """
    keys = PostgresSealedKeys(pool)
    if not settings.venues_addr:
        yield Live.by(WorkerClient(None, None, keys))
        return
    if settings.nkey_seed_file is None:
        raise InvalidInputError("UCHAT_NKEY_SEED_FILE is needed", code="setting_missing")
    # A megabyte that nobody needs who trades on paper only.
    from uchat_contracts.rpc.execution.v1.venue_worker_pb2_grpc import VenueWorkerStub  # noqa: PLC0415

    signer = ActorSigner.load(SERVICE, settings.nkey_seed_file)
    async with rpc.channel(settings.venues_addr, retries=False) as channel:
        yield Live.by(WorkerClient(VenueWorkerStub(channel), signer, keys))
