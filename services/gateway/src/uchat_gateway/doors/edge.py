"""What a door is, and what the application hands to each of them."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter
from redis.asyncio import Redis

from uchat_gateway.domain.addresses import Origins, TrustedProxies
from uchat_gateway.ports.access import Limiter, Tickets
from uchat_gateway.service.access import Access
from uchat_gateway.settings import GatewaySettings
from uchat_platform.auth import ActorSigner
from uchat_platform.clock import Clock
from uchat_platform.health import Health

if TYPE_CHECKING:
    from uchat_contracts.rpc.sessions.v1.sessions_pb2_grpc import SessionsAsyncStub
    from uchat_platform.bus import Bus


@dataclass(frozen=True, slots=True)
class Guards:
    """What stands before every door: tokens, limits, tickets, addresses and origins."""

    access: Access
    limiter: Limiter
    tickets: Tickets
    proxies: TrustedProxies
    origins: Origins


@dataclass(frozen=True, slots=True)
class Deps:
    """What doors are built from. `app.py` makes it once; tests make their own."""

    settings: GatewaySettings
    clock: Clock
    health: Health
    bus: "Bus"
    valkey: Redis
    sessions: "SessionsAsyncStub"
    signer: ActorSigner
    guards: Guards


async def _nothing_to_finish() -> None:
    """A door without long-lived connections drains by finishing its requests."""


@dataclass(frozen=True, slots=True)
class Door:
    """One way in: its routes, and what it does while the gateway lives and when it stops.

    `lifespan` runs around the time in which requests are served. `drain` is called on SIGTERM while
    requests are still served: it tells clients to go elsewhere and returns when work in flight is
    done. `active_sessions` counts live connections for the health report.
    """

    name: str
    router: APIRouter
    lifespan: Callable[[], AbstractAsyncContextManager[None]] | None = None
    drain: Callable[[], Awaitable[None]] = _nothing_to_finish
    active_sessions: Callable[[], int] = lambda: 0
