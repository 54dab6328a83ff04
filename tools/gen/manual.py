"""The pages of docs/ as sections, for the brain to answer from: they travel inside its package."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TARGET = ROOT / "services/ai-core/src/uchat_ai_core/adapters/manual/sections.json"
PAGES = (
    "guide.md",
    "orders.md",
    "decisions.md",
    "safety.md",
    "movements.md",
    "books.md",
    "markets.md",
)
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")


def render() -> str:
    """Return all sections as JSON: page, title, anchor and text, in the order of the pages."""
    found = [each for page in PAGES for each in _sections(page)]
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def _sections(page: str) -> list[dict[str, str]]:
    text = (ROOT / "docs" / page).read_text()
    top, *rest = re.split(r"^## ", text, flags=re.MULTILINE)
    heading, _, opening = top.removeprefix("# ").partition("\n")
    parts = [
        (heading, opening),
        *((each.partition("\n")[0], each.partition("\n")[2]) for each in rest),
    ]
    return [
        {
            "page": f"docs/{page}",
            "title": title.strip(),
            "anchor": "" if title == heading else _anchor(title),
            "text": _LINK.sub(r"\1", body).strip(),
        }
        for title, body in parts
        if body.strip()
    ]


def _anchor(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-")
