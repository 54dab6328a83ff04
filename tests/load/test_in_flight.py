"""What a run with turns in flight comes to."""

import pytest

from tests.load.in_flight import ANSWER_MS, CYCLE_S, FIRST_MS, PEOPLE, TURNS, Flight, Turn


def flight(added_ms, still_open):
    turns = [Turn(0.0, accepted=1.0, first=1.0 + (FIRST_MS + each) / 1000) for each in added_ms]
    probes = [FIRST_MS + 2.0] * 10
    return Flight(turns, probes, [float(still_open)] * 20, cpu_ms=3.0 * len(turns))


def test_what_is_added_to_the_model_is_judged_beside_how_late_it_is_itself():
    p50, p99, flying, cpu = flight([10.0] * 98 + [90.0] * 2, TURNS).figures()
    assert p50.value.median == pytest.approx(10)
    assert p99.value.median == pytest.approx(90)
    assert p99.floor.median == pytest.approx(2)
    assert (p50.passed, p99.passed, flying.passed) == (True, True, True)
    assert cpu.value.median == 3


def test_late_words_and_fewer_turns_than_a_thousand_are_misses():
    p50, p99, flying, _ = flight([30.0] * 98 + [110.0] * 2, TURNS - 1).figures()
    assert (p50.passed, p99.passed, flying.passed) == (False, False, False)


def test_as_many_people_ask_as_keep_a_thousand_turns_in_flight():
    assert PEOPLE * ANSWER_MS / 1000 / CYCLE_S >= TURNS
