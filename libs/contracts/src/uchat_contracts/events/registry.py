"""Each event class with its subject: documents, schemas and types are generated from here."""

from dataclasses import dataclass

from uchat_contracts import subjects
from uchat_contracts.events.dead_letter import DeadLettered
from uchat_contracts.events.live import Delta, RunChanged, Running, SignInRevoked, Verdict
from uchat_contracts.events.log import LogEntry
from uchat_contracts.events.proposed import MessageReceived, ReplyProposed
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
        ("gateway",),
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
        LogEntry, subjects.log("{log}", "{kind}"), subjects.LOG, ("sessions",), ("ai-core",)
    ),
    Registered(LogEntry, subjects.live("{log}"), None, ("sessions",), ("gateway",)),
    Registered(Verdict, subjects.live("{log}"), None, ("sessions",), ("gateway",)),
    Registered(Delta, subjects.delta("{log}"), None, ("ai-core",), ("gateway",)),
    Registered(RunChanged, subjects.delta("{log}"), None, ("ai-core",), ("gateway",)),
    Registered(Running, subjects.running("{log}"), None, ("ai-core",), ("gateway",)),
    Registered(SignInRevoked, subjects.revoked("{person}"), None, ("gateway",), ("gateway",)),
    Registered(
        DeadLettered,
        subjects.dead_letter("{service}", "{log}"),
        subjects.DLQ,
        ("sessions", "ai-core"),
        (),
    ),
)
