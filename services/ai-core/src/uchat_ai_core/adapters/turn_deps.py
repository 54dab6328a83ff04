"""What the tools and the planner get to know of the turn that they work for."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from uchat_ai_core.domain.planner.decide import Plan
from uchat_ai_core.domain.planner.standalone import standalone
from uchat_ai_core.domain.planner.tables import Table
from uchat_ai_core.domain.turn import DEFAULT_MODE, TurnIn
from uchat_ai_core.ports import MarketData
from uchat_ai_core.ports.trading import Trading
from uchat_contracts.parts import Source
from uchat_contracts.trading import PlanRequest


@dataclass(slots=True)
class TurnDeps:
    """Dependencies of one run. Person and conversation are fixed here, never named by a model.

    `sources` collects what tools returned, `proposals` what the answer proposes and `tables` what
    it shows in tables. `label` is what the planner says first when it stands in for a model that
    failed.
    """

    turn: TurnIn
    market: MarketData
    trading: Trading
    label: str = ""
    planned: Plan | None = None
    sources: list[Source] = field(default_factory=list[Source])
    proposals: list[PlanRequest] = field(default_factory=list[PlanRequest])
    tables: list[Table] = field(default_factory=list[Table])

    @property
    def asked(self) -> str:
        """Return the message as it reads alone: what it asks for decides what may be done."""
        return standalone(self.turn)

    @property
    def shown_mode(self) -> str:
        """Return the mode in which the answer is shown: all of it, where that was asked for."""
        full = self.planned is not None and self.planned.full
        return DEFAULT_MODE if full else self.turn.mode

    def cite(self, sources: Sequence[Source]) -> None:
        """Note what an answer rests on."""
        self.sources.extend(sources)
