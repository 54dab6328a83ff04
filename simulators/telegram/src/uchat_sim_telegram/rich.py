"""Rich messages: blocks as they are sent, checked and counted, and the little Markdown of them."""

import re
from typing import Any, Final, cast

from uchat_sim_telegram.errors import bad_request

Json = dict[str, Any]
_MAX_TEXT: Final = 32_768
_BLOCKS: Final = frozenset(
    {
        *("paragraph", "heading", "table", "list", "details", "footer", "divider", "pre"),
        *("blockquote", "expandable_blockquote", "pull_quote", "thinking"),
    }
)
_HEADING: Final = re.compile(r"^(#{1,6})\s+(.*)$")
_ITEM: Final = re.compile(r"^\s*[-*•]\s+(.*)$")
_RULE: Final = re.compile(r"^\s*\|?[\s:|-]+\|?\s*$")
_INLINE: Final = re.compile(r"\*\*(?P<bold>.+?)\*\*|`(?P<code>[^`]+)`|_(?P<italic>[^_]+)_")


def read(value: Any) -> Json:
    """Return a `RichMessage` for an `InputRichMessage`.

    Raises:
        ApiError: not exactly one content, an unknown block, or too long.
    """
    if not isinstance(value, dict):
        raise bad_request("rich message is not specified")
    given = cast("Json", value)
    contents = [given.get(key) for key in ("html", "markdown", "blocks") if given.get(key)]
    if len(contents) != 1:
        raise bad_request("exactly one of html, markdown and blocks must be used")
    if given.get("html"):
        raise bad_request("rich messages in HTML are not simulated; send blocks or markdown")
    blocks: list[Json] = given.get("blocks") or from_markdown(given["markdown"])
    for block in blocks:
        _check(block)
    if len(flat(blocks)) > _MAX_TEXT:
        raise bad_request("message is too long")
    return {"blocks": blocks, **({"is_rtl": True} if given.get("is_rtl") else {})}


def flat(value: Any) -> str:
    """Return the plain text of blocks or of rich text: cells by tabs, rows and blocks by lines."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        items = cast("list[Any]", value)
        inline = all(isinstance(item, str) or _is_inline(item) for item in items)
        return ("" if inline else "\n").join(flat(item) for item in items)
    block = cast("Json", value)
    if block.get("type") == "table":
        return _flat_table(block)
    inner = [block.get("summary"), block.get("text"), block.get("blocks"), block.get("items")]
    return "\n".join(filter(None, (flat(part) for part in inner)))


def from_markdown(text: str) -> list[Json]:
    """Return the blocks of a Markdown text: headings, lists, tables and paragraphs."""
    blocks: list[Json] = []
    for chunk in re.split(r"\n\s*\n", text.strip()):
        lines = chunk.split("\n")
        if heading := _HEADING.match(lines[0]):
            size = len(heading.group(1))
            blocks.append({"type": "heading", "text": inline(heading.group(2)), "size": size})
            lines = lines[1:]
        if len(lines) > 1 and "|" in lines[0] and _RULE.match(lines[1]):
            blocks.append(_table(lines))
        elif lines and all(_ITEM.match(line) for line in lines):
            blocks.append({"type": "list", "items": [_item(line) for line in lines]})
        elif lines:
            blocks.append({"type": "paragraph", "text": inline("\n".join(lines))})
    return blocks


def inline(text: str) -> Any:
    """Return the rich text of a Markdown line."""
    parts: list[Any] = []
    end = 0
    for match in _INLINE.finditer(text):
        if match.start() > end:
            parts.append(text[end : match.start()])
        kind = cast("str", match.lastgroup)
        parts.append({"type": kind, "text": match.group(kind)})
        end = match.end()
    if end < len(text):
        parts.append(text[end:])
    return parts[0] if len(parts) == 1 else parts


def _item(line: str) -> Json:
    match = _ITEM.match(line)
    text = match.group(1) if match else line
    return {"label": "•", "blocks": [{"type": "paragraph", "text": inline(text)}]}


def _table(lines: list[str]) -> Json:
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    cells = [
        [
            {"text": inline(cell), "align": "left", "valign": "middle", "is_header": n == 0}
            for cell in row
        ]
        for n, row in enumerate(rows)
        if n != 1
    ]
    return {"type": "table", "cells": cells}


def _check(block: Json) -> None:
    if block.get("type") not in _BLOCKS:
        raise bad_request(f"unsupported rich block {block.get('type')!r}")
    if block["type"] == "table":
        for row in block.get("cells", []):
            for cell in row:
                if not {"align", "valign"} <= set(cell):
                    raise bad_request("a table cell needs align and valign")
    for inner in block.get("blocks", []):
        _check(inner)
    for item in block.get("items", []):
        # What is sent has no label; what comes back has one.
        item.setdefault("label", "•")
        for inner in item.get("blocks", []):
            _check(inner)


def _is_inline(value: Any) -> bool:
    return isinstance(value, list) or (
        isinstance(value, dict) and cast("Json", value).get("type") not in _BLOCKS | {None}
    )


def _flat_table(block: Json) -> str:
    rows = ["\t".join(flat(cell.get("text")) for cell in row) for row in block["cells"]]
    return "\n".join(rows)
