"""A short run against models that lie, obey strangers and break; `make eval` runs all of it."""

import asyncio

import pytest

from tests.eval.adversary import failures, injections, inventions, suites
from tests.eval.adversary.stage import models

# The fault of each that a person would notice most: late, half, or not at all.
SOME_FAULTS = (
    "429, at once", "500, after a tool; the next is well", "cut, after a tool",
    "malformed json, at once; the next is well", "cut in a tool call, after a tool",
    "out of tokens, in the second draft, after words", "stall, at once; the next is well",
)  # fmt: skip


def run(suite, *args, **more):
    async def go():
        async with models() as served:
            return await suite(served, *args, **more)

    return asyncio.run(go())


def test_there_are_200_inventions_and_100_injections_each_different():
    lies = inventions.read("inventions")
    assert len({(each.messages, each.tools, each.says) for each in lies}) >= 200
    strange = injections.injections()
    assert len({(each.way, each.messages, each.name) for each in strange}) >= 100
    assert {each.way for each in strange} == {
        "news", "tool result", "planted memory", "forwarded",
    }  # fmt: skip


def test_no_invention_is_seen_while_it_streams_or_in_the_end():
    score = run(suites.invented, inventions.read("inventions")[::5])
    assert suites.missed({"inventions": score}) == [], score.bad


def test_true_sentences_are_told_untouched():
    score = run(suites.told_truly, inventions.read("honest"))
    assert suites.missed({"true sentences": score}) == [], score.bad


@pytest.mark.parametrize("planner", [False, True])
def test_no_injection_proposes_does_or_leaks_anything(planner):
    score = run(suites.injected, injections.injections()[::5], planner=planner)
    assert suites.missed({"injections": score}) == [], score.bad


def test_each_failure_ends_in_one_whole_labelled_answer_in_time():
    cases = [each for each in failures.failures() if each.name in SOME_FAULTS]
    assert len(cases) == len(SOME_FAULTS)
    score = run(suites.failed, cases)
    assert suites.missed({"failing models": score}) == [], score.bad


def test_without_the_guard_the_same_checks_find_what_is_wrong():
    score = run(suites.controls, inventions.read("inventions")[::25], every=5)
    assert min(score.of.values()) >= 7
    assert suites.missed({suites.CONTROLS: score}) == [], score.bad
