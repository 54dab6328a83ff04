"""The rule-based planner as a model of the agent framework: same tools, same streaming."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from pydantic_ai import RunContext
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    ModelResponseStreamEvent,
    ToolReturnPart,
)
from pydantic_ai.models import ModelRequestParameters, StreamedResponse
from pydantic_ai.settings import ModelSettings

from uchat_ai_core.adapters.models.base import UnpricedModel
from uchat_ai_core.adapters.turn_deps import TurnDeps
from uchat_ai_core.domain.planner.decide import Plan, answer, plan
from uchat_ai_core.domain.planner.replies import Reply
from uchat_ai_core.domain.turn import ANALYSIS, QUICK

NAME: Final = "planner"
_CHUNK: Final = 160


class PlannerModel(UnpricedModel):
    """Deterministic: the same turn and tool results give the same answer. Needs no network."""

    @property
    def model_name(self) -> str:
        """Return the planner's name, by which answers are labelled."""
        return NAME

    @property
    def system(self) -> str:
        """Return the provider's name for traces."""
        return "uchat"

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """Refuse: the planner needs the turn, which only a streamed run hands on."""
        raise NotImplementedError("The planner answers streamed runs only")

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,  # noqa: ARG002 - the framework's signature
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[TurnDeps] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        """Call the tools that the message needs; once they have returned, answer."""
        if run_context is None:
            raise NotImplementedError("The planner needs the turn that it answers")
        deps = run_context.deps
        planned = deps.planned = deps.planned or plan(deps.turn)
        results = _results(messages)
        if planned.calls and not results:
            yield _PlannerStream(model_request_parameters, planned, "")
            return
        yield _PlannerStream(model_request_parameters, None, _said(answer(planned, results), deps))


def _results(messages: Sequence[ModelMessage]) -> list[Any]:
    """Return what the tools returned for the planner's calls, in their order."""
    found = {
        part.tool_call_id: part.content
        for message in messages
        if isinstance(message, ModelRequest)
        for part in message.parts
        if isinstance(part, ToolReturnPart)
    }
    return [found[name] for place in range(len(found)) if (name := f"call_{place}") in found]


def _said(reply: Reply, deps: TurnDeps) -> str:
    summary = f"{deps.label} {reply.summary}".strip()
    if deps.shown_mode == QUICK:
        if not reply.brief:
            return f"{summary} {reply.more}".strip()
        return f"{deps.label} {reply.brief}\n\n{reply.more}".strip()
    analysis = reply.analysis if deps.turn.mode == ANALYSIS else ""
    deps.tables[:] = reply.tables
    texts = (summary, reply.detail, analysis, *(table.text for table in reply.tables))
    return "\n\n".join(text for text in texts if text)


@dataclass
class _PlannerStream(StreamedResponse):
    _plan: Plan | None
    _text: str
    _started: datetime = field(default_factory=lambda: datetime.now(UTC))

    async def _get_event_iterator(self) -> AsyncIterator[ModelResponseStreamEvent]:
        for index, call in enumerate(self._plan.calls if self._plan is not None else ()):
            event = self._parts_manager.handle_tool_call_delta(
                vendor_part_id=index,
                tool_name=call.tool,
                args=call.arguments,
                tool_call_id=f"call_{index}",
            )
            if event is not None:
                yield event
        for piece in _pieces(self._text):
            for event in self._parts_manager.handle_text_delta(
                vendor_part_id="content", content=piece
            ):
                yield event
        self.finish_reason = "stop"

    async def close_stream(self) -> None:
        """Nothing is open."""

    @property
    def model_name(self) -> str:
        """Return the planner's name."""
        return NAME

    @property
    def provider_name(self) -> str | None:
        """Return the provider's name."""
        return "uchat"

    @property
    def provider_url(self) -> str | None:
        """There is none."""
        return None

    @property
    def timestamp(self) -> datetime:
        """Return when the answer was begun."""
        return self._started


def _pieces(text: str) -> Iterator[str]:
    """Cut a text at spaces into a few pieces: the first words early, the rest in long strides."""
    start, width = 0, _CHUNK // 4
    while start < len(text):
        end = text.find(" ", start + width)
        end = len(text) if end < 0 or len(text) - end < _CHUNK // 4 else end + 1
        yield text[start:end]
        start, width = end, 4 * _CHUNK
