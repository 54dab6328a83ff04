"""Events on the bus, one class each, and the registry that documents are generated from."""

from uchat_contracts.events.base import Event
from uchat_contracts.events.dead_letter import DeadLettered
from uchat_contracts.events.delivery import Delivery
from uchat_contracts.events.live import Delta, RunChanged, Running, StopRun, Verdict
from uchat_contracts.events.log import LogEntry, MessageData, SessionData
from uchat_contracts.events.proposed import (
    MessageReceived,
    OutcomeProposed,
    ReplyProposed,
    body_hash,
)
from uchat_contracts.events.registry import REGISTRY, Registered
from uchat_contracts.events.trading import DecisionChanged, DecisionProposed, OrderChanged

__all__ = [
    "REGISTRY",
    "DeadLettered",
    "DecisionChanged",
    "DecisionProposed",
    "Delivery",
    "Delta",
    "Event",
    "LogEntry",
    "MessageData",
    "MessageReceived",
    "OrderChanged",
    "OutcomeProposed",
    "Registered",
    "ReplyProposed",
    "RunChanged",
    "Running",
    "SessionData",
    "StopRun",
    "Verdict",
    "body_hash",
]
