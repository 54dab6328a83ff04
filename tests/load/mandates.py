"""Two approvals race for the last of a mandate's day, again and again.

The test of the suite, with more rounds: `python -m tests.load.mandates --help`. Two replicas take a
decision each, at the same time, and the mandate has enough for one of them.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

TEST = (
    "services/execution/tests/test_mandates.py"
    "::test_two_racing_for_the_last_of_the_cap_are_one_every_time"
)


def main(argv: list[str] | None = None) -> int:
    """Run from the command line; exit code 0: one of the two went, every time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--out", type=Path, help="write the figures there, as JSON")
    args = parser.parse_args(argv)
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", TEST],
        env={**os.environ, "UCHAT_TEST_ROUNDS": str(args.rounds)},  # noqa: TID251 - passed on
        check=False,
    )
    report = {
        "rounds": args.rounds,
        "one_of_two_every_time": done.returncode == 0,
        "seconds": round(time.monotonic() - began, 1),
    }
    if args.out is not None:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_text(json.dumps(report, indent=2) + "\n")
    print(json.dumps(report))
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
