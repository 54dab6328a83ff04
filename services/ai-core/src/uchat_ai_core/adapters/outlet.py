"""Deltas and replies onto the bus."""

import asyncio
from collections import deque
from typing import Final

from prometheus_client import Counter

from uchat_contracts import subjects
from uchat_contracts.events import ReplyProposed
from uchat_contracts.model import Model
from uchat_platform import logging
from uchat_platform.bus import Bus
from uchat_platform.errors import UnavailableError

_MOST_WAITING: Final = 10_000
_TIMEOUT_S: Final = 5.0
_PAUSE_S: Final = 0.2
_DROPPED: Final = Counter("uchat_ai_deltas_dropped", "Deltas dropped because too many waited")
_log = logging.get_logger(__name__)


class BusOutlet:
    """Deltas go by core NATS, in order, from a bounded queue; replies by JetStream, acked.

    `run` must be running for deltas to leave.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._waiting: deque[tuple[str, bytes]] = deque(maxlen=_MOST_WAITING)
        self._wake = asyncio.Event()

    def tell(self, log: str, event: Model) -> None:
        """Queue a delta or a run's change; the oldest goes if too many wait: all may be lost."""
        if len(self._waiting) == _MOST_WAITING:
            _DROPPED.inc()
        self._waiting.append((subjects.delta(log), event.json_bytes()))
        self._wake.set()

    async def propose(self, reply: ReplyProposed) -> None:
        """Publish a reply until it is stored. Repeats have the same id, the first one wins.

        Raises:
            UchatError: it can never be stored.
        """
        subject = subjects.proposed("reply", reply.session_id)
        payload, msg_id = reply.json_bytes(), reply.nats_msg_id()
        while True:
            try:
                await self._bus.publish(
                    subject, payload, stream=subjects.PROPOSED, msg_id=msg_id, timeout_s=_TIMEOUT_S
                )
            except UnavailableError as e:
                _log.warning("reply_waits", session_id=reply.session_id, code=e.code)
                await asyncio.sleep(_PAUSE_S)
            else:
                return

    async def run(self) -> None:
        """Send what is queued, until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                subject, payload = self._waiting.popleft()
                await self._bus.publish_core(subject, payload)
