"""Find what nobody answers: a doorbell that was lost, an owner that died."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from uchat_ai_core.domain.partition import partition_of
from uchat_ai_core.ports import Conversations, Waiting
from uchat_ai_core.service.loop import TurnLoop
from uchat_platform import logging
from uchat_platform.errors import UchatError

EVERY_S: Final = 1.0
OLDER_THAN_MS: Final = 1500
IDLE_S: Final = 900.0
"""How long a quiet window is kept, and so how long erased text may stay in memory."""

_MOST: Final = 500
_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Sweeper:
    """Rings for messages that have waited too long.

    Those of own partitions queue up however much there is to do: with doorbells coming all the
    time there may never be room for one that was lost. Those of others' partitions are taken as
    far as there is room: their owner sweeps too.
    """

    conversations: Conversations
    loop: TurnLoop

    async def run(self) -> None:
        """Sweep once a second until cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            self.loop.windows.drop_idle(IDLE_S)
            unheard = [
                each
                for each in await self._waiting(OLDER_THAN_MS, _MOST)
                if not self.loop.is_known(each.log)
            ]
            owned = self.loop.owned
            self._ring([each for each in unheard if partition_of(each.log) in owned], "sweeper")
            others = [each for each in unheard if partition_of(each.log) not in owned]
            self._ring(others[: self.loop.free_slots], "sweeper")

    async def gained(self, partition: int) -> None:
        """Ring for all that waits in a partition that was just taken over."""
        waiting = await self._waiting(0, _MOST)
        mine = [each for each in waiting if partition_of(each.log) == partition]
        self._ring(mine, "takeover")

    def _ring(self, waiting: Sequence[Waiting], by: str) -> None:
        for each in waiting:
            if not self.loop.is_known(each.log):
                self.loop.ring(each.log, each.seq, by=by)

    async def _waiting(self, older_than_ms: int, limit: int) -> Sequence[Waiting]:
        try:
            return await self.conversations.waiting(older_than_ms, limit)
        except UchatError as e:
            _log.info("sweep_failed", code=e.code)
            return []
