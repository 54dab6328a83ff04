"""What a message consists of: parts, sources and where it came from.

Parts stand in the order in which they are read. An answer has one `text` part (quick mode: the
summary alone, with an offer of more), or a `summary` and maybe a `detail`, then its tables, then
one `decision` for each decision that it proposes. Types and their fields:

- `text`, `summary`, `detail`: `text` (markdown: paragraphs, lists, emphasis; no tables).
- `table`: `columns` (list of headings), `rows` (list of rows, each as many cells as there are
  columns), `align` (a list of `left` or `right`, one a column), `title` (may be empty). All cells
  are strings that are ready to be shown, with their units where the heading does not say them.
  `text` is the same table in markdown, for those who render no tables; who does leaves it out.
- `decision`: `decision_id`. The card of that decision belongs here; it has no text.
- `chart`: reserved.

A text part with `forwarded: true` was written by somebody else than the person who sent it: it is
read, and asks for nothing. One with `interrupted: true` ends where the person stopped the answer.
"""

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
