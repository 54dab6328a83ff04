"""Requests on one inbox, each answered, refused, or failed in the moment the connection is lost.

nats-py's own `request` leaves what is in flight to its time-out when the connection is lost, and
rests on `asyncio.wait_for`, which in Python 3.11 can swallow a cancellation.
"""

import asyncio
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from nats import errors as nats_errors

from uchat_platform.bus.direct import DirectClient, Told
from uchat_platform.bus.messages import BusDeniedError, BusRefusedError
from uchat_platform.errors import NotFoundError, TooLargeError, UnavailableError

_NOT_FOUND: Final = 404
_SERVER_ERROR: Final = 500


class NoAnswerError(Exception):
    """Nobody answered this attempt, for a reason that passes."""


@dataclass(slots=True)
class _Waiting:
    subject: str
    answer: "asyncio.Future[Told]"


class Replies:
    """The inbox of one connection."""

    def __init__(self, client: DirectClient) -> None:
        self._client = client
        self._waiting: dict[str, _Waiting] = {}
        self._numbers = itertools.count()
        self._prefix = ""

    async def start(self) -> None:
        """Listen for answers; needs a connected client, which knows its inbox."""
        self._prefix = self._client.new_inbox()
        await self._client.listen(f"{self._prefix}.*", self._on_answer)

    async def ask(
        self,
        subject: str,
        payload: bytes,
        headers: Mapping[str, str] | None = None,
        *,
        timeout_s: float,
    ) -> bytes:
        """Send and return the answer.

        Requests begun one after the other leave in that order.

        Raises:
            NoAnswerError: none came in time, nobody listens, or the connection was lost.
            TooLargeError: more than the server takes.
            BusDeniedError: this service may not publish there.
        """
        token = str(next(self._numbers))
        loop = asyncio.get_running_loop()
        waiting = _Waiting(subject, loop.create_future())
        self._waiting[token] = waiting
        # A timer of its own costs a tenth of `asyncio.timeout`, on every message.
        timer = loop.call_later(timeout_s, _expire, waiting.answer)
        try:
            await self._client.publish(
                subject,
                payload,
                reply=f"{self._prefix}.{token}",
                headers=dict(headers) if headers else None,
            )
            answer = await waiting.answer
        except nats_errors.MaxPayloadError:
            raise TooLargeError(f"A message of {len(payload)} bytes is too large") from None
        except nats_errors.Error as e:
            raise NoAnswerError(str(e)) from e
        finally:
            timer.cancel()
            del self._waiting[token]
            if not waiting.answer.cancel() and not waiting.answer.cancelled():
                # Marked as seen: it may have failed while the publish itself did.
                waiting.answer.exception()
        if not answer.data and answer.headers.get("Status") == "503":
            raise NoAnswerError("nobody listens")
        return answer.data

    def lost(self) -> None:
        """Note that the connection is gone: what is in flight will not be answered."""
        for waiting in self._waiting.values():
            if not waiting.answer.done():
                waiting.answer.set_exception(NoAnswerError("the connection was lost"))

    def denied(self, description: str) -> None:
        """Fail what is in flight to a subject that the server says this user may not publish."""
        # The client library hands the server's words over in lower case.
        for waiting in self._waiting.values():
            if f'"{waiting.subject.lower()}"' in description and not waiting.answer.done():
                waiting.answer.set_exception(
                    BusDeniedError(f"This service may not publish to {waiting.subject!r}")
                )

    def _on_answer(self, msg: Told) -> None:
        waiting = self._waiting.get(msg.subject.rpartition(".")[2])
        if waiting is not None and not waiting.answer.done():
            waiting.answer.set_result(msg)


def _expire(answer: "asyncio.Future[Told]") -> None:
    if not answer.done():
        answer.set_exception(NoAnswerError("no answer in time"))


def result(answer: bytes) -> dict[str, Any]:
    """Return what the JetStream API answered.

    Raises:
        NotFoundError, UnavailableError, BusRefusedError: as the API says.
    """
    found: dict[str, Any] = orjson.loads(answer)
    error: dict[str, Any] | None = found.get("error")
    if error is None:
        return found
    text = f"{error.get('description', 'refused')} ({error.get('err_code', 0)})"
    if error.get("code") == _NOT_FOUND:
        raise NotFoundError(text, code="bus_not_found")
    if error.get("code", 0) >= _SERVER_ERROR:
        raise UnavailableError(text, code="bus_unavailable")
    raise BusRefusedError(text)
