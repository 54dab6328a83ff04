"""Lets the tests of ai-core share their world: a market, a model server, a sessions service."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import pytest
from prometheus_client import REGISTRY


@pytest.fixture(autouse=True)
def _the_planner_says_nothing_that_the_guard_would_remove():
    """Fail the test if the guard had to take a sentence out of an answer of the planner."""
    names = {"model": "planner", "outcome": "removed"}
    before = REGISTRY.get_sample_value("uchat_ai_ungrounded_total", names) or 0
    yield
    assert (REGISTRY.get_sample_value("uchat_ai_ungrounded_total", names) or 0) == before
