"""The memory of recent client ids in Valkey."""

import asyncio

from redis.asyncio import Redis
from redis.exceptions import RedisError

from uchat_platform import logging

_LIFE_S = 600
_TIMEOUT_S = 0.25
_log = logging.get_logger(__name__)


class ValkeyRecentMessages:
    """Losing it loses nothing: an unknown id is looked up in the log instead."""

    def __init__(self, valkey: Redis) -> None:
        self._valkey = valkey

    async def first_time(self, person_id: str, log: str, client_msg_id: str) -> bool | None:
        """Take note of an id; tell whether it is new (None: Valkey is away)."""
        key = f"cid:{person_id}:{log}:{client_msg_id}"
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                return bool(await self._valkey.set(key, b"1", nx=True, ex=_LIFE_S))
        except (RedisError, OSError, TimeoutError) as e:
            _log.warning("recent_messages_unavailable", reason=type(e).__name__)
            return None
