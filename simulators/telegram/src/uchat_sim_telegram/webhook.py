"""Pushes updates to the bot's webhook: one after the other, again until it says 2xx."""

import asyncio
from typing import Any, Final

import aiohttp

from uchat_platform import logging
from uchat_sim_telegram.updates import UpdateQueue

Json = dict[str, Any]
_FIRST_RETRY_S: Final = 0.2
_LONGEST_RETRY_S: Final = 5.0
_TIMEOUT_S: Final = 10.0
_log = logging.get_logger(__name__)


class Webhook:
    """Where updates are pushed to, if anywhere."""

    def __init__(self, updates: UpdateQueue) -> None:
        self._updates = updates
        self._set = asyncio.Event()
        self.url = ""
        self._secret: str | None = None
        self._max_connections = 40
        self._last_error: tuple[int, str] | None = None

    def set(self, url: str, secret: str | None, max_connections: int | None) -> None:
        """Push to an address from now on; an empty one means getUpdates."""
        self.url, self._secret = url, secret
        self._max_connections = max_connections or 40
        self._last_error = None
        if url:
            self._set.set()
        else:
            self._set.clear()

    def info(self) -> Json:
        """Return a `WebhookInfo`."""
        shown: Json = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self._updates),
        }
        if self.url:
            shown["max_connections"] = self._max_connections
        if self._last_error:
            shown |= {"last_error_date": self._last_error[0]}
            shown |= {"last_error_message": self._last_error[1]}
        if self._updates.allowed is not None:
            shown["allowed_updates"] = sorted(self._updates.allowed)
        return shown

    async def run(self, now: Any) -> None:
        """Push until cancelled. `now` returns the Unix time."""
        pause = _FIRST_RETRY_S
        async with aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=_TIMEOUT_S), trust_env=False
        ) as session:
            while True:
                await self._set.wait()
                await self._updates.wait()
                if not self.url:
                    continue
                for update in self._updates.peek(1):
                    error = await self._push(session, update)
                    if error is None:
                        self._updates.confirm(int(update["update_id"]) + 1)
                        pause = _FIRST_RETRY_S
                        continue
                    self._last_error = (int(now()), error)
                    _log.warning("webhook_failed", detail=error)
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, _LONGEST_RETRY_S)

    async def _push(self, session: aiohttp.ClientSession, update: Json) -> str | None:
        headers = {"X-Telegram-Bot-Api-Secret-Token": self._secret} if self._secret else {}
        try:
            async with session.post(self.url, json=update, headers=headers) as response:
                if 200 <= response.status < 300:  # noqa: PLR2004 - success
                    return None
                return f"Wrong response from the webhook: {response.status} {response.reason}"
        except (aiohttp.ClientError, TimeoutError) as e:
            return f"Connection failed: {type(e).__name__}"
