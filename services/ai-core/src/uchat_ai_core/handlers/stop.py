"""Stops a running answer when its asker wants that, on whichever device."""

from dataclasses import dataclass

from pydantic import ValidationError

from uchat_ai_core.service.loop import TurnLoop
from uchat_contracts.events import StopRun
from uchat_platform import logging
from uchat_platform.bus import CoreMessage

_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class StopHandler:
    """Consumes `uchat.stop.v1.<log>`; publishes nothing itself.

    Safe to run twice: what has stopped cannot be stopped. Runs of other replicas are theirs.
    """

    loop: TurnLoop

    def on_stop(self, message: CoreMessage) -> None:
        """End the run that is named, if it runs here and answers the person who asks."""
        try:
            stop = StopRun.model_validate_json(message.payload)
        except ValidationError:
            _log.warning("stop_not_understood", subject=message.subject)
            return
        self.loop.stop(stop.log, stop.user_id, stop.run_id)
