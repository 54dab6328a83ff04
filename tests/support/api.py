"""A person at the HTTP interface of the product."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

import aiohttp

CHAT = "/api/v1/unified-chat"


@dataclass(frozen=True, slots=True)
class Answer:
    """A response: status, headers (in any case) and decoded JSON (None: no JSON)."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def code(self) -> str | None:
        """Return the stable code of a problem."""
        return self.body.get("code") if isinstance(self.body, dict) else None


class UnexpectedAnswerError(Exception):
    """The server answered otherwise than the test needs; `answer` holds it."""

    def __init__(self, what: str, answer: Answer) -> None:
        super().__init__(f"{what}: found {answer.status} {answer.body!r}")
        self.answer = answer


@dataclass(slots=True)
class Api:
    """One signed-in person. `base` is the edge's address without a slash at the end."""

    http: aiohttp.ClientSession
    base: str
    token: str = ""
    person: str = ""
    home: str = ""

    @classmethod
    async def guest(cls, http: aiohttp.ClientSession, base: str) -> Self:
        """Sign in as a new guest."""
        api = cls(http, base)
        return await api._sign_in("guest", {})

    @classmethod
    async def register(cls, http: aiohttp.ClientSession, base: str, email: str) -> Self:
        """Sign up with an address and a password, and sign in."""
        api = cls(http, base)
        account = {"email": email, "password": "Correct horse 9", "full_name": "Test Person"}
        await api.expect(201, "POST", "/api/v1/auth/register", json=account)
        del account["full_name"]
        return await api._sign_in("login", account)

    async def _sign_in(self, how: str, body: dict[str, Any]) -> Self:
        answer = await self.expect(200, "POST", f"/api/v1/auth/{how}", json=body)
        self.token, self.person = answer["access_token"], answer["user_id"]
        listed = await self.expect(200, "GET", f"{CHAT}/sessions")
        self.home = next(s["session_id"] for s in listed["sessions"] if s["home"])
        return self

    async def request(self, method: str, path: str, **options: Any) -> Answer:
        """Send a request with this person's token."""
        headers = dict(options.pop("headers", {}))
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        async with self.http.request(
            method, self.base + path, headers=headers, **options
        ) as response:
            raw = await response.read()
            is_json = "json" in response.headers.get("Content-Type", "")
            body = json.loads(raw) if raw and is_json else None
            return Answer(response.status, response.headers, body)

    async def expect(
        self, status: int | tuple[int, ...], method: str, path: str, **options: Any
    ) -> Any:
        """Send a request and return its body.

        Raises:
            UnexpectedAnswerError: the status is another one.
        """
        answer = await self.request(method, path, **options)
        if answer.status not in (status if isinstance(status, tuple) else (status,)):
            raise UnexpectedAnswerError(f"Expected {status} from {method} {path}", answer)
        return answer.body

    async def new_session(self, **body: Any) -> str:
        """Open a conversation and return its id."""
        answer = await self.expect((200, 201), "POST", f"{CHAT}/session/new", json=body)
        return answer["session_id"]

    async def say(self, session_id: str, text: str, **more: Any) -> dict[str, Any]:
        """Send a message and wait for the reply."""
        body = {"session_id": session_id, "message": text, **more}
        return await self.expect(200, "POST", f"{CHAT}/message", json=body)

    async def post(self, session_id: str, text: str, cid: str) -> Answer:
        """Send a message without waiting for the reply."""
        body = {"session_id": session_id, "message": text, "client_msg_id": cid, "wait": False}
        return await self.request("POST", f"{CHAT}/message", json=body)

    async def history(self, log: str, *, after: int = 0, limit: int = 500) -> list[dict[str, Any]]:
        """Return all entries after a seq, page by page."""
        entries: list[dict[str, Any]] = []
        while True:
            query = {"after": after, "limit": limit}
            page = await self.expect(200, "GET", f"{CHAT}/history/{log}", params=query)
            entries += page["entries"]
            if not page["entries"] or page["entries"][-1]["seq"] >= page["seq"]:
                return entries
            after = page["entries"][-1]["seq"]

    async def events(self, path: str, **options: Any) -> AsyncIterator[tuple[str, str, Any]]:
        """Yield (id, event, data) of a server-sent event stream; comments are skipped."""
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        method = options.pop("method", "GET")
        async with self.http.request(
            method, self.base + path, headers=headers, **options
        ) as response:
            if response.status != 200:
                answer = Answer(response.status, {}, await response.text())
                raise UnexpectedAnswerError(f"Expected events from {path}", answer)
            event: dict[str, str] = {}
            async for raw in response.content:
                name, _, value = raw.decode().rstrip("\r\n").partition(":")
                if name:
                    event[name] = value.removeprefix(" ")
                elif "data" in event:
                    yield event.get("id", ""), event.get("event", ""), json.loads(event["data"])
                    event = {}
                else:
                    event = {}
