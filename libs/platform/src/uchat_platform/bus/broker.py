"""FastStream as it is used here: for decisions, orders and deliveries, and never by its defaults.

By default it *terminates* a message whose handler fails, so that a second without the database
loses it, and a bare negative acknowledgement redelivers in a hot loop. Here: what passes by itself
is tried again for ever with a growing delay, what never will is put aside, and nothing is declared.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC
from typing import Any, Final, cast

import asyncpg
from faststream import AckPolicy, BaseMiddleware
from faststream.exceptions import HandlerException, NackMessage, RejectMessage
from faststream.message import StreamMessage
from faststream.nats import JStream, NatsBroker, PullSub
from faststream.nats.security import NatsNKey
from nats.aio.msg import Msg
from pydantic import ValidationError

from uchat_platform import logging, telemetry
from uchat_platform.bus.messages import Received
from uchat_platform.bus.permissions import inbox_prefix
from uchat_platform.bus.wire import published_subject
from uchat_platform.db import LOST
from uchat_platform.errors import InvalidInputError, UchatError
from uchat_platform.settings import BaseServiceSettings

DeadLetterSink = Callable[[Received, UchatError], Awaitable[None]]
"""Puts a message aside; raises UnavailableError if it cannot now."""

_FIRST_DELAY_S: Final = 0.1
_LONGEST_DELAY_S: Final = 30.0
# What nobody foresaw may be a bug that a later release repairs, but it must not go on for ever.
_UNFORESEEN_DELIVERIES: Final = 8
_PASSING: Final = (*LOST, asyncpg.PostgresError)

_log = logging.get_logger(__name__)


def broker(settings: BaseServiceSettings, service: str, *, dead: DeadLetterSink) -> NatsBroker:
    """Make the broker of a service; start it with a time limit, it waits for a server for ever."""
    seed = settings.nkey_seed_file
    return NatsBroker(
        settings.nats_url.split(","),
        name=f"{service}-{settings.replica}-broker",
        security=NatsNKey(seed) if seed else None,
        inbox_prefix=inbox_prefix(service),
        # After the last attempt its pull loop would spin without giving way to anything else.
        max_reconnect_attempts=-1,
        # Typed as int upstream, slept on as seconds.
        reconnect_time_wait=cast("int", 0.2),
        ack_policy=AckPolicy.NACK_ON_ERROR,
        middlewares=[lambda msg, context: _Redelivery(msg, context=context, dead=dead)],
        logger=None,
    )


def durable(
    made: NatsBroker, service: str, subject: str, *, stream: str, consumer: str
) -> Callable[[Callable[..., Any]], Any]:
    """Subscribe a handler to a durable pull consumer that the provisioner has made.

    One message at a time: FastStream handles a batch concurrently and in no order.
    """
    return cast(
        "Callable[[Callable[..., Any]], Any]",
        made.subscriber(
            subject,
            stream=JStream(stream, declare=False),
            durable=consumer,
            pull_sub=PullSub(batch_size=1, timeout=5.0),
            # The broker's own prefix does not reach its subscribers.
            inbox_prefix=f"{inbox_prefix(service)}.".encode(),
        ),
    )


class _Redelivery(BaseMiddleware):  # pyright: ignore[reportMissingTypeArgument] - generic upstream
    """Decides what becomes of a message whose handler failed."""

    def __init__(self, msg: Any, /, *, context: Any, dead: DeadLetterSink) -> None:
        super().__init__(msg, context=context)
        self._dead = dead

    async def consume_scope(
        self, call_next: Callable[[Any], Awaitable[Any]], msg: StreamMessage[Any]
    ) -> Any:
        raw: Msg = msg.raw_message
        with telemetry.span("handle", context=telemetry.extract(raw.headers)):
            try:
                return await call_next(msg)
            except HandlerException:
                raise
            except _PASSING as e:
                raise self._later(raw, e) from e
            except ValidationError as e:
                # The words of pydantic quote the input, which is nobody's business in a log.
                error = InvalidInputError(f"{e.error_count()} fields of {e.title} do not fit")
                raise await self._aside(raw, error) from e
            except UchatError as e:
                raise (self._later(raw, e) if e.retryable else await self._aside(raw, e)) from e
            except Exception as e:
                _log.exception("handler_failed", subject=raw.subject)
                if raw.metadata.num_delivered < _UNFORESEEN_DELIVERIES:
                    raise self._later(raw, e) from e
                raise await self._aside(raw, UchatError("An internal error, see the log")) from e

    def _later(self, raw: Msg, error: Exception) -> NackMessage:
        delay = min(_FIRST_DELAY_S * 2 ** min(raw.metadata.num_delivered, 16), _LONGEST_DELAY_S)
        _log.warning("handler_waits", subject=raw.subject, delay_s=delay, kind=type(error).__name__)
        return NackMessage(delay=delay)

    async def _aside(self, raw: Msg, error: UchatError) -> HandlerException:
        try:
            await self._dead(_received(raw), error)
        except (UchatError, *_PASSING) as e:
            return self._later(raw, e)
        return RejectMessage()


def _received(raw: Msg) -> Received:
    metadata = raw.metadata
    return Received(
        seq=metadata.sequence.stream,
        subject=published_subject(metadata.stream, raw.subject),
        payload=raw.data,
        headers=raw.headers or {},
        published_at=metadata.timestamp.astimezone(UTC),
        stream=metadata.stream,
    )
