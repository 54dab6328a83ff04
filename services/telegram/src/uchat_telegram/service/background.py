"""Work that goes on beside what is being handled."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from uchat_platform import logging
from uchat_platform.errors import UchatError

_log = logging.get_logger(__name__)


class Background:
    """Work beside what is being handled. What fails there is logged and stops nothing."""

    def __init__(self) -> None:
        self._group: asyncio.TaskGroup | None = None

    async def run(self) -> None:
        """Own the work until cancelled."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            try:
                await asyncio.Event().wait()
            finally:
                self._group = None

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Start some work; after the end nothing is started."""
        if self._group is None:
            work.close()
            return
        self._group.create_task(_contained(work))


async def _contained(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except UchatError as e:
        _log.warning("background_failed", code=e.code, detail=e.detail)
    except Exception:  # noqa: BLE001 - an edge: nobody else would hear of it
        _log.exception("background_failed")
