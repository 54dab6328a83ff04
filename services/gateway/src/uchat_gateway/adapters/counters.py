"""How often something was done lately: counted in Valkey for all gateways, or in this process."""

import math
import time
from typing import Final, NamedTuple, cast

from redis.asyncio import Redis

from uchat_gateway.domain.rates import Rate

_MAX_KEYS: Final = 50_000

# The window before counts by the share of it that is still within one window from now. What is
# owed was done already: it is counted even above the limit; what is asked for only if it fits.
_HIT: Final = """
local limit, span = tonumber(ARGV[1]), tonumber(ARGV[2])
local owed, asks = tonumber(ARGV[3]), tonumber(ARGV[4])
local clock = redis.call('time')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local held = redis.call('hmget', KEYS[1], 'start', 'count', 'before')
local start, count = tonumber(held[1]) or now, tonumber(held[2]) or 0
local before = tonumber(held[3]) or 0
local elapsed = math.max(0, now - start)
if elapsed >= 2 * span then
  start, elapsed, count, before = now, 0, 0, 0
elseif elapsed >= span then
  start, elapsed, count, before = start + span, elapsed - span, 0, count
end
count = count + owed
local total = count + math.floor(before * (span - elapsed) / span)
local wait = -1
if total + asks <= limit or asks == 0 then
  count, total = count + asks, total + asks
elseif count < limit then
  wait = span * (1 - (limit - count) / before) - elapsed + 1
else
  wait = span - elapsed + span * (1 - limit / count) + 1
end
if wait < 0 or owed > 0 then
  redis.call('hset', KEYS[1], 'start', start, 'count', count, 'before', before)
  redis.call('pexpire', KEYS[1], 2 * span - elapsed)
end
return {total, math.ceil(wait)}
"""


class Count(NamedTuple):
    """What a counter says: how many there were, and how long until one fits (None: it did)."""

    total: int
    wait_s: float | None


class SharedCounter:
    """Sliding windows that all gateways share: the one that began with a first hit, and the next.

    The package `limits` has such a one, which counts a sum as a whole or not at all and does not
    tell the total; `ValkeyLimiter` needs both.
    """

    def __init__(self, client: Redis) -> None:
        self._hit = client.register_script(_HIT)

    async def hit(self, item: Rate, place: str, owed: int, asks: int) -> Count:
        """Count `owed`, which was let through before, and `asks` (0 or 1) if there is room.

        Raises one of `valkey.AWAY`.
        """
        args = [item.amount, 1000 * item.span_s, owed, asks]
        answer = await self._hit(keys=[f"limit:{place}"], args=args)
        total, wait_ms = cast("tuple[int, int]", answer)
        return Count(total, None if wait_ms < 0 else wait_ms / 1000)


class LocalCounter:
    """Fixed windows in this process: what is left while Valkey is away or too slow.

    Limits then hold per gateway, counted from there on, instead of over all of them, for messages
    as for sign-ins: nobody is locked out and nobody can guess passwords without bounds.
    """

    def __init__(self) -> None:
        self._counts: dict[str, tuple[float, int]] = {}

    def hit(self, item: Rate, place: str, owed: int, asks: int) -> Count:
        """Count as `SharedCounter.hit` does."""
        start, total = self._window(item, place)
        if len(self._counts) >= _MAX_KEYS and place not in self._counts:
            self._counts.clear()
        total += owed
        fits = asks == 0 or total + asks <= item.amount
        if fits:
            total += asks
        self._counts[place] = (start, total)
        wait_s = start + item.span_s - time.monotonic()
        return Count(total, None if fits else wait_s)

    def held(self, item: Rate, place: str) -> int:
        """Return how many of this window only this process knows of."""
        return self._window(item, place)[1] if place in self._counts else 0

    def hand_over(self, place: str, count: int) -> None:
        """Forget so many: they were counted in Valkey."""
        start, total = self._counts.get(place, (-math.inf, 0))
        if total > count:
            self._counts[place] = (start, total - count)
        else:
            self._counts.pop(place, None)

    def _window(self, item: Rate, place: str) -> tuple[float, int]:
        now = time.monotonic()
        start, total = self._counts.get(place, (now, 0))
        return (start, total) if now - start < item.span_s else (now, 0)
