"""A pipelined connection to Valkey for commands that every message needs.

redis-py takes a connection from a pool, under locks and timeouts, for each command; that costs ten
times what the command does. Here commands of all callers leave at once on one connection, and
answers come back in the same order (https://redis.io/docs/latest/develop/reference/protocol-spec).
"""

import asyncio
import ssl
from collections import deque
from typing import TYPE_CHECKING, Any, Final, cast

import hiredis
from redis.asyncio.connection import parse_url
from redis.exceptions import ConnectionError as LostError
from redis.exceptions import RedisError, ResponseError

if TYPE_CHECKING:
    from collections.abc import Callable

_Argument = str | bytes | int
_TIMEOUT_S: Final = 0.5
_PAUSE_S: Final = 1.0
_CHECKS: Final = 5

# Its stub takes one argument only and returns nothing.
_pack = cast("Callable[[tuple[_Argument, ...]], bytes]", hiredis.pack_command)  # pyright: ignore[reportUnknownMemberType] - see above


class _Wire(asyncio.Protocol):
    """One connection: what was asked is answered in order."""

    def __init__(self, timeout_s: float) -> None:
        self.transport: asyncio.Transport | None = None
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[asyncio.Future[Any]] = deque()
        self._reader = hiredis.Reader(protocolError=LostError, replyError=ResponseError)
        self._check_s = timeout_s / _CHECKS
        self._silent_checks = 0
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._silent_checks = 0
        self._reader.feed(data)
        while (answer := self._reader.gets()) is not False:
            waiting = self._waiting.popleft()
            if waiting.done():
                continue
            if isinstance(answer, RedisError):
                waiting.set_exception(answer)
            else:
                waiting.set_result(answer)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self.transport = None
        if self._timer is not None:
            self._timer.cancel()
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_exception(LostError("The connection to Valkey was lost"))
        self._waiting.clear()

    def ask(self, arguments: tuple[_Argument, ...]) -> "asyncio.Future[Any]":
        """Send a command. Answers are bytes, int, list or None."""
        if self.transport is None:
            raise LostError("There is no connection to Valkey")
        answer: asyncio.Future[Any] = self._loop.create_future()
        self.transport.write(_pack(arguments))
        self._waiting.append(answer)
        if self._timer is None:
            self._silent_checks = 0
            self._timer = self._loop.call_later(self._check_s, self._check)
        return answer

    def _check(self) -> None:
        # Counts looks, not time: when this process itself stood still, Valkey is not to blame.
        self._timer = None
        if not self._waiting:
            return
        self._silent_checks += 1
        if self._silent_checks > _CHECKS and self.transport is not None:
            self.transport.abort()
        else:
            self._timer = self._loop.call_later(self._check_s, self._check)


class ValkeyLane:
    """One connection that many callers share; it is made on first use, and again when lost.

    When Valkey is away, calls fail at once for a second before it is tried again.
    """

    def __init__(self, url: str, *, timeout_s: float = _TIMEOUT_S) -> None:
        options: dict[str, Any] = dict(parse_url(url))
        self._host = str(options.get("host") or "localhost")
        self._port = int(options.get("port") or 6379)
        self._database = int(options.get("db") or 0)
        self._password: str | None = options.get("password")
        self._username: str | None = options.get("username")
        self._tls = ssl.create_default_context() if url.startswith("rediss://") else None
        self._timeout_s = timeout_s
        self._wire: _Wire | None = None
        self._connecting: asyncio.Lock = asyncio.Lock()
        self._away_until = 0.0

    async def call(self, *arguments: _Argument) -> Any:
        """Run one command and return its answer.

        Raises:
            RedisError, OSError, TimeoutError: it was refused, or Valkey is away.
        """
        wire = self._wire
        if wire is None or wire.transport is None:
            wire = await self._connected()
        return await wire.ask(arguments)

    def close(self) -> None:
        """Close the connection."""
        wire, self._wire = self._wire, None
        if wire is not None and wire.transport is not None:
            wire.transport.close()

    async def _connected(self) -> _Wire:
        async with self._connecting:
            if self._wire is not None and self._wire.transport is not None:
                return self._wire
            loop = asyncio.get_running_loop()
            if loop.time() < self._away_until:
                raise LostError("Valkey is away")
            try:
                async with asyncio.timeout(self._timeout_s * 2):
                    self._wire = await self._connect(loop)
            except (RedisError, OSError, TimeoutError):
                self._away_until = loop.time() + _PAUSE_S
                raise
            return self._wire

    async def _connect(self, loop: asyncio.AbstractEventLoop) -> _Wire:
        _, wire = await loop.create_connection(
            lambda: _Wire(self._timeout_s), self._host, self._port, ssl=self._tls
        )
        try:
            if self._password:
                user = (self._username,) if self._username else ()
                await wire.ask(("AUTH", *user, self._password))
            if self._database:
                await wire.ask(("SELECT", self._database))
        except BaseException:
            if wire.transport is not None:
                wire.transport.abort()
            raise
        return wire
