"""Rate limits and one-time tickets in Valkey."""

import hashlib
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

import orjson
from limits import RateLimitItem, parse
from limits.aio.storage import RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import RedisError

from uchat_gateway.ports.access import Principal
from uchat_gateway.service.access import Access
from uchat_gateway.settings import GatewaySettings
from uchat_platform.auth import Actor
from uchat_platform.errors import RateLimitedError, UnauthenticatedError, UnavailableError
from uchat_platform.logging import get_logger

if TYPE_CHECKING:
    from collections.abc import Awaitable

_CONNECTIONS: Final = 16
_TIMEOUT_S: Final = 2.0
_QUEUE_S: Final = 5.0
_PAUSE_S: Final = 1.0
_MAX_KEYS: Final = 50_000
_AWAY: Final = (RedisError, OSError, TimeoutError)
_log = get_logger(__name__)


def connect(url: str) -> Redis:
    """Return a client on a pool of its own; it connects when it is first used."""
    # limits without a blocking pool is seven times slower and leaves sockets behind.
    pool: BlockingConnectionPool = BlockingConnectionPool.from_url(  # pyright: ignore[reportUnknownMemberType] - untyped options
        url,
        max_connections=_CONNECTIONS,
        timeout=_QUEUE_S,
        socket_timeout=_TIMEOUT_S,
        socket_connect_timeout=_TIMEOUT_S,
    )
    return Redis.from_pool(pool)


class LocalCounter:
    """Fixed windows in this process: what is left while Valkey is away.

    Limits then hold per gateway instead of over all of them, for messages as for sign-ins: nobody
    is locked out and nobody can guess passwords without bounds.
    """

    def __init__(self) -> None:
        self._counts: dict[tuple[str, int], int] = {}

    def hit(self, item: RateLimitItem, key: str) -> float | None:
        """Count; returns None, or the seconds until the next window if there were too many."""
        now = time.time()
        window = int(now // item.get_expiry())
        place = (f"{item.key_for(key)}", window)
        if len(self._counts) >= _MAX_KEYS and place not in self._counts:
            self._counts.clear()
        self._counts[place] = self._counts.get(place, 0) + 1
        if self._counts[place] <= item.amount:
            return None
        return (window + 1) * item.get_expiry() - now


class ValkeyLimiter:
    """Sliding windows that all gateways share."""

    def __init__(self, client: Redis, settings: GatewaySettings) -> None:
        storage = RedisStorage(
            "async+redis://",
            implementation="redispy",
            key_prefix="limit",
            connection_pool=client.connection_pool,  # pyright: ignore[reportArgumentType] - typed as plain options
        )
        self._shared = SlidingWindowCounterRateLimiter(storage)
        self._local = LocalCounter()
        self._away = False
        self._next_try = 0.0
        self._limits = {
            "message": parse(settings.limit_messages),
            "login": parse(settings.limit_login),
            "register": parse(settings.limit_register),
            "refresh": parse(settings.limit_refresh),
            "handshake": parse(settings.limit_handshake),
        }

    async def hit_message(self, person_id: str) -> None:
        """Count one message of a person, on whichever interface. Raises RateLimitedError."""
        await self._hit("message", person_id)

    async def hit_login(self, address: str) -> None:
        """Count one attempt to sign in. Raises RateLimitedError."""
        await self._hit("login", address)

    async def hit_register(self, address: str) -> None:
        """Count one new account or guest. Raises RateLimitedError."""
        await self._hit("register", address)

    async def hit_refresh(self, address: str) -> None:
        """Count one renewal of a token. Raises RateLimitedError."""
        await self._hit("refresh", address)

    async def hit_handshake(self, address: str) -> None:
        """Count one WebSocket handshake. Raises RateLimitedError."""
        await self._hit("handshake", address)

    async def _hit(self, name: str, key: str) -> None:
        wait_s = await self._wait(self._limits[name], name, key)
        if wait_s is not None:
            raise RateLimitedError(
                f"Too many requests ({self._limits[name]})", retry_after_s=max(1.0, wait_s)
            )

    async def _wait(self, item: RateLimitItem, name: str, key: str) -> float | None:
        if self._away and time.monotonic() < self._next_try:
            return self._local.hit(item, f"{name}:{key}")
        # While Valkey is away one caller a second waits for its timeout, the others do not.
        self._next_try = time.monotonic() + _PAUSE_S
        try:
            if await self._shared.hit(item, name, key):
                self._away = False
                return None
            stats = await self._shared.get_window_stats(item, name, key)
        except _AWAY as e:
            if not self._away:
                _log.warning("limits_local", error=repr(e))
            self._away = True
            return self._local.hit(item, f"{name}:{key}")
        self._away = False
        return max(0.0, stats.reset_time - time.time())


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
        except _AWAY as e:
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
        except _AWAY as e:
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
