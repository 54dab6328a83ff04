"""Writes every generated file, or with --check says which ones are stale and exits with 1."""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.gen import events, examples, manual, openapi, typescript

ROOT = Path(__file__).parents[2]


def stubs() -> dict[Path, str]:
    """Return the gRPC stubs as the pinned generator writes them from proto/."""
    protos = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "proto").rglob("*.proto"))
    with tempfile.TemporaryDirectory() as folder:
        kinds = ("python", "grpc_python", "mypy", "mypy_grpc")
        outputs = [f"--{kind}_out={folder}" for kind in kinds]
        subprocess.run(
            [sys.executable, "-m", "grpc_tools.protoc", "-I", "proto", *outputs, *protos],
            cwd=ROOT,
            env={"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}"},
            check=True,
            capture_output=True,
        )
        source = ROOT / "libs/contracts/src"
        return {
            source / path.relative_to(folder): path.read_text()
            for path in Path(folder).rglob("*.py*")
        }


def main() -> int:
    """Write or check; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.gen", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, compare only")
    check: bool = parser.parse_args().check
    api = openapi.documents()
    wanted = {
        typescript.TARGET: typescript.render(),
        typescript.API_TARGET: typescript.render_api(api[openapi.TARGET]),
        manual.TARGET: manual.render(),
        examples.TARGET: examples.render(),
        **events.documents(),
        **stubs(),
        **api,
    }
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    left = {path for path in events.FOLDER.rglob("*.json") if path not in wanted}
    for path in [*stale, *left]:
        print(f"{'stale' if check else 'written'}: {path.relative_to(ROOT)}")
    if check:
        if stale or left:
            print("Run `make generate` and commit what it writes.")
        return 1 if stale or left else 0
    for path in left:
        path.unlink()
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[path])
    return 0


if __name__ == "__main__":
    sys.exit(main())
