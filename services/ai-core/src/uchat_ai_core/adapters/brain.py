"""The brain on pydantic-ai: models in order of preference, and the planner when all fail."""

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Final

from prometheus_client import Counter
from pydantic_ai.exceptions import (
    ModelAPIError,
    UnexpectedModelBehavior,
    UsageLimitExceeded,
)
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

from uchat_ai_core.adapters.grounded import Grounded, UnconfirmedError
from uchat_ai_core.adapters.models.breaker import Breaker
from uchat_ai_core.adapters.models.planner import NAME as PLANNER
from uchat_ai_core.adapters.models.planner import PlannerModel
from uchat_ai_core.adapters.prompts import prompt
from uchat_ai_core.adapters.run import Run, Toolbox
from uchat_ai_core.adapters.tools import TOOLS
from uchat_ai_core.adapters.turn_deps import TurnDeps
from uchat_ai_core.domain.planner.decide import understood_in
from uchat_ai_core.domain.turn import (
    Answered,
    BrainEvent,
    Said,
    TextAdded,
    TextReset,
    TurnIn,
    parts_of,
)
from uchat_ai_core.ports import MarketData
from uchat_ai_core.ports.trading import Trading
from uchat_platform import logging

STAND_IN: Final = (
    "(The language model does not answer right now; the rule-based planner answers instead.)"
)
UNCONFIRMED: Final = (
    "(What the language model said could not be confirmed; the rule-based planner answers instead.)"
)
_HISTORY: Final = 40
_MAX_TOKENS: Final = {"quick": 300}
_FAILURES: Final = (ModelAPIError, UnexpectedModelBehavior, UsageLimitExceeded)
_FALLBACKS: Final = Counter("uchat_ai_fallbacks", "Turns that a model failed", ["model", "reason"])
_TOKENS: Final = Counter("uchat_ai_tokens", "Tokens as the models report them", ["model", "kind"])
_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Choice:
    """A model and whether it is worth asking."""

    model: Model
    breaker: Breaker = field(default_factory=lambda: Breaker(time.monotonic))


class PydanticBrain:
    """Answers one message; whatever the models do, the planner is the last that is asked."""

    def __init__(
        self,
        models: Sequence[Model],
        market: MarketData,
        trading: Trading,
        *,
        timeout_s: float = 60.0,
    ) -> None:
        self._choices = [Choice(model) for model in models]
        self._planner = PlannerModel()
        self._market = market
        self._trading = trading
        self._timeout_s = timeout_s
        self._toolbox: Toolbox[TurnDeps] = Toolbox(TOOLS)

    async def turn(self, turn_in: TurnIn) -> AsyncGenerator[BrainEvent, None]:
        """Yield text and steps as they come, and the whole answer as the last event."""
        label = ""
        for choice in self._choices:
            label = label or STAND_IN
            if not choice.breaker.allows():
                continue
            spoke = False
            try:
                async with aclosing(self._ask(choice.model, turn_in)) as events:
                    async for event in events:
                        spoke = spoke or isinstance(event, TextAdded)
                        yield event
            except UnconfirmedError:
                choice.breaker.succeeded()
                label = UNCONFIRMED
                if spoke:
                    yield TextReset()
            except _FAILURES as e:
                choice.breaker.failed()
                name = choice.model.model_name
                _FALLBACKS.labels(name, type(e).__name__).inc()
                _log.warning("model_failed", model=name, reason=type(e).__name__)
                if spoke:
                    yield TextReset()
            else:
                choice.breaker.succeeded()
                return
        async with aclosing(self._plan(turn_in, label)) as events:
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

    async def _ask(self, model: Model, turn_in: TurnIn) -> AsyncGenerator[BrainEvent, None]:
        deps = TurnDeps(turn_in, self._market, self._trading)
        run = Run(
            model,
            self._toolbox,
            deps,
            [*_history(turn_in.history), _prompt(turn_in.message)],
            instructions=f"{prompt('assistant')}\n\n{prompt(turn_in.mode)}".strip(),
            settings=_settings(turn_in.mode),
            timeout_s=self._timeout_s,
        )
        grounded = Grounded(run)
        async with aclosing(grounded.events()) as events:
            async for event in events:
                yield event
        _count(model.model_name, run.usage)
        yield _answered(deps, grounded.text, model.model_id, run.usage)


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


def _count(model: str, usage: RunUsage) -> None:
    _TOKENS.labels(model, "input").inc(usage.input_tokens)
    _TOKENS.labels(model, "output").inc(usage.output_tokens)
