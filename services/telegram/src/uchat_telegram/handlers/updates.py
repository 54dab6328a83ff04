"""What to do with an update: each kind to its use case."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from uchat_platform import logging
from uchat_platform.errors import UchatError
from uchat_telegram.domain import words
from uchat_telegram.domain.view import Incoming, View
from uchat_telegram.ports import Memory
from uchat_telegram.service.commands import Commands
from uchat_telegram.service.conversing import Conversing
from uchat_telegram.service.pressing import Pressing

_FIRST_PAUSE_S: Final = 0.2
_LONGEST_PAUSE_S: Final = 5.0
_UNFORESEEN: Final = 3
_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Updates:
    """Handles updates. An update counts as handled when what it says is durable elsewhere.

    Safe to run twice: a message has a client id made of chat and message number, an approval an
    `op_id` made of the callback's; those handled before are dropped.
    """

    conversing: Conversing
    commands: Commands
    pressing: Pressing
    memory: Memory

    async def handle(self, batch: Sequence[Incoming]) -> None:
        """Handle updates: chats beside one another, a chat's messages in order, buttons at once.

        Returns when all are handled; services that are away are waited for.
        """
        ids = [update.update_id for update in batch]
        fresh = await self._patiently(ids)
        wanted = [update for update in batch if update.update_id in fresh]
        pressed = [update for update in wanted if update.kind == "press"]
        others = sorted(
            (update for update in wanted if update.kind != "press"), key=lambda u: u.chat_id
        )
        async with asyncio.TaskGroup() as group:
            for update in pressed:
                group.create_task(self._surely(update))
            for _, lane in groupby(others, key=lambda u: u.chat_id):
                group.create_task(self._in_order(list(lane)))

    async def _in_order(self, lane: Sequence[Incoming]) -> None:
        for update in sorted(lane, key=lambda u: u.update_id):
            await self._surely(update)

    async def _patiently(self, ids: list[int]) -> frozenset[int]:
        while True:
            try:
                return await self.memory.unhandled(ids)
            except UchatError as e:
                _log.warning("updates_wait", code=e.code)
                await asyncio.sleep(_FIRST_PAUSE_S)

    async def _surely(self, update: Incoming) -> None:
        pause, unforeseen = _FIRST_PAUSE_S, 0
        while unforeseen < _UNFORESEEN:
            try:
                await self._one(update)
            except UchatError as e:
                if not e.retryable:
                    _log.warning("update_refused", code=e.code, detail=e.detail)
                    await self.conversing.tell(update.chat_id, View(e.detail))
                    return
                _log.warning("update_waits", code=e.code)
            except Exception:  # noqa: BLE001 - the edge: one odd update must not stop the others
                unforeseen += 1
                _log.exception("update_failed", kind=update.kind)
            else:
                return
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_S)

    async def _one(self, update: Incoming) -> None:
        if update.kind == "press":
            await self.pressing.pressed(update)
        elif update.kind == "stop":
            await self.conversing.stop(update)
        elif not update.private:
            if update.addressed:
                await self.conversing.tell(update.chat_id, View(words.PRIVATE_ONLY))
        elif update.kind == "other":
            await self.conversing.tell(update.chat_id, View(words.ONLY_TEXT))
        elif update.text.startswith("/") and not update.forwarded:
            await self.commands.run(update)
        else:
            await self.conversing.say(update, update.text)
