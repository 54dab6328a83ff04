"""How often an answer's confidence is right, and how well likeness alone tells what is asked."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from tests.eval.cases import Line
from uchat_ai_core.domain.planner.asks import Ask
from uchat_ai_core.domain.planner.intents import understand
from uchat_ai_core.domain.planner.likeness import (
    Likeness,
    all_examples,
    intent_of,
    plain_example,
)

Judged = tuple[float, bool]
_EDGES = (0.5, 0.7, 0.85, 0.95, 1.01)


def by_folds(lines: Sequence[Line], folds: int = 5) -> list[Judged]:
    """Judge each line by likeness alone, to examples that do not have it."""
    found: list[Judged] = []
    for fold in range(folds):
        held = lines[fold::folds]
        texts = {line.messages[0].lower().strip(" ?!.") for line in held}
        likeness = Likeness(
            (plain_example(text), ask)
            for text, ask in all_examples()
            if text.lower().strip(" ?!.") not in texts
        )
        found += _judged(held, lambda text, by=likeness: by.judged(text, Ask.UNKNOWN, 0.0))
    return found


def as_answered(lines: Iterable[Line]) -> list[Judged]:
    """Judge each line as the planner does."""

    def judge(text: str) -> tuple[Ask, float]:
        found = understand(text)
        return found.ask, found.confidence

    return _judged(lines, judge)


def single(lines: Iterable[Line]) -> list[Line]:
    """Return the lines that need no message before them."""
    return [line for line in lines if len(line.messages) == 1]


def table(judged: Iterable[Judged]) -> list[tuple[float, float, int]]:
    """Return by how sure: the mean confidence, the share that was right, and how many."""
    bins: dict[float, list[Judged]] = defaultdict(list)
    for sure, right in judged:
        bins[next(edge for edge in _EDGES if sure < edge)].append((sure, right))
    return [
        (
            round(sum(sure for sure, _ in each) / len(each), 2),
            round(sum(right for _, right in each) / len(each), 2),
            len(each),
        )
        for _, each in sorted(bins.items())
    ]


def error(judged: Sequence[Judged]) -> float:
    """Return the expected calibration error: how far confidence is from being right, 0 to 1."""
    return sum(abs(sure - right) * n for sure, right, n in table(judged)) / len(judged)


def _judged(lines: Iterable[Line], judge: Callable[[str], tuple[Ask, float]]) -> list[Judged]:
    found: list[Judged] = []
    for line in lines:
        ask, sure = judge(line.messages[0])
        found.append((sure, intent_of(ask) in line.expected.intents))
    return found
