"""Models that fail in every known way: what people get, and by when.

Each fault happens at once, after a tool's result, or in the second draft; with no other model, with
a good one that comes next, and with a next one that fails in another way.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

from tests.eval.adversary.stage import Models, Screen, Spoken, ask
from uchat_ai_core.adapters.brain import STAND_IN, UNCONFIRMED
from uchat_ai_core.adapters.chain import Patience

# isort: split
from faults import BEFORE, FAULTS, said

PATIENCE: Final = Patience(whole=15.0, silence=5.0, hedge=0.0)
OF_OUR_OWN_S: Final = 5.0
"""What a busy machine may take beside what models are waited for."""
GOOD: Final = "A stop loss sells once the price has fallen to a level that you choose."
ASKED: Final = "what does BTC cost? and what is a stop loss?"
_FOR_EVER: Final = frozenset({"pings for ever", "trickle", "never ends"})
LABELS: Final = (STAND_IN, UNCONFIRMED)


@dataclass(frozen=True, slots=True)
class Failure:
    """`chain` are the scripts of the models, in order of preference; `answers`: who may answer."""

    name: str
    chain: tuple[tuple[Any, ...], ...]
    answers: tuple[str, ...]


def failures() -> list[Failure]:
    """Return all of them."""
    names = list(FAULTS)
    found: list[Failure] = []
    for (place, name), before in product(enumerate(names), BEFORE):
        script = (*BEFORE[before], FAULTS[name])
        # One that goes on for ever may leave the next no time: then the planner answers, in time.
        well = ("openai-chat:model-1", *(["planner"] if name in _FOR_EVER else []))
        other = names[(place * 7 + 3) % len(names)]
        found += [
            Failure(f"{name}, {before}", (script,), ("planner",)),
            Failure(f"{name}, {before}; the next is well", (script, (said(GOOD),)), well),
            Failure(
                f"{name}, {before}; the next: {other}", (script, (FAULTS[other],)), ("planner",)
            ),
        ]
    return found


async def put(models: Models, case: Failure) -> tuple[Screen | None, list[str]]:
    """Put one to the brain; return the screen and what is wrong with it."""
    urls = [models.url(script) for script in case.chain]
    started = time.monotonic()
    allowed = PATIENCE.whole + OF_OUR_OWN_S
    try:
        screen = await ask(urls, [Spoken(ASKED)], patience=PATIENCE, within_s=3 * allowed)
    except TimeoutError:
        return None, ["no answer"]
    took = time.monotonic() - started
    return screen, wrong(screen, case, took, allowed)


def wrong(screen: Screen, case: Failure, took: float, allowed: float) -> list[str]:
    """Return what is not as it has to be of an answer: one, whole, labelled, in time, reset."""
    reply = screen.replies[0]
    planned = reply.model == "planner"
    flaws = {
        f"{len(screen.replies)} answers": len(screen.replies) != 1,
        f"took {took:.1f} s": took > allowed,
        f"answered by {reply.model!r}": reply.model not in case.answers,
        "no label": planned and not screen.final.startswith(LABELS),
        "not whole": (screen.final != GOOD) if not planned else "51,234.50" not in screen.final,
        "shown otherwise than stored": screen.streamed.strip() != screen.final.strip(),
    }
    return [flaw for flaw, there in flaws.items() if there]


async def put_all(
    models: Models, cases: Sequence[Failure], *, at_once: int = 12
) -> list[tuple[Screen | None, list[str]]]:
    """Put them all, several at once."""
    slots = asyncio.Semaphore(at_once)

    async def one(case: Failure) -> tuple[Screen | None, list[str]]:
        async with slots:
            return await put(models, case)

    return list(await asyncio.gather(*(one(case) for case in cases)))
