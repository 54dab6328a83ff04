"""Texts as Telegram stores them: plain, with entities counted in UTF-16 units.

HTML as https://core.telegram.org/bots/api#html-style says. Markdown is refused: nobody sends it.
"""

import re
from html.parser import HTMLParser
from typing import Any, Final, cast

from uchat_sim_telegram.errors import bad_request

Json = dict[str, Any]
MAX_TEXT: Final = 4096
_TAGS: Final = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
}
_FOUND: Final = re.compile(
    r"(?P<bot_command>(?<![\w/])/[A-Za-z0-9_]{1,32}(?:@\w+)?)"
    r"|(?P<url>\bhttps?://[^\s<>\"']+[^\s<>\"'.,;:!?)])"
)


def units(text: str) -> int:
    """Return the length of a text in UTF-16 units, as entities count."""
    return len(text.encode("utf-16-le")) // 2


def parse(text: str, mode: str | None, entities: Any = None) -> tuple[str, list[Json]]:
    """Return the plain text and its entities.

    Raises:
        ApiError: markup that Telegram refuses.
    """
    if entities:
        return text, _check(text, entities)
    if not mode:
        return text, detect(text)
    if mode.lower() != "html":
        raise bad_request("unsupported parse_mode")
    parser = _Html()
    parser.feed(text)
    parser.close()
    return parser.finish()


def body(text: str | None, mode: str | None, entities: Any = None, *, empty: bool = False) -> Json:
    """Return the text part of a message.

    Raises:
        ApiError: empty (unless that is allowed), or longer than 4096 characters.
    """
    plain, found = parse(text or "", mode, entities)
    if not plain.strip() and not empty:
        raise bad_request("message text is empty")
    if len(plain) > MAX_TEXT:
        raise bad_request("message is too long")
    return {"text": plain, **({"entities": found} if found else {})}


def detect(text: str) -> list[Json]:
    """Return the commands and addresses of a plain text."""
    return [
        {
            "type": cast("str", match.lastgroup),
            "offset": units(text[: match.start()]),
            "length": units(match.group()),
        }
        for match in _FOUND.finditer(text)
    ]


def _check(text: str, entities: Any) -> list[Json]:
    length = units(text)
    for entity in entities:
        if entity["offset"] < 0 or entity["offset"] + entity["length"] > length:
            raise bad_request("ENTITY_BOUNDS_INVALID")
    return cast("list[Json]", entities)


class _Html(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._text: list[str] = []
        self._length = 0
        self._open: list[tuple[str, Json]] = []
        self._done: list[Json] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        kind = _TAGS.get(tag)
        if tag == "span" and known.get("class") == "tg-spoiler":
            kind = "spoiler"
        if kind is None:
            raise bad_request(f"can't parse entities: Unsupported start tag {tag!r}")
        entity: Json = {"type": kind, "offset": self._length}
        if kind == "text_link":
            entity["url"] = known.get("href") or ""
        if kind == "blockquote" and "expandable" in known:
            entity["type"] = "expandable_blockquote"
        self._open.append((tag, entity))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1][0] != tag:
            raise bad_request(f"can't parse entities: Unexpected end tag {tag!r}")
        _, entity = self._open.pop()
        entity["length"] = self._length - entity["offset"]
        if entity["length"]:
            self._done.append(entity)

    def handle_data(self, data: str) -> None:
        self._text.append(data)
        self._length += units(data)

    def finish(self) -> tuple[str, list[Json]]:
        if self._open:
            raise bad_request(f"can't parse entities: Can't find end tag of {self._open[-1][0]!r}")
        found = sorted(self._done, key=lambda entity: (entity["offset"], -entity["length"]))
        return "".join(self._text), found
