"""Acknowledged publishing: many in flight on one connection, none silently lost or doubled."""

import asyncio
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from nats import errors as nats_errors
from nats.aio.client import Client
from nats.aio.msg import Msg

from uchat_platform.bus import metrics, wire
from uchat_platform.bus.messages import (
    EXPECTED_STREAM,
    MSG_ID,
    BusDeniedError,
    BusRefusedError,
    PubAck,
)
from uchat_platform.errors import TooLargeError, UchatError, UnavailableError

# An answer that takes longer is lost: the server says no (503) or the connection is cut.
_ATTEMPT_S: Final = 2.0
_PAUSE_S: Final = 0.05
_NO_RESPONDERS: Final = "503"
_MESSAGE_TOO_LARGE: Final = 10054
# Full, no leader, resources short: what another attempt may find better.
_TRANSIENT: Final = frozenset({10077, 10047, 10023, 10008, 10009})


class _TryAgainError(Exception):
    """This attempt failed for a reason that passes."""


@dataclass(slots=True)
class _Waiting:
    subject: str
    ack: "asyncio.Future[PubAck]"


class Publisher:
    """Publishes into streams and waits for the acknowledgement, through reconnects.

    Acknowledgements come back on one inbox of its own, so that all that is in flight can be
    sent again in the moment the connection is back instead of after a timeout.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._waiting: dict[str, _Waiting] = {}
        self._numbers = itertools.count()
        self._prefix = ""
        self._back = asyncio.Event()
        self._back.set()

    async def start(self) -> None:
        """Listen for acknowledgements; needs a connected client, which knows its inbox."""
        self._prefix = self._client.new_inbox()
        await wire.subscribe(self._client, f"{self._prefix}.*", self._on_ack)

    async def publish(
        self,
        subject: str,
        payload: bytes,
        *,
        stream: str,
        msg_id: str,
        headers: Mapping[str, str],
        timeout_s: float,
    ) -> PubAck:
        """Publish until it is stored; a repeat carries the same id and is stored once."""
        sent = {**headers, EXPECTED_STREAM: stream, MSG_ID: msg_id}
        last = "no answer"
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    await self._back.wait()
                    try:
                        ack = await self._attempt(subject, payload, sent)
                    except _TryAgainError as e:
                        last = str(e)
                        metrics.RETRIED.labels(stream).inc()
                        await asyncio.sleep(_PAUSE_S)
                    else:
                        metrics.PUBLISHED.labels(stream).inc()
                        return ack
        except TimeoutError:
            metrics.FAILED.labels("bus_unavailable").inc()
            raise UnavailableError(
                f"Nothing was stored on the bus within {timeout_s} s: {last}",
                code="bus_unavailable",
            ) from None
        except UchatError as e:
            metrics.FAILED.labels(e.code).inc()
            raise

    def lost(self) -> None:
        """Note that the connection is gone: what is in flight will not be answered."""
        self._back.clear()
        for waiting in self._waiting.values():
            if not waiting.ack.done():
                waiting.ack.set_exception(_TryAgainError("the connection was lost"))

    def back(self) -> None:
        """Note that the connection is there again."""
        self._back.set()

    def denied(self, description: str) -> None:
        """Fail what is in flight to a subject that the server says this user may not publish."""
        # The client library hands the server's words over in lower case.
        for waiting in self._waiting.values():
            if f'"{waiting.subject.lower()}"' in description and not waiting.ack.done():
                waiting.ack.set_exception(
                    BusDeniedError(f"This service may not publish to {waiting.subject!r}")
                )

    async def _attempt(self, subject: str, payload: bytes, headers: dict[str, str]) -> PubAck:
        token = str(next(self._numbers))
        waiting = _Waiting(subject, asyncio.get_running_loop().create_future())
        self._waiting[token] = waiting
        try:
            # Before anything is awaited: publishes leave in the order in which they were begun.
            await self._client.publish(
                subject, payload, reply=f"{self._prefix}.{token}", headers=headers
            )
            async with asyncio.timeout(_ATTEMPT_S):
                return await waiting.ack
        except TimeoutError:
            raise _TryAgainError("no answer") from None
        except nats_errors.MaxPayloadError:
            raise TooLargeError(f"A message of {len(payload)} bytes is too large") from None
        except nats_errors.Error as e:
            raise _TryAgainError(str(e)) from e
        finally:
            del self._waiting[token]

    async def _on_ack(self, msg: Msg) -> None:
        waiting = self._waiting.get(msg.subject.rpartition(".")[2])
        if waiting is None or waiting.ack.done():
            return
        if not msg.data:
            waiting.ack.set_exception(_TryAgainError("no stream answers"))
            return
        answer: dict[str, Any] = orjson.loads(msg.data)
        error: dict[str, Any] | None = answer.get("error")
        if error is None:
            waiting.ack.set_result(PubAck(answer["seq"], answer.get("duplicate", False)))
        else:
            waiting.ack.set_exception(_refusal(error))


def _refusal(error: dict[str, Any]) -> Exception:
    code, description = error.get("err_code", 0), str(error.get("description", "refused"))
    if code == _MESSAGE_TOO_LARGE:
        return TooLargeError(description)
    if code in _TRANSIENT or error.get("code", 0) >= int(_NO_RESPONDERS):
        return _TryAgainError(description)
    return BusRefusedError(f"{description} ({code})")
