"""Rate limits that all gateways share in Valkey, and what holds while it is away."""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

from limits import RateLimitItem, parse
from limits.aio.storage import RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from redis.asyncio import Redis

from uchat_gateway.adapters.valkey import AWAY
from uchat_gateway.settings import GatewaySettings
from uchat_platform.errors import RateLimitedError
from uchat_platform.logging import get_logger, hashed

_PAUSE_S: Final = 1.0
_MAX_KEYS: Final = 50_000
_PEOPLE: Final = 20_000
_SHARE: Final = 4  # half of a limit in any window, as two of ours may lie in it
_AHEAD_SHARE: Final = 32
_MOST_AHEAD: Final = 16
_AFTER_ACK_S: Final = 0.005
_COUNT_WITHIN_S: Final = 0.5
_log = get_logger(__name__)


class _Storage(RedisStorage):
    """The library's, without the other clients that it would load beside ours (2.4 MiB)."""

    STORAGE_SCHEME = None  # not to be found by a scheme
    DEPENDENCIES = ["redis"]


class LocalCounter:
    """Fixed windows in this process: what is left while Valkey is away or too slow.

    Limits then hold per gateway, counted from there on, instead of over all of them, for messages
    as for sign-ins: nobody is locked out and nobody can guess passwords without bounds.
    """

    def __init__(self) -> None:
        self._counts: dict[tuple[str, int], int] = {}

    def hit(self, item: RateLimitItem, key: str, times: int = 1) -> float | None:
        """Count; returns None, or the seconds until the next window if there were too many."""
        now = time.time()
        window = int(now // item.get_expiry())
        place = (f"{item.key_for(key)}", window)
        if len(self._counts) >= _MAX_KEYS and place not in self._counts:
            self._counts.clear()
        self._counts[place] = self._counts.get(place, 0) + times
        if self._counts[place] <= item.amount:
            return None
        return (window + 1) * item.get_expiry() - now


@dataclass(slots=True)
class _Person:
    """What this gateway saw of a person: hits in a window, and from when on they are trusted.

    `ahead` counts the messages that went before they were counted.
    """

    window: int
    hits: int = 0
    since: float = math.inf
    ahead: int = 0


class Trust:
    """Whose next message may go before it is counted: who was within the limit at the last count.

    `ahead` messages at a time, a thirty-second of the limit or one, so that each gateway lets
    through that many too many at most in a window, and none for a window after a refusal. Who comes
    near the limit by what this gateway alone has seen waits for the count. Who is forgotten,
    because `kept` others came since, is counted first again.
    """

    def __init__(self, limit: RateLimitItem, kept: int = _PEOPLE) -> None:
        self._window_s = limit.get_expiry()
        self._most = limit.amount // _SHARE
        self.ahead = max(1, min(limit.amount // _AHEAD_SHARE, _MOST_AHEAD))
        self._kept = kept
        self._people: OrderedDict[str, _Person] = OrderedDict()

    def take(self, person_id: str) -> bool:
        """Tell whether a message may go ahead; then `counted` and `settle` must follow."""
        now = time.monotonic()
        person = self._seen(person_id, int(now // self._window_s))
        if person.ahead >= self.ahead or person.since > now or person.hits > self._most:
            return False
        person.ahead += 1
        return True

    def settle(self, person_id: str, messages: int = 1) -> None:
        """Take note that messages that went ahead were counted."""
        person = self._people.get(person_id)
        if person is not None:
            person.ahead = max(0, person.ahead - messages)

    def counted(self, person_id: str, *, within: bool) -> None:
        """Take note of what a count said."""
        person = self._people.get(person_id)
        if person is None:
            return
        if not within:
            person.since = time.monotonic() + self._window_s
        elif person.since == math.inf:
            person.since = time.monotonic()

    def _seen(self, person_id: str, window: int) -> _Person:
        person = self._people.get(person_id)
        if person is None:
            person = self._people[person_id] = _Person(window)
            if len(self._people) > self._kept:
                self._people.popitem(last=False)
        elif person.window != window:
            person.window, person.hits = window, 0
        self._people.move_to_end(person_id)
        person.hits += 1
        return person


class ValkeyLimiter:
    """Sliding windows that all gateways share. `running` counts what went ahead of its count."""

    def __init__(self, client: Redis, settings: GatewaySettings) -> None:
        storage = _Storage(
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
            "venue_key": parse(settings.limit_venue_keys),
            "export": parse(settings.limit_exports),
        }
        self._trust = Trust(self._limits["message"])
        self._uncounted: dict[str, int] = {}
        self._wake = asyncio.Event()
        self._due = asyncio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Count in the background while the block runs."""
        async with asyncio.TaskGroup() as group:
            counting = group.create_task(self._count())
            try:
                yield
            finally:
                counting.cancel()

    async def hit_message(self, person_id: str) -> None:
        """Count one message of a person, on whichever interface. Raises RateLimitedError.

        Who was within the limit at the last count does not wait for this one: see `Trust`.
        """
        if self._trust.take(person_id):
            ahead = self._uncounted[person_id] = self._uncounted.get(person_id, 0) + 1
            self._wake.set()
            if 2 * ahead >= self._trust.ahead:
                self._due.set()
        else:
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

    async def hit_venue_key(self, person_id: str) -> None:
        """Count one key that is shown to an exchange. Raises RateLimitedError."""
        await self._hit("venue_key", person_id)

    async def hit_export(self, person_id: str) -> None:
        """Count one file of everything a person has. Raises RateLimitedError."""
        await self._hit("export", person_id)

    async def _count(self) -> None:
        # In sums: a round trip for each message would be a fifth of this process' work.
        while True:
            await self._wake.wait()
            with suppress(TimeoutError):
                async with asyncio.timeout(_COUNT_WITHIN_S):
                    await self._due.wait()
            # The messages go first, and their acks.
            await asyncio.sleep(_AFTER_ACK_S)
            self._wake.clear()
            self._due.clear()
            waiting, self._uncounted = self._uncounted, {}
            await asyncio.gather(*(self._count_ahead(*each) for each in waiting.items()))

    async def _count_ahead(self, person_id: str, messages: int) -> None:
        try:
            await self._hit("message", person_id, messages)
        except RateLimitedError:
            _log.info("message_over_limit", user_id=hashed(person_id))
        finally:
            self._trust.settle(person_id, messages)

    async def _hit(self, name: str, key: str, times: int = 1) -> None:
        wait_s = await self._wait(self._limits[name], name, key, times)
        if name == "message":
            self._trust.counted(key, within=wait_s is None)
        if wait_s is not None:
            raise RateLimitedError(
                f"Too many requests ({self._limits[name]})", retry_after_s=max(1.0, wait_s)
            )

    async def _wait(self, item: RateLimitItem, name: str, key: str, times: int) -> float | None:
        if self._away and time.monotonic() < self._next_try:
            return self._local.hit(item, f"{name}:{key}", times)
        # While Valkey is away one caller a second waits for its timeout, the others do not.
        self._next_try = time.monotonic() + _PAUSE_S
        try:
            if await self._shared.hit(item, name, key, cost=times):
                self._away = False
                return None
            stats = await self._shared.get_window_stats(item, name, key)
        except AWAY as e:
            if not self._away:
                _log.warning("limits_local", error=repr(e))
            self._away = True
            return self._local.hit(item, f"{name}:{key}", times)
        self._away = False
        return max(0.0, stats.reset_time - time.time())
