"""Run the planner without the agent loop: it calls tools once and needs no retries or limits.

The agent framework's loop costs 3 to 9 CPU ms a turn, the planner itself a fraction of one; this
drives the same `Model` with the same tools directly. The planner works inside an agent as well,
and a test holds the two to the same answers.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any, Final

from pydantic_ai import RunContext
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponseStreamEvent,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.usage import RunUsage

from uchat_ai_core.adapters.models.planner import PlannerModel
from uchat_ai_core.adapters.turn_deps import TurnDeps

Tool = Callable[..., Awaitable[dict[str, Any]]]
_ROUNDS: Final = 2
_PARAMETERS: Final = ModelRequestParameters()


async def run_planner(
    planner: PlannerModel, tools: Mapping[str, Tool], deps: TurnDeps
) -> AsyncGenerator[ModelResponseStreamEvent | ToolCallPart, None]:
    """Yield the planner's stream events, and each tool call before it is made."""
    context = RunContext[TurnDeps](deps=deps, model=planner, usage=RunUsage())
    prompt = UserPromptPart(content=deps.turn.message.text, timestamp=deps.turn.message.at)
    messages: list[ModelMessage] = [ModelRequest(parts=[prompt])]
    for _ in range(_ROUNDS):
        async with planner.request_stream(messages, None, _PARAMETERS, context) as stream:
            async for event in stream:
                yield event
            response = stream.get()
        calls = [part for part in response.parts if isinstance(part, ToolCallPart)]
        if not calls:
            return
        returns: list[ToolReturnPart] = []
        for call in calls:
            yield call
            content = await tools[call.tool_name](context, **call.args_as_dict())
            returns.append(
                ToolReturnPart(
                    tool_name=call.tool_name, content=content, tool_call_id=call.tool_call_id
                )
            )
        messages += [response, ModelRequest(parts=returns)]
