"""What a turn of the planner costs as a conversation grows."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from tests.load.figures import Figure, Repeated
from tests.load.measure import TwoDevices, two_devices
from tests.support import proc
from tests.support.stack import Stack

LENGTHS = (5, 50, 200)
"""Messages in a conversation, answers counted; 200 are as many as the brain looks back on."""

CONVERSATIONS = 16
"""So many that what was said in them is more than what a cache by text holds."""


async def figures(stack: Stack, questions: Sequence[str], rounds: int) -> list[Figure]:
    """Return ai-core's CPU for a turn at each length, beside the same in a short conversation."""
    found = await turn_cpu_ms(stack, questions, rounds)
    short = found[LENGTHS[0]]
    name = "CPU of ai-core for a turn after {} messages"
    floor_is = f"the same after {LENGTHS[0]} messages"
    return [Figure(name.format(LENGTHS[0]), "ms", short)] + [
        Figure(
            name.format(length),
            "ms",
            found[length],
            round(1.25 * short.median, 2),
            floor=short,
            floor_is=floor_is,
            note=f"{CONVERSATIONS} conversations by turns, no message like another",
        )
        for length in LENGTHS[1:]
    ]


async def turn_cpu_ms(stack: Stack, questions: Sequence[str], rounds: int) -> dict[int, Repeated]:
    """Return the CPU by length; in a round each conversation is asked one question."""
    pids = [stack.pids()[name] for name in stack.names("ai-core")]
    found: dict[int, Repeated] = {}
    said = 0
    async with _talks(stack) as talks:
        for length in LENGTHS:
            turns = range(said, length // 2)
            await asyncio.gather(
                *(_ask(talk, place, questions, turns) for place, talk in enumerate(talks))
            )
            spent: list[float] = []
            said = max(said, length // 2)
            for _ in range(rounds):
                begin = proc.cpu_ms(pids)
                for place, talk in enumerate(talks):
                    await _ask(talk, place, questions, range(said, said + 1))
                spent.append((proc.cpu_ms(pids) - begin) / len(talks))
                said += 1
            found[length] = Repeated(tuple(spent))
    return found


async def _ask(talk: TwoDevices, place: int, questions: Sequence[str], turns: range) -> None:
    for turn in turns:
        question = questions[(place + turn) % len(questions)]
        await talk.exchange(f"{question} ({place}-{turn})")


@asynccontextmanager
async def _talks(stack: Stack) -> AsyncIterator[list[TwoDevices]]:
    async with AsyncExitStack() as open_until:
        yield [
            await open_until.enter_async_context(two_devices(stack)) for _ in range(CONVERSATIONS)
        ]
