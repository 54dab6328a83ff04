"""Run all steps of `make test`; say in the end how long each took and, last, which failed.

`python -m tools.suite`. The checks run two at a time, and the tests only if no check failed; a
step is a target of the Makefile and can be repeated by its name. Exits with 1 if a step failed.
"""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

CHECKS = ("types", "lint", "web-test", "contracts", "generated")
TESTS = ("test-parts", "test-e2e")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a step ended."""

    step: str
    seconds: float
    failed: bool


def run(step: str, *, quiet: bool) -> Outcome:
    """Run one target; `quiet` shows its output in one piece, when it has ended."""
    begin = time.monotonic()
    environment = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL")}  # noqa: TID251 - passed on whole
    done = subprocess.run(
        ["make", "--no-print-directory", "--silent", step],  # noqa: S607 - who called us is make
        env=environment,
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
        check=False,
    )
    outcome = Outcome(step, time.monotonic() - begin, done.returncode != 0)
    if done.stdout and outcome.failed:
        print(f"== {step}", done.stdout.decode(errors="replace"), sep="\n", flush=True)
    return outcome


def told(outcomes: Sequence[Outcome]) -> str:
    """Return what is said in the end: a line for each step, then what failed."""
    lines = [
        f"{'FAILED' if each.failed else 'ok':<8}{each.step:<12}{each.seconds:7.1f} s"
        for each in outcomes
    ]
    failed = [each.step for each in outcomes if each.failed]
    again = f"FAILED: {', '.join(failed)} (again by: make {' '.join(failed)})"
    return "\n".join([*lines, again if failed else "All steps passed"])


def main() -> int:
    """Run everything; return the exit code."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        outcomes = list(pool.map(lambda step: run(step, quiet=True), CHECKS))
    if not any(each.failed for each in outcomes):
        outcomes += [run(step, quiet=False) for step in TESTS]
    print(told(outcomes), flush=True)
    return 1 if any(each.failed for each in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
