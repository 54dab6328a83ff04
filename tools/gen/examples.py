"""The planner's examples in the grammar's words, to bring them into which takes seconds."""

from pathlib import Path

from uchat_ai_core.domain.planner import likeness

TARGET = (
    Path(__file__).parents[2] / "services/ai-core/src/uchat_ai_core/domain/planner" / likeness.PLAIN
)


def render() -> str:
    """Return the examples by what they ask, each in the grammar's words."""
    return likeness.plain_examples()
