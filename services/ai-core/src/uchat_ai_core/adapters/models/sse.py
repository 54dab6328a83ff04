"""Read a chat completion stream: server-sent events, merged per network read."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp
import orjson

PACE_S: Final = 0.015
"""At most one merged chunk in this time; the first one comes at once."""

_MOST_BUFFERED: Final = 1024 * 1024
_ENDS_IN_S: Final = 0.1


class MalformedStreamError(ValueError):
    """The stream is not what the protocol says."""


class ProviderError(ValueError):
    """The provider reported an error inside the stream."""


@dataclass(slots=True)
class ToolDelta:
    """Some of a tool call: which one, and what was added to it."""

    index: int
    call_id: str | None = None
    name: str | None = None
    arguments: str = ""


@dataclass(slots=True)
class Chunk:
    """Everything that one network read brought."""

    text: str = ""
    tools: list[ToolDelta] = field(default_factory=list[ToolDelta])
    finish_reason: str | None = None
    input_tokens: int = 0
    output_tokens: int = 0

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to hand on."""
        return not (self.text or self.tools or self.finish_reason or self.output_tokens)


async def chunks(response: aiohttp.ClientResponse) -> AsyncIterator[Chunk]:
    """Yield merged chunks until the stream ends.

    After a chunk the connection is not read until `PACE_S` has passed: what arrives meanwhile waits
    in the system's buffer and costs one read and one event of the framework instead of many.

    Raises:
        MalformedStreamError, ProviderError: as they say.
        aiohttp.ClientError, TimeoutError: the connection broke or stalled.
    """
    loop = asyncio.get_running_loop()
    rest = b""
    handed_at = 0.0
    while True:
        wait_s = handed_at + PACE_S - loop.time()
        if wait_s > 0:
            await _rest(response, wait_s)
        data = await response.content.readany()
        lines = (rest + data).replace(b"\r\n", b"\n").split(b"\n")
        rest = lines.pop()
        if len(rest) > _MOST_BUFFERED:
            raise MalformedStreamError("a line of the stream is longer than 1 MiB")
        chunk, done = _merged(lines)
        if not data:
            final, _ = _merged([rest])
            yield _joined(chunk, final)
            return
        if not chunk.is_empty:
            handed_at = loop.time()
            yield chunk
        if done:
            await _end(response)
            return


async def _end(response: aiohttp.ClientResponse) -> None:
    # The end of the response comes right behind the last event. Only once it is read can the
    # connection serve another request, for which there would have to be a new one.
    with suppress(TimeoutError, aiohttp.ClientError):
        async with asyncio.timeout(_ENDS_IN_S):
            while not response.content.at_eof():
                await response.content.readany()


async def _rest(response: aiohttp.ClientResponse, seconds: float) -> None:
    # Without a connection the response has come whole, and the connection may serve another.
    transport = response.connection.transport if response.connection else None
    if transport is None or transport.is_closing():
        await asyncio.sleep(seconds)
        return
    transport.pause_reading()
    try:
        await asyncio.sleep(seconds)
    finally:
        if not transport.is_closing():
            transport.resume_reading()


def _merged(lines: list[bytes]) -> tuple[Chunk, bool]:
    chunk = Chunk()
    texts: list[str] = []
    for line in lines:
        if not line.startswith(b"data:"):
            continue
        body = line[5:].strip()
        if body == b"[DONE]":
            chunk.text = "".join(texts)
            return chunk, True
        if body:
            _add(chunk, texts, body)
    chunk.text = "".join(texts)
    return chunk, False


def _add(chunk: Chunk, texts: list[str], body: bytes) -> None:
    try:
        event = orjson.loads(body)
        if event.get("error"):
            raise ProviderError(str(event["error"])[:300])
        usage = event.get("usage")
        if usage:
            chunk.input_tokens = int(usage.get("prompt_tokens") or 0)
            chunk.output_tokens = int(usage.get("completion_tokens") or 0)
        for choice in event.get("choices") or ():
            delta: dict[str, Any] = choice.get("delta") or {}
            if delta.get("content"):
                texts.append(str(delta["content"]))
            chunk.tools += [_tool(each) for each in delta.get("tool_calls") or ()]
            chunk.finish_reason = choice.get("finish_reason") or chunk.finish_reason
    except (orjson.JSONDecodeError, AttributeError, TypeError, KeyError) as e:
        raise MalformedStreamError(f"expected a chat completion chunk, found {body[:80]!r}") from e


def _tool(delta: dict[str, Any]) -> ToolDelta:
    function: dict[str, Any] = delta.get("function") or {}
    return ToolDelta(
        index=int(delta.get("index") or 0),
        call_id=delta.get("id"),
        name=function.get("name"),
        arguments=function.get("arguments") or "",
    )


def _joined(one: Chunk, other: Chunk) -> Chunk:
    return Chunk(
        text=one.text + other.text,
        tools=one.tools + other.tools,
        finish_reason=other.finish_reason or one.finish_reason,
        input_tokens=other.input_tokens or one.input_tokens,
        output_tokens=other.output_tokens or one.output_tokens,
    )
