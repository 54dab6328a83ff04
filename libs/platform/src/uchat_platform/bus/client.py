"""One NATS connection per process, with what nats-py leaves open closed."""

import asyncio
import inspect
import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, Self, cast

import orjson
from nats import errors as nats_errors
from nats.aio.msg import Msg

from uchat_platform import logging, telemetry
from uchat_platform.bus import metrics, replies, wire
from uchat_platform.bus.connection import Connection
from uchat_platform.bus.direct import DirectClient, Told
from uchat_platform.bus.messages import (
    CoreMessage,
    PubAck,
    StreamIdentity,
)
from uchat_platform.bus.permissions import inbox_prefix
from uchat_platform.bus.publishing import Publisher
from uchat_platform.bus.replies import NoAnswerError, Replies
from uchat_platform.bus.subscriptions import CoreSubscription
from uchat_platform.errors import UnavailableError
from uchat_platform.health import Health
from uchat_platform.settings import BaseServiceSettings

CoreCallback = Callable[[CoreMessage], Awaitable[None]] | Callable[[CoreMessage], object]
Handler = Callable[[CoreMessage], Awaitable[bytes | None]]


_log = logging.get_logger(__name__)


class Bus:
    """The bus as a service sees it: acknowledged publishes, core messages, requests.

    Made by `connect`; `async with bus:` or `drain` ends it.
    """

    def __init__(self, service: str, client: DirectClient, connection: Connection) -> None:
        self.service = service
        self._client = client
        self._connection = connection
        self._replies = Replies(client)
        self._publisher = Publisher(self._replies)
        connection.on_lost = self._lost
        connection.on_back = self._publisher.back
        connection.on_denied = self._replies.denied

    @classmethod
    async def connect(
        cls,
        settings: BaseServiceSettings,
        service: str,
        health: Health,
        *,
        timeout_s: float = 30.0,
    ) -> "Bus":
        """Connect as the service's own user and keep connected for ever.

        A connection that the server closed for good stops the process by SIGTERM, so that its
        supervisor starts it anew.

        Raises:
            UnavailableError: no server let us in within the time.
        """
        client = DirectClient()
        connection = Connection(service, health, _stop_process)
        bus = cls(service, client, connection)
        seed = settings.nkey_seed_file
        try:
            async with asyncio.timeout(timeout_s):
                await client.connect(
                    servers=settings.nats_url.split(","),
                    name=f"{service}-{settings.replica}",
                    nkeys_seed=str(seed) if seed else None,
                    inbox_prefix=inbox_prefix(service),
                    error_cb=connection.error,
                    disconnected_cb=connection.disconnected,
                    reconnected_cb=connection.reconnected,
                    closed_cb=connection.closed,
                    # A limit would end in a closed client that spins (nats.md 2.2).
                    max_reconnect_attempts=-1,
                    # Typed as int by nats-py, slept on as seconds.
                    reconnect_time_wait=cast("int", 0.2),
                    ping_interval=5,
                    max_outstanding_pings=2,
                    drain_timeout=5,
                )
                await bus._replies.start()
                await client.flush()
        except TimeoutError:
            connection.closing = True
            await client.close()
            raise UnavailableError(
                f"No NATS server let {service!r} in within {timeout_s} s", code="bus_unavailable"
            ) from None
        connection.up()
        return bus

    @property
    def connected(self) -> bool:
        """Whether the connection is up now."""
        return self._client.is_connected

    async def publish(
        self,
        subject: str,
        payload: bytes,
        *,
        stream: str,
        msg_id: str,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = 5.0,
    ) -> PubAck:
        """Store a message in a stream and return once it is acknowledged.

        Infrastructure errors are tried again with the same `msg_id`, so that it is stored once.
        Publishes begun one after the other leave in that order; after a reconnect they may swap.

        Raises:
            UnavailableError: not acknowledged within the time; it may be stored or not.
            TooLargeError: more than the server takes.
            BusDeniedError: this service may not publish there.
            BusRefusedError: the stream does not take it, for good.
        """
        traced = telemetry.inject(dict(headers or {}))
        return await self._publisher.publish(
            subject, payload, stream=stream, msg_id=msg_id, headers=traced, timeout_s=timeout_s
        )

    async def publish_core(
        self, subject: str, payload: bytes, headers: Mapping[str, str] | None = None
    ) -> None:
        """Tell a message once: never waits; dropped when the reconnect buffer (2 MiB) is full."""
        try:
            await self._client.publish(subject, payload, headers=dict(headers) if headers else None)
        except (nats_errors.OutboundBufferLimitError, nats_errors.ConnectionClosedError):
            metrics.DROPPED.inc()

    async def subscribe(
        self, subject: str, callback: CoreCallback, *, pending: int = wire.PENDING
    ) -> CoreSubscription:
        """Hear core messages, one after the other.

        The callback must only enqueue. For one that is a coroutine function messages wait: what
        waits beyond `pending` is dropped, and `on_gap` is called. `flush` tells that the server
        knows of it.
        """
        if not inspect.iscoroutinefunction(callback):

            def take(told: Told) -> None:
                callback(CoreMessage(told.subject, told.data, told.headers))

            return CoreSubscription(subject, await self._client.listen(subject, take))

        async def deliver(msg: Msg) -> None:
            await callback(CoreMessage(msg.subject, msg.data, msg.headers or {}))

        subscription = await wire.subscribe(self._client, subject, deliver, pending)
        return CoreSubscription(subject, subscription)

    async def serve(self, subject: str, handler: Handler) -> CoreSubscription:
        """Answer requests; a handler that returns None leaves the answer to another process."""

        async def answer(msg: Msg) -> None:
            body = await handler(CoreMessage(msg.subject, msg.data, msg.headers or {}))
            if body is not None and msg.reply:
                await msg.respond(body)

        subscription = await wire.subscribe(self._client, subject, answer)
        return CoreSubscription(subject, subscription)

    async def request(self, subject: str, payload: bytes, *, timeout_s: float) -> bytes | None:
        """Return the first answer, or None if nobody answers in time."""
        if not self._client.is_connected:
            return None
        try:
            return await self._replies.ask(subject, payload, timeout_s=timeout_s)
        except NoAnswerError:
            return None

    async def has_listener(self, subject: str, *, timeout_s: float) -> bool:
        """Tell whether somebody serves a subject: the server itself says so if nobody does."""
        if not self._client.is_connected:
            return False
        try:
            await self._client.request(subject, b"", timeout=timeout_s)
        except nats_errors.NoRespondersError:
            return False
        except nats_errors.TimeoutError:
            # Whoever listens may have nothing to say.
            return self._client.is_connected
        except nats_errors.Error:
            return False
        return True

    async def flush(self, timeout_s: float = 2.0) -> None:
        """Return once the server has taken all that was sent before, subscriptions included.

        Raises:
            UnavailableError: no answer in time.
        """
        if not self._client.is_connected:
            raise UnavailableError("The bus is away", code="bus_unavailable")
        try:
            await self._client.flush(timeout=cast("int", timeout_s))
        except nats_errors.Error as e:
            raise UnavailableError("The bus does not answer", code="bus_unavailable") from e

    def on_gap(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back whenever core messages may have been missed; returns what ends that."""
        return self._connection.add_gap_listener(callback)

    async def api(
        self, subject: str, request: Mapping[str, Any] | None = None, *, timeout_s: float = 2.0
    ) -> dict[str, Any]:
        """Ask the JetStream API (`subject` without its prefix) and return its answer.

        Raises:
            NotFoundError: no such stream, consumer or message.
            UnavailableError: no answer, or not now.
            BusDeniedError, BusRefusedError: refused for good.
        """
        if not self._client.is_connected:
            raise UnavailableError("The bus is away", code="bus_unavailable")
        body = orjson.dumps(request) if request is not None else b""
        try:
            answer = await self._replies.ask(f"$JS.API.{subject}", body, timeout_s=timeout_s)
        except NoAnswerError as e:
            raise UnavailableError(
                f"JetStream does not answer {subject!r}", code="bus_unavailable"
            ) from e
        return replies.result(answer)

    async def stream_identity(self, stream: str) -> StreamIdentity:
        """Return which stream this is, and how far it goes.

        Raises:
            NotFoundError, UnavailableError: as `api`.
        """
        info = await self.api(f"STREAM.INFO.{stream}")
        state = info["state"]
        return StreamIdentity(stream, info["created"], state["first_seq"], state["last_seq"])

    async def purge(self, stream: str, filter_subject: str) -> int:
        """Delete all stored messages of a subject; returns how many there were."""
        answer = await self.api(f"STREAM.PURGE.{stream}", {"filter": filter_subject})
        return int(answer["purged"])

    @property
    def client(self) -> DirectClient:
        """The nats-py client, for the readers of this package."""
        return self._client

    def missed(self) -> None:
        """Tell the listeners of `on_gap` that something may have been missed."""
        self._connection.gap()

    def on_reconnect(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back after each reconnect; returns what ends that. For readers."""
        return self._connection.add_reconnect_listener(callback)

    async def drain(self) -> None:
        """Finish what was received, send what is left, and close."""
        self._connection.closing = True
        try:
            await self._client.drain()
        except (nats_errors.Error, OSError) as e:
            _log.info("bus_drain_cut_short", detail=str(e))
            await self._client.close()

    def _lost(self) -> None:
        self._publisher.lost()
        self._replies.lost()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        await self.drain()


def _stop_process() -> None:
    os.kill(os.getpid(), signal.SIGTERM)
