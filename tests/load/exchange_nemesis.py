"""Bad days of the exchange, one after the other, by a seed."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp

Mishap = dict[str, Any]


def _on(on: str, *kinds: str, ms: int = 0, times: int = 2) -> list[Mishap]:
    return [{"kind": kind, "on": on, "ms": ms, "times": times} for kind in kinds]


EVERY: tuple[Mishap, ...] = (
    *_on("place", "accept_then_1007", "accept_then_drop", "accept_then_500", "accept_then_503"),
    *_on("place", "accept_then_502", "accept_then_garbage", "unknown_1007", "drop"),
    *_on("place", "http_500", "http_503", "html_502", "http_429"),
    *_on("place", "accept_then_timeout", "accept_then_hang", "lost", "hang", ms=14_000, times=1),
    *_on("place", "delay_ms", "slow_answer", ms=2_500),
    *_on("place", "delay_ms", ms=4_000, times=1),
    *_on("place", "http_418", ms=2_000, times=1),
    *_on("query", "not_found", "http_503", "html_502", "drop", "http_429"),
    *_on("query", "delay_ms", ms=1_500),
    *_on("query", "read_lag", ms=1_500, times=20),
    *_on("market", "http_503", "html_502", "drop", times=1),
    *_on("cancel", "late_fill", ms=200),
    *_on("stream", "duplicate_event", "lost_event", "drop_stream", times=3),
    *_on("stream", "late_event", ms=1_000, times=3),
)
"""Every fault of the simulator but clock skew, which stops trading and has tests of its own."""


@dataclass(slots=True)
class ExchangeNemesis:
    """Plans a fault every `pause_s` seconds: of all, in turns."""

    url: str
    seed: int
    pause_s: float
    mishaps: Sequence[Mishap] = EVERY
    made: Counter[str] = field(default_factory=Counter)

    async def run(self) -> None:
        """Plan faults until cancelled; an exchange that is away is asked later."""
        chance = random.Random(self.seed + 2)
        async with aiohttp.ClientSession() as http:
            while True:
                for mishap in chance.sample(list(self.mishaps), len(self.mishaps)):
                    await asyncio.sleep(self.pause_s * chance.uniform(0.5, 1.5))
                    with suppress(aiohttp.ClientError, OSError, TimeoutError):
                        await self._plan(http, mishap)

    async def heal(self) -> None:
        """Forget all faults."""
        async with aiohttp.ClientSession() as http:
            await self._plan(http, {"kind": "none"})

    async def _plan(self, http: aiohttp.ClientSession, mishap: Mishap) -> None:
        async with http.post(f"{self.url}/sim/faults", json=mishap) as answer:
            if answer.status != 200:
                raise ValueError(f"Expected {mishap} to be planned, found {await answer.text()}")
        self.made[f"{mishap['kind']} {mishap.get('on', '')}".strip()] += 1
