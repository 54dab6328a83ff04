"""People at the gateway, by HTTP and by sockets."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from uchat_contracts.frames import SUBPROTOCOL

PREFIX = "/api/v1/unified-chat"


@dataclass(repr=False)
class Socket:
    """A client of the live protocol that keeps what it gets."""

    ws: ClientConnection
    got: list[dict[str, Any]] = field(default_factory=list)

    async def say(self, frame: Any) -> None:
        await self.ws.send(frame if isinstance(frame, str | bytes) else json.dumps(frame))

    async def send(self, log: str, cid: str, text: str, **fields: Any) -> None:
        frame = {"t": "send", "log": log, "client_msg_id": cid, "parts": [{"text": text}]}
        await self.say(frame | fields)

    async def until(self, **fields: Any) -> dict[str, Any]:
        """Return the next frame with these fields; frames before it are kept in `got`."""
        async with asyncio.timeout(8):
            while True:
                frame = json.loads(await self.ws.recv())
                self.got.append(frame)
                if all(frame.get(key) == value for key, value in fields.items()):
                    return frame

    async def closed(self) -> int:
        """Read to the end and return the close code."""
        async with asyncio.timeout(8):
            async for raw in self.frames():
                self.got.append(json.loads(raw))
        return self.ws.close_code

    async def frames(self) -> AsyncGenerator[str | bytes]:
        with suppress(ConnectionClosed):
            while True:
                yield await self.ws.recv()


@dataclass(repr=False)
class Person:
    """Somebody signed in, with an HTTP client and as many sockets as they like."""

    http: httpx.AsyncClient
    token: str
    url: str
    stack: AsyncExitStack

    def as_who(self, token: str) -> "Person":
        """Return somebody else at a browser of their own; closed with this one's stack."""
        http = httpx.AsyncClient(base_url=self.url, trust_env=False, timeout=20)
        http.headers["Authorization"] = f"Bearer {token}"
        self.stack.push_async_callback(http.aclose)
        return Person(http, token, self.url, self.stack)

    async def new_session(self, **fields: Any) -> str:
        answer = await self.http.post(f"{PREFIX}/session/new", json=fields)
        assert answer.status_code == 200, answer.text
        return answer.json()["session_id"]

    async def post(self, session_id: str, message: str, **fields: Any) -> httpx.Response:
        body = {"session_id": session_id, "message": message, **fields}
        return await self.http.post(f"{PREFIX}/message", json=body)

    async def history(self, session_id: str, after: int = 0) -> list[dict[str, Any]]:
        answer = await self.http.get(
            f"{PREFIX}/history/{session_id}", params={"after": after, "limit": 1000}
        )
        assert answer.status_code == 200, answer.text
        return answer.json()["entries"]

    async def socket(self, path: str = "/ws", *, hello: bool = True, **fields: Any) -> Socket:
        address = self.url.replace("http", "ws") + PREFIX + path
        ws = await self.stack.enter_async_context(
            connect(address, subprotocols=[SUBPROTOCOL], proxy=None, max_size=None)
        )
        socket = Socket(ws)
        if hello:
            frame = {"t": "hello", "v": 1, "token": self.token, "iface": "web_chat", **fields}
            await socket.say(frame)
        return socket

    async def live(self, log: str, seq: int | None = None, epoch: str | None = None) -> Socket:
        socket = await self.socket(f"/ws/{log}", subs=[{"log": log, "seq": seq, "epoch": epoch}])
        await socket.until(t="live", log=log)
        return socket


@dataclass(repr=False)
class Stack:
    url: str
    stack: AsyncExitStack

    async def person(self) -> Person:
        http = await self.stack.enter_async_context(
            httpx.AsyncClient(base_url=self.url, trust_env=False, timeout=20)
        )
        answer = await http.post("/api/v1/auth/guest")
        assert answer.status_code == 200, answer.text
        token = answer.json()["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"
        return Person(http, token, self.url, self.stack)
