"""A WebSocket of the live protocol that keeps the views of the logs which it follows."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Self

import aiohttp
import orjson

from tests.support.api import CHAT
from tests.support.view import Frame, LogView

SUBPROTOCOL = "uchat.v1.json"


class ClosedError(Exception):
    """The server closed the socket; `code` says why."""

    def __init__(self, code: int | None) -> None:
        super().__init__(f"The socket was closed with {code}")
        self.code = code


def _ignore(_: Frame) -> None:
    return None


@dataclass(slots=True)
class Socket:
    """One connection. `views` outlive it: the next connection resumes from them.

    `on_frame` is called with every frame after the views have taken it.
    """

    http: aiohttp.ClientSession
    base: str
    token: str
    views: dict[str, LogView]
    device: str = "test"
    interface: str = "web_chat"
    on_frame: Callable[[Frame], None] = _ignore
    frames: int = 0
    welcome: Frame = field(default_factory=dict)
    closed_with: int | None = None
    _ws: aiohttp.ClientWebSocketResponse | None = None
    _reader: asyncio.Task[None] | None = None
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _stop_after: int | None = None

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def connect(self, subs: Iterable[Frame] | None = None) -> None:
        """Open, say hello and start reading; returns once the server has welcomed."""
        self._ws = await self.http.ws_connect(
            self.base.replace("http", "ws", 1) + f"{CHAT}/ws",
            protocols=(SUBPROTOCOL,),
            max_msg_size=8 * 1024 * 1024,
            autoping=True,
        )
        wanted = [view.subscription() for view in self.views.values()] if subs is None else subs
        hello: Frame = {"t": "hello", "v": 1, "token": self.token, "device_id": self.device}
        await self.send(hello | {"iface": self.interface, "subs": list(wanted)})
        self.closed_with = None
        self.welcome = {}
        self.frames = 0
        self._reader = asyncio.create_task(self._read(self._ws))
        await self.until(lambda: bool(self.welcome), 15)

    def cut_after(self, frames: int) -> None:
        """Cut the connection, as a network does, after so many frames of the next connection."""
        self._stop_after = frames

    async def send(self, frame: Frame) -> None:
        """Send one frame.

        Raises:
            ClosedError: the connection is gone.
        """
        await self.send_raw(orjson.dumps(frame).decode())

    async def send_raw(self, text: str) -> None:
        """Send one text frame as it is."""
        if self._ws is None or self._ws.closed:
            raise ClosedError(self.closed_with)
        try:
            await self._ws.send_str(text)
        except (ConnectionError, aiohttp.ClientError) as e:
            raise ClosedError(None) from e

    async def say(self, log: str, cid: str, text: str, **more: Any) -> None:
        """Send a message."""
        parts = [{"type": "text", "text": text}]
        await self.send({"t": "send", "log": log, "client_msg_id": cid, "parts": parts, **more})

    @property
    def is_open(self) -> bool:
        """Tell whether frames may still come."""
        return self._reader is not None and not self._reader.done()

    async def until(self, condition: Callable[[], bool], timeout_s: float = 10.0) -> None:
        """Wait until a condition holds, which is tried after every frame.

        Raises:
            ClosedError: the connection ended before it held.
            TimeoutError: it did not hold in time.
        """
        async with asyncio.timeout(timeout_s):
            while not condition():
                if not self.is_open:
                    raise ClosedError(self.closed_with)
                self._changed.clear()
                await self._changed.wait()

    async def wait_closed(self, timeout_s: float = 10.0) -> int | None:
        """Wait until the server has closed, and return the close code."""
        if self._reader is not None:
            await asyncio.wait([self._reader], timeout=timeout_s)
        return self.closed_with

    async def close(self) -> None:
        """Close in good order."""
        if self._reader is not None:
            self._reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reader
        if self._ws is not None and not self._ws.closed:
            await self._ws.close()

    async def _read(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        try:
            async for message in ws:
                if message.type is not aiohttp.WSMsgType.TEXT:
                    break
                if self._stop_after is not None and self.frames >= self._stop_after:
                    _reset(ws)
                    break
                await self._take(orjson.loads(message.data))
                self._changed.set()
        except (ConnectionError, aiohttp.ClientError, ClosedError):
            pass
        finally:
            self.closed_with = ws.close_code
            self._changed.set()

    async def _take(self, frame: Frame) -> None:
        self.frames += 1
        if frame["t"] == "welcome":
            self.welcome = frame
        elif frame["t"] == "ping":
            await self.send({"t": "pong"})
        elif (view := self.views.get(frame.get("log", ""))) is not None:
            for answer in view.on_frame(frame):
                await self.send(answer)
        self.on_frame(frame)


def _reset(ws: aiohttp.ClientWebSocketResponse) -> None:
    connection = ws.get_extra_info("socket")
    if connection is not None:
        connection.shutdown(socket.SHUT_RDWR)
