"""`python -m tests.eval [--model openai-chat:<name>]`: evaluate, print a summary, write a report.

A model is reached by OPENAI_BASE_URL and OPENAI_API_KEY, as in the product. Exits with 1 if the
planner misses a target on the held-out cases.
"""

import argparse
import os
import sys
from pathlib import Path

from tests.eval import report
from tests.eval.run import PLANNER, VERDICTS, run


def main() -> int:
    """Evaluate the planner, or a model; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.eval", description=__doc__)
    parser.add_argument("--model", default=PLANNER, help="openai-chat:<name>; default: planner")
    parser.add_argument("--out", type=Path, default=Path("eval-results"))
    parser.add_argument("--every", type=int, default=1, help="only every n-th case")
    parser.add_argument("--at-once", type=int, default=4, help="conversations at the same time")
    options = parser.parse_args()
    environ = os.environ  # noqa: TID251 - a model's address, as the product's settings name it
    url, key = environ.get("OPENAI_BASE_URL", ""), environ.get("OPENAI_API_KEY", "none")
    scores = run(options.model, url, key, every=options.every, at_once=options.at_once)
    place = report.write(options.out, options.model, scores)
    for file, by_suite in scores.items():
        score = by_suite["intent and slots"]
        told = [
            f"{name} {score.good.get(name, 0)}/{score.of[name]}"
            for name in VERDICTS
            if score.of.get(name)
        ]
        print(f"{file}: {', '.join(told)}")
    missed = report.missed(scores)
    print(f"targets missed: {', '.join(missed) or 'none'}; {place}/report.md, plot.svg")
    return 1 if missed and options.model == PLANNER else 0


if __name__ == "__main__":
    sys.exit(main())
