"""What live connections work with."""

from dataclasses import dataclass

from uchat_gateway.doors.chat.ws.connections import Connections, LiveTimes
from uchat_gateway.ports.access import Tickets
from uchat_gateway.ports.trading import Decisions
from uchat_gateway.service.access import Access
from uchat_gateway.service.decisions import Answers
from uchat_gateway.service.live.hub import LiveHub
from uchat_gateway.service.messages import Messages
from uchat_gateway.service.runs import Runs
from uchat_platform.clock import Clock


@dataclass(frozen=True, slots=True)
class LiveServices:
    """Use cases and guards of live connections, made once for all of them."""

    hub: LiveHub
    messages: Messages
    access: Access
    tickets: Tickets
    clock: Clock
    connections: Connections
    times: LiveTimes
    decisions: Decisions
    answers: Answers
    runs: Runs
