"""The brain on pydantic-ai: models in order of preference, and the planner when all fail."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Final

from prometheus_client import Counter
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    UserPromptPart,
)
from pydantic_ai.models import Model
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RunUsage

from uchat_ai_core.adapters.chain import Chain, NoModelAnsweredError, Patience
from uchat_ai_core.adapters.grounded import Grounded, Judge
from uchat_ai_core.adapters.models.planner import NAME as PLANNER
from uchat_ai_core.adapters.models.planner import PlannerModel
from uchat_ai_core.adapters.models.profiles import Choice, Profiles, profiles_of
from uchat_ai_core.adapters.prompts import prompt
from uchat_ai_core.adapters.run import Run, Toolbox
from uchat_ai_core.adapters.tools import TOOLS
from uchat_ai_core.adapters.turn_deps import TurnDeps
from uchat_ai_core.domain.grounding.judge import unsupported
from uchat_ai_core.domain.planner.decide import understood_in
from uchat_ai_core.domain.planner.withheld import summary_of, withheld
from uchat_ai_core.domain.turn import (
    Answered,
    BrainEvent,
    Said,
    TurnIn,
    parts_of,
)
from uchat_ai_core.ports import Budget, MarketData, Spent
from uchat_ai_core.ports.trading import Trading

STAND_IN: Final = (
    "(The language model does not answer right now; the rule-based planner answers instead.)"
)
UNCONFIRMED: Final = (
    "(What the language model said could not be confirmed; the rule-based planner answers instead.)"
)
_HISTORY: Final = 40
_PLANNING: Final = 64
"""Most turns that the planner works on at once: it takes CPU, where a model is only waited for."""

OVER_BUDGET: Final = (
    "(The allowance for language models is used up for today; the rule-based planner answers.)"
)
_COST: Final = Counter("uchat_ai_cost_dollars", "What models cost, by the prices set", ["model"])
_MAX_TOKENS: Final = {"quick": 300}
_TOKENS: Final = Counter("uchat_ai_tokens", "Tokens as the models report them", ["model", "kind"])


class PydanticBrain:
    """Answers one message; whatever the models do, the planner is the last that is asked.

    `judge` finds what of a model's sentences nothing supports: another one than the guard's own is
    for measuring the guard.
    """

    def __init__(
        self,
        models: Profiles | Sequence[Model],
        market: MarketData,
        trading: Trading,
        *,
        patience: Patience | None = None,
        budget: Budget | None = None,
        turn_tokens: int = 0,
        judge: Judge = unsupported,
    ) -> None:
        self._profiles = models if isinstance(models, Profiles) else profiles_of(models)
        self._planner = PlannerModel()
        self._market = market
        self._trading = trading
        self._patience = patience or Patience()
        self._budget = budget
        self._turn_tokens = turn_tokens
        self._judge = judge
        self._toolbox: Toolbox[TurnDeps] = Toolbox(TOOLS)
        self._planning = asyncio.Semaphore(_PLANNING)

    async def turn(self, turn_in: TurnIn) -> AsyncGenerator[BrainEvent, None]:
        """Yield text and steps as they come, and the whole answer as the last event."""
        choices, label = self._profiles.of(turn_in.mode), ""
        person = turn_in.message.user_id or ""
        if choices and self._budget is not None and not await self._budget.allows(person):
            choices, label = (), OVER_BUDGET
        if choices:
            chain = Chain(choices, lambda choice: self._ask(choice, turn_in), self._patience)
            try:
                async with aclosing(chain.events()) as events:
                    async for event in events:
                        yield event
            except NoModelAnsweredError as e:
                label = UNCONFIRMED if e.unconfirmed else STAND_IN
            else:
                return
        async with self._planning, aclosing(self._plan(turn_in, label)) as events:
            async for event in events:
                yield event

    async def _plan(self, turn_in: TurnIn, label: str) -> AsyncGenerator[BrainEvent, None]:
        deps = TurnDeps(turn_in, self._market, self._trading, label)
        run = Run(self._planner, self._toolbox, deps, [_prompt(turn_in.message)])
        grounded = Grounded(run, trusted=True)
        async with aclosing(grounded.events()) as events:
            async for event in events:
                yield event
        yield _answered(deps, grounded.text, PLANNER, run.usage)

    async def _ask(self, choice: Choice, turn_in: TurnIn) -> AsyncGenerator[BrainEvent, None]:
        model = choice.model
        turn_in = replace(turn_in, history=withheld(turn_in.history))
        deps = TurnDeps(turn_in, self._market, self._trading)
        run = Run(
            model,
            self._toolbox,
            deps,
            [*_history(turn_in.history), _prompt(turn_in.message)],
            instructions=f"{prompt('assistant')}\n\n{prompt(turn_in.mode)}".strip(),
            settings=_settings(turn_in.mode),
            most_tokens=self._turn_tokens,
        )
        grounded = Grounded(run, judge=self._judge)
        try:
            async with aclosing(grounded.events()) as events:
                async for event in events:
                    yield event
        finally:
            self._count(choice, turn_in, run.usage)
        yield _answered(deps, grounded.text, model.model_id, run.usage)

    def _count(self, choice: Choice, turn_in: TurnIn, usage: RunUsage) -> None:
        name, cost = choice.model.model_name, choice.cost(usage.input_tokens, usage.output_tokens)
        _TOKENS.labels(name, "input").inc(usage.input_tokens)
        _TOKENS.labels(name, "output").inc(usage.output_tokens)
        _COST.labels(name).inc(float(cost))
        if self._budget is not None and usage.requests:
            self._budget.note(
                Spent(
                    person=turn_in.message.user_id or "",
                    model=choice.model.model_id,
                    requests=usage.requests,
                    input_tokens=usage.input_tokens,
                    output_tokens=usage.output_tokens,
                    cost=cost,
                )
            )


def _answered(deps: TurnDeps, text: str, model: str, usage: RunUsage) -> Answered:
    understood = deps.planned.understood if deps.planned else understood_in(deps.turn)
    return Answered(
        parts=parts_of(text, deps.shown_mode, [table.part() for table in deps.tables]),
        intent=understood.intent,
        confidence=understood.confidence,
        model=model,
        sources=tuple(deps.sources),
        proposals=tuple(deps.proposals),
        details={"requests": usage.requests, "tokens": usage.total_tokens},
    )


def _history(history: Sequence[Said]) -> list[ModelMessage]:
    messages: list[ModelMessage] = []
    summary = summary_of(history[:-_HISTORY])
    if summary:
        messages.append(ModelRequest(parts=[UserPromptPart(content=summary)]))
    for said in history[-_HISTORY:]:
        if said.role == "user":
            messages.append(_prompt(said))
        else:
            messages.append(ModelResponse(parts=[TextPart(content=said.text)], timestamp=said.at))
    return messages


def _prompt(said: Said) -> ModelRequest:
    return ModelRequest(parts=[UserPromptPart(content=said.text, timestamp=said.at)])


def _settings(mode: str) -> ModelSettings:
    settings: dict[str, Any] = {"max_tokens": _MAX_TOKENS.get(mode, 1500), "temperature": 0.2}
    return ModelSettings(**settings)
