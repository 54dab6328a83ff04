"""Which entries of a log are told to whom, on which interface."""

import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from uchat_contracts.events import Delivery, LogEntry
from uchat_contracts.state import DECISION_KINDS

_NAMESPACE: Final = uuid.UUID("c1a3c6de-6b0e-5f57-8a43-54c0f0a7b1d2")
_PERSON: Final = "user_"
MESSAGE: Final = "message"
LINK_CHANGED: Final = "link.changed"
_ANSWER: Final = "assistant"
# Of a decision the newest card counts; whoever acted on the others knows what they did.
_SILENT: Final = frozenset({"mandate", "trading", LINK_CHANGED})

_PLAIN: Final = re.compile(r"[\x21-\x7e]{1,128}\Z")

_About = Callable[[LogEntry], str]
_ABOUT: Final[dict[str, _About]] = {
    "kill_switch": lambda entry: f"kill_switch:{entry.log}",
    "mandate": lambda entry: f"mandate:{_id(entry, 'mandate_id')}",
    "trading": lambda entry: f"trading:{entry.log}",
    LINK_CHANGED: lambda entry: f"link:{_id(entry, 'id')}",
    "alert": lambda entry: f"alert:{_id(entry, 'alert_id')}",
    "digest": lambda entry: f"digest:{_id(entry, 'day')}",
    "venue_key": lambda entry: f"venue_key:{_id(entry, 'account')}",
}


@dataclass(frozen=True, slots=True)
class Channel:
    """Where a person can be told something: an interface and the address there."""

    interface: str
    address: str


@dataclass(frozen=True, slots=True)
class Telling:
    """Something to tell a person.

    `interface` is the only one that it concerns (None: each). Of what has the same `about`, a
    higher `rev` replaces a lower one.
    """

    person: str
    about: str
    rev: int
    interface: str | None = None


def telling_of(entry: LogEntry) -> Telling | None:
    """Return what an entry tells outside of the web; of most entries nothing.

    An answer goes to the interface on which it was asked for. What happens to a person's trading
    goes to all of theirs, by their own log only: it stands in the conversation as well.
    """
    if entry.kind == MESSAGE:
        return _answer(entry)
    if not is_person(entry.log):
        return None
    if entry.kind in DECISION_KINDS:
        rev = entry.data.get("rev")
        known = rev if isinstance(rev, int) else entry.seq
        return Telling(entry.log, f"decision:{_id(entry, 'decision_id')}", known)
    about = _ABOUT.get(entry.kind)
    if entry.kind == "trading" and not _restricts(entry):
        return None
    return Telling(entry.log, about(entry), entry.seq) if about else None


def deliveries_of(entry: LogEntry, telling: Telling, channels: Sequence[Channel]) -> list[Delivery]:
    """Return a delivery for each channel that something is to be told on."""
    return [
        Delivery(
            delivery_id=delivery_id(entry.log, entry.seq, channel),
            user_id=telling.person,
            interface=channel.interface,
            address=channel.address,
            log=entry.log,
            seq=entry.seq,
            kind=entry.kind,
            about=telling.about,
            rev=telling.rev,
            data=entry.data,
            occurred_at=entry.ts,
            silent=entry.kind in _SILENT,
        )
        for channel in channels
        if telling.interface in (None, channel.interface)
    ]


def delivery_id(log: str, seq: int, channel: Channel) -> str:
    """Return the id of a delivery: the same however often its entry is read."""
    name = f"{log}:{seq}:{channel.interface}:{channel.address}"
    return str(uuid.uuid5(_NAMESPACE, name))


def is_person(log: str) -> bool:
    """Tell whether a log is a person's own."""
    return log.startswith(_PERSON)


def _answer(entry: LogEntry) -> Telling | None:
    data: dict[str, Any] = entry.data
    person, asked_via = data.get("user_id"), data.get("asked_via")
    if data.get("role") != _ANSWER or not person or not asked_via:
        return None
    return Telling(str(person), f"answer:{_id(entry, 'message_id')}", 0, str(asked_via))


# A mode that was chosen is shown where it was; that less is allowed now concerns everybody.
def _restricts(entry: LogEntry) -> bool:
    return entry.data.get("state") != "active" or entry.data.get("mode") == "emergency"


def _id(entry: LogEntry, name: str) -> str:
    # What names nothing, or cannot be stored, is a thing of its own.
    value = entry.data.get(name)
    return value if isinstance(value, str) and _PLAIN.match(value) else str(entry.seq)
