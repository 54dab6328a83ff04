"""What a message consists of: parts, sources and where it came from."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints

from uchat_contracts.ids import InterfaceName
from uchat_contracts.model import Model

MAX_TEXT = 8_000
"""Longest text of one part that a person may send, in characters."""

Mode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
"""How to answer. Known today: trading, quick, analysis, support."""

PartType = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]


class Part(Model):
    """One part of a message. Known types: text, summary, detail, table, chart, decision.

    Text, summary and detail carry `text` (markdown); other types carry fields of their own, which
    readers that do not know them keep and skip.
    """

    model_config = ConfigDict(extra="allow")

    type: PartType
    text: str | None = None


class UserText(Model):
    """A part as a person may send it: plain text only."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["text"] = "text"
    text: Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]


class Origin(Model):
    """Where a message was written."""

    interface: InterfaceName
    device: str | None = None


class Source(Model):
    """One result of a tool that an answer rests on.

    `as_of` is the time of the data, not of the call; `simulated` marks data that is not from a real
    market; `data` holds the values that the tool returned.
    """

    tool: str
    as_of: datetime
    simulated: bool
    data: dict[str, Any]
