"""What the planner hands back: tools to call first, or what to say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

GET_QUOTES: Final = "get_quotes"
LIST_INSTRUMENTS: Final = "list_instruments"
CONVERT: Final = "convert"
REMEMBERED: Final = "remembered"

Result = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """A tool to call before the answer can be given."""

    tool: str
    arguments: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer: one or two sentences, and what is worth adding where there is room."""

    summary: str
    detail: str = ""


def unavailable(result: Result) -> bool:
    """Tell whether a tool could not get its data."""
    return "error" in result


def quotes_of(result: Result | None) -> list[dict[str, Any]]:
    """Return the quotes of a result, none if there is none or its source was away."""
    return [] if result is None or unavailable(result) else result["quotes"]
