"""Somebody seems to want everything stopped, and no word of it is certain: they are asked."""

# ruff: noqa: E501 - sentences are read whole
from collections.abc import Mapping
from typing import Final

from uchat_ai_core.domain.planner.asks import Ask
from uchat_ai_core.domain.planner.replies import Reply, Result
from uchat_ai_core.domain.planner.skill import Question, Skill


def reply(question: Question, results: Mapping[str, Result]) -> Reply:
    """Say that nothing is stopped yet, and the words and buttons that stop everything at once."""
    del question, results
    return Reply(
        "Do you want me to stop all trading? Nothing is stopped yet: say “stop all trading” and it is, at once.",
        "The emergency stop is also in the web app and, as /kill, on Telegram. It cancels what is open and sells nothing; only you can release it.",
    )


SKILLS: Final = (Skill(Ask.STOP_MEANT, (), reply),)
