"""Events on the bus, one class each, and the registry that documents are generated from."""

from uchat_contracts.events.base import Event
from uchat_contracts.events.dead_letter import DeadLettered
from uchat_contracts.events.live import Delta, RunChanged, Running, Verdict
from uchat_contracts.events.log import LogEntry, MessageData, SessionData
from uchat_contracts.events.proposed import MessageReceived, ReplyProposed, body_hash
from uchat_contracts.events.registry import REGISTRY, Registered

__all__ = [
    "REGISTRY",
    "DeadLettered",
    "Delta",
    "Event",
    "LogEntry",
    "MessageData",
    "MessageReceived",
    "Registered",
    "ReplyProposed",
    "RunChanged",
    "Running",
    "SessionData",
    "Verdict",
    "body_hash",
]
