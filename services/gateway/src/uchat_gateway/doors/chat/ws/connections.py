"""Everybody who is connected to this process for long: sockets and event streams."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from prometheus_client import Gauge

from uchat_contracts.frames import Close
from uchat_gateway.ports.access import Principal, Revoked
from uchat_platform.clock import Clock

_CONNECTED = Gauge("uchat_live_connections", "Open sockets and event streams", ["kind"])
_POLL_S = 0.02


@dataclass(frozen=True, slots=True)
class LiveTimes:
    """How long things may take on a live connection, in seconds."""

    hello: float = 5.0
    ping: float = 25.0
    pong: float = 10.0
    comment: float = 15.0
    expiring: float = 60.0
    tick: float = 0.5
    closing: float = 5.0
    drain_retry_ms: int = 800


class LongLived(Protocol):
    """A connection that lasts."""

    kind: str
    principal: Principal | None

    @property
    def busy(self) -> bool:
        """Tell whether an answer that was asked for on it has not come yet."""
        ...

    def tick(self, now: float, wall: float, /) -> None:
        """Do what is due. `now` is monotonic, `wall` in Unix seconds."""
        ...

    def announce_drain(self, retry_after_ms: int, /) -> None:
        """Tell the client that this server stops."""
        ...

    def close(self, code: int, reason: str = "", /) -> None:
        """Begin to close; what waits is still sent where that is possible."""
        ...


class Connections:
    """Keeps count, keeps time, and closes what has to be closed."""

    def __init__(self, clock: Clock, times: LiveTimes, *, per_person: int) -> None:
        self._clock = clock
        self._times = times
        self._per_person = per_person
        self._all: set[LongLived] = set()
        self._by_person: defaultdict[str, set[LongLived]] = defaultdict(set)
        self._draining = False

    def __len__(self) -> int:
        return len(self._all)

    def add(self, connection: LongLived) -> None:
        """Keep an eye on a connection."""
        self._all.add(connection)
        _CONNECTED.labels(connection.kind).inc()
        if self._draining:
            self._say_goodbye(connection)

    def admit(self, connection: LongLived, principal: Principal) -> bool:
        """Let a signed-in connection in, unless the person has too many."""
        mine = self._by_person[principal.actor.person_id]
        if len(mine) >= self._per_person:
            return False
        connection.principal = principal
        mine.add(connection)
        return True

    def remove(self, connection: LongLived) -> None:
        """Forget a connection."""
        self._all.discard(connection)
        _CONNECTED.labels(connection.kind).dec()
        if connection.principal is not None:
            person_id = connection.principal.actor.person_id
            mine = self._by_person[person_id]
            mine.discard(connection)
            if not mine:
                del self._by_person[person_id]

    def revoked(self, revoked: Revoked) -> None:
        """Close what a revoked sign-in has open."""
        for connection in tuple(self._by_person.get(revoked.person_id, ())):
            if connection.principal is not None and connection.principal.sid == revoked.sid:
                connection.close(Close.REVOKED, "revoked")

    async def run(self) -> None:
        """Keep time until cancelled."""
        while True:
            await asyncio.sleep(self._times.tick)
            now, wall = time.monotonic(), self._clock.now().timestamp()
            for connection in tuple(self._all):
                connection.tick(now, wall)

    async def drain(self, finish_s: float) -> None:
        """Send everybody away: when their answers have come, or after `finish_s`."""
        self._draining = True
        for connection in tuple(self._all):
            self._say_goodbye(connection)
        await self._until(lambda: not any(each.busy for each in self._all), finish_s)
        for connection in tuple(self._all):
            connection.close(Close.DRAIN, "drain")
        await self._until(lambda: not self._all, self._times.closing)

    def _say_goodbye(self, connection: LongLived) -> None:
        connection.announce_drain(self._times.drain_retry_ms)

    async def _until(self, condition: Callable[[], bool], timeout_s: float) -> None:
        for _ in range(int(timeout_s / _POLL_S)):
            if condition():
                return
            await asyncio.sleep(_POLL_S)
