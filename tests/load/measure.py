"""Measure the running product as its users feel it, and what its processes use."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp

from tests.load.crowd import crowd
from tests.load.figures import Repeated, quantile
from tests.load.floors import p50_ms
from tests.support import proc
from tests.support.api import CHAT, Api
from tests.support.live import Socket
from tests.support.stack import Stack
from tests.support.view import Frame, LogView

WARM_UP = 40
TURNS = 20
SIMULATORS = frozenset({"exchange", "telegram_simulator"})
"""What stands for the world outside: no part of the product, and not there in production."""

SERVICES = ("gateway", "sessions", "ai-core", "execution", "notifier", "telegram")


@dataclass(slots=True)
class Marks:
    """When what became of one message was seen (seconds); `cid` names the message."""

    cid: str
    sent: float
    accepted: float = 0.0
    second_device: float = 0.0
    first_delta: float = 0.0
    complete: float = 0.0
    done: asyncio.Event = field(default_factory=asyncio.Event)

    def finish(self) -> None:
        """Tell who waits, once all is seen."""
        if self.accepted and self.second_device and self.first_delta and self.complete:
            self.done.set()


class TwoDevices:
    """One person in one conversation on two devices: A writes, B watches."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self.last_answer = ""
        self._marks: Marks | None = None
        self._count = itertools.count()
        self.a, self.b = (self._socket(device) for device in "ab")
        self.a.on_frame, self.b.on_frame = self._on_a, self._on_b

    def _socket(self, device: str) -> Socket:
        view = LogView(self._api.home, keep_entries=False)
        return Socket(self._api.http, self._api.base, self._api.token, {view.log: view}, device)

    def _on_a(self, frame: Frame) -> None:
        marks, now = self._marks, time.perf_counter()
        if marks is None:
            return
        kind = frame["t"]
        if kind == "ack" and frame["re"] == marks.cid:
            marks.accepted = marks.accepted or now
        elif kind == "delta":
            marks.first_delta = marks.first_delta or now
        elif kind == "ev" and frame["data"].get("role") == "assistant":
            marks.complete = now
            # Deltas may be lost: then the whole answer is the first that is seen of it.
            marks.first_delta = marks.first_delta or now
            self.last_answer = "".join(part.get("text") or "" for part in frame["data"]["parts"])
        marks.finish()

    def _on_b(self, frame: Frame) -> None:
        marks = self._marks
        if marks and frame["t"] == "ev" and frame["data"].get("client_msg_id") == marks.cid:
            marks.second_device = time.perf_counter()
            marks.finish()

    async def exchange(self, text: str) -> Marks:
        """Write once and wait until the answer is complete."""
        cid = f"bench-{next(self._count)}"
        self._marks = marks = Marks(cid, time.perf_counter())
        await self.a.say(self._api.home, cid, text)
        async with asyncio.timeout(15):
            await marks.done.wait()
        return marks


@asynccontextmanager
async def two_devices(stack: Stack) -> AsyncIterator[TwoDevices]:
    """Sign in a guest and connect both devices."""
    async with aiohttp.ClientSession() as http:
        devices = TwoDevices(await Api.guest(http, stack.url))
        async with devices.a, devices.b:
            for socket in (devices.a, devices.b):
                await socket.until(lambda s=socket: all(v.is_live for v in s.views.values()))
            yield devices


async def latency_ms(stack: Stack, repetitions: int, times: int) -> dict[str, list[Repeated]]:
    """Return p50 and p99 of each step of one message in one conversation, in milliseconds."""
    found: dict[str, list[list[float]]] = {}
    async with two_devices(stack) as devices:
        for _ in range(WARM_UP):
            await devices.exchange("hello")
        for _ in range(repetitions):
            took: dict[str, list[float]] = {}
            for _ in range(times):
                marks = await devices.exchange("hello")
                for step in ("accepted", "second_device", "first_delta", "complete"):
                    took.setdefault(step, []).append((getattr(marks, step) - marks.sent) * 1000)
            for step, values in took.items():
                found.setdefault(step, []).append(values)
    return {
        step: [Repeated(tuple(quantile(v, share) for v in values)) for share in (0.5, 0.99)]
        for step, values in found.items()
    }


async def session_new_ms(stack: Stack, repetitions: int, times: int) -> Repeated:
    """Return p50 of POST session/new in milliseconds, one after the other."""
    async with aiohttp.ClientSession() as http:
        api = await Api.guest(http, stack.url)
        return await p50_ms(
            lambda: api.expect((200, 201), "POST", f"{CHAT}/session/new", json={"title": "x"}),
            repetitions=repetitions,
            times=times,
        )


async def saturation(stack: Stack, users: int, seconds: float, repetitions: int) -> Repeated:
    """Return answers a second of users who each send again as soon as they are answered."""
    rates: list[float] = []
    for repetition in range(repetitions):
        async with crowd(stack.url, users, 1, repetition, by_socket_only=True) as people:
            await people.run(10**9, seconds, 30)
            rates.append(people.answers_in(1.0, seconds))
    return Repeated(tuple(rates))


async def answer_cpu_ms(stack: Stack, repetitions: int, times: int) -> tuple[Repeated, str]:
    """Return ai-core's CPU per answer, asked one after the other, and the last answer's text.

    A new conversation begins after every `TURNS` questions, as people do.
    """
    pids = [stack.pids()[name] for name in stack.names("ai-core")]
    await _ask(stack, WARM_UP)
    values: list[float] = []
    text = ""
    for _ in range(repetitions):
        used = 0.0
        for _ in range(-(-times // TURNS)):
            async with two_devices(stack) as devices:
                begin = proc.cpu_ms(pids)
                for _ in range(TURNS):
                    await devices.exchange("hello")
                used += proc.cpu_ms(pids) - begin
                text = devices.last_answer
        values.append(used / (-(-times // TURNS) * TURNS))
    return Repeated(tuple(values)), text


async def turn_cpu_ms(stack: Stack, questions: Sequence[str], repetitions: int) -> Repeated:
    """Return the median CPU of ai-core for a turn, over different questions asked by turns.

    All that a turn costs there counts: lease, window, tools, deltas, reply.
    """
    pids = [stack.pids()[name] for name in stack.names("ai-core")]
    medians: list[float] = []
    async with two_devices(stack) as devices:
        for question in questions:
            await devices.exchange(question)
        for _ in range(repetitions):
            spent: list[float] = []
            for question in questions * 3:
                begin = proc.cpu_ms(pids)
                await devices.exchange(question)
                spent.append(proc.cpu_ms(pids) - begin)
            medians.append(quantile(spent, 0.5))
    return Repeated(tuple(medians))


async def _ask(stack: Stack, times: int) -> None:
    async with two_devices(stack) as devices:
        for _ in range(times):
            await devices.exchange("hello")


async def busy_cpu_ms(stack: Stack, users: int, seconds: float, repetitions: int) -> Repeated:
    """Return ai-core's CPU per answer while that many users ask as fast as they are answered."""
    pids = [stack.pids()[name] for name in stack.names("ai-core")]
    values: list[float] = []
    for repetition in range(repetitions):
        async with crowd(stack.url, users, 1, repetition, by_socket_only=True) as people:
            begin = proc.cpu_ms(pids)
            await people.run(10**9, seconds, 30)
            values.append((proc.cpu_ms(pids) - begin) / len(people.answered))
    return Repeated(tuple(values))


def memory_mib(stack: Stack) -> dict[str, float]:
    """Return the memory (PSS) of each process of endpoints.json with its descendants.

    Every process is counted once: the supervisor's own children are not counted again with it.
    """
    pids = stack.pids()
    supervisor = pids.pop("supervisor", None)
    found = {name: proc.tree_pss_mib(pid) for name, pid in pids.items()}
    if supervisor is not None:
        found["supervisor"] = proc.pss_mib(supervisor)
    return found
