"""An internal subscriber reads decisions with a user that may do nothing else."""

import asyncio
import sys
from pathlib import Path

import pytest

from tests.support.api import Api
from tests.support.stack import Stack
from tests.support.trading import propose

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(60)]
EXAMPLE = Path(__file__).parents[3] / "examples/decision_subscriber.py"


async def test_the_example_prints_the_events_of_a_decision(stack: Stack, person: Api):
    card = await propose(person, "buy 0.001 BTC")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(EXAMPLE),
        str(stack.endpoints()["nats"]),
        str(stack.data_dir / "keys" / "subscriber.nk"),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    seen: list[str] = []
    try:
        async with asyncio.timeout(30):
            while len(seen) < 2:
                line = (await process.stdout.readline()).decode()
                assert line, "the example ended"
                if card["decision_id"] in line:
                    seen.append(line.split()[-1])
    finally:
        process.kill()
        await process.wait()
    assert seen == ["proposed", "awaiting_approval"]
