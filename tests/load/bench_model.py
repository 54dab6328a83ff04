"""The figures of answers by a model, for the bench."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from tests.load import floors, in_flight, measure, model_class
from tests.load.figures import Figure
from tests.support.instant_model import WORDS
from tests.support.stack import Stack
from uchat_platform.embedded.ports import free_port

Add = Callable[[Figure], None]
_READING = "reading the same stream with no framework"


@asynccontextmanager
async def endpoint() -> AsyncIterator[str]:
    """Run the endpoint as a process of its own; yields its address."""
    port = free_port()
    async with floors.child("tests.support.instant_model", "--port", str(port), port=port):
        yield f"http://127.0.0.1:{port}"


def stack_on(base: str, directory: Path) -> Stack:
    """Return a product that asks the endpoint."""
    settings = {
        "UCHAT_AI_MODELS": "openai-chat:instant",
        "OPENAI_BASE_URL": f"{base}/v1",
        "OPENAI_API_KEY": "none",
    }
    return Stack(directory, settings)


async def instant(
    directory: Path, add: Add, *, repetitions: int, times: int, seconds: float
) -> None:
    """Measure what an answer of an endpoint costs that answers at once."""
    async with endpoint() as base:
        async with aiohttp.ClientSession() as http:
            floor = await floors.stream_cpu_ms(http, f"{base}/v1", repetitions, times)
            alone = await model_class.answer_cpu_ms(http, f"{base}/v1", repetitions, times)
        name = "CPU of our model class alone for an answer of 60 tokens"
        add(Figure(name, "ms", alone, 5, floor=floor, floor_is=_READING))
        with stack_on(base, directory / "model") as stack:
            cpu, text = await measure.answer_cpu_ms(stack, repetitions, times)
            if text.strip() != "".join(WORDS).strip():
                raise ValueError(f"Expected the endpoint's {len(WORDS)} words, found {text!r}")
            name = "CPU of ai-core for an answer of 60 tokens"
            add(Figure(name, "ms", cpu, 6, floor=floor, floor_is=_READING))
            busy = await measure.busy_cpu_ms(stack, 50, seconds, repetitions)
            add(Figure(f"{name}, 50 users", "ms", busy, 6, floor=floor, floor_is=_READING))
            rate = await measure.saturation(stack, 50, seconds, repetitions)
            add(Figure("saturation, 50 users, endpoint", "answers/s", rate, better="higher"))


async def slow(directory: Path, add: Add) -> None:
    """Measure what turns add to an endpoint that takes its time, with a thousand in flight."""
    async with endpoint() as base:
        with stack_on(base, directory / "slow") as stack:
            flight = await in_flight.measure(stack, base)
    for figure in flight.figures():
        add(figure)
