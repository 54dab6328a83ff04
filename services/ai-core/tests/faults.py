"""Every way in which a model is known to fail, as steps of an `OpenAiServer`'s script."""

import asyncio

from openai_server import DONE, bare, cut, event, in_steps, stall, tool_call, words


async def silent(response, request):
    await asyncio.sleep(60)


async def pings_for_ever(response, request):
    while True:
        await response.write(b": ping\n\n")
        await asyncio.sleep(0.02)


async def trickles(response, request):
    for _ in range(600):
        await response.write(words(1))
        await asyncio.sleep(0.1)


async def never_ends(response, request):
    while True:
        await response.write(words(400))
        await asyncio.sleep(0)


async def stalls_in_a_tool_call(response, request):
    await response.write(
        event({"tool_calls": [{"index": 0, "id": "c", "function": {"name": "g"}}]})
    )
    await asyncio.sleep(60)


def said(text, finish="stop"):
    return event({"content": text}) + event(finish=finish) + DONE


@bare
async def closes_at_once(request):
    request.transport.abort()


@bare
async def answers_slowly(request):
    await asyncio.sleep(60)


async def cut_in_a_tool_call(response, request):
    await response.write(
        event({"tool_calls": [{"index": 0, "id": "c", "function": {"name": "get_quotes"}}]})
        + event({"tool_calls": [{"index": 0, "function": {"arguments": '{"symb'}}]})
    )
    request.transport.abort()


async def cut_in_a_character(response, request):
    await response.write(words(3) + event({"content": "€"})[:40])
    request.transport.abort()


_WHOLE = b'{"choices": [{"message": {"role": "assistant", "content": "BTC is fine."}}]}'

FAULTS = {
    "429": 429, "500": 500, "502": 502, "503": 503, "400": 400, "401": 401, "404": 404,
    "408": 408, "529": 529, "redirect": 307,
    "closed at once": closes_at_once,
    "no headers": answers_slowly,
    "cut in a tool call": cut_in_a_tool_call,
    "cut in a character": cut_in_a_character,
    "out of tokens": words(10) + event(finish="length") + DONE,
    "filtered in the middle": words(10) + event(finish="content_filter") + DONE,
    "not streamed": _WHOLE,
    "no text": b"\xff\xfe\x00" * 200,
    "a line without end": b"data: " + b"x" * 200_000,
    "blank": event({"content": " \n \n"}) + event(finish="stop") + DONE,
    "done at once": DONE,
    "finished without a word of the call": event(finish="tool_calls") + DONE,
    "a tool call and no reason": tool_call("get_quotes", '{"symbols": ["BTC"]}').replace(
        event(finish="tool_calls"), b""
    ),
    "arguments are a list": tool_call("get_quotes", "[1]"),
    "arguments are nothing": tool_call("get_quotes", ""),
    "cut": cut,
    "cut at once": in_steps(b"", pause_s=0),
    "stall": stall,
    "silence": silent,
    "pings for ever": pings_for_ever,
    "trickle": trickles,
    "never ends": never_ends,
    "truncated": words(10),
    "truncated but done": words(10) + DONE,
    "malformed json": words(3) + b"data: {nonsense\n\n",
    "not an object": b"data: [1, 2]\n\n",
    "html instead": b"<html>Bad gateway</html>",
    "error in the stream": words(3) + b'data: {"error": {"message": "overloaded"}}\n\n',
    "empty": b"",
    "nothing said": event(finish="stop") + DONE,
    "content filter": event(finish="content_filter") + DONE,
    "tool call cut": event({"tool_calls": [{"index": 0, "id": "c", "function": {"name": "g"}}]}),
    "tool call stalls": stalls_in_a_tool_call,
    "arguments no json": tool_call("get_quotes", '{"symbols": ["BTC"'),
    "unknown tools for ever": tool_call("buy_everything", "{}"),
    "wrong arguments for ever": tool_call("get_quotes", '{"symbols": 7}'),
    "the same tool for ever": tool_call("get_quotes", '{"symbols": ["BTC"]}'),
    "tool call without a name": event({"tool_calls": [{"index": 0, "id": "c", "function": {}}]})
    + event(finish="tool_calls") + DONE,
    "invents for ever": said("BTC is at 99,123.45 USDT."),
    "wrong types": b'data: {"choices": {"delta": 1}}\n\n',
    "a delta that is text": b'data: {"choices": [{"delta": "hello"}]}\n\n',
}  # fmt: skip
BEFORE = {
    "at once": [],
    "after a tool": [tool_call("get_quotes", '{"symbols": ["BTC"]}')],
    "in the second draft": [said("ETH is at 88,123.45 USDT.")],
    "in the second draft, after words": [said("Well, let us see. ETH is at 88,123.45 USDT.")],
}
