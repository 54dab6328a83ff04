"""An OpenAI-compatible server on loopback that misbehaves on demand."""

import asyncio
from contextlib import asynccontextmanager

import orjson
from aiohttp import web


def event(delta=None, finish=None, **more):
    choice = {"index": 0, "delta": delta or {}, "finish_reason": finish}
    return b"data: " + orjson.dumps({"id": "c1", "choices": [choice], **more}) + b"\n\n"


def words(count):
    return b"".join(event({"content": f"word{n} "}) for n in range(count))


DONE = b"data: [DONE]\n\n"
USAGE = (
    b"data: "
    + orjson.dumps({"choices": [], "usage": {"prompt_tokens": 11, "completion_tokens": 60}})
    + b"\n\n"
)
SIXTY = words(60) + event(finish="stop") + USAGE + DONE


class OpenAiServer:
    """`script`: what each next request gets; the last one stays."""

    def __init__(self):
        self.script = [SIXTY]
        self.requests = []
        self.headers = []
        self.peers = set()

    async def handle(self, request):
        self.requests.append(orjson.loads(await request.read()))
        self.headers.append(dict(request.headers))
        self.peers.add(request.transport.get_extra_info("peername"))
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(step, int):
            return web.json_response({"error": {"message": "no"}}, status=step)
        if getattr(step, "bare", False):
            await step(request)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        if callable(step):
            await step(response, request)
        else:
            await response.write(step)
        return response

    @asynccontextmanager
    async def running(self):
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self.handle)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = site._server.sockets[0].getsockname()[1]
        try:
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            await runner.cleanup()


def bare(step):
    """Mark a step that takes the request before a response is begun."""
    step.bare = True
    return step


def in_steps(*pieces, pause_s=0.03):
    async def write(response, request):
        for piece in pieces:
            await response.write(piece)
            await asyncio.sleep(pause_s)

    return write


async def cut(response, request):
    await response.write(words(5))
    request.transport.abort()


async def stall(response, request):
    await response.write(words(2))
    await asyncio.sleep(60)


def tool_call(name, arguments, call_id="call_1"):
    first = {"index": 0, "id": call_id, "type": "function"}
    half = len(arguments) // 2
    return (
        event({"tool_calls": [{**first, "function": {"name": name, "arguments": ""}}]})
        + event({"tool_calls": [{"index": 0, "function": {"arguments": arguments[:half]}}]})
        + event({"tool_calls": [{"index": 0, "function": {"arguments": arguments[half:]}}]})
        + event(finish="tool_calls")
        + DONE
    )
