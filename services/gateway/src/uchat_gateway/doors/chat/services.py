"""What the chat door's handlers work with, made once by `build`."""

from dataclasses import dataclass
from datetime import timedelta

from uchat_gateway.doors.chat.ws.connections import Connections, LiveTimes
from uchat_gateway.ports.access import Tickets
from uchat_gateway.ports.conversations import Conversations
from uchat_gateway.ports.trading import Decisions
from uchat_gateway.service.access import Access
from uchat_gateway.service.decisions import Answers
from uchat_gateway.service.live.hub import LiveHub
from uchat_gateway.service.messages import Messages
from uchat_gateway.service.replies import Replies
from uchat_gateway.service.runs import Runs
from uchat_platform.clock import Clock


@dataclass(frozen=True, slots=True)
class ChatServices:
    """Use cases and guards of this door."""

    hub: LiveHub
    messages: Messages
    replies: Replies
    conversations: Conversations
    access: Access
    tickets: Tickets
    clock: Clock
    connections: Connections
    times: LiveTimes
    reply_timeout: timedelta
    decisions: Decisions
    answers: Answers
    runs: Runs
