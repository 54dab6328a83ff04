"""The real turn loop between a person who asks and OpenAI-compatible endpoints that follow scripts.

Only what stands around ai-core is kept in memory: the log, the lease, and a screen that shows what
is told as an interface would.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from tests.eval.world import Market, account
from uchat_ai_core.adapters.brain import PydanticBrain
from uchat_ai_core.adapters.chain import Patience
from uchat_ai_core.adapters.models.choose import choose_models
from uchat_ai_core.adapters.models.openai_chat import Endpoint
from uchat_ai_core.ports import Lease
from uchat_ai_core.service.loop import TurnLoop
from uchat_ai_core.service.turns import Turns
from uchat_contracts import ids
from uchat_contracts.events import Delta, MessageData, ReplyProposed
from uchat_contracts.parts import Origin, Part
from uchat_platform.clock import SystemClock

# isort: split
from log_world import PERSON, Logs, _answer  # world.py made the folder of these known
from openai_server import OpenAiServer

PATIENCE = Patience(whole=60.0, silence=30.0, hedge=0.0)


@dataclass(slots=True)
class Screen:
    """What one interface shows of one answer: a higher epoch voids what was shown before.

    `epochs` keeps the text of each epoch, also of those that were taken back.
    """

    epochs: dict[int, str] = field(default_factory=dict[int, str])
    replies: list[ReplyProposed] = field(default_factory=list[ReplyProposed])
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, _: str, event: Any) -> None:
        if isinstance(event, Delta):
            self.epochs[event.epoch] = self.epochs.get(event.epoch, "") + event.text

    @property
    def taken_back(self) -> list[str]:
        """Return what was shown and then void."""
        return [self.epochs[epoch] for epoch in sorted(self.epochs)[:-1]]

    @property
    def streamed(self) -> str:
        """Return what stands there after the last delta."""
        return self.epochs[max(self.epochs)] if self.epochs else ""

    @property
    def final(self) -> str:
        """Return the stored answer as it is shown, tables and all."""
        return "\n\n".join(part.text for part in self.replies[0].parts if part.text)

    @property
    def ever(self) -> str:
        """Return everything that anybody could have read at any time."""
        return "\n".join([*self.epochs.values(), *(self.final for _ in self.replies[:1])])


class _Leases:
    def __init__(self) -> None:
        self._epoch = 0

    async def take(self, log: str) -> Lease:
        self._epoch += 1
        return Lease(log, self._epoch)

    async def renew(self, leases: Sequence[Lease]) -> frozenset[Lease]:
        return frozenset(leases)

    def release(self, *_: object) -> None:
        pass


@dataclass(slots=True)
class _Outlet:
    screen: Screen
    logs: Any

    def tell(self, log: str, event: Any) -> None:
        self.screen.tell(log, event)

    async def propose(self, reply: ReplyProposed) -> None:
        self.screen.replies.append(reply)
        await self.logs.append(reply.session_id, _answer(reply))
        self.screen.answered.set()


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message of a person: where it was written, and whether they only passed it on."""

    text: str
    interface: str = "web_chat"
    forwarded: bool = False


@dataclass(slots=True)
class Models:
    """Endpoints on one port, one for each script: `url(script)` answers by it."""

    port: int
    servers: dict[str, OpenAiServer] = field(default_factory=dict[str, OpenAiServer])

    def url(self, script: Sequence[Any]) -> str:
        """Return the base URL of a new endpoint; the last step of its script stays."""
        server = OpenAiServer()
        server.script = list(script)
        name = f"case{len(self.servers)}"
        self.servers[name] = server
        return f"http://127.0.0.1:{self.port}/{name}/v1"

    def asked(self, url: str) -> list[dict[str, Any]]:
        """Return the requests that an endpoint had."""
        return self.servers[url.split("/")[3]].requests

    async def handle(self, request: web.Request) -> web.StreamResponse:
        return await self.servers[request.match_info["name"]].handle(request)


@asynccontextmanager
async def models() -> AsyncIterator[Models]:
    """Serve scripted models on loopback."""
    found = Models(0)
    app = web.Application()
    app.router.add_post("/{name}/v1/chat/completions", found.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.port = runner.addresses[0][1]
    try:
        yield found
    finally:
        await runner.cleanup()


async def ask(
    endpoints: Sequence[str],
    messages: Sequence[Spoken],
    *,
    books: Any = None,
    market: Any = None,
    patience: Patience = PATIENCE,
    within_s: float = 90.0,
    **more: Any,
) -> Screen:
    """Say the messages; return what the last one's answer looked like on the way and in the end.

    `endpoints`: base URLs of models in order of preference. `more` goes to the brain.

    Raises:
        TimeoutError: there is no answer within so many seconds.
    """
    screen, logs, log = Screen(), Logs(None), ids.new_conversation_id()
    logs.announce = False
    stop = asyncio.Event()
    async with aiohttp.ClientSession() as session:
        chosen = [
            model
            for place, url in enumerate(endpoints)
            for model in choose_models(
                f"openai-chat:model-{place}",
                Endpoint(url, "key", connect_timeout_s=30, read_timeout_s=patience.silence),
                session,
            )
        ]
        trading = books if books is not None else account()
        brain = PydanticBrain(chosen, market or Market(), trading, patience=patience, **more)
        turns = Turns(brain, _Outlet(screen, logs), SystemClock(), {})
        loop = TurnLoop(turns, _Leases(), logs, most_turns=1, most_logs=1, most_bytes=2**20)
        running = asyncio.create_task(loop.run(stop))
        try:
            for place, message in enumerate(messages, 1):
                if place < len(messages):
                    await _noted(logs, log, message)
                else:
                    await logs.append(log, _data(message))
            loop.ring(log, len(logs.logs[log]), by="log")
            async with asyncio.timeout(within_s):
                await screen.answered.wait()
        finally:
            stop.set()
            await running
    return screen


async def _noted(logs: Any, log: str, message: Spoken) -> None:
    data = _data(message)
    await logs.append(log, data)
    await logs.append(
        log,
        MessageData(
            message_id=ids.derived_message_id(data.message_id),
            role="assistant",
            parts=[Part(type="text", text="Noted.")],
            origin=Origin(interface="assistant"),
            answers=data.message_id,
        ),
    )


def _data(message: Spoken) -> MessageData:
    part = {"type": "text", "text": message.text}
    if message.forwarded:
        part["forwarded"] = True
    return MessageData(
        message_id=ids.new_message_id(),
        role="user",
        parts=[Part.model_validate(part)],
        origin=Origin(interface=message.interface),
        user_id=PERSON,
    )
