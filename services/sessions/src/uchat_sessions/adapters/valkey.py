"""The latest entries of hot logs in Valkey, sealed: only a shortcut past Postgres.

A ring is trusted for entries, never for how far a log is. It is used if and only if it holds
every entry up to the head that was read from Postgres.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from redis.asyncio import Redis
from redis.exceptions import RedisError

from uchat_platform import logging
from uchat_sessions.domain.chain import as_micros, from_micros
from uchat_sessions.domain.views import Stored
from uchat_sessions.ports import Appended, Epoch

_SIZE: Final = 64
_LIFE_S: Final = 3600
_PAUSE_S: Final = 5.0
_TIMEOUT_S: Final = 0.2
_QUEUE: Final = 1_000
_GATHER_S: Final = 1.0
_log = logging.get_logger(__name__)


def connect(url: str) -> "Redis":
    """Return a client that gives up soon: whoever asks has Postgres to turn to."""
    return Redis.from_url(  # pyright: ignore[reportUnknownMemberType] - untyped upstream
        url,
        socket_timeout=_TIMEOUT_S,
        socket_connect_timeout=_TIMEOUT_S,
        max_connections=32,
        retry_on_timeout=False,
    )


@dataclass(slots=True)
class ValkeyRing:
    """Rings of the latest 64 entries per log, written behind the commit; skipped when away."""

    client: Any
    epoch: Epoch
    _queue: "asyncio.Queue[Sequence[Appended]]" = field(
        default_factory=lambda: asyncio.Queue(_QUEUE), init=False
    )
    _away_until: float = field(default=0.0, init=False)

    async def run(self) -> None:
        """Write what `put` handed over, until cancelled."""
        task = asyncio.current_task()
        # The client waits by asyncio.wait_for, which on Python 3.11 can swallow a cancellation:
        # https://github.com/python/cpython/issues/86296
        while task is None or not task.cancelling():
            entries = [*(await self._queue.get())]
            # A write for each message would be a quarter of this process' work.
            await asyncio.sleep(_GATHER_S)
            while not self._queue.empty():
                entries += self._queue.get_nowait()
            if not self._away:
                await self._write(entries)

    def put(self, appended: Sequence[Appended]) -> None:
        """Remember new entries; never waits."""
        if appended and not self._away and not self._queue.full():
            self._queue.put_nowait(appended)

    async def latest(self, log: str, head: int, count: int) -> list[Stored] | None:
        """Return the `count` entries up to `head` in order, or None unless all are there."""
        first = max(1, head - count + 1)
        if self._away or head - first >= _SIZE:
            return None
        try:
            found: list[bytes] = await self.client.zrangebyscore(self._name(log), first, head)
        except (RedisError, OSError) as e:
            self._failed(e)
            return None
        entries = [_unpack(member) for member in found]
        if [entry.seq for entry in entries] != list(range(first, head + 1)):
            return None
        return entries

    async def forget(self, log: str) -> None:
        """Forget a log."""
        try:
            await self.client.delete(self._name(log))
        except (RedisError, OSError) as e:
            self._failed(e)

    async def _write(self, entries: Sequence[Appended]) -> None:
        by_log: dict[str, dict[bytes, int]] = {}
        for entry in entries:
            by_log.setdefault(entry.log, {})[_pack(entry.stored)] = entry.stored.seq
        try:
            pipeline = self.client.pipeline(transaction=False)
            for log, members in by_log.items():
                name = self._name(log)
                pipeline.zadd(name, members)
                pipeline.zremrangebyrank(name, 0, -_SIZE - 1)
                pipeline.expire(name, _LIFE_S)
            await pipeline.execute()
        except (RedisError, OSError) as e:
            self._failed(e)

    @property
    def _away(self) -> bool:
        return time.monotonic() < self._away_until

    def _failed(self, error: Exception) -> None:
        self._away_until = time.monotonic() + _PAUSE_S
        _log.warning("valkey_away", error=type(error).__name__, pause_s=_PAUSE_S)

    def _name(self, log: str) -> str:
        return f"sessions:ring:{self.epoch.value}:{log}"


def _pack(stored: Stored) -> bytes:
    head = orjson.dumps(
        [
            stored.seq,
            as_micros(stored.created_at),
            stored.kind,
            stored.message_id,
            stored.sealed_by,
        ]
    )
    return head + b"\n" + stored.body


def _unpack(member: bytes) -> Stored:
    head, _, body = member.partition(b"\n")
    seq, micros, kind, message_id, sealed_by = orjson.loads(head)
    return Stored(seq, from_micros(micros), kind, message_id, sealed_by, body)
