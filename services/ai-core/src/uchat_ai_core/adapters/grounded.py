"""Run a model behind the guard: what nothing supports is asked for once more, then left out."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from prometheus_client import Counter
from pydantic_ai.exceptions import UnexpectedModelBehavior
from pydantic_ai.messages import (
    ModelRequest,
    ModelResponse,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    ToolCallPart,
    UserPromptPart,
)

from uchat_ai_core.adapters.prompts import NAMES, prompt
from uchat_ai_core.adapters.run import Run
from uchat_ai_core.adapters.turn_deps import TurnDeps
from uchat_ai_core.domain.grounding.gate import Gate, UngroundedError
from uchat_ai_core.domain.grounding.judge import NO_SECRET, Secret, unsupported
from uchat_ai_core.domain.grounding.known import Known
from uchat_ai_core.domain.turn import BrainEvent, StepTaken, TextAdded, TextReset
from uchat_platform import logging

LEFT_OUT: Final = (
    "(I left out what I could not confirm from live data or your own words: it is not available "
    "right now.)"
)
Judge = Callable[..., tuple[str, ...]]
"""As `unsupported` of the domain."""

_FEWEST_WORDS: Final = 12
_UNGROUNDED: Final = Counter(
    "uchat_ai_ungrounded",
    "Statements that nothing in the turn supports, and what became of them",
    ["model", "outcome"],
)
_log = logging.get_logger(__name__)


class UnconfirmedError(UnexpectedModelBehavior):
    """Nothing of what a model said could be confirmed."""


@dataclass(slots=True)
class Grounded:
    """One answer of a model, checked before it is told. `text` is what was told in the end.

    `trusted`: the model is the planner, whose arguments for tools are read from the message, and
    which says the same again when it is asked again. `judge` finds what nothing supports.
    """

    run: Run[TurnDeps]
    trusted: bool = False
    judge: Judge = unsupported
    text: str = ""
    _known: Known = field(init=False)
    _learnt: int = field(default=0, init=False)
    _draft: list[str] = field(default_factory=list[str], init=False)

    def __post_init__(self) -> None:
        """Begin with what the message says."""
        self._known = Known(self.run.deps.turn)

    async def events(self) -> AsyncGenerator[BrainEvent, None]:
        """Yield what may be told.

        Raises:
            UnconfirmedError: nothing worth telling was left.
            ModelAPIError, UnexpectedModelBehavior, UsageLimitExceeded: as of `Run.events`.
        """
        gate = self._gate(removing=self.trusted)
        try:
            async with aclosing(self._told(gate)) as events:
                async for event in events:
                    yield event
        except UngroundedError as e:
            _UNGROUNDED.labels(self.run.model.model_name, "regenerated").inc()
            if self.text:
                yield TextReset()
            self._ask_again(e)
            gate = self._gate(removing=True)
            async with aclosing(self._told(gate)) as events:
                async for event in events:
                    yield event
        if gate.removed:
            note = self._note_of(gate)
            if note:
                self.text += note
                yield TextAdded(note)

    async def _told(self, gate: Gate) -> AsyncGenerator[BrainEvent, None]:
        self.text = ""
        self._draft.clear()
        async with aclosing(self.run.events()) as events:
            async for event in events:
                if isinstance(event, ToolCallPart):
                    yield StepTaken(event.tool_name)
                    continue
                words = _words_of(event, is_first=not self._draft)
                if not words:
                    continue
                self._draft.append(words)
                told = gate.feed(words)
                if told:
                    self.text += told
                    yield TextAdded(told)
        told = gate.end()
        if told:
            self.text += told
            yield TextAdded(told)

    def _gate(self, *, removing: bool) -> Gate:
        if self.trusted:
            return Gate(self._judge, removing=removing)
        return Gate(self._judge, _instructions().may_begin_in, removing=removing)

    def _judge(self, sentence: str) -> tuple[str, ...]:
        returned = self.run.returned
        for call, result in returned[self._learnt :]:
            arguments = {} if self.trusted else call.args_as_dict()
            self._known.learn(call.tool_name, arguments, result.content, trusted=self.trusted)
        self._learnt = len(returned)
        secret = NO_SECRET if self.trusted else _instructions()
        return self.judge(sentence, self._known, secret, quotes=self.trusted)

    def _ask_again(self, error: UngroundedError) -> None:
        note = prompt("correction").format(found=", ".join(error.found))
        self.run.messages += [
            ModelResponse(parts=[TextPart(content="".join(self._draft))]),
            ModelRequest(parts=[UserPromptPart(content=note)]),
        ]

    def _note_of(self, gate: Gate) -> str:
        name = self.run.model.model_name
        _UNGROUNDED.labels(name, "removed").inc(len(gate.removed))
        _log.warning("statements_removed", model=name, count=len(gate.removed))
        if not self.trusted and len(self.text.split()) < _FEWEST_WORDS:
            raise UnconfirmedError("Nothing of the answer could be confirmed")
        return f"\n\n{LEFT_OUT}"


@lru_cache(maxsize=1)
def _instructions() -> Secret:
    return Secret.of("\n".join(prompt(name) for name in NAMES))


def _words_of(event: object, *, is_first: bool) -> str:
    if isinstance(event, PartDeltaEvent) and isinstance(event.delta, TextPartDelta):
        return event.delta.content_delta
    if isinstance(event, PartStartEvent) and isinstance(event.part, TextPart):
        # Text of a second response, after a tool call, is a new paragraph.
        content = event.part.content
        return content if is_first or not content else f"\n\n{content}"
    return ""
