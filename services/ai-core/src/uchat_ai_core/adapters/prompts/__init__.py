"""The instructions for language models: `<name>.v<n>.md`, of each name the highest version."""

from functools import lru_cache
from importlib.resources import files
from typing import Final

NAMES: Final = ("assistant", "analysis", "correction", "quick", "support", "trading")


@lru_cache(maxsize=32)
def prompt(name: str) -> str:
    """Return the newest prompt of that name; an unknown name has an empty one."""
    return _newest(name)[1]


@lru_cache(maxsize=32)
def version(name: str) -> str:
    """Return the version of that prompt as `v3`; empty: there is none."""
    return _newest(name)[0]


def _newest(name: str) -> tuple[str, str]:
    found = [
        (int(number), file)
        for file in files(__name__).iterdir()
        if (number := file.name.removeprefix(f"{name}.v").removesuffix(".md")).isdigit()
    ]
    if not found:
        return "", ""
    number, file = max(found, key=lambda each: each[0])
    return f"v{number}", file.read_text(encoding="utf-8").strip()
