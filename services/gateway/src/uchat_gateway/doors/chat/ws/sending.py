"""Sending on a live connection: acks, and what was sent here and waits for its answer."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable

from opentelemetry.trace import SpanKind

from uchat_contracts import ids
from uchat_contracts.events import Verdict
from uchat_contracts.frames import Ack, Send
from uchat_contracts.parts import Origin, Part
from uchat_gateway.ports.conversations import Outcome
from uchat_gateway.service.live.frames import Durable
from uchat_gateway.service.messages import Draft, Messages
from uchat_platform import logging, telemetry
from uchat_platform.auth import Actor

_REMEMBERED = 512
_log = logging.get_logger(__name__)


def ack_of(client_msg_id: str, outcome: Outcome | Verdict) -> Ack:
    """Return the ack for what became of a message."""
    status = outcome.status if outcome.status in {"duplicate", "rejected"} else "accepted"
    return Ack.model_validate(
        {
            "re": client_msg_id,
            "status": status,
            "code": outcome.code,
            "message_id": outcome.message_id,
            "seq": outcome.seq,
        }
    )


class Sending:
    """Sends what one client writes, and remembers it until it is answered or refused."""

    def __init__(self, messages: Messages, device: str | None) -> None:
        self._messages = messages
        self._device = device
        # Message ids by log and client id, and which of them still wait for their answer.
        self._sent: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._waiting: set[str] = set()

    @property
    def waiting(self) -> bool:
        """Tell whether an answer to something sent here has not come yet."""
        return bool(self._waiting)

    async def send(
        self, actor: Actor, frame: Send, tell: Callable[[Ack], None], *, followed: bool
    ) -> None:
        """Send a message and tell the ack for it. Raises as `Messages.send`."""
        started = time.perf_counter()
        draft = self._draft(actor, frame)
        # Remembered first: the verdict may come before the ack of the bus does.
        self._remember(draft, followed=followed)
        # Each message is a trace of its own, not a part of the handshake's.
        with telemetry.span("ws.send", kind=SpanKind.SERVER, context=telemetry.extract(None)):
            outcome = await self._messages.send(actor, draft, confirm=not followed)
            if outcome.status != "accepted":
                self.settle(frame.log, frame.client_msg_id)
            spent_ms = round((time.perf_counter() - started) * 1000, 2)
            tell(ack_of(frame.client_msg_id, outcome))
            # Lets the ack leave before time is spent on the log line.
            await asyncio.sleep(0)
            _log.info(
                "message_taken",
                session_id=frame.log,
                user_id=logging.hashed(actor.person_id),
                interface_type=actor.interface,
                status=outcome.status,
                processing_time=spent_ms,
            )

    def settle(self, log: str, client_msg_id: str) -> bool:
        """Take note of a verdict; tells whether the message was sent here."""
        message_id = self._sent.get((log, client_msg_id))
        if message_id is None:
            return False
        self._waiting.discard(message_id)
        return True

    def answered(self, entry: Durable) -> None:
        """Take note of an answer that is on its way to the client."""
        message_id = entry.data.get("answers")
        if message_id is not None:
            self._waiting.discard(message_id)

    def forget(self, log: str, client_msg_id: str) -> None:
        """Forget a message that could not be sent."""
        message_id = self._sent.pop((log, client_msg_id), None)
        if message_id is not None:
            self._waiting.discard(message_id)

    def _remember(self, draft: Draft, *, followed: bool) -> None:
        self._sent[draft.log, draft.client_msg_id] = draft.message_id
        if followed:
            self._waiting.add(draft.message_id)
        if len(self._sent) > _REMEMBERED:
            _, forgotten = self._sent.popitem(last=False)
            self._waiting.discard(forgotten)

    def _draft(self, actor: Actor, frame: Send) -> Draft:
        return Draft(
            log=frame.log,
            client_msg_id=frame.client_msg_id,
            message_id=ids.received_message_id(actor.person_id, frame.log, frame.client_msg_id),
            parts=[Part(type="text", text=part.text) for part in frame.parts],
            origin=Origin(interface=frame.iface or actor.interface, device=self._device),
            mode=frame.mode,
            policy=frame.policy,
            if_last_seq=frame.if_last_seq,
        )
