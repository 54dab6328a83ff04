"""What the tools and the planner get to know of the turn that they work for."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from uchat_ai_core.domain.planner.decide import Plan
from uchat_ai_core.domain.turn import TurnIn
from uchat_ai_core.ports import MarketData
from uchat_contracts.parts import Source


@dataclass(slots=True)
class TurnDeps:
    """Dependencies of one run. Person and conversation are fixed here, never named by a model.

    `sources` collects what tools returned. `label` is what the planner says first when it stands
    in for a model that failed.
    """

    turn: TurnIn
    market: MarketData
    label: str = ""
    planned: Plan | None = None
    sources: list[Source] = field(default_factory=list[Source])

    def cite(self, sources: Sequence[Source]) -> None:
        """Note what an answer rests on."""
        self.sources.extend(sources)
