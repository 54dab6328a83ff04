"""The connection to Valkey, and one-time tickets there."""

import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

import orjson
from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import RedisError

from uchat_gateway.ports.access import Principal
from uchat_gateway.service.access import Access
from uchat_platform.auth import Actor
from uchat_platform.errors import UnauthenticatedError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Awaitable

_CONNECTIONS: Final = 16
_TIMEOUT_S: Final = 2.0
_QUEUE_S: Final = 5.0
AWAY: Final = (RedisError, OSError, TimeoutError)
"""What is raised while Valkey cannot be reached."""


def connect(url: str, timeout_s: float = _TIMEOUT_S) -> Redis:
    """Return a client on a pool of its own; it connects when it is first used.

    After `timeout_s` without an answer Valkey counts as away.
    """
    # limits without a blocking pool is seven times slower and leaves sockets behind.
    pool: BlockingConnectionPool = BlockingConnectionPool.from_url(  # pyright: ignore[reportUnknownMemberType] - untyped options
        url,
        max_connections=_CONNECTIONS,
        timeout=max(_QUEUE_S, timeout_s),
        socket_timeout=timeout_s,
        socket_connect_timeout=timeout_s,
    )
    return Redis.from_pool(pool)


@dataclass(frozen=True, slots=True)
class ValkeyTickets:
    """One-time tickets: the store holds their hashes, and GETDEL lets each be used once."""

    client: Redis
    access: Access

    async def issue(self, principal: Principal, ttl_s: int = 30) -> str:
        """Return a ticket that stands for the principal once, for `ttl_s` seconds.

        Raises:
            UnavailableError: `tickets_unavailable`, the store is away.
        """
        ticket = secrets.token_urlsafe(32)
        value = orjson.dumps(
            {
                "person_id": principal.actor.person_id,
                "roles": sorted(principal.actor.roles),
                "interface": principal.actor.interface,
                "sid": principal.sid,
                "expires_at": principal.expires_at,
            }
        )
        try:
            await self.client.set(_place(ticket), value, ex=ttl_s)
        except AWAY as e:
            raise _unavailable() from e
        return ticket

    async def redeem(self, ticket: str) -> Principal:
        """Use a ticket up and return whom it stands for.

        Raises:
            UnauthenticatedError: `ticket_invalid`: unknown, used, expired or revoked meanwhile.
            UnavailableError: `tickets_unavailable`, the store is away.
        """
        try:
            value = await cast("Awaitable[bytes | None]", self.client.getdel(_place(ticket)))
        except AWAY as e:
            raise _unavailable() from e
        if value is None:
            raise UnauthenticatedError("This ticket is not valid", code="ticket_invalid")
        held = orjson.loads(value)
        actor = Actor(held["person_id"], frozenset(held["roles"]), held["interface"])
        principal = Principal(actor, held["sid"], held["expires_at"])
        return self.access.still_valid(principal)


def _place(ticket: str) -> str:
    return f"ticket:{hashlib.sha256(ticket.encode('utf-8', 'replace')).hexdigest()}"


def _unavailable() -> UnavailableError:
    return UnavailableError(
        "Tickets cannot be given now; connect with a token", code="tickets_unavailable"
    )
