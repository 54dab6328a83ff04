"""Print the path of a Chromium for the browser tests; install one if there is none.

`python -m tools.chromium` looks for one on this machine, then asks apt (as root), then Playwright.
Exits with 1, and says so, where none can be had.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
WAIT_S = 240


def find() -> Path | None:
    """Return a Chromium of this machine: UCHAT_CHROMIUM, one on the PATH, or Playwright's own."""
    wished = os.environ.get("UCHAT_CHROMIUM")  # noqa: TID251 - a tool of the tests, no service
    if wished:
        return Path(wished) if Path(wished).exists() else None
    folders = os.pathsep.join([os.defpath, "/usr/bin", "/usr/local/bin", "/snap/bin"])
    for name in NAMES:
        found = shutil.which(name) or shutil.which(name, path=folders)
        if found:
            return Path(found)
    return _playwrights_own()


def install() -> Path | None:
    """Install one by apt (as root) or by Playwright; return it, or None if neither could."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = ["apt-get", "-q", "-y", "-o", "Dpkg::Use-Pty=0"]
        if not _run([*quiet, "install", "--no-install-recommends", "chromium"]):
            _run([*quiet, "update"])
            _run([*quiet, "install", "--no-install-recommends", "chromium"])
        if (found := find()) is not None:
            return found
    _run([sys.executable, "-m", "playwright", "install", "chromium"])
    return find()


def _playwrights_own() -> Path | None:
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or "~/.cache/ms-playwright")  # noqa: TID251 - as above
    try:
        folder = cache.expanduser()
    except RuntimeError:
        return None
    for pattern in (
        "chromium-*/chrome-linux*/chrome",
        "chromium_headless_shell-*/*/headless_shell",
    ):
        for found in sorted(folder.glob(pattern)):
            return found
    return None


def _run(command: list[str]) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}  # noqa: TID251 - passed on whole
    print("chromium:", " ".join(command), file=sys.stderr)
    try:
        done = subprocess.run(
            command, env=environment, stdout=sys.stderr, timeout=WAIT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as e:
        print(f"chromium: {e}", file=sys.stderr)
        return False
    return done.returncode == 0


def main() -> int:
    """Find or install; return the exit code."""
    found = find() or install()
    if found is None:
        print("chromium: none here and none could be installed: browser tests are skipped")
        return 1
    print(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
