"""Numbers in words before what they count: "five hundred dollars" is "500 dollars"."""

import re
from typing import Final

from uchat_ai_core.domain.planner.symbols import ALIASES

_ONES: Final = re.findall(
    r"\w+",
    """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen eighteen nineteen
    """,
)
_TENS: Final = re.findall(r"\w+", "twenty thirty forty fifty sixty seventy eighty ninety")
_VALUES: Final = {word: number for number, word in enumerate(_ONES)} | {
    word: 10 * number for number, word in enumerate(_TENS, 2)
}
_SCALES: Final = {"thousand": 1_000, "million": 1_000_000}
_WORD: Final = "|".join([*_VALUES, "hundred", *_SCALES])
_COUNTED: Final = "dollars?|bucks?|usdt?|euros?|percent|grand|" + "|".join(ALIASES)
_NUMBER: Final = re.compile(
    rf"\b(?:an? (?=hundred|thousand|million))?((?:{_WORD})(?:[ -](?:and )?(?:{_WORD}))*)"
    rf"(?=\s(?:of\s)?(?:{_COUNTED})\b)",
    re.IGNORECASE,
)


def with_digits(text: str) -> str:
    """Return a text with numbers in digits where they count money or an asset."""
    return _NUMBER.sub(lambda match: str(_value(match.group(1).lower())), text)


def _value(words: str) -> int:
    total, part = 0, 0
    for word in re.split(r"[ -]", words):
        if word in _VALUES:
            part += _VALUES[word]
        elif word == "hundred":
            part = (part or 1) * 100
        elif word in _SCALES:
            total += (part or 1) * _SCALES[word]
            part = 0
    return total + part
