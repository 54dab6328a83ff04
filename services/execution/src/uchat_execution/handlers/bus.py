"""Takes in decisions that were proposed: one durable consumer, shared by all replicas."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, cast

import orjson

from uchat_contracts import subjects
from uchat_contracts.events import DecisionProposed
from uchat_contracts.ids import is_log_id
from uchat_platform.bus import Bus, Received, dead_letters
from uchat_platform.bus.broker import broker, durable
from uchat_platform.errors import UchatError
from uchat_platform.settings import BaseServiceSettings

SERVICE: Final = "execution"
_START_S: Final = 30.0
_NO_LOG: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Intake:
    """Consumes `DecisionProposed`; safe to run twice, since a decision is stored once by its id.

    What passes by itself is tried again for ever; what can never be read becomes a dead letter.
    """

    settings: BaseServiceSettings
    bus: Bus
    propose: Callable[[DecisionProposed], Awaitable[None]]

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Consume until the block ends.

        Raises:
            TimeoutError: the bus is away.
        """
        made = broker(self.settings, SERVICE, dead=self._put_aside)
        subject = subjects.decision("proposed", "*")
        subscribe = durable(made, SERVICE, subject, stream=subjects.TRADING, consumer=SERVICE)
        subscribe(self._on_decision_proposed)
        async with asyncio.timeout(_START_S):
            await made.start()
        try:
            yield
        finally:
            await made.stop()

    async def _on_decision_proposed(self, event: DecisionProposed) -> None:
        await self.propose(event)

    async def _put_aside(self, received: Received, error: UchatError) -> None:
        await dead_letters.put(
            self.bus, received, log=_log_of(received.payload), error=error, keys=None
        )


def _log_of(payload: bytes) -> str:
    try:
        body = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return _NO_LOG
    log = cast("dict[str, object]", body).get("session_id") if isinstance(body, dict) else None
    return log if isinstance(log, str) and is_log_id(log) else _NO_LOG
