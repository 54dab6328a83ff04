"""Decimals in words: "cero coma cero dos" is 0.02, "eineinhalb" 1.5."""

import re
from typing import Final

from uchat_ai_core.domain.planner.languages.forms import NUMBERS
from uchat_ai_core.domain.planner.languages.letters import bare

_MARKS: Final = {"es": ("coma", "punto"), "de": ("komma", "punkt")}
_ZEROS: Final = {"es": "cero", "de": "null"}
_ONES: Final = {"es": ("un", "uno", "una"), "de": ("ein", "eins")}
_WORD: Final = re.compile(r"\S+")
_MOST: Final = 6
_AND_A_HALF: Final = re.compile(r"\b(\w+)einhalb\b", re.IGNORECASE)
_ONE_AND_A_HALF: Final = re.compile(r"\banderthalb\b|\beineinhalb\b", re.IGNORECASE)


def with_decimals(text: str, language: str) -> str:
    """Return a text with the decimals that it has in words in digits; others stay as they are."""
    lower = text.lower()
    if language == "de" and "halb" in lower:
        text = _AND_A_HALF.sub(_halved, _ONE_AND_A_HALF.sub("1.5", text))
    if not any(f" {mark} " in lower for mark in _MARKS[language]):
        return text
    found = [
        (each.start(), each.end(), bare(each.group().lower())) for each in _WORD.finditer(text)
    ]
    plain = [word.strip(".,;!?") for _, _, word in found]
    for place in range(len(plain) - 2, 0, -1):
        if plain[place] not in _MARKS[language]:
            continue
        first, before = _before(plain, place, language)
        last, after = _after(plain, place + 1, language)
        if before and after:
            end = found[last][0] + len(found[last][2].rstrip(".,;!?"))
            text = f"{text[: found[first][0]]}{before}.{after}{text[end:]}"
    return text


def _halved(match: re.Match[str]) -> str:
    size, number = NUMBERS["de"]([bare(match.group(1).lower())])
    return f"{number}.5" if size else match.group()


def _number(words: list[str], language: str) -> tuple[int, str]:
    """Return how many of the first words are a number, and its digits."""
    if words[0] == _ZEROS[language]:
        return 1, "0"
    if words[0] in _ONES[language] and language == "de":
        return 1, "1"
    if words[0].isdigit():
        return 1, words[0]
    size, number = NUMBERS[language](words)
    if size:
        return size, str(number)
    return (1, "1") if words[0] in _ONES[language] else (0, "")


def _before(words: list[str], mark: int, language: str) -> tuple[int, str]:
    """Return where the number that ends before a mark starts, and its digits."""
    for start in range(max(0, mark - _MOST), mark):
        size, digits = _number(words[start:mark], language)
        if size == mark - start:
            return start, digits
    return mark, ""


def _after(words: list[str], start: int, language: str) -> tuple[int, str]:
    """Return where the digits after a mark end, and them: zeros one by one, then a number."""
    place, digits = start, ""
    while place < min(len(words), start + _MOST):
        size, found = _number(words[place : start + _MOST], language)
        if not size:
            break
        place, digits = place + size, digits + found
    return place - 1, digits
