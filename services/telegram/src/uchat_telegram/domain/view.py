"""What one message shows: words, tables and buttons, in no client's types."""

from dataclasses import dataclass
from typing import Any, Literal

Style = Literal["success", "danger", "primary"]
Block = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Button:
    """A button that tells the bot `data` (at most 64 bytes), or opens `url`."""

    text: str
    data: str | None = None
    url: str | None = None
    style: Style | None = None


Keyboard = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class View:
    """One message in the Bot API's HTML. What is too long for one has its beginning in `before`.

    `blocks` say all of it in one rich message; a server without those gets the HTML.
    """

    html: str
    keyboard: Keyboard = ()
    before: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Incoming:
    """An update, as far as it matters here.

    kind: `text`, `press` (a button), `stop` (of what is being written), `other` (nothing that is
    read). `private`: in the chat of this one person with the bot. `keyboard`: of a press, the
    buttons of its message. `forwarded`: somebody else wrote it, or a bot by way of this person.
    """

    update_id: int
    kind: Literal["text", "press", "stop", "other"]
    chat_id: int
    private: bool
    user_id: int = 0
    name: str = ""
    message_id: int = 0
    text: str = ""
    callback_id: str = ""
    data: str = ""
    draft_id: int = 0
    addressed: bool = False
    forwarded: bool = False
    keyboard: Keyboard = ()
