"""The instructions for language models, one versioned file each."""

from functools import lru_cache
from importlib.resources import files

_VERSION = "v3"


@lru_cache(maxsize=16)
def prompt(name: str) -> str:
    """Return the prompt of that name in its current version; an unknown name has an empty one."""
    file = files(__name__).joinpath(f"{name}.{_VERSION}.md")
    return file.read_text(encoding="utf-8").strip() if file.is_file() else ""
