"""`python -m tests.eval [--model openai-chat:<name>]`: evaluate, print a summary, write a report.

A model is reached by OPENAI_BASE_URL and OPENAI_API_KEY, as in the product. Exits with 1 if a
target is missed: on the held-out cases by the planner, or by the guards against models that invent,
obey strangers and break.
"""

import argparse
import asyncio
import logging
import os
import sys
from pathlib import Path

import structlog

from tests.eval import report
from tests.eval.adversary import suites
from tests.eval.run import PLANNER, Score, run

ALL, CASES, ADVERSARY = "all", "cases", "adversary"


def main() -> int:
    """Evaluate the planner, or a model; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.eval", description=__doc__)
    parser.add_argument("--model", default=PLANNER, help="openai-chat:<name>; default: planner")
    parser.add_argument("--out", type=Path, default=Path("eval-results"))
    parser.add_argument("--every", type=int, default=1, help="only every n-th case")
    parser.add_argument(
        "--suites", choices=(ALL, CASES, ADVERSARY), default=ALL,
        help="adversary: models that invent, obey strangers and break, made for the purpose",
    )  # fmt: skip
    parser.add_argument("--at-once", type=int, default=4, help="conversations at the same time")
    options = parser.parse_args()
    # What the brain logs of models that fail on purpose would hide the figures.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.ERROR)
    environ = os.environ  # noqa: TID251 - a model's address, as the product's settings name it
    url, key = environ.get("OPENAI_BASE_URL", ""), environ.get("OPENAI_API_KEY", "none")
    scores: report.Scores = {}
    if options.suites != ADVERSARY:
        scores |= run(options.model, url, key, every=options.every, at_once=options.at_once)
    against: list[str] = []
    if options.suites == ADVERSARY or (options.suites == ALL and options.model == PLANNER):
        scores[ADVERSARY] = asyncio.run(suites.run(every=options.every))
        against = suites.missed(scores[ADVERSARY])
    missed = report.missed(scores) + against
    place = report.write(options.out, options.model, scores, missed)
    for file, by_suite in scores.items():
        for suite, score in by_suite.items():
            if file == ADVERSARY or suite == "intent and slots":
                print(f"{file}, {suite}: {_told(score)}")
    print(f"targets missed: {', '.join(missed) or 'none'}; {place}/report.md, plot.svg")
    return 1 if missed and options.model == PLANNER else 0


def _told(score: Score) -> str:
    return ", ".join(
        f"{name} {score.good.get(name, 0)}/{of}" for name, of in score.of.items() if of
    )


if __name__ == "__main__":
    sys.exit(main())
