"""The planner's skills, in the order in which they are tried: the narrower the earlier."""

from collections.abc import Mapping
from typing import Final

from uchat_ai_core.domain.planner.asks import Ask
from uchat_ai_core.domain.planner.skill import Skill
from uchat_ai_core.domain.planner.skills import (
    analysis,
    forgetting,
    opportunities,
    positions,
    recurring,
    risk,
    small_talk,
    stopping,
    strategies,
    support,
    weights,
    win_rate,
)

SKILLS: Final[tuple[Skill, ...]] = (
    *forgetting.SKILLS,
    *support.SKILLS,
    *win_rate.SKILLS,
    *recurring.SKILLS,
    *weights.SKILLS,
    *positions.SKILLS,
    *risk.SKILLS,
    *opportunities.SKILLS,
    *analysis.SKILLS,
    *strategies.SKILLS,
    *small_talk.SKILLS,
    *stopping.SKILLS,
)
BY_ASK: Final[Mapping[Ask, Skill]] = {skill.ask: skill for skill in SKILLS}
