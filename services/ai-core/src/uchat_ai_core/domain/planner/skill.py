"""An intent as one row: how it is recognised, which tools it needs, how it is answered.

A new intent is a module in `skills/` with one or more of these, listed in `skills/__init__.py`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from uchat_ai_core.domain.planner.asks import Ask, Understanding
from uchat_ai_core.domain.planner.normalise import normalise
from uchat_ai_core.domain.planner.replies import Call, Reply, Result
from uchat_ai_core.domain.turn import TurnIn

Rule = tuple[re.Pattern[str], float]
_NONE: Final[tuple[Call, ...]] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A message as it was understood; `turn` has it as it reads alone.

    `profile` finds out how much risk its writer wants (cautious, balanced or bold): all that was
    said is read for it, so only who needs it asks.
    """

    turn: TurnIn
    understood: Understanding
    profile: Callable[[], str]

    @property
    def plain(self) -> str:
        """Return the message's plain form."""
        return normalise(self.turn.message.text).text

    @property
    def symbols(self) -> tuple[str, ...]:
        """Return the listed assets that it names."""
        return self.understood.mentions.symbols


@dataclass(frozen=True, slots=True)
class Skill:
    """One intent. `rules` meet text as `normalise` leaves it; the first skill that fits wins.

    `calls` names the tools to ask; `reply` gets their results by the tools' names. `asset`: it is
    meant only where an asset is named.
    """

    ask: Ask
    rules: tuple[Rule, ...]
    reply: Callable[[Question, Mapping[str, Result]], Reply]
    calls: Callable[[Question], tuple[Call, ...]] = lambda _: _NONE
    asset: bool | None = None

    def fits(self, text: str, *, named: bool) -> float | None:
        """Return how surely a message means this (0 to 1), or None."""
        if self.asset is not None and self.asset is not named:
            return None
        return next((sure for rule, sure in self.rules if rule.search(text)), None)


def rules(*table: tuple[str, float]) -> tuple[Rule, ...]:
    """Return patterns, compiled once, with how sure they are."""
    return tuple((re.compile(pattern), sure) for pattern, sure in table)
