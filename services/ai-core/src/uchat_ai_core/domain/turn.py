"""One turn: what comes in, what is told while it runs, and the answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeVar

from uchat_ai_core.domain.stated import Stated
from uchat_contracts.parts import Part, Source
from uchat_contracts.trading import PlanRequest

QUICK: Final = "quick"
ANALYSIS: Final = "analysis"
SUPPORT: Final = "support"
DEFAULT_MODE: Final = "trading"
FORWARDED: Final = "I forward what somebody else wrote, to be read and not to be done:"
"""How a message begins that the person only passed on."""

T = TypeVar("T")
_UNREAD: Final = object()
_NO_QUOTES: Final = str.maketrans(dict.fromkeys('“”„"«»', "'") | {"\n": " "})
_INTERFACE_MODES: Final = {"telegram": QUICK, "widget": QUICK}


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a conversation, with where and when it was said (UTC).

    `stated`: the balances that an answer told of. What was read in its text is kept with it.
    """

    message_id: str
    seq: int
    role: str
    text: str
    interface: str
    at: datetime
    mode: str | None = None
    policy: str | None = None
    answers: str | None = None
    user_id: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    stated: Stated | None = None
    _found: dict[Callable[[str], Any], Any] = field(
        default_factory=dict[Callable[[str], Any], Any], init=False, repr=False, compare=False
    )

    def read_by(self, reader: Callable[[str], T]) -> T:
        """Return what a function finds in the text; it is asked once while the message is held.

        `reader` is a function of a module, and depends on nothing but the text.
        """
        found: Any = self._found.get(reader, _UNREAD)
        if found is _UNREAD:
            found = self._found[reader] = reader(self.text)
        return found


@dataclass(frozen=True, slots=True)
class TurnIn:
    """The message to answer and what was said before it, oldest first."""

    log: str
    message: Said
    mode: str
    history: Sequence[Said] = field(default_factory=tuple[Said, ...])


@dataclass(frozen=True, slots=True)
class TextAdded:
    """Some more text of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class StepTaken:
    """The turn calls a tool."""

    tool: str


@dataclass(frozen=True, slots=True)
class TextReset:
    """What was said so far is void: the answer starts anew."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer as a whole, and what it proposes. `confidence` is 0 to 1."""

    parts: tuple[Part, ...]
    intent: str
    confidence: float
    model: str
    sources: tuple[Source, ...] = ()
    proposals: tuple[PlanRequest, ...] = ()
    details: dict[str, Any] = field(default_factory=dict[str, Any])


BrainEvent = TextAdded | StepTaken | TextReset | Answered


def mode_of(message_mode: str | None, session_mode: str | None, interface: str) -> str:
    """Return how to answer: the message's choice, the conversation's, the interface's default."""
    return message_mode or session_mode or _INTERFACE_MODES.get(interface, DEFAULT_MODE)


def spoken_of(parts: Sequence[Part]) -> str:
    """Return a message as it is read: what was forwarded as a quotation, which asks for nothing."""
    text = text_of(parts)
    if not any((part.model_extra or {}).get("forwarded") for part in parts):
        return text
    return f"{FORWARDED} “{text.translate(_NO_QUOTES)}”"


def text_of(parts: Sequence[Part]) -> str:
    """Return the readable text of a message's parts."""
    return "\n\n".join(part.text for part in parts if part.text)


def parts_of(text: str, mode: str, tables: Sequence[Part] = ()) -> tuple[Part, ...]:
    """Return an answer's text as parts: the first paragraph is the summary, the rest the detail.

    In quick mode, and where there is only one paragraph, it is one `text` part. The text ends with
    that of the tables, which are parts of their own.
    """
    words = text.strip()
    for table in reversed(tables):
        words = words.removesuffix(table.text or "").rstrip()
    summary, _, detail = words.partition("\n\n")
    if mode == QUICK or not detail.strip():
        return (Part(type="text", text=words), *tables)
    return (
        Part(type="summary", text=summary),
        Part(type="detail", text=detail.strip()),
        *tables,
    )
