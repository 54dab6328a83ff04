"""Rate limits that all gateways share in Valkey, and what holds while it is away."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Final

from redis.asyncio import Redis

from uchat_gateway.adapters.ahead import Ahead, Person
from uchat_gateway.adapters.counters import Count, LocalCounter, SharedCounter
from uchat_gateway.adapters.valkey import AWAY
from uchat_gateway.domain.rates import Rate
from uchat_gateway.settings import GatewaySettings
from uchat_platform.errors import RateLimitedError
from uchat_platform.logging import get_logger, hashed

_PAUSE_S: Final = 1.0
_AFTER_ACK_S: Final = 0.005
_COUNT_WITHIN_S: Final = 0.5
_log = get_logger(__name__)


class ValkeyLimiter:
    """Sliding windows that all gateways share. `running` counts what went ahead of its count."""

    def __init__(self, client: Redis, settings: GatewaySettings) -> None:
        self._shared = SharedCounter(client)
        self._local = LocalCounter()
        self._away = False
        self._next_try = 0.0
        self._limits = {
            "message": Rate.parse(settings.limit_messages),
            "login": Rate.parse(settings.limit_login),
            "register": Rate.parse(settings.limit_register),
            "refresh": Rate.parse(settings.limit_refresh),
            "handshake": Rate.parse(settings.limit_handshake),
            "venue_key": Rate.parse(settings.limit_venue_keys),
            "export": Rate.parse(settings.limit_exports),
        }
        self._ahead = Ahead(self._limits["message"])
        self._wake = asyncio.Event()
        self._due = asyncio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Count in the background while the block runs."""
        async with asyncio.TaskGroup() as group:
            counting = group.create_task(self._count_owed())
            try:
                yield
            finally:
                counting.cancel()

    async def hit_message(self, person_id: str) -> None:
        """Count one message of a person, on whichever interface. Raises RateLimitedError.

        Who is far from the limit does not wait for the count: see `Ahead`. Who waits has what they
        owe counted as well.
        """
        person = self._ahead.person(person_id)
        if self._ahead.take(person_id, person):
            self._wake.set()
            if 2 * person.owed >= self._ahead.most:
                self._due.set()
        else:
            self._check("message", await self._count_person(person_id, person, 1))

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

    async def hit_venue_key(self, person_id: str) -> None:
        """Count one key that is shown to an exchange. Raises RateLimitedError."""
        await self._hit("venue_key", person_id)

    async def hit_export(self, person_id: str) -> None:
        """Count one file of everything a person has. Raises RateLimitedError."""
        await self._hit("export", person_id)

    async def _count_owed(self) -> None:
        # In sums: a round trip for each message would be a fifth of this process' work.
        while True:
            await self._wake.wait()
            with suppress(TimeoutError):
                async with asyncio.timeout(_COUNT_WITHIN_S):
                    await self._due.wait()
            # The messages go first, and their acks.
            await asyncio.sleep(_AFTER_ACK_S)
            self._wake.clear()
            await asyncio.gather(*(self._count_person(*each, 0) for each in self._ahead.owing()))
            # Only now: what was being counted was owed until the answer came.
            self._due.clear()

    async def _count_person(self, person_id: str, person: Person, asks: int) -> Count:
        async with person.turn:
            # If the sender leaves meanwhile, who comes next waits for the same reason as this one.
            owed = person.owed
            count = await self._count("message", person_id, owed, asks)
            self._ahead.paid(person_id, person, owed, count.total)
        if owed and count.total > self._limits["message"].amount:
            _log.info("messages_over_limit", user_id=hashed(person_id), total=count.total)
        return count

    async def _hit(self, name: str, key: str) -> None:
        self._check(name, await self._count(name, key, 0, 1))

    def _check(self, name: str, count: Count) -> None:
        if count.wait_s is not None:
            raise RateLimitedError(
                f"Too many requests ({self._limits[name]})", retry_after_s=max(1.0, count.wait_s)
            )

    async def _count(self, name: str, key: str, owed: int, asks: int) -> Count:
        item, place = self._limits[name], f"{name}:{key}"
        if self._away and time.monotonic() < self._next_try:
            return self._local.hit(item, place, owed, asks)
        # While Valkey is away one caller a second waits for its timeout, the others do not.
        self._next_try = time.monotonic() + _PAUSE_S
        held = self._local.held(item, place)
        try:
            count = await self._shared.hit(item, place, owed + held, asks)
        except AWAY as e:
            if not self._away:
                _log.warning("limits_local", error=repr(e))
            self._away = True
            self._next_try = time.monotonic() + _PAUSE_S
            return self._local.hit(item, place, owed, asks)
        self._away = False
        if held:
            self._local.hand_over(place, held)
        return count
