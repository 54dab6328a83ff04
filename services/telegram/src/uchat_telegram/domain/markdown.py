"""The little Markdown of answers as the Bot API's HTML, in pieces that Telegram takes.

Pieces are cut between paragraphs, lines or words of the source and formatted each on its own, so
that no cut falls inside of an entity; a code block that is cut is closed and opened again.
"""

import html
import re
from collections.abc import Iterator
from typing import Final

MAX_UNITS: Final = 4096
_FENCE: Final = "```"
_INLINE: Final = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|\*\*(?P<bold>[^\n]+?)\*\*"
    r"|(?<![\w*])\*(?P<star>[^*\s][^*\n]*?)\*(?!\w)"
    r"|(?<!\w)_(?P<italic>[^_\n]+)_(?!\w)"
    r"|\[(?P<label>[^\]\n]+)\]\((?P<url>https?://[^\s)]+)\)"
)
_HEADING: Final = re.compile(r"^#{1,6}\s+(.*)$")
_BULLET: Final = re.compile(r"^(\s*)[-*]\s+(.*)$")


def units(text: str) -> int:
    """Return the length of a text in UTF-16 units, in which Telegram counts."""
    return len(text.encode("utf-16-le")) // 2


def to_html(text: str) -> str:
    """Return Markdown as the Bot API's HTML. What is no markup stays as it is."""
    shown: list[str] = []
    code: list[str] | None = None
    for line in text.split("\n"):
        if line.strip().startswith(_FENCE):
            if code is None:
                code = []
            else:
                shown.append(_pre(code))
                code = None
        elif code is not None:
            code.append(line)
        else:
            shown.append(_line(line))
    if code is not None:
        shown.append(_pre(code))
    return "\n".join(shown)


def escape(text: str) -> str:
    """Return a text that says nothing in HTML but itself."""
    return html.escape(text, quote=False)


def split(text: str, limit: int = MAX_UNITS) -> list[str]:
    """Return Markdown in pieces of at most `limit` UTF-16 units, cut where it hurts least."""
    pieces: list[str] = []
    rest = text.strip()
    while units(rest) > limit:
        end = _cut(rest, limit - units(_FENCE) - 1)
        piece, rest = rest[:end].rstrip(), rest[end:].lstrip("\n")
        if piece.count(_FENCE) % 2:
            piece, rest = f"{piece}\n{_FENCE}", f"{_FENCE}\n{rest}"
        pieces.append(piece)
    return [*pieces, rest] if rest else pieces


def table_lines(columns: list[str], rows: list[list[str]], align: list[str]) -> str:
    """Return a table in fixed-width lines, for who cannot show rich messages."""
    widths = [max(len(cell) for cell in column) for column in zip(columns, *rows, strict=True)]
    shown = [
        "  ".join(
            cell.rjust(width) if side == "right" else cell.ljust(width)
            for cell, width, side in zip(row, widths, align, strict=True)
        ).rstrip()
        for row in (columns, *rows)
    ]
    return "\n".join(shown)


def _line(line: str) -> str:
    if heading := _HEADING.match(line):
        return f"<b>{_inline(heading.group(1))}</b>"
    if bullet := _BULLET.match(line):
        return f"{bullet.group(1)}• {_inline(bullet.group(2))}"
    return _inline(line)


def _inline(text: str) -> str:
    shown: list[str] = []
    end = 0
    for match in _INLINE.finditer(text):
        shown += [escape(text[end : match.start()]), _marked(match)]
        end = match.end()
    return "".join([*shown, escape(text[end:])])


def _marked(match: re.Match[str]) -> str:
    found = match.groupdict()
    if found["code"]:
        return f"<code>{escape(found['code'])}</code>"
    if found["bold"]:
        return f"<b>{_inline(found['bold'])}</b>"
    if found["label"]:
        return f'<a href="{html.escape(found["url"])}">{escape(found["label"])}</a>'
    return f"<i>{_inline(found['star'] or found['italic'])}</i>"


def _pre(lines: list[str]) -> str:
    return f"<pre>{escape(chr(10).join(lines))}</pre>" if lines else ""


def _cut(text: str, limit: int) -> int:
    longest = _prefix(text, limit)
    for separator in _separators():
        end = text.rfind(separator, 0, longest)
        if end > longest // 2:
            return end + len(separator)
    return longest


def _separators() -> Iterator[str]:
    yield from ("\n\n", "\n", ". ", " ")


def _prefix(text: str, limit: int) -> int:
    # Characters outside of the basic plane count twice.
    length = min(len(text), limit)
    while units(text[:length]) > limit:
        length -= max(1, (units(text[:length]) - limit) // 2)
    return length
