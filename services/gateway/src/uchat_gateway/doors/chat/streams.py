"""Server-sent events: a log's frames as one long HTTP answer."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import Any, Final

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from uchat_contracts.events import Verdict
from uchat_contracts.frames import AuthExpiring, Close, Drain, ErrorFrame, LiveFrom
from uchat_gateway.doors.chat.outbound import Limits
from uchat_gateway.doors.chat.pump import Pump
from uchat_gateway.doors.chat.ws.connections import Connections, LiveTimes
from uchat_gateway.doors.chat.ws.requests import sub_ok
from uchat_gateway.ports.access import Principal
from uchat_gateway.service.live.follower import Follower, Lost, Past
from uchat_gateway.service.live.frames import Durable, Frame, control
from uchat_gateway.service.live.hub import LiveHub
from uchat_platform.errors import RateLimitedError

HEADERS: Final[Mapping[str, str]] = {
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
    "Connection": "keep-alive",
}
MEDIA_TYPE: Final = "text/event-stream"
COMMENT: Final = b": keep-alive\n\n"


def encode(frame: Frame) -> bytes:
    """Encode a frame as an event. Only durable ones have an id, so that a cursor stays valid."""
    if isinstance(frame, Durable):
        return f"id: {frame.cursor}\ndata: {frame.body}\n\n".encode()
    return f"data: {frame.body}\n\n".encode()


def named(event: str, body: bytes) -> bytes:
    """Encode an event with a name."""
    return b"event: " + event.encode() + b"\ndata: " + body + b"\n\n"


class EventStream:
    """One reader of one log by server-sent events; a sink of the live fan-out."""

    kind = "events"
    busy = False

    def __init__(
        self, hub: LiveHub, connections: Connections, times: LiveTimes, principal: Principal
    ) -> None:
        self.principal: Principal | None = None
        self._who = principal
        self._hub = hub
        self._connections = connections
        self._times = times
        self._pump = Pump()
        self._warned = False

    def begin(self) -> None:
        """Take a place among the person's connections.

        Raises:
            RateLimitedError: `connection_limit`: they have too many.
        """
        if not self._connections.admit(self, self._who):
            raise RateLimitedError(
                "Too many live connections", code="connection_limit", retry_after_s=5
            )
        self._connections.add(self)

    def end(self) -> None:
        """Give the place back."""
        self._pump.end()
        self._connections.remove(self)

    def push(self, frame: Frame) -> None:
        """Take a frame from the live fan-out."""
        self._pump.offer(frame)
        if self._pump.too_slow():
            self.close(Close.SLOW)

    def verdict(self, verdict: Verdict) -> None:
        """Ignore it: nothing is sent on an event stream."""

    def lost(self, log: str, reason: Lost) -> None:
        """End the stream; a client that reconnects gets what is right for its cursor."""
        if reason == "not_found":
            self._pump.say(ErrorFrame(re=log, code="not_found", retryable=False))
        self.close(Close.INSUFFICIENT_STATE)

    def tick(self, _now: float, wall: float) -> None:
        """Do what is due at this time."""
        left = self._who.expires_at - wall
        if self._pump.too_slow() or left <= 0:
            self.close(Close.TOKEN_EXPIRED)
        elif left <= self._times.expiring and not self._warned:
            self._warned = True
            self._pump.say(AuthExpiring(in_ms=int(left * 1000)))

    def announce_drain(self, retry_after_ms: int) -> None:
        """Tell the client that this server stops."""
        self._pump.say(Drain(retry_after_ms=retry_after_ms))

    def close(self, _code: int, _reason: str = "") -> None:
        """End the stream after what waits to be sent."""
        self._pump.end()

    async def body(
        self, follower: Follower, past: Past, pending: Sequence[Any]
    ) -> AsyncGenerator[bytes]:
        """Yield the past, then what happens, and a comment whenever nothing does."""
        yield encode(sub_ok(past, pending))
        for entry in past.entries:
            yield encode(entry)
            if follower.held_size > Limits().limit:
                return
        yield encode(control(LiveFrom(log=past.log, seq=past.seq).json_bytes()))
        follower.go(past.seq)
        self._hub.went_live(past.log)
        async for frame in self._pump.frames(self._times.comment):
            yield COMMENT if frame is None else encode(frame)


class EventResponse(StreamingResponse):
    """A stream of events that cleans up however it ends, begun or not."""

    def __init__(self, body: AsyncGenerator[bytes], on_end: Callable[[], None]) -> None:
        super().__init__(body, media_type=MEDIA_TYPE, headers=HEADERS)
        self._body = body
        self._on_end = on_end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the stream."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._on_end()
            await self._body.aclose()
