"""Updates by long polling, for the one replica that leads."""

import asyncio
from dataclasses import dataclass
from typing import Final

from uchat_platform import logging
from uchat_platform.errors import ConflictError, RateLimitedError, UchatError
from uchat_telegram.handlers.updates import Updates
from uchat_telegram.ports import BotApi, Memory

_FIRST_PAUSE_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 5.0
_CONFLICT_PAUSE_S: Final = 3.0
_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Polling:
    """Takes updates one batch after the other; one is confirmed when it is handled."""

    bot: BotApi
    updates: Updates
    memory: Memory
    wait_s: int

    async def run(self) -> None:
        """Poll until cancelled: until another replica leads."""
        await self._begin()
        offset = await self._offset()
        pause = _FIRST_PAUSE_S
        while True:
            try:
                batch = await self.bot.poll(offset, self.wait_s)
            except UchatError as e:
                await asyncio.sleep(_pause_after(e, pause))
                pause = min(2 * pause, _LONGEST_PAUSE_S)
                continue
            pause = _FIRST_PAUSE_S
            if batch:
                await self.updates.handle(batch)
                ids = [update.update_id for update in batch]
                offset = max(*ids, (offset or 0) - 1) + 1
                await self._remember(ids, offset)

    async def _begin(self) -> None:
        pause = _FIRST_PAUSE_S
        while True:
            try:
                await self.bot.begin_polling()
            except UchatError as e:
                await asyncio.sleep(_pause_after(e, pause))
                pause = min(2 * pause, _LONGEST_PAUSE_S)
            else:
                _log.info("polling_began")
                return

    async def _offset(self) -> int | None:
        while True:
            try:
                return await self.memory.offset()
            except UchatError as e:
                _log.warning("offset_unknown", code=e.code)
                await asyncio.sleep(_FIRST_PAUSE_S)

    async def _remember(self, ids: list[int], offset: int) -> None:
        try:
            await self.memory.handled(ids, offset)
        except UchatError as e:
            # What is confirmed at Telegram does not come again; the number is for after a crash.
            _log.warning("offset_not_kept", code=e.code)


def _pause_after(error: UchatError, pause: float) -> float:
    _log.warning("polling_waits", code=error.code)
    if isinstance(error, ConflictError):
        return _CONFLICT_PAUSE_S
    if isinstance(error, RateLimitedError):
        return error.retry_after_s or pause
    return pause
