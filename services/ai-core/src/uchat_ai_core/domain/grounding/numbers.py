"""Figures as people and models write them: separators of two worlds, scales, words."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Final

from uchat_ai_core.domain.grounding.words import LARGE, SMALL

_ROUNDINGS: Final = (ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_DOWN)
_GROUPED: Final = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
_SPACES: Final = re.compile(r"[\s'\u2019_]")
_ONE: Final = Decimal(1)
_BEYOND: Final = Decimal(10) ** 24
SCALES: Final[Mapping[str, int]] = {
    "k": 3, "thousand": 3, "grand": 3, "tausend": 3, "tsd": 3, "mil": 3,
    "m": 6, "mn": 6, "mio": 6, "million": 6, "millions": 6, "millionen": 6, "millón": 6,
    "millones": 6, "b": 9, "bn": 9, "billion": 9, "billions": 9, "mrd": 9, "milliarden": 9,
}  # fmt: skip
_UNITS: Final[Mapping[str, int]] = {
    **SMALL,
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20,
    "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_MULTIPLIERS: Final[Mapping[str, int]] = {
    **LARGE,
    "hundred": 100, "thousand": 1_000, "grand": 1_000, "million": 10**6, "billion": 10**9,
}  # fmt: skip
NUMBER_WORDS: Final = frozenset({*_UNITS, *_MULTIPLIERS})
"""Words that say a number, in English and in other languages."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a figure: its value, and the step to which it is rounded."""

    value: Decimal
    step: Decimal

    def rounds(self, exact: Decimal) -> bool:
        """Tell whether this figure is a rounding of an exact one."""
        if self.value == exact:
            return True
        if abs(self.value - exact) > self.step or exact == 0 or self.value >= _BEYOND:
            return False
        scaled, wanted = exact / self.step, self.value / self.step
        return any(scaled.quantize(_ONE, rounding) == wanted for rounding in _ROUNDINGS)


@lru_cache(maxsize=4096)
def readings(digits: str, scale: str = "", *, roughly: bool = False) -> tuple[Reading, ...]:
    """Return the ways to read digits with their separators: `1.234` is one number or another.

    `scale` is a word of `SCALES`; `roughly`: zeros at the end are rounded, as in `about 5,000`.
    """
    factor = Decimal(10) ** SCALES.get(scale.lower(), 0)
    found: list[Reading] = []
    digits, _, power = _SPACES.sub("", digits).lower().partition("e")
    factor *= Decimal(10) ** int(power or 0)
    for plain in _plain_forms(digits):
        step = _ONE.scaleb(-len(plain.partition(".")[2])) * factor
        value = Decimal(plain) * factor
        if roughly and value >= 100 and step >= 1:  # noqa: PLR2004 - small counts are exact
            step = max(step, _rough_step(value))
        found.append(Reading(value, step))
    return tuple(found)


def number_in_words(words: list[str]) -> Decimal | None:
    """Return the number that words say, as `twenty five thousand`; None: they say none."""
    whole, group, seen = 0, 0, False
    for word in words:
        if word in _UNITS:
            group += _UNITS[word]
        elif word in ("hundred", "hundert"):
            group = (group or 1) * 100
        elif word in _MULTIPLIERS:
            whole += (group or 1) * _MULTIPLIERS[word]
            group = 0
        else:
            continue
        seen = True
    return Decimal(whole + group) if seen else None


def _plain_forms(digits: str) -> Iterator[str]:
    dots, commas = digits.count("."), digits.count(",")
    if dots and commas:
        point = "." if digits.rfind(".") > digits.rfind(",") else ","
        other = "," if point == "." else "."
        yield digits.replace(other, "").replace(point, ".")
        return
    mark = "." if dots else ","
    marks = dots + commas
    if marks == 0:
        yield digits
        return
    if _GROUPED.fullmatch(digits) and not digits.startswith("0"):
        yield digits.replace(mark, "")
    if marks == 1:
        yield digits.replace(mark, ".")
    elif not _GROUPED.fullmatch(digits):
        yield digits.replace(mark, "")


def _rough_step(value: Decimal) -> Decimal:
    digits = str(value.to_integral_value())
    zeros = len(digits) - len(digits.rstrip("0"))
    step = Decimal(10) ** min(zeros, len(digits) - 1)
    return min(step, value / 100)
