"""One live connection: what each frame of the client does, in the order in which they came."""

import asyncio
import secrets
import time
from dataclasses import replace
from typing import Final

from uchat_contracts.events import Verdict
from uchat_contracts.frames import (
    MAX_FRAME,
    MAX_FRAME_BEFORE_HELLO,
    Auth,
    AuthOk,
    Close,
    Drain,
    ErrorFrame,
    Hello,
    Pong,
    Welcome,
)
from uchat_contracts.model import Model
from uchat_gateway.domain.permissions import may
from uchat_gateway.doors.chat.pump import Pump
from uchat_gateway.doors.chat.ws.decoding import (
    FRAME_PERMISSIONS,
    BadFrameError,
    ClientFrame,
    InvalidFrame,
    decode,
)
from uchat_gateway.doors.chat.ws.life import End, Life
from uchat_gateway.doors.chat.ws.requests import Requests
from uchat_gateway.doors.chat.ws.sending import ack_of
from uchat_gateway.doors.chat.ws.services import LiveServices
from uchat_gateway.ports.access import Principal
from uchat_gateway.service.live.follower import Lost
from uchat_gateway.service.live.frames import Durable, Frame
from uchat_platform import logging
from uchat_platform.auth import Actor
from uchat_platform.errors import NotPermittedError, UchatError, UnauthenticatedError

PROTOCOL_VERSION: Final = 1
_LANE = 256
_log = logging.get_logger(__name__)


class Connection:
    """A socket's state: hello, subscriptions, sends, life. It is told frames and fills a pump."""

    kind = "websocket"

    def __init__(self, services: LiveServices, path_log: str | None = None) -> None:
        self.id = secrets.token_hex(8)
        self.principal: Principal | None = None
        self.pump = Pump()
        self.closing: tuple[int, str] | None = None
        self.closed = asyncio.Event()
        self.path_log = path_log
        self._services = services
        self._lane: asyncio.Queue[ClientFrame] = asyncio.Queue(_LANE)
        self._requests: Requests | None = None
        self._hello_seen = False
        self.life = Life(services.times, time.monotonic())

    @property
    def actor(self) -> Actor | None:
        """Who is at the other end, once they said so."""
        return self._requests.actor if self._requests is not None else None

    @property
    def busy(self) -> bool:
        """Tell whether the answer to a message sent here has not come yet."""
        sending = self._requests.sending if self._requests is not None else None
        return not self._lane.empty() or (sending is not None and sending.waiting)

    async def receive(self, raw: str | None) -> None:
        """Take a frame (None: a binary one)."""
        self.life.heard_at = time.monotonic()
        limit = MAX_FRAME if self._hello_seen else MAX_FRAME_BEFORE_HELLO
        if raw is None or len(raw) > limit or len(raw.encode("utf-8", "replace")) > limit:
            self.close(Close.BAD_FRAME, "frame too large or not text")
            return
        try:
            frame = decode(raw)
        except BadFrameError as e:
            self.close(Close.BAD_FRAME, e.detail)
            return
        if isinstance(frame, InvalidFrame):
            self._obey(self.life.strike(time.monotonic()))
            self._refuse(frame)
        elif frame is not None and not isinstance(frame, Pong):
            await self._queue(frame)

    async def work(self) -> None:
        """Serve frames one after the other, until cancelled."""
        while True:
            frame = await self._lane.get()
            try:
                await self._serve(frame)
            except UchatError as e:
                self.complain(None, e)

    def push(self, frame: Frame) -> None:
        """Take a frame from the live fan-out."""
        self.pump.offer(frame)
        if isinstance(frame, Durable) and self._requests is not None:
            self._requests.notice(frame)
        if self.pump.too_slow():
            self.close(Close.SLOW, "too slow")

    def verdict(self, verdict: Verdict) -> None:
        """Tell the client what became of a message that it sent on this connection."""
        requests = self._requests
        if requests is None or not requests.sending.settle(verdict.log, verdict.client_msg_id):
            return
        if verdict.status == "rejected":
            self._services.messages.forget(verdict.user_id, verdict.log)
        if verdict.status != "accepted":
            self.pump.say(ack_of(verdict.client_msg_id, verdict))

    def lost(self, log: str, reason: Lost) -> None:
        """Learn that a log can no longer be followed from here."""
        if self._requests is not None:
            self._requests.unfollow(log)
        if reason == "insufficient_state":
            self.close(Close.INSUFFICIENT_STATE, "resume")
        elif log == self.path_log:
            self.close(Close.NO_SUCH_SESSION, "no such session")
        else:
            self.pump.say(ErrorFrame(re=log, code="not_found", retryable=False))

    def tick(self, now: float, wall: float) -> None:
        """Do what is due at this time."""
        if self.closing is not None:
            return
        if self.principal is None:
            self._obey(self.life.without_hello(now))
        elif self.pump.too_slow():
            self.close(Close.SLOW, "too slow")
        else:
            self._obey(self.life.token(self.principal.expires_at, wall))
            self._obey(self.life.pulse(now, busy=self._lane.full()))

    def announce_drain(self, retry_after_ms: int) -> None:
        """Tell the client that this server stops."""
        self.pump.say(Drain(retry_after_ms=retry_after_ms))

    def close(self, code: int, reason: str = "") -> None:
        """Begin to close; the first reason counts."""
        if self.closing is None:
            self.closing = (code, reason)
            self.pump.end()
            self.closed.set()

    def leave(self) -> None:
        """Follow nothing any longer."""
        if self._requests is not None:
            self._requests.leave_all()

    def complain(self, name: str | None, error: UchatError) -> None:
        """Send an error frame; `name` is what the client calls the thing that failed."""
        after = error.retry_after_s
        retry_after_ms = None if after is None else int(after * 1000)
        self.pump.say(
            ErrorFrame(
                re=name,
                code=error.code,
                detail=error.detail,
                retryable=error.retryable or retry_after_ms is not None,
                retry_after_ms=retry_after_ms,
            )
        )

    async def _queue(self, frame: ClientFrame) -> None:
        if not self._hello_seen and not isinstance(frame, Hello):
            self.close(Close.BAD_FRAME, "expected hello")
            return
        self._hello_seen = True
        await self._lane.put(frame)

    async def _serve(self, frame: ClientFrame) -> None:
        if self.closing is not None:
            return
        if isinstance(frame, Hello):
            await self._hello(frame)
            return
        requests, permission = self._requests, FRAME_PERMISSIONS[frame.t]
        if requests is None:
            return
        if permission is not None and not may(requests.actor.roles, permission):
            refused = NotPermittedError(f"Your role does not have {permission.value!r}")
            requests.refuse(frame, refused)
        elif isinstance(frame, Auth):
            self._renew(frame)
        elif await requests.serve(frame):
            self._obey(self.life.strike(time.monotonic()))

    async def _hello(self, hello: Hello) -> None:
        if self.principal is not None:
            self._refuse(InvalidFrame(None, "hello was said before"))
            return
        if hello.v != PROTOCOL_VERSION:
            self.close(Close.VERSION, f"expected version {PROTOCOL_VERSION}")
            return
        principal = await self._authenticate(hello)
        if principal is None:
            return
        services = self._services
        if not services.connections.admit(self, principal):
            self.close(Close.CONNECTION_LIMIT, "too many connections")
            return
        actor = replace(principal.actor, interface=hello.iface)
        self._requests = Requests(services, self, actor, hello.device_id)
        self.pump.say(
            Welcome(
                conn_id=self.id,
                user=actor.person_id,
                ping_ms=int(services.times.ping * 1000),
                token_exp=principal.expires_at,
                server_time=services.clock.now(),
            )
        )
        _log.info("socket_opened", user_id=logging.hashed(actor.person_id), interface=hello.iface)
        await self._requests.begin(self.path_log, hello.subs)

    async def _authenticate(self, hello: Hello) -> Principal | None:
        try:
            if hello.token is not None:
                principal = self._services.access.authenticate(hello.token)
            elif hello.ticket is not None:
                principal = await self._services.tickets.redeem(hello.ticket)
            else:
                principal = _nobody()
            permission = FRAME_PERMISSIONS["hello"]
            if permission is not None:
                self._services.access.allow(principal, permission)
        except (UnauthenticatedError, NotPermittedError) as e:
            self.complain(None, e)
            expired = e.code == "token_expired"
            self.close(Close.TOKEN_EXPIRED if expired else Close.UNAUTHORISED, e.code)
            return None
        except UchatError as e:
            self.complain(None, e)
            self.close(Close.SERVER, e.code)
            return None
        return principal

    def _renew(self, auth: Auth) -> None:
        before = self.principal
        try:
            after = self._services.access.authenticate(auth.token)
        except UnauthenticatedError as e:
            self.complain(None, e)
            return
        if before is None or after.actor.person_id != before.actor.person_id:
            self.close(Close.UNAUTHORISED, "another person's token")
            return
        self.principal = after
        self.life.renewed()
        if self._requests is not None:
            self._requests.actor = replace(after.actor, interface=self._requests.actor.interface)
        self.pump.say(AuthOk(token_exp=after.expires_at))

    def _refuse(self, frame: InvalidFrame) -> None:
        self.pump.say(
            ErrorFrame(re=frame.re, code="invalid_frame", detail=frame.detail, retryable=False)
        )

    def _obey(self, due: End | Model | None) -> None:
        if isinstance(due, tuple):
            self.close(*due)
        elif due is not None:
            self.pump.say(due)


def _nobody() -> Principal:
    raise UnauthenticatedError("Send a token or a ticket", code="token_missing")
