"""The socket itself: handshake, three tasks, and a close that says why."""

import asyncio
from contextlib import suppress

from fastapi import WebSocket
from prometheus_client import Counter
from starlette.websockets import WebSocketDisconnect, WebSocketState

from uchat_contracts.frames import SUBPROTOCOL, Close
from uchat_gateway.doors.chat.ws.connection import Connection
from uchat_gateway.doors.chat.ws.services import LiveServices
from uchat_gateway.doors.security import client_address, guards_of, origin_allowed
from uchat_platform import logging
from uchat_platform.errors import InvalidInputError, NotPermittedError

_CLOSED = Counter("uchat_socket_closes_total", "Sockets closed by this gateway", ["code"])
_FLUSH_S = 2.0
_log = logging.get_logger(__name__)


async def serve(websocket: WebSocket, services: LiveServices, path_log: str | None) -> None:
    """Serve one socket from handshake to close.

    Raises:
        RateLimitedError, NotPermittedError, InvalidInputError: the handshake is refused.
    """
    await websocket.accept(subprotocol=await _check_handshake(websocket))
    connection = Connection(services, path_log)
    services.connections.add(connection)
    try:
        await _run(websocket, connection)
    except* Exception:  # noqa: BLE001 - the edge: a bug ends this socket and is reported
        _log.exception("socket_failed", conn_id=connection.id)
        connection.close(Close.SERVER, "internal error")
    finally:
        connection.leave()
        services.connections.remove(connection)
    await _finish(websocket, connection, services.times.closing)


async def _check_handshake(websocket: WebSocket) -> str | None:
    if not origin_allowed(websocket):
        raise NotPermittedError("Pages of this origin may not connect", code="origin_not_allowed")
    address = await client_address(websocket)
    await guards_of(websocket).limiter.hit_handshake(address)
    offered: list[str] = websocket.scope.get("subprotocols", [])
    if not offered:
        return None
    if SUBPROTOCOL not in offered:
        raise InvalidInputError(f"This server speaks {SUBPROTOCOL!r}", code="subprotocol_unknown")
    return SUBPROTOCOL


async def _run(websocket: WebSocket, connection: Connection) -> None:
    async with asyncio.TaskGroup() as group:
        reading = group.create_task(_read(websocket, connection))
        working = group.create_task(connection.work())
        writing = group.create_task(_write(websocket, connection))
        await connection.closed.wait()
        reading.cancel()
        working.cancel()
        code = connection.closing[0] if connection.closing else Close.SERVER
        if code == Close.SLOW or websocket.client_state is WebSocketState.DISCONNECTED:
            writing.cancel()
        else:
            await asyncio.wait([writing], timeout=_FLUSH_S)
            writing.cancel()


async def _read(websocket: WebSocket, connection: Connection) -> None:
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            connection.close(int(message.get("code") or 1005), "gone")
            return
        await connection.receive(message.get("text"))


async def _write(websocket: WebSocket, connection: Connection) -> None:
    try:
        async for frame in connection.pump.frames():
            if frame is not None:
                await websocket.send_text(frame.body)
    except WebSocketDisconnect:
        connection.close(1006, "gone")


async def _finish(websocket: WebSocket, connection: Connection, timeout_s: float) -> None:
    code, reason = connection.closing or (Close.SERVER, "")
    _CLOSED.labels(str(code)).inc()
    if connection.principal is not None:
        _log.info(
            "socket_closed",
            user_id=logging.hashed(connection.principal.actor.person_id),
            code=code,
            reason=reason,
        )
    if websocket.client_state is WebSocketState.DISCONNECTED:
        return
    # A client that does not read cannot be told why; its socket is dropped after a while.
    with suppress(TimeoutError, WebSocketDisconnect, RuntimeError):
        async with asyncio.timeout(timeout_s):
            await websocket.close(code, reason)
