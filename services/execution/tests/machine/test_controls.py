"""The machine with a guard switched off finds the double; with all of them on there is none."""

from collections.abc import Callable

import pytest
from pydantic import ValidationError
from services.execution.tests.machine.machine import Machine
from services.execution.tests.machine.processes import Crash

from uchat_execution.settings import ExecutionSettings

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]


def two_workers(state: Machine) -> None:
    """Both replicas are told of the same approved decision at the same time."""
    state.begin(wish="buy")
    state.both_work(card="D2")


def an_answer_that_lags(state: Machine) -> None:
    """The exchange takes an order, fails, and does not know of the order for a moment."""
    state.begin(wish="buy")
    state.exchange_fails(fault=("read_lag", "query"), times=20)
    state.exchange_fails(fault=("accept_then_503", "place"), times=1)
    state.work(card="D2", n=0, crash=None)
    state.time_passes(ms=600)
    state.sweep(n=1, crash=None)
    state.time_passes(ms=1_100)
    state.work(card="D2", n=1, crash=None)


def a_worker_that_wakes_up(state: Machine) -> None:
    """A worker is stopped between its claim and its message, and wakes up after it was replaced."""
    state.begin(wish="buy")
    zombies: list[int] = []
    for at in range(16, 80, 4):
        zombies.append(state.work(card="D2", n=0, crash=Crash("stall", at)))
        if any(leg.state == "submitting" for leg in state.play(state.arena.books()).legs):
            break
    state.time_passes(ms=7_000)
    for _ in range(4):
        state.sweep(n=1, crash=None)
        state.time_passes(ms=1_100)
        state.work(card="D2", n=1, crash=None)
    assert state.play(state.arena.journal())
    for zombie in zombies:
        state.wake(zombie=zombie)


SCENES: list[tuple[str, Callable[[Machine], None]]] = [
    ("unsafe_claim_off", two_workers),
    ("unsafe_absence_off", an_answer_that_lags),
]


def _play(state: Machine, scene: Callable[[Machine], None]) -> None:
    try:
        scene(state)
        state.promises_hold()
    finally:
        state.teardown()


@pytest.mark.parametrize(("guard", "scene"), SCENES)
def test_without_a_guard_an_order_is_doubled(machine, guard, scene):
    machine.unsafe = {guard: True}
    try:
        with pytest.raises(AssertionError, match="double"):
            _play(machine(), scene)
    finally:
        machine.unsafe = {}


@pytest.mark.parametrize("scene", [*(scene for _, scene in SCENES), a_worker_that_wakes_up])
def test_with_all_guards_there_is_one(machine, scene):
    _play(machine(), scene)


@pytest.mark.parametrize(
    "guard",
    [name for name in ExecutionSettings.model_fields if name.startswith("unsafe_")],
)
def test_production_refuses_to_be_without_a_guard(guard):
    with pytest.raises(ValidationError, match="UNSAFE"):
        ExecutionSettings(environment="production", **{guard: True})
