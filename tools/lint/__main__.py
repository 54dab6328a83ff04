"""Checks every module of the product by the rules; prints findings and exits with 1 if any."""

import argparse
import ast
import sys
from pathlib import Path

from tools.lint.rules import RULES

ROOT = Path(__file__).parents[2]
SOURCES = ("libs/*/src", "services/*/src", "stack/src", "simulators/*/src")


def main() -> int:
    """Check all sources; return the exit code."""
    argparse.ArgumentParser(prog="python -m tools.lint", description=__doc__).parse_args()
    found = 0
    for pattern in SOURCES:
        for path in sorted(file for root in ROOT.glob(pattern) for file in root.rglob("*.py")):
            if "rpc" in path.parts:
                continue
            tree = ast.parse(path.read_text())
            for rule in RULES:
                for line, message in rule(path, tree):
                    found += 1
                    print(f"{path.relative_to(ROOT)}:{line}: {message} [{rule.__name__}]")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
