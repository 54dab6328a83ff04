"""An OpenAI-compatible endpoint that answers at once with 60 tokens: `python -m …instant_model`."""

import argparse
import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

TOKENS = 60
WORDS = tuple(f"word{n} " for n in range(TOKENS))


def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
    """Return one event of a streamed chat completion."""
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "instant",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }
    return b"data: " + json.dumps(body).encode() + b"\n\n"


STREAM = (
    [chunk({"role": "assistant", "content": ""})]
    + [chunk({"content": word}) for word in WORDS]
    + [chunk({}, "stop")]
    + [b'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"instant",']
    + [b'"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":60,"total_tokens":69}}\n\n']
    + [b"data: [DONE]\n\n"]
)


@dataclass(slots=True)
class InstantModel:
    """Counts its requests; while `broken` it answers 503.

    It can take its time: `first_ms` until it begins, and `pace_ms` after each `stride` tokens.
    """

    requests: int = 0
    open: int = 0
    broken: bool = False
    first_ms: float = 0.0
    pace_ms: float = 0.0
    stride: int = 1
    last: dict[str, object] = field(default_factory=dict)

    async def complete(self, request: web.Request) -> web.StreamResponse:
        """Answer POST /v1/chat/completions, streamed or whole."""
        self.requests += 1
        self.last = await request.json()
        if self.broken:
            return web.json_response({"error": {"message": "down"}}, status=503)
        if not self.last.get("stream"):
            return web.json_response(_whole())
        self.open += 1
        try:
            return await self._stream(request)
        finally:
            self.open -= 1

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        if self.first_ms:
            await asyncio.sleep(self.first_ms / 1000)
        await response.prepare(request)
        for place in range(0, len(STREAM), self.stride):
            if self.pace_ms and place:
                await asyncio.sleep(self.pace_ms / 1000)
            await response.write(b"".join(STREAM[place : place + self.stride]))
        return response

    async def steer(self, request: web.Request) -> web.Response:
        """Take what it shall be like, and answer how many requests there were and are open.

        `POST /steer {"broken": …, "first_ms": …, "pace_ms": …, "stride": …}`, each may be left out.
        """
        wanted = await request.json()
        self.broken = bool(wanted.get("broken", self.broken))
        self.first_ms = float(wanted.get("first_ms", self.first_ms))
        self.pace_ms = float(wanted.get("pace_ms", self.pace_ms))
        self.stride = int(wanted.get("stride", self.stride))
        return web.json_response({"requests": self.requests, "open": self.open})

    def app(self) -> web.Application:
        """Return the HTTP application."""
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self.complete)
        app.router.add_post("/steer", self.steer)
        return app


def _whole() -> dict[str, object]:
    message = {"role": "assistant", "content": "".join(WORDS)}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "instant",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 60, "total_tokens": 69},
    }


async def _serve(port: int) -> None:
    runner = web.AppRunner(InstantModel().app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    asyncio.run(_serve(parser.parse_args().port))


if __name__ == "__main__":
    main()
