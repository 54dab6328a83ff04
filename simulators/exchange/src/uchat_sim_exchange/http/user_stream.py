"""The WebSocket API, as far as the user stream needs it.

Source: https://developers.binance.com/docs/binance-spot-api-docs/web-socket-api: a request is
`{id, method, params}`, an answer `{id, status, result | error}`, and an event
`{subscriptionId, event}`. Listen keys are gone since 2026-02-20.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, cast

import orjson
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from uchat_sim_exchange.access import authenticate_sorted, number
from uchat_sim_exchange.errors import ExchangeError, may_not
from uchat_sim_exchange.http.door import Door
from uchat_sim_exchange.user_stream import Outbox, UserStream

_WEIGHT: Final = 2
_GOING_AWAY: Final = 1001

_Params = Mapping[str, str]
_Method = Callable[[_Params, Outbox], Any]


@dataclass(frozen=True, slots=True)
class UserStreamRoutes:
    """Connections that hear what becomes of an account's orders and balances."""

    stream: UserStream
    door: Door

    def routes(self) -> list[WebSocketRoute]:
        """Return the routes."""
        return [WebSocketRoute("/ws-api/v3", self.connected)]

    async def connected(self, socket: WebSocket) -> None:
        """Answer requests and send events until either side ends it."""
        await socket.accept()
        outbox = Outbox()
        async with asyncio.TaskGroup() as tasks:
            sending = tasks.create_task(_send(socket, outbox))
            try:
                with suppress(WebSocketDisconnect):
                    while True:
                        outbox.put(self._answer(socket, await socket.receive_text(), outbox))
            finally:
                self.stream.unsubscribe(outbox)
                sending.cancel()

    def _answer(self, socket: WebSocket, request: str, outbox: Outbox) -> dict[str, Any]:
        named: object = None
        try:
            named, method, params = _read(request)
            address = socket.client.host if socket.client else ""
            now = self.door.exchange.market.now_ms()
            self.door.limits.weigh(address, _WEIGHT, now)
            result = self._method(method)(params, outbox)
        except ExchangeError as e:
            error = {"code": e.code, "msg": e.message}
            return {"id": named, "status": e.status, "error": error, "rateLimits": []}
        return {"id": named, "status": 200, "result": result, "rateLimits": []}

    def _method(self, name: str) -> _Method:
        methods: dict[str, _Method] = {
            "ping": lambda _params, _outbox: {},
            "time": lambda _params, _outbox: {"serverTime": self.door.now_ms()},
            "userDataStream.subscribe.signature": self._subscribe,
            "userDataStream.unsubscribe": self._unsubscribe,
            "session.subscriptions": self._subscriptions,
        }
        if name not in methods:
            raise ExchangeError(-1020, "This operation is not supported.")
        return methods[name]

    def _subscribe(self, params: _Params, outbox: Outbox) -> dict[str, int]:
        signed = authenticate_sorted(self.door.exchange.ledger, params)
        account = signed.account.api_key
        signed.window.check(self.door.now_ms(account))
        if not signed.key.permissions.reading:
            raise may_not()
        return {"subscriptionId": self.stream.subscribe(account, outbox).number}

    def _unsubscribe(self, params: _Params, outbox: Outbox) -> dict[str, Any]:
        which = number(params, "subscriptionId") if params.get("subscriptionId") else None
        self.stream.unsubscribe(outbox, which)
        return {}

    def _subscriptions(self, _params: _Params, outbox: Outbox) -> list[dict[str, int]]:
        return [{"subscriptionId": each.number} for each in self.stream.of(outbox)]


async def _send(socket: WebSocket, outbox: Outbox) -> None:
    # Who has gone is noticed by the reader.
    with suppress(WebSocketDisconnect):
        while (message := await outbox.next()) is not None:
            await socket.send_text(orjson.dumps(message).decode())
        await socket.close(_GOING_AWAY)


def _read(request: str) -> tuple[object, str, dict[str, str]]:
    try:
        asked: object = orjson.loads(request)
    except orjson.JSONDecodeError as e:
        raise ExchangeError(-1135, "Invalid JSON Request") from e
    if not isinstance(asked, dict):
        raise ExchangeError(-1135, "Invalid JSON Request")
    body = cast("dict[str, Any]", asked)
    given: object = body.get("params") or {}
    params = cast("dict[str, Any]", given) if isinstance(given, dict) else {}
    return body.get("id"), str(body.get("method", "")), {k: str(v) for k, v in params.items()}
