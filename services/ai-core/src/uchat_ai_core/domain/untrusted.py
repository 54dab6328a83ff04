"""Words from outside that reach answers and models: cut down to what they are for."""

import re
from typing import Any, Final

_NAME: Final = re.compile(r"[\w .&'()+-]{1,32}")
_SENTENCE: Final = re.compile(r"\w{3}[.] \w|\d")
_MOST_WORDS: Final = 4


def plain_name(name: str, symbol: str) -> str:
    """Return the name of an asset, or its symbol if what an exchange calls it is no mere name."""
    plain = (
        _NAME.fullmatch(name) is not None
        and len(name.split()) <= _MOST_WORDS
        and _SENTENCE.search(name.removesuffix("2").rstrip("0123456789")) is None
    )
    return name if plain else symbol


def with_plain_names(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return objects with a `symbol` and maybe a `name`, their names made plain."""
    return [
        each | {"name": plain_name(str(each["name"]), each["symbol"])} if "name" in each else each
        for each in entries
    ]
