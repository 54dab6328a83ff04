"""A sentence to be found in clear nowhere on disk, and the search for it in all its forms."""

import base64
import mmap
from collections.abc import Iterator
from pathlib import Path

CANARY = "Zanzibar canaries whistle quetzal sonatas at 04:17"
_WORD = "Zanzibar canaries whistle"


def forms(text: str) -> dict[str, bytes]:
    """Return how a text can stand in a file: as UTF-8, UTF-16, base64 of any alignment or hex."""
    raw = text.encode()
    found = {"utf-8": raw, "utf-16-le": text.encode("utf-16-le"), "hex": raw.hex().encode()}
    found["utf-16-be"] = text.encode("utf-16-be")
    found["reversed"] = raw[::-1]
    for shift in range(3):
        # Characters at either end also hold bits of their neighbours: they are left out.
        encoded = base64.b64encode(b"\0" * shift + raw).rstrip(b"=")
        found[f"base64+{shift}"] = encoded[4 if shift else 0 : -2]
    return found


def search(directory: Path) -> Iterator[str]:
    """Yield `file: form` for every place under a directory where the canary stands in clear."""
    wanted = forms(_WORD)
    for path in sorted(directory.rglob("*")):
        try:
            if path.is_symlink() or not path.is_file() or not path.stat().st_size:
                continue
            with path.open("rb") as file:
                with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                    for name, form in wanted.items():
                        if content.find(form) >= 0:
                            yield f"{path.relative_to(directory)}: {name}"
        except FileNotFoundError:
            continue
