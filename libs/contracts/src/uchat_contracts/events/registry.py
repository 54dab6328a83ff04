"""Each event class with its subject: documents, schemas and types are generated from here."""

from dataclasses import dataclass

from uchat_contracts import subjects
from uchat_contracts.events.dead_letter import DeadLettered
from uchat_contracts.events.delivery import Delivery
from uchat_contracts.events.live import (
    Delta,
    RunChanged,
    Running,
    SignInRevoked,
    StopRun,
    Verdict,
)
from uchat_contracts.events.log import LogEntry
from uchat_contracts.events.proposed import MessageReceived, OutcomeProposed, ReplyProposed
from uchat_contracts.events.trading import DecisionChanged, DecisionProposed, OrderChanged
from uchat_contracts.model import Model


@dataclass(frozen=True, slots=True)
class Registered:
    """One event: its class, its subject with `{placeholders}`, its stream (None: core NATS)."""

    event: type[Model]
    subject: str
    stream: str | None
    publishers: tuple[str, ...]
    readers: tuple[str, ...]


REGISTRY: tuple[Registered, ...] = (
    Registered(
        MessageReceived,
        subjects.proposed("message", "{log}"),
        subjects.PROPOSED,
        ("gateway", "telegram"),
        ("sessions",),
    ),
    Registered(
        ReplyProposed,
        subjects.proposed("reply", "{log}"),
        subjects.PROPOSED,
        ("ai-core",),
        ("sessions",),
    ),
    Registered(
        OutcomeProposed,
        subjects.proposed("outcome", "{log}"),
        subjects.PROPOSED,
        ("execution",),
        ("sessions",),
    ),
    Registered(
        LogEntry,
        subjects.log("{log}", "{kind}"),
        subjects.LOG,
        ("sessions",),
        ("ai-core", "notifier"),
    ),
    Registered(
        DecisionProposed,
        subjects.decision("proposed", "{decision}"),
        subjects.TRADING,
        ("sessions",),
        ("execution", "subscriber"),
    ),
    Registered(
        DecisionChanged,
        subjects.decision("{state}", "{decision}"),
        subjects.TRADING,
        ("execution",),
        ("subscriber",),
    ),
    Registered(
        OrderChanged,
        subjects.order("{state}", "{order}"),
        subjects.TRADING,
        ("execution",),
        ("subscriber",),
    ),
    Registered(
        Delivery,
        subjects.delivery("{interface}", "{address}"),
        subjects.DELIVERIES,
        ("notifier",),
        ("telegram",),
    ),
    Registered(LogEntry, subjects.live("{log}"), None, ("sessions",), ("gateway",)),
    Registered(Verdict, subjects.live("{log}"), None, ("sessions",), ("gateway",)),
    Registered(Delta, subjects.delta("{log}"), None, ("ai-core",), ("gateway", "telegram")),
    Registered(RunChanged, subjects.delta("{log}"), None, ("ai-core",), ("gateway", "telegram")),
    Registered(StopRun, subjects.stop("{log}"), None, ("gateway", "telegram"), ("ai-core",)),
    Registered(Running, subjects.running("{log}"), None, ("ai-core",), ("gateway",)),
    Registered(SignInRevoked, subjects.revoked("{person}"), None, ("gateway",), ("gateway",)),
    Registered(
        DeadLettered,
        subjects.dead_letter("{service}", "{log}"),
        subjects.DLQ,
        ("sessions", "ai-core", "execution", "notifier", "telegram"),
        (),
    ),
)
