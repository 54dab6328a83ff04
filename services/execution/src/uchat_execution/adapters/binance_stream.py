"""The user data stream of an account, over Binance's WebSocket API.

Source: https://developers.binance.com/docs/binance-spot-api-docs/websocket-api/user-data-stream-requests
(`userDataStream.subscribe.signature`; listen keys are retired).
"""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp
import orjson

from uchat_execution.adapters.binance_api import BinanceApi, Credentials
from uchat_execution.adapters.binance_words import UNREADABLE, told_event
from uchat_execution.adapters.paper_keys import PaperKeys
from uchat_execution.domain.orders import VenueEvent
from uchat_platform.errors import UnavailableError

_PATH: Final = "/ws-api/v3"
_METHOD: Final = "userDataStream.subscribe.signature"
_WINDOW_MS: Final = 5000
_OPEN_S: Final = 5.0
_HEARTBEAT_S: Final = 20.0
_OK: Final = 200


@dataclass(frozen=True, slots=True)
class BinanceStream:
    """Follows accounts, each on a connection of its own."""

    api: BinanceApi
    keys: PaperKeys
    quote_currency: str

    @asynccontextmanager
    async def events(self, account: str) -> AsyncGenerator[AsyncIterator[VenueEvent]]:
        """Follow an account's orders; entered once the exchange has accepted.

        Raises:
            UnavailableError: `venue_unavailable`, at entering or later.
        """
        try:
            async with (
                asyncio.timeout(_OPEN_S) as opening,
                self.api.session.ws_connect(
                    self.api.url.replace("http", "ws", 1) + _PATH, heartbeat=_HEARTBEAT_S
                ) as socket,
            ):
                await self._subscribe(socket, self.keys.of(account))
                opening.reschedule(None)
                yield self._read(socket)
        except (aiohttp.ClientError, TimeoutError) as e:
            raise _unavailable(type(e).__name__) from e

    async def _subscribe(
        self, socket: aiohttp.ClientWebSocketResponse, credentials: Credentials
    ) -> None:
        params = {
            "apiKey": credentials.api_key,
            "recvWindow": _WINDOW_MS,
            "timestamp": int(self.api.clock.now().timestamp() * 1000),
        }
        # Signed are the parameters by name, in the order of the alphabet.
        query = urlencode(sorted(params.items()))
        signature = hmac.digest(credentials.secret.encode(), query.encode(), hashlib.sha256).hex()
        request = {"id": "1", "method": _METHOD, "params": {**params, "signature": signature}}
        await socket.send_str(orjson.dumps(request).decode())
        answer = _decoded(await socket.receive())
        if answer.get("status") != _OK:
            raise _unavailable(f"it does not accept the subscription: {answer.get('error')}")

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> AsyncGenerator[VenueEvent]:
        while True:
            event = _decoded(await socket.receive()).get("event", {})
            try:
                if event.get("e") == "executionReport":
                    yield told_event(event, self.quote_currency)
            except UNREADABLE as e:
                raise _unavailable("an event cannot be read") from e


def _decoded(message: aiohttp.WSMessage) -> Mapping[str, Any]:
    if message.type is not aiohttp.WSMsgType.TEXT:
        raise _unavailable("the connection has ended")
    try:
        body = orjson.loads(message.data)
    except orjson.JSONDecodeError as e:
        raise _unavailable("a message cannot be read") from e
    if not isinstance(body, dict):
        raise _unavailable("a message cannot be read")
    return body  # pyright: ignore[reportUnknownVariableType] - JSON


def _unavailable(why: str) -> UnavailableError:
    return UnavailableError(f"The exchange's stream: {why}", code="venue_unavailable")
