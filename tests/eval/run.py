"""Run suites of cases on a brain and count what came of them."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import aiohttp
from pydantic_evals import Case, Dataset

from tests.eval import cases, judge
from tests.eval.cases import Line
from tests.eval.world import Heard, converse
from uchat_ai_core.adapters.brain import PydanticBrain
from uchat_ai_core.adapters.models.choose import choose_models
from uchat_ai_core.adapters.models.openai_chat import Endpoint

if TYPE_CHECKING:
    from pydantic_evals.reporting import EvaluationReport, ReportCase

PLANNER = "planner"
MODES = ("quick", "trading", "analysis", "support")
LONGEST = {"quick": 900, "trading": 4500, "analysis": 6000, "support": 4500}
# What the targets are about, by the name of the judge's verdict.
VERDICTS = (
    "intent", "slots", "nothing_unasked", "nothing_missed", "grounded", "tone",
    "confidence_in_range",
)  # fmt: skip


@dataclass
class Score:
    """How often each verdict was good, out of how many, and the cases where it was not."""

    good: dict[str, int] = field(default_factory=dict)
    of: dict[str, int] = field(default_factory=dict)
    bad: list[str] = field(default_factory=list)

    def add(self, case: "ReportCase[Line, Heard, Any]") -> None:
        for name, verdict in case.assertions.items():
            self.of[name] = self.of.get(name, 0) + 1
            self.good[name] = self.good.get(name, 0) + bool(verdict.value)
            if not verdict.value:
                said = " >> ".join(case.inputs.messages)
                self.bad.append(f"{case.name}: {name} ({verdict.reason}): {said}")

    def wrong(self, name: str) -> int:
        return self.of.get(name, 0) - self.good.get(name, 0)

    def rate(self, name: str) -> float | None:
        """Return the share of good verdicts, 0 to 1; None if there was none."""
        return self.good.get(name, 0) / self.of[name] if self.of.get(name) else None


def suites(name: str) -> dict[str, list[Line]]:
    """Return a file's cases by suite; one case may be in several."""
    lines = cases.read(name)
    return {
        "intent and slots": lines,
        "continuity across interfaces": [each for each in lines if len(each.messages) > 1],
        "refusal and injection": [each for each in lines if each.section == "refusal"],
        "Spanish and German": [each for each in lines if each.section in cases.LANGUAGES],
    }


async def evaluate(
    lines: Sequence[Line], brain_of: Any, *, mode: str = "trading", at_once: int = 1
) -> Score:
    """Run cases in one mode; every verdict of every case is counted."""

    async def task(line: Line) -> Heard:
        return await converse(brain_of, line.messages, mode=mode)

    dataset: Dataset[Line, Heard, None] = Dataset(
        name="brain",
        cases=[Case(name=line.name, inputs=line) for line in lines],
        evaluators=[
            judge.Understood(), judge.Faithful(), judge.Grounded(), judge.Toned(LONGEST[mode]),
        ],
    )  # fmt: skip
    report: EvaluationReport[Line, Heard, None] = await dataset.evaluate(
        task, max_concurrency=at_once, progress=False
    )
    score = Score()
    for case in report.cases:
        score.add(case)
    for failure in report.failures:
        for name in ("answered", "intent", "nothing_missed"):
            score.of[name] = score.of.get(name, 0) + 1
        score.bad.append(f"{failure.name}: no answer: {failure.error_message}")
    return score


async def modes(lines: Sequence[Line], brain_of: Any, *, at_once: int = 1) -> Score:
    """Ask the same in every mode: quick is no longer than trading, trading than analysis."""
    score = Score()
    for line in lines:
        lengths = {}
        for mode in MODES:
            one = await evaluate([line], brain_of, mode=mode, at_once=at_once)
            for name in ("tone", "grounded"):
                score.of[name] = score.of.get(name, 0) + one.of.get(name, 0)
                score.good[name] = score.good.get(name, 0) + one.good.get(name, 0)
            score.bad += [f"{mode}: {each}" for each in one.bad if "tone" in each]
            lengths[mode] = len((await converse(brain_of, line.messages, mode=mode)).text)
        score.of["length"] = score.of.get("length", 0) + 1
        if lengths["quick"] <= lengths["trading"] <= lengths["analysis"]:
            score.good["length"] = score.good.get("length", 0) + 1
        else:
            score.bad.append(f"{line.name}: length {lengths}: {line.messages[-1]}")
    return score


@contextlib.asynccontextmanager
async def brains(model: str, url: str, key: str) -> Any:
    """Give what makes a brain: of the planner, or of a model behind an OpenAI-compatible URL."""
    if model == PLANNER:
        yield lambda market, books: PydanticBrain([], market, books)
        return
    async with aiohttp.ClientSession() as session:
        found = choose_models(model, Endpoint(url, key), session)
        yield lambda market, books: PydanticBrain(found, market, books)


def sample(lines: Sequence[Line], every: int) -> list[Line]:
    """Return every n-th case, for a short run."""
    return [replace(each) for each in lines[::every]]


async def everything(brain_of: Any, *, every: int = 1, at_once: int = 1) -> dict[str, Any]:
    """Return the scores by file and suite."""
    found: dict[str, Any] = {}
    for name in (*cases.UNHEARD, "developed"):
        found[name] = {
            suite: await evaluate(sample(lines, every), brain_of, at_once=at_once)
            for suite, lines in suites(name).items()
        }
        single = [each for each in cases.read(name) if len(each.messages) == 1]
        found[name]["tone and length per mode"] = await modes(
            sample(single, 12 * every), brain_of, at_once=at_once
        )
    return found


def run(model: str, url: str, key: str, *, every: int = 1, at_once: int = 1) -> dict[str, Any]:
    """Run everything on the planner or a model."""

    async def go() -> dict[str, Any]:
        async with brains(model, url, key) as brain_of:
            return await everything(brain_of, every=every, at_once=at_once)

    return asyncio.run(go())
