"""One-time links run out after a minute: their buttons then ask for a fresh one instead."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Final

from uchat_platform import logging
from uchat_platform.errors import UchatError
from uchat_telegram.domain import words
from uchat_telegram.domain.view import Keyboard
from uchat_telegram.ports import BotApi
from uchat_telegram.service.calling import Caller
from uchat_telegram.service.pacing import NOTICE

_AGE_S: Final = 50.0
_log = logging.get_logger(__name__)


@dataclass(slots=True)
class Ageing:
    """Watches over the links that messages show. What a crash leaves behind merely runs out."""

    bot: BotApi
    caller: Caller
    spawn: Callable[[Coroutine[Any, Any, None]], None]
    age_s: float = _AGE_S
    _latest: dict[tuple[int, int], Keyboard] = field(
        default_factory=dict[tuple[int, int], Keyboard]
    )

    def watch(self, chat_id: int, message_id: int, keyboard: Keyboard) -> None:
        """Renew the button of a message in time, if it has one with a link that runs out."""
        if words.aged(keyboard) != keyboard:
            self._latest[chat_id, message_id] = keyboard
            self.spawn(self._wait(chat_id, message_id, keyboard))

    async def _wait(self, chat_id: int, message_id: int, keyboard: Keyboard) -> None:
        await asyncio.sleep(self.age_s)
        # The message may show other buttons by now; those are watched by another one.
        if self._latest.get((chat_id, message_id)) is not keyboard:
            return
        del self._latest[chat_id, message_id]
        aged = words.aged(keyboard)
        try:
            await self.caller.once(
                chat_id, NOTICE, lambda: self.bot.edit_keyboard(chat_id, message_id, aged)
            )
        except UchatError as e:
            _log.info("link_not_aged", code=e.code)
