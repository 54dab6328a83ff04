"""A durable pull consumer for who holds many messages at once and finishes them in any order.

FastStream's subscriber hands over one message after the other. An adapter that waits for a slow
platform keeps what waits in its own lanes instead, tells the server that it is still at it, and
acknowledges each message when it is done.
"""

import asyncio
import secrets
from collections.abc import AsyncGenerator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

import orjson
from nats.aio.msg import Msg

from uchat_platform.bus import wire
from uchat_platform.bus.client import Bus
from uchat_platform.bus.messages import Received
from uchat_platform.bus.permissions import inbox_prefix

if TYPE_CHECKING:
    from nats.aio.subscription import Subscription

_EXPIRES_S: Final = 20.0
_GRACE_S: Final = 2.0
_NANOSECONDS: Final = 1_000_000_000


class Held:
    """A message that the server will hand to another reader unless it is finished, or kept."""

    def __init__(self, bus: Bus, received: Received, reply: str) -> None:
        self._bus = bus
        self._reply = reply
        self.received = received
        self.deliveries = int(reply.split(".")[-5])

    async def ack(self) -> None:
        """Finish it: it is never delivered again."""
        await self._bus.publish_core(self._reply, b"+ACK")

    async def keep(self) -> None:
        """Say that it is being worked on: the time to finish it starts anew."""
        await self._bus.publish_core(self._reply, b"+WPI")

    async def later(self, delay_s: float = 0.0) -> None:
        """Give it back, to be delivered again after a delay."""
        body = orjson.dumps({"delay": int(delay_s * _NANOSECONDS)})
        await self._bus.publish_core(self._reply, b"-NAK " + body)

    async def drop(self) -> None:
        """Refuse it for good."""
        await self._bus.publish_core(self._reply, b"+TERM")


class DurableReader:
    """Messages of a durable that the provisioner made, each as soon as it arrives.

    `async with` starts it; iterate over `messages()`. At most `limit` are asked for at a time; how
    many may be unfinished is the consumer's `max_ack_pending`.
    """

    def __init__(self, bus: Bus, stream: str, consumer: str, *, limit: int = 64) -> None:
        self._bus = bus
        self._stream = stream
        self._pull = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"
        self._info = f"CONSUMER.INFO.{stream}.{consumer}"
        self._limit = limit
        self._inbox = f"{inbox_prefix(bus.service)}.{secrets.token_hex(11)}"
        self._arrived: asyncio.Queue[Msg] = asyncio.Queue()
        self._subscription: Subscription | None = None
        self._asked = 0
        self._until = 0.0
        self._forget = self._nothing

    async def __aenter__(self) -> Self:
        self._subscription = await wire.subscribe(self._bus.client, self._inbox, self._take)
        self._forget = self._bus.on_reconnect(self._reconnected)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._forget()
        if self._subscription is not None and self._bus.connected:
            await self._subscription.unsubscribe()

    async def unfinished(self) -> int:
        """Return how many messages some reader holds and has not finished.

        Raises:
            UnavailableError, NotFoundError: as `Bus.api`.
        """
        info: dict[str, Any] = await self._bus.api(self._info)
        return int(info["num_ack_pending"])

    async def messages(self) -> AsyncGenerator[Held]:
        """Yield messages for ever."""
        while True:
            held = await self.take(_EXPIRES_S)
            if held is not None:
                yield held

    async def take(self, wait_s: float) -> Held | None:
        """Return the next message, or None if there is none for so long."""
        try:
            async with asyncio.timeout(wait_s):
                while True:
                    held = await self._next()
                    if held is not None:
                        return held
        except TimeoutError:
            return None

    async def _next(self) -> Held | None:
        loop = asyncio.get_running_loop()
        if self._asked <= 0 or loop.time() > self._until:
            self._until = loop.time() + _EXPIRES_S + _GRACE_S
            await self._ask()
        msg = await self._arrived.get()
        at = wire.position(msg.reply or "")
        if at is None:
            # The server says that it has given up waiting, or the connection was made anew.
            self._asked = 0
            return None
        self._asked -= 1
        return Held(self._bus, wire.received(self._stream, msg, at), msg.reply)

    async def _ask(self) -> None:
        request = {"batch": self._limit, "expires": int(_EXPIRES_S * _NANOSECONDS)}
        self._asked = self._limit
        await self._bus.client.publish(self._pull, orjson.dumps(request), reply=self._inbox)

    async def _take(self, msg: Msg) -> None:
        self._arrived.put_nowait(msg)

    def _reconnected(self) -> None:
        # What was asked for died with the connection; an empty message asks anew.
        self._arrived.put_nowait(Msg(_client=self._bus.client))

    @staticmethod
    def _nothing() -> None:
        """Forget nothing: it was not started."""
