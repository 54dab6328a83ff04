"""Answers who asks for the running answer of a conversation, if it runs here."""

from dataclasses import dataclass

from uchat_ai_core.service.loop import TurnLoop
from uchat_platform.bus import CoreMessage


@dataclass(frozen=True, slots=True)
class RunningHandler:
    """Consumes requests on `uchat.running.v1.<log>`; silent for runs of other replicas."""

    loop: TurnLoop

    async def on_request(self, message: CoreMessage) -> bytes | None:
        """Return the text so far, or None."""
        running = self.loop.running(message.subject.rpartition(".")[2])
        return None if running is None else running.json_bytes()
