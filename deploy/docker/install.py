"""Install one workspace member with all that it needs into /opt/uchat, as the lock says.

Its own packages come from the source beside it; everything else has the lock's version and hash.
"""

import argparse
import re
import subprocess
import tomllib
from pathlib import Path


def main() -> None:
    """Install the member that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("member", help="as services/gateway")
    parser.add_argument("--python", default="/opt/uchat/bin/python")
    parser.add_argument("--extra", default="", help="an extra of the member")
    given = parser.parse_args()
    own = [f"./{path}" for path in needed(Path(given.member), members())]
    if given.extra:
        own[-1] += f"[{given.extra}]"
    command = ["uv", "pip", "install", "--no-sources", "--verify-hashes", "--python", given.python]
    constraint = ["--constraint", "requirements.lock"]
    subprocess.run([*command, *constraint, *own], check=True)  # noqa: S603 - our own words


def members() -> dict[str, Path]:
    """Return the folder of each workspace member by its distribution's name."""
    found = [path.parent for path in Path().glob("*/*/pyproject.toml")]
    found += [path.parent for path in Path().glob("stack/pyproject.toml")]
    return {_project(path)["name"]: path for path in sorted(found)}


def needed(member: Path, known: dict[str, Path]) -> list[Path]:
    """Return the member and every other member that it needs, itself last."""
    order: list[Path] = []

    def visit(path: Path) -> None:
        if path in order:
            return
        for requirement in _project(path).get("dependencies", []):
            name = re.split(r"[^A-Za-z0-9-]", requirement, maxsplit=1)[0]
            if name in known:
                visit(known[name])
        if path not in order:
            order.append(path)

    visit(member)
    return order


def _project(path: Path) -> dict:
    return tomllib.loads((path / "pyproject.toml").read_text())["project"]


if __name__ == "__main__":
    main()
