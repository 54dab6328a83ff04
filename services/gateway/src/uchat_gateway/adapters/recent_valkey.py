"""The memory of recent client ids in Valkey."""

from redis.exceptions import RedisError

from uchat_platform import logging
from uchat_platform.valkey_lane import ValkeyLane

_LIFE_S = 600
_log = logging.get_logger(__name__)


class ValkeyRecentMessages:
    """Losing it loses nothing: an unknown id is looked up in the log instead."""

    def __init__(self, lane: ValkeyLane) -> None:
        self._lane = lane

    async def first_time(self, person_id: str, log: str, client_msg_id: str) -> bool | None:
        """Take note of an id; tell whether it is new (None: Valkey is away)."""
        key = f"cid:{person_id}:{log}:{client_msg_id}"
        try:
            return await self._lane.call("SET", key, "1", "NX", "EX", _LIFE_S) is not None
        except (RedisError, OSError, TimeoutError) as e:
            _log.warning("recent_messages_unavailable", reason=type(e).__name__)
            return None
