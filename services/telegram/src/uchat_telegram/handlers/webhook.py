"""Updates by webhook: on every replica, behind a secret that only Telegram knows."""

import hmac
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web
from pydantic import ValidationError

from uchat_platform import logging
from uchat_platform.errors import UchatError, UnavailableError
from uchat_telegram.domain.view import Incoming

_SECRET: Final = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header
_MAX_BODY: Final = 1024 * 1024
_CLOSE_S: Final = 5.0
_log = logging.get_logger(__name__)
Take = Callable[[Incoming], Awaitable[None]]


class Webhook:
    """Takes pushed updates. 200 means handled; anything else makes Telegram send it again."""

    def __init__(self, secret: str, parse: Callable[[bytes], Incoming], take: Take) -> None:
        self._secret = secret
        self._parse = parse
        self._take = take

    async def push(self, request: web.Request) -> web.Response:
        """Handle one push."""
        given = request.headers.get(_SECRET, "")
        if not hmac.compare_digest(given.encode(), self._secret.encode()):
            return web.Response(status=403)
        try:
            update = self._parse(await request.read())
        except ValidationError:
            # It will never fit: taken, so that it does not come for ever.
            _log.warning("update_malformed")
            return web.Response()
        try:
            await self._take(update)
        except UchatError as e:
            _log.warning("update_not_taken", code=e.code)
            return web.Response(status=503)
        return web.Response()


@asynccontextmanager
async def serving(webhook: Webhook, bind: str, port: int) -> AsyncGenerator[int]:
    """Serve every path until the block ends; yields the port.

    Raises:
        UnavailableError: the port is taken.
    """
    app = web.Application(client_max_size=_MAX_BODY)
    app.router.add_post("/{path:.*}", webhook.push)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_CLOSE_S)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, bind, port).start()
        except OSError as e:
            raise UnavailableError(f"Port {port} is taken", code="port_taken") from e
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
