"""Runs the machine: a few examples in the suite, many with `--hypothesis-profile=long`."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

pytestmark = [pytest.mark.integration, pytest.mark.timeout(3600)]
SHORT = settings(
    max_examples=8,
    stateful_step_count=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate, Phase.shrink],
)


def test_whatever_happens_the_promises_hold(machine, request):
    is_long = request.config.getoption("--hypothesis-profile") == "long"
    run_state_machine_as_test(machine, settings=settings.get_profile("long") if is_long else SHORT)
