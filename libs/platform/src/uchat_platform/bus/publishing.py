"""Acknowledged publishing: many in flight on one connection, none silently lost or doubled."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import orjson
from prometheus_client import Counter

from uchat_platform.bus import metrics
from uchat_platform.bus.messages import EXPECTED_STREAM, MSG_ID, BusRefusedError, PubAck
from uchat_platform.bus.replies import NoAnswerError, Replies
from uchat_platform.errors import TooLargeError, UchatError, UnavailableError

# An answer that takes longer is lost: the server says no or the connection is cut.
_ATTEMPT_S: Final = 2.0
_PAUSE_S: Final = 0.05
_SERVER_ERROR: Final = 500
_MESSAGE_TOO_LARGE: Final = 10054
# Full, no leader, resources short: what another attempt may find better.
_TRANSIENT: Final = frozenset({10077, 10047, 10023, 10008, 10009})


class Publisher:
    """Publishes into streams and waits for the acknowledgement, through reconnects."""

    def __init__(self, replies: Replies) -> None:
        self._replies = replies
        self._back = asyncio.Event()
        self._back.set()
        self._published: dict[str, Counter] = {}

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
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout_s
        last: NoAnswerError | None = None
        while (left := end - loop.time()) > 0:
            try:
                if not self._back.is_set():
                    await self._until_back(left)
                answer = await self._replies.ask(
                    subject, payload, sent, timeout_s=min(left, _ATTEMPT_S)
                )
                ack = _ack(answer, retried=last is not None)
            except NoAnswerError as e:
                last = e
                metrics.RETRIED.labels(stream).inc()
                await asyncio.sleep(min(_PAUSE_S, left))
            except UchatError as e:
                metrics.FAILED.labels(e.code).inc()
                raise
            else:
                self._counter(stream).inc()
                return ack
        metrics.FAILED.labels("bus_unavailable").inc()
        raise UnavailableError(
            f"Nothing was stored on the bus within {timeout_s} s: {last or 'it is away'}",
            code="bus_unavailable",
        )

    def lost(self) -> None:
        """Send nothing until the connection is back."""
        self._back.clear()

    def back(self) -> None:
        """Note that the connection is there again."""
        self._back.set()

    async def _until_back(self, left: float) -> None:
        try:
            async with asyncio.timeout(left):
                await self._back.wait()
        except TimeoutError:
            raise NoAnswerError("the bus is away") from None

    def _counter(self, stream: str) -> Counter:
        counter = self._published.get(stream)
        if counter is None:
            counter = self._published[stream] = metrics.PUBLISHED.labels(stream)
        return counter


def _ack(answer: bytes, *, retried: bool) -> PubAck:
    if not answer:
        raise NoAnswerError("no stream answers")
    found: dict[str, Any] = orjson.loads(answer)
    error: dict[str, Any] | None = found.get("error")
    if error is None:
        return PubAck(found["seq"], found.get("duplicate", False), retried)
    code, description = error.get("err_code", 0), str(error.get("description", "refused"))
    if code == _MESSAGE_TOO_LARGE:
        raise TooLargeError(description)
    if code in _TRANSIENT or error.get("code", 0) >= _SERVER_ERROR:
        raise NoAnswerError(description)
    raise BusRefusedError(f"{description} ({code})")
