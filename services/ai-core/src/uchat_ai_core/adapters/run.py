"""Run a model with tools until it has answered.

A short loop over pydantic-ai's models, tools and messages instead of its agent graph: a turn needs
neither hooks nor structured output, and the graph costs 3 CPU ms a run where this costs a tenth.
Limits are those that the graph would keep: requests, tool calls, time, and no empty answer.
"""

import asyncio
import functools
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from pydantic import ValidationError
from pydantic_ai import RunContext, Tool
from pydantic_ai.exceptions import (
    ModelRetry,
    UnexpectedModelBehavior,
    UsageLimitExceeded,
)
from pydantic_ai.messages import (
    InstructionPart,
    ModelMessage,
    ModelRequest,
    ModelResponse,
    ModelResponseStreamEvent,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    ToolCallPart,
    ToolCallPartDelta,
    ToolReturnPart,
)
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RunUsage

from uchat_ai_core.adapters.spans import chat_span

D = TypeVar("D")
ToolFunction = Callable[..., Awaitable[dict[str, Any]]]
Returned = tuple[ToolCallPart, ToolReturnPart]
"""A tool call and what came of it."""

_MOST_REQUESTS: Final = 8
_MOST_CALLS: Final = 16
_LONGEST: Final = 40_000
_CHARACTERS_A_TOKEN: Final = 4
_CUT_SHORT: Final = frozenset({"length", "content_filter"})
"""Reasons to finish that leave half an answer, or half a tool call."""


class Toolbox(Generic[D]):
    """Functions that a model may call: their schemas, and the way to call them safely."""

    def __init__(self, functions: Sequence[ToolFunction]) -> None:
        tools: list[Tool[D]] = [_tool(function) for function in functions]
        self._tools = {tool.name: tool for tool in tools}
        self.definitions = [tool.tool_def for tool in tools]

    async def call(self, call: ToolCallPart, context: RunContext[D]) -> ToolReturnPart:
        """Return a tool's result; a call that cannot be made tells the model why."""
        tool = self._tools.get(call.tool_name)
        if tool is None:
            content: Any = {"error": f"no such tool; there are: {', '.join(self._tools)}"}
        else:
            schema = tool.function_schema
            try:
                arguments = schema.validator.validate_python(call.args_as_dict())
                content = await schema.call(arguments, context)
            except (ValidationError, ValueError) as e:
                content = {"error": f"invalid arguments: {e}"}
            except ModelRetry as e:
                content = {"error": str(e)}
        return ToolReturnPart(
            tool_name=call.tool_name, content=content, tool_call_id=call.tool_call_id
        )


@functools.cache
def _tool(function: ToolFunction) -> Tool[Any]:
    # Its schema costs milliseconds, and is the same for every brain.
    return Tool(function)


@dataclass(slots=True)
class Run(Generic[D]):
    """One run of a model on a conversation. `messages` ends with the message to answer.

    `returned` are the tool calls that were made, with their results. `most_tokens`: of all its
    requests together; 0: as many as it takes.
    """

    model: Model
    toolbox: Toolbox[D]
    deps: D
    messages: list[ModelMessage]
    instructions: str = ""
    settings: ModelSettings | None = None
    most_tokens: int = 0
    usage: RunUsage = field(default_factory=RunUsage)
    returned: list[Returned] = field(default_factory=list[Returned])

    async def events(self) -> AsyncGenerator[ModelResponseStreamEvent | ToolCallPart, None]:
        """Yield what the model streams, and each tool call before it is made.

        Raises:
            ModelAPIError: the model failed.
            UnexpectedModelBehavior: it answered nothing, or half.
            UsageLimitExceeded: it asked for too much.
        """
        context: RunContext[D] = RunContext(deps=self.deps, model=self.model, usage=self.usage)
        parameters = ModelRequestParameters(
            function_tools=self.toolbox.definitions,
            instruction_parts=[InstructionPart(self.instructions)] if self.instructions else None,
        )
        for _ in range(_MOST_REQUESTS):
            written, response = 0, None
            with chat_span(self.model) as told:
                try:
                    async with self.model.request_stream(
                        self.messages, self.settings, parameters, context
                    ) as stream:
                        async for event in stream:
                            yield event
                            written += _length(event)
                            if written > _LONGEST:
                                raise UsageLimitExceeded("The answer is longer than any may be")
                        response = stream.get()
                finally:
                    self._count(response, written)
                told(response)
            if response is None:
                raise UnexpectedModelBehavior("The model answered nothing")
            if response.finish_reason in _CUT_SHORT:
                raise UnexpectedModelBehavior("The answer was cut short")
            calls = _calls(response)
            if not calls:
                return
            self.usage.tool_calls += len(calls)
            if self.usage.tool_calls > _MOST_CALLS:
                break
            for call in calls:
                yield call
            returns = await self._returns(calls, context)
            self.returned += zip(calls, returns, strict=True)
            self.messages += [response, ModelRequest(parts=returns)]
        raise UsageLimitExceeded("The model asked for more requests or tools than a turn may have")

    def _count(self, response: ModelResponse | None, written: int) -> None:
        """Count a request; of one that was broken off only what it wrote is known, about."""
        self.usage.requests += 1
        if response is None:
            self.usage.output_tokens += written // _CHARACTERS_A_TOKEN
            return
        self.usage.input_tokens += response.usage.input_tokens
        self.usage.output_tokens += response.usage.output_tokens
        if self.most_tokens and self.usage.total_tokens > self.most_tokens:
            raise UsageLimitExceeded("The answer took more tokens than a turn may")

    async def _returns(
        self, calls: Sequence[ToolCallPart], context: RunContext[D]
    ) -> list[ToolReturnPart]:
        if len(calls) == 1:
            return [await self.toolbox.call(calls[0], context)]
        return list(await asyncio.gather(*(self.toolbox.call(call, context) for call in calls)))


def _length(event: ModelResponseStreamEvent) -> int:
    if isinstance(event, PartDeltaEvent):
        delta = event.delta
        if isinstance(delta, TextPartDelta):
            return len(delta.content_delta)
        return len(delta.args_delta or "") if isinstance(delta, ToolCallPartDelta) else 0
    if isinstance(event, PartStartEvent) and isinstance(event.part, TextPart):
        return len(event.part.content)
    return 0


def _calls(response: ModelResponse) -> list[ToolCallPart]:
    calls = [part for part in response.parts if isinstance(part, ToolCallPart)]
    spoken = any(isinstance(part, TextPart) and part.content.strip() for part in response.parts)
    if not calls and not spoken:
        raise UnexpectedModelBehavior("The model answered nothing")
    return calls
