"""The tool that recalls what the person said, from the window of the conversation."""

from datetime import datetime
from typing import Any, Literal

from pydantic_ai import RunContext

from uchat_ai_core.adapters.turn_deps import TurnDeps
from uchat_ai_core.domain.planner.asks import Ask
from uchat_ai_core.domain.planner.recall import Found, recall
from uchat_contracts.parts import Source

Kind = Literal["name", "amount", "goal", "first", "last", "topic", "where", "all"]


async def remembered(ctx: RunContext[TurnDeps], about: str, kind: Kind = "topic") -> dict[str, Any]:
    """Return what the person said earlier in this conversation, on any interface.

    Args:
        ctx: The run.
        about: What to look for in their messages; may be empty for kinds other than topic.
        kind: name, amount (money they have), goal, first (their first message), last (their
            latest message), where (their latest fact), all, or topic.
    """
    found = recall(Ask(f"recall_{kind}"), about, ctx.deps.turn.history)
    result = _told(found)
    if result["facts"] or result["messages"]:
        newest = max(each["at"] for each in result["facts"] + result["messages"])
        ctx.deps.cite(
            [
                Source(
                    tool="remembered",
                    as_of=datetime.fromisoformat(newest),
                    simulated=False,
                    data=result,
                )
            ]
        )
    return result


def _told(found: Found) -> dict[str, Any]:
    return {
        "facts": [
            {
                "kind": each.fact.kind,
                "value": each.fact.value,
                "text": each.said.text,
                "interface": each.said.interface,
                "at": each.said.at.isoformat(),
            }
            for each in found.facts
        ],
        "messages": [
            {"text": said.text, "interface": said.interface, "at": said.at.isoformat()}
            for said in found.messages
        ],
    } | ({"begins_later": True} if found.begins_later else {})
