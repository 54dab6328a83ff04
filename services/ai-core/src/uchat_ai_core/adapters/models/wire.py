"""The framework's messages as JSON of the chat completions API.

https://platform.openai.com/docs/api-reference/chat/create
"""

from collections.abc import Sequence
from typing import Any

import orjson
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    SystemPromptPart,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.settings import ModelSettings
from pydantic_ai.tools import ToolDefinition

_SETTINGS = ("temperature", "top_p", "max_tokens", "seed", "presence_penalty", "frequency_penalty")


def request_body(
    model: str,
    messages: Sequence[ModelMessage],
    settings: ModelSettings | None,
    parameters: ModelRequestParameters,
    tools: orjson.Fragment,
) -> bytes:
    """Return the body of a streamed request; `tools` are the parameters' own, by `tools_json`."""
    body: dict[str, Any] = {
        "model": model,
        "messages": _messages(messages, parameters),
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if parameters.function_tools:
        body["tools"] = tools
    for name in _SETTINGS:
        value = (settings or {}).get(name)
        if value is not None:
            body[name] = value
    return orjson.dumps(body)


def tools_json(definitions: Sequence[ToolDefinition]) -> orjson.Fragment:
    """Return tools as JSON, ready to be put into any number of bodies: there are 10 KB of them."""
    tools = [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description or "",
                "parameters": tool.parameters_json_schema,
            },
        }
        for tool in definitions
    ]
    return orjson.Fragment(orjson.dumps(tools))


def _messages(
    messages: Sequence[ModelMessage], parameters: ModelRequestParameters
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    instructions = "\n\n".join(part.content for part in parameters.instruction_parts or ())
    if instructions:
        found.append({"role": "system", "content": instructions})
    for message in messages:
        if isinstance(message, ModelRequest):
            found += _request_parts(message)
        else:
            found.append(_response(message.parts))
    return found


def _request_parts(message: ModelRequest) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for part in message.parts:
        if isinstance(part, SystemPromptPart):
            found.append({"role": "system", "content": part.content})
        elif isinstance(part, UserPromptPart):
            texts = (
                [part.content]
                if isinstance(part.content, str)
                else [each for each in part.content if isinstance(each, str)]
            )
            found.append({"role": "user", "content": "\n".join(texts)})
        elif isinstance(part, ToolReturnPart):
            found.append(
                {
                    "role": "tool",
                    "tool_call_id": part.tool_call_id,
                    "content": part.model_response_str(),
                }
            )
    return found


def _response(parts: Sequence[object]) -> dict[str, Any]:
    text = "".join(part.content for part in parts if isinstance(part, TextPart))
    calls = [
        {
            "id": part.tool_call_id,
            "type": "function",
            "function": {"name": part.tool_name, "arguments": part.args_as_json_str()},
        }
        for part in parts
        if isinstance(part, ToolCallPart)
    ]
    message: dict[str, Any] = {"role": "assistant", "content": text or None}
    if calls:
        message["tool_calls"] = calls
    return message
