"""The 15 s version of `make chaos-spine`."""

import pytest

from tests.load.chaos import Plan, run
from tests.load.nemesis import USUAL
from tests.support.stack import Stack

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]


async def test_nothing_is_lost_doubled_or_reordered_while_processes_are_killed(stack: Stack):
    plan = Plan(
        messages=100_000,
        senders=30,
        seconds=15,
        seed=7,
        faults=len(USUAL),
        kinds=USUAL,
        pause_s=1.0,
        window=3,
        replicas=2,
        sabotage=None,
        stopped_s=3.5,
        give_up_s=30,
    )
    result = await run(stack, plan)
    assert result.findings.counts == {}, result.findings.examples
    assert result.complete
    assert result.findings.messages > 100
    assert result.findings.answers == result.findings.messages
    made = {kind for kind, told in result.report["nemesis"].items() if not told["failed"]}
    assert len(made) >= 4, result.report["nemesis"]
