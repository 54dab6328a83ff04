"""The tool that reads the product's documentation."""

from typing import Any, Final

from pydantic_ai import RunContext

from uchat_ai_core.adapters.manual import manual
from uchat_ai_core.adapters.tools.answer import Told, answer, now
from uchat_ai_core.adapters.turn_deps import TurnDeps

_MOST: Final = 3


async def search_docs(ctx: RunContext[TurnDeps], question: str) -> dict[str, Any]:
    """Return the sections of the product's documentation that fit a question, with their links.

    Args:
        ctx: The run.
        question: What the person wants to know about the product, in English.
    """
    return await answer(ctx.deps, "search_docs", _search(question))


async def _search(question: str) -> Told:
    found = manual().search(question, _MOST)
    sections = [
        {
            "title": each.section.title,
            "text": each.section.text,
            "link": each.section.link,
            "score": f"{each.score:.1f}",
        }
        for each in found
    ]
    return Told({"sections": sections}, now(), simulated=False)
