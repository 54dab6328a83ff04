"""Answers of the brain as messages: short first, the whole on request, tables as tables."""

from typing import Any, Final, cast

from uchat_contracts.events import MessageData
from uchat_contracts.parts import Part
from uchat_telegram.domain import callbacks, markdown, words
from uchat_telegram.domain.view import Block, Button, Keyboard, View

_SPOKEN: Final = frozenset({"text", "summary", "detail"})
_MAX_RICH: Final = 30_000
_OFFER: Final = "Say “more”"
_STOPPED: Final = "_Stopped._"


def render(answer: MessageData, *, whole: bool = False, url: str | None = None) -> View:
    """Return the message of an answer.

    Unless the `whole` is wanted, detail and tables of an answer in quick mode that has a summary
    wait behind a button. `url` continues the conversation on the web.
    """
    parts, hidden = _chosen(answer, whole=whole)
    keyboard = _keyboard(answer, hidden=hidden, whole=whole, url=url)
    tables = [part.model_extra or {} for part in parts if part.type == "table"]
    said = "\n\n".join(_said(part) for part in parts if part.type in _SPOKEN and part.text)
    plain = [said, *(_table_text(table) for table in tables)] if said else map(_table_text, tables)
    text = "\n\n".join(plain)
    *before, last = markdown.split(text) or ["…"]
    return View(
        html=markdown.to_html(last),
        keyboard=keyboard,
        before=tuple(markdown.to_html(piece) for piece in before),
        blocks=_blocks(said, tables) if tables and len(text) <= _MAX_RICH else (),
    )


def preview(text: str) -> str:
    """Return an unfinished answer as HTML that fits into one message."""
    pieces = markdown.split(text, markdown.MAX_UNITS - 1)
    shown = pieces[0] if pieces else ""
    return markdown.to_html(shown + ("…" if len(pieces) > 1 else ""))


def _chosen(answer: MessageData, *, whole: bool) -> tuple[list[Part], bool]:
    parts = [part for part in answer.parts if part.type in _SPOKEN or part.type == "table"]
    summary = [part for part in parts if part.type == "summary"]
    # A text with tables is all that was asked for; only a summary stands for something longer.
    if whole or answer.mode != "quick" or not summary or len(summary) == len(parts):
        return parts, False
    return summary, True


def _said(part: Part) -> str:
    stopped = (part.model_extra or {}).get("interrupted") is True
    return f"{part.text or ''}\n\n{_STOPPED}" if stopped else part.text or ""


def _keyboard(answer: MessageData, *, hidden: bool, whole: bool, url: str | None) -> Keyboard:
    row: list[Button] = []
    offers = any(_OFFER in (part.text or "") for part in answer.parts)
    if hidden:
        row.append(Button("More", data=callbacks.more(answer.message_id)))
    elif whole:
        row.append(Button("Less", data=callbacks.less(answer.message_id)))
    elif offers:
        row.append(Button("More", data=callbacks.ASK_MORE))
    if url is not None:
        row.append(words.web_button(url))
    return (tuple(row),) if row else ()


def _blocks(said: str, tables: list[dict[str, Any]]) -> tuple[Block, ...]:
    blocks: list[Block] = [
        {"type": "paragraph", "text": rich_text(paragraph)}
        for paragraph in said.split("\n\n")
        if paragraph.strip()
    ]
    for table in tables:
        if table.get("title"):
            blocks.append({"type": "heading", "text": str(table["title"]), "size": 4})
        blocks.append(_table_block(table))
    return tuple(blocks)


def rich_text(text: str) -> Any:
    """Return a line of Markdown as rich text: emphasis kept, all else plain."""
    parts: list[Any] = []
    for n, piece in enumerate(text.split("**")):
        if piece:
            parts.append({"type": "bold", "text": piece} if n % 2 else piece)
    return parts[0] if len(parts) == 1 else parts


def _table_block(fields: dict[str, Any]) -> Block:
    columns, rows, align = _cells(fields)
    shown = [(columns, True), *((row, False) for row in rows)]
    cells = [
        [
            {
                "text": cell,
                "align": side,
                "valign": "middle",
                **({"is_header": True} if head else {}),
            }
            for cell, side in zip(row, align, strict=True)
        ]
        for row, head in shown
    ]
    return {"type": "table", "cells": cells, "is_striped": True}


def _table_text(fields: dict[str, Any]) -> str:
    title = str(fields.get("title") or "")
    columns, rows, align = _cells(fields)
    lines = markdown.table_lines(columns, rows, align)
    heading = f"**{title}**\n" if title else ""
    return f"{heading}```\n{lines}\n```"


def _cells(fields: dict[str, Any]) -> tuple[list[str], list[list[str]], list[str]]:
    columns = [str(each) for each in cast("list[Any]", fields.get("columns") or [])]
    width = len(columns)
    rows = [
        [str(cell) for cell in row][:width] + [""] * (width - len(row))
        for row in cast("list[list[Any]]", fields.get("rows") or [])
    ]
    given = [str(each) for each in cast("list[Any]", fields.get("align") or [])]
    align = [side if side in ("left", "right", "center") else "left" for side in given[:width]]
    return columns, rows, align + ["left"] * (width - len(align))
