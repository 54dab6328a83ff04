"""The product's documentation inside the package: sections.json is generated from docs/."""

import json
from functools import cache
from pathlib import Path

from uchat_ai_core.domain.retrieval import Section, Sections


@cache
def manual() -> Sections:
    """Return the sections, indexed; read when somebody first asks."""
    raw = json.loads((Path(__file__).parent / "sections.json").read_text())
    return Sections([Section(**each) for each in raw])
