"""Calls that are made until Telegram takes them, or says that it never will."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from uchat_platform import logging
from uchat_platform.errors import RateLimitedError, UnavailableError
from uchat_telegram.service.pacing import Pace

_FIRST_PAUSE_S: Final = 0.3
_LONGEST_PAUSE_S: Final = 5.0
_log = logging.get_logger(__name__)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Caller:
    """Makes calls at the pace that Telegram allows."""

    pace: Pace

    async def once(self, chat_id: int, priority: int, call: Callable[[], Awaitable[_T]]) -> _T:
        """Make a call when it is its turn.

        Raises:
            RateLimitedError: Telegram wants to be left alone; the pace knows for how long.
            UchatError: as the call itself.
        """
        await self.pace.turn(chat_id, priority)
        try:
            return await call()
        except RateLimitedError as e:
            self.pace.pause(chat_id, e.retry_after_s or 1.0)
            _log.info("telegram_limits", retry_after_s=e.retry_after_s)
            raise

    async def repeatedly(
        self, chat_id: int, priority: int, call: Callable[[], Awaitable[_T]], *, limit_s: float
    ) -> _T:
        """Make a call again and again while Telegram is away, for so long.

        Raises:
            UnavailableError: the time is over.
            UchatError: it can never be done.
        """
        pause = _FIRST_PAUSE_S
        try:
            async with asyncio.timeout(limit_s):
                while True:
                    try:
                        return await self.once(chat_id, priority, call)
                    except RateLimitedError:
                        continue
                    except UnavailableError:
                        await asyncio.sleep(pause)
                        pause = min(2 * pause, _LONGEST_PAUSE_S)
        except TimeoutError as e:
            raise UnavailableError("Telegram was away for too long") from e
