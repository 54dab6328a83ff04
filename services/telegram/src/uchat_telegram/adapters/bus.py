"""The bus as the adapter uses it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import orjson
from pydantic import ValidationError

from uchat_contracts import subjects
from uchat_contracts.events import Delta, MessageReceived, RunChanged, Running, StopRun
from uchat_platform import logging
from uchat_platform.bus import Bus, CoreMessage

_PUBLISH_S: Final = 5.0
_RUNNING_S: Final = 0.2
_KINDS: Final = {"delta.v1": Delta, "run.v1": RunChanged}
_log = logging.get_logger(__name__)
Listener = Callable[[Delta | RunChanged], None]


@dataclass(frozen=True, slots=True)
class BusOutbound:
    """See `ports.Outbound` for each method."""

    bus: Bus

    async def publish(self, message: MessageReceived) -> None:
        """Store a message durably."""
        await self.bus.publish(
            subjects.proposed("message", message.session_id),
            message.json_bytes(),
            stream=subjects.PROPOSED,
            msg_id=message.nats_msg_id(),
            timeout_s=_PUBLISH_S,
        )

    async def stop(self, order: StopRun) -> None:
        """Tell that a running answer should end."""
        await self.bus.publish_core(subjects.stop(order.log), order.json_bytes())

    async def running(self, log: str) -> Running | None:
        """Return the running answer so far."""
        body = await self.bus.request(subjects.running(log), b"", timeout_s=_RUNNING_S)
        return None if body is None else Running.model_validate_json(body)

    async def follow(self, log: str, listener: Listener) -> Callable[[], Awaitable[None]]:
        """Hear what is told of a conversation's running answer; returns what ends that."""

        def hear(message: CoreMessage) -> None:
            news = _decode(message.payload)
            if news is not None:
                listener(news)

        subscription = await self.bus.subscribe(subjects.delta(log), hear)
        return subscription.unsubscribe


def _decode(payload: bytes) -> Delta | RunChanged | None:
    try:
        fields = orjson.loads(payload)
        kind = _KINDS.get(fields.get("type"))
        return None if kind is None else kind.model_validate(fields)
    except (ValueError, AttributeError, ValidationError):
        _log.warning("delta_malformed")
        return None
