"""Turns that wait for a slow model: how much later than the model their first words come.

The endpoint takes `FIRST_MS` to its first token, as large models do, and then writes the rest in
strides so slow that an answer takes `ANSWER_MS` in all. So `TURNS` turns are in flight at a rate
that two cores carry with everything else that runs on them: people who have read their answer ask
again, evenly spread over a cycle.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import aiohttp

from tests.load.crowd import SIGN_IN_LANES
from tests.load.figures import Figure, Repeated, quantile
from tests.support import proc
from tests.support.api import Api
from tests.support.instant_model import STREAM
from tests.support.live import Socket
from tests.support.stack import Stack
from tests.support.view import Frame, LogView

TURNS = 1000
FIRST_MS = 800.0
STRIDE = 11
PACE_MS = 2400.0
ANSWER_MS = FIRST_MS + PACE_MS * (-(-len(STREAM) // STRIDE) - 1)
CYCLE_S = ANSWER_MS / 1000 + 0.6
CYCLES = 1
PEOPLE = round(TURNS * 1.02 * CYCLE_S * 1000 / ANSWER_MS)
PROBE_EVERY_S = 0.1
GIVE_UP_S = 20.0


@dataclass(slots=True)
class Turn:
    """When what became of one message was seen (seconds of the monotonic clock)."""

    sent: float
    accepted: float = 0.0
    first: float = 0.0
    done: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def waited_ms(self) -> float:
        """Return how long it took from being accepted to the first words."""
        return (self.first - self.accepted) * 1000


class Person:
    """Somebody in their home conversation, who asks again once they have their answer."""

    def __init__(self, api: Api) -> None:
        view = LogView(api.home, keep_entries=False)
        self._log = api.home
        self.socket = Socket(api.http, api.base, api.token, {view.log: view}, "a")
        self.socket.on_frame = self._on_frame
        self._turn: Turn | None = None

    def _on_frame(self, frame: Frame) -> None:
        turn, kind, now = self._turn, frame["t"], time.monotonic()
        if turn is None:
            return
        if kind == "ack":
            if frame["status"] == "rejected":
                raise ValueError(f"Expected the message to be accepted, found {frame}")
            turn.accepted = turn.accepted or now
        elif kind == "delta":
            turn.first = turn.first or now
        elif kind == "ev" and frame["data"].get("role") == "assistant":
            turn.first = turn.first or now
            turn.done.set()

    async def ask(self, number: int) -> Turn:
        """Ask once and wait until the answer is complete."""
        self._turn = turn = Turn(time.monotonic())
        await self.socket.say(self._log, f"flight-{number}", f"message {number}")
        async with asyncio.timeout(ANSWER_MS / 1000 + GIVE_UP_S):
            await turn.done.wait()
        return turn


@dataclass(slots=True)
class Flight:
    """What a run found. `open` are the turns in flight as the endpoint counts its requests."""

    turns: list[Turn] = field(default_factory=list[Turn])
    probes_ms: list[float] = field(default_factory=list[float])
    open: list[float] = field(default_factory=list[float])
    cpu_ms: float = 0.0

    def figures(self) -> Sequence[Figure]:
        """Return what we add to the model's own time, beside how late it is itself."""
        added = [turn.waited_ms - FIRST_MS for turn in self.turns]
        late = [took - FIRST_MS for took in self.probes_ms]
        reading = "the endpoint asked directly meanwhile, less its 800 ms"
        note = (
            f"{len(added)} turns of {ANSWER_MS / 1000:.1f} s, {1 / CYCLE_S * PEOPLE:.0f} a second"
        )
        name = "latency added to a model with 1000 turns in flight"
        p50, p99 = (
            Figure(
                f"{name} p{share * 100:.0f}",
                "ms",
                Repeated((quantile(added, share),)),
                target,
                floor=Repeated((quantile(late, share),)),
                floor_is=reading,
                note=note,
            )
            for share, target in ((0.5, 25), (0.99, 100))
        )
        least = Repeated((quantile(self.open, 0.1),))
        flying = Figure("turns in flight, 9 tenths of the time", "", least, TURNS, better="higher")
        cpu = Figure(
            "CPU of ai-core for a turn in flight", "ms", Repeated((self.cpu_ms / len(added),))
        )
        return p50, p99, flying, cpu


async def measure(stack: Stack, endpoint: str) -> Flight:
    """Let `PEOPLE` ask in turn for a cycle to fill up and for `CYCLES` that count."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as http:
        gate = asyncio.Semaphore(SIGN_IN_LANES)

        async def sign_in() -> Person:
            async with gate:
                person = Person(await Api.guest(http, stack.url))
                await person.socket.connect()
                return person

        people = await asyncio.gather(*(sign_in() for _ in range(PEOPLE)))
        await _steer(http, endpoint, first_ms=FIRST_MS, pace_ms=PACE_MS, stride=STRIDE)
        try:
            return await _fly(stack, http, endpoint, people)
        finally:
            await asyncio.gather(*(person.socket.close() for person in people))


async def _fly(
    stack: Stack, http: aiohttp.ClientSession, endpoint: str, people: Sequence[Person]
) -> Flight:
    flight, begin = Flight(), time.monotonic()
    counts_from, ends_at = begin + CYCLE_S, begin + CYCLE_S * (1 + CYCLES)
    pids = [stack.pids()[name] for name in stack.names("ai-core")]

    async def follow(place: int, person: Person) -> None:
        starts_at, number = begin + CYCLE_S * place / len(people), 0
        while starts_at < ends_at:
            await asyncio.sleep(starts_at - time.monotonic())
            turn = await person.ask(number)
            if counts_from <= turn.sent:
                flight.turns.append(turn)
            number += 1
            starts_at = max(starts_at + CYCLE_S, time.monotonic())

    async def probe() -> None:
        begin = time.monotonic()
        body = {"model": "probe", "stream": True, "messages": []}
        async with http.post(f"{endpoint}/v1/chat/completions", json=body) as response:
            await response.content.readany()
            flight.probes_ms.append((time.monotonic() - begin) * 1000)
            await response.read()

    async def watch() -> None:
        await asyncio.sleep(counts_from - time.monotonic())
        used, probes = proc.cpu_ms(pids), list[asyncio.Task[None]]()
        async with asyncio.TaskGroup() as asking:
            while time.monotonic() < ends_at:
                probes.append(asking.create_task(probe()))
                count = (await _steer(http, endpoint))["open"]
                flight.open.append(count - sum(not each.done() for each in probes))
                await asyncio.sleep(PROBE_EVERY_S)
            flight.cpu_ms = proc.cpu_ms(pids) - used
            # All that counts has begun to speak by then; the rest may come at once.
            await asyncio.sleep(2 * FIRST_MS / 1000)
            await _steer(http, endpoint, pace_ms=0)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(watch())
        for place, person in enumerate(people):
            tasks.create_task(follow(place, person))
    return flight


async def _steer(http: aiohttp.ClientSession, endpoint: str, **wanted: float) -> dict[str, int]:
    async with http.post(f"{endpoint}/steer", json=wanted) as response:
        return await response.json()
