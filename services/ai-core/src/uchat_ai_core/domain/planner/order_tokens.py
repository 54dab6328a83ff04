"""Take a message apart into tokens, each with the class of its word (see `order_words`)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

from uchat_ai_core.domain.planner.lexicon import FIATS, NOT_ASSETS, NOT_SOUGHT
from uchat_ai_core.domain.planner.normalise import edit_distance, normalise, plain_quotes
from uchat_ai_core.domain.planner.order_words import (
    LONGEST,
    OTHER_UNITS,
    PHRASES,
    SCALES,
    UNITS,
    words,
)
from uchat_ai_core.domain.planner.symbols import ALIASES, ELSEWHERE, find_symbols

_TOKEN: Final = re.compile(
    r"(?P<share>\d{1,3}(?:\.\d+)?)\s?(?:%|percent\b|per cent\b)|"
    r"(?P<sign>[$€£]?)(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|(?<!\d)\.\d+)"
    r"(?P<scale>\s?(?:k|m|grand|thousand|million)\b)?|"
    r"(?P<word>\$?[^\W\d_]+(?:['][^\W\d_]+)?)|(?P<mark>[^\w\s])"
)
_JOINED: Final = re.compile(r"(?<=[A-Za-z])-(?=[A-Za-z])")
_DRAWN: Final = re.compile(r"(.)\1{2,}")
_CAPITALS: Final = re.compile(r"\$?[A-Z]{2,6}")
_TWO_WORDS: Final = tuple(tuple(name.split()) for name in ALIASES if " " in name)
_AMBIGUOUS: Final = frozenset({"near", "op", "near protocol"})
_VERBS: Final = ("buy", "sell", "purchase", "offload", "acquire", "invest", "liquidate", "convert")
_SLIPS: Final = frozenset(["bye", "bay", "bu", "byu", "uby", "ubuy", "buyy", "cell", "sel", "sll"])
_NO_SLIPS: Final = words(
    """
    but bus guy buys bought sold tell bell sells well by
    """
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number or mark of a message: its class, what it means, and where it stands."""

    code: str
    said: str
    start: int
    end: int
    value: Decimal | None = None


@lru_cache(maxsize=512)
def tokens(text: str) -> tuple[Token, ...]:
    """Return the tokens of a message in its order."""
    text = _JOINED.sub(" ", plain_quotes(text))
    shouting = text.isupper()
    raw = list(_TOKEN.finditer(text))
    words = [_shortened(match.group().lower()) if match["word"] else "" for match in raw]
    return tuple(_merged(_classed(raw, words, shouting=shouting)))


def _classed(raw: list[re.Match[str]], words: list[str], *, shouting: bool) -> Iterator[Token]:
    place = 0
    while place < len(raw):
        match = raw[place]
        if not words[place]:
            yield _figure(match)
            place += 1
            continue
        size, code, said = _phrase(words, place)
        asset = _asset(match.group(), words, place, shouting=shouting)
        if asset is not None and (size <= 1 or asset[0] > 1):
            size, code, said = asset[0], "A", asset[1]
        elif not size and words[place] == "stop" and raw[place + 1 : place + 2]:
            size, code, said = 1, "Z" if raw[place + 1]["number"] else "U", "stop"
        elif not size:
            size, code, said = 1, *_unknown(words[place])
        yield Token(code, said, match.start(), raw[place + size - 1].end())
        place += size


def _shortened(word: str) -> str:
    """Write "goooo" as "go", and "u" as "you"."""
    return "you" if word == "u" else _DRAWN.sub(r"\1", word)


def _figure(match: re.Match[str]) -> Token:
    start, end = match.span()
    if match["share"]:
        return Token("H", f"{match['share']}%", start, end)
    if match["number"] is None:
        return Token(match.group() if match.group() != "@" else "@", match.group(), start, end)
    scale = (match["scale"] or "").strip().lower()
    value = Decimal(match["number"].replace(",", "")) * SCALES.get(scale, 1)
    money = match["sign"] or ("k" if scale in ("k", "grand") else "")
    return Token("M" if money else "N", match["sign"] or "", start, end, value)


def _merged(found: Iterator[Token]) -> Iterator[Token]:
    """Join a number and the currency after it."""
    held: Token | None = None
    for token in found:
        unit = token.said if token.code in "UXG" else ""
        if held is not None and held.value is not None and (unit in UNITS or unit in OTHER_UNITS):
            sign = "€" if unit in OTHER_UNITS else held.said or "$"
            yield Token("M", sign, held.start, token.end, held.value)
            held = None
            continue
        if held is not None:
            yield held
        held = token
    if held is not None:
        yield held


def _phrase(words: list[str], place: int) -> tuple[int, str, str]:
    for size in range(min(LONGEST, len(words) - place), 0, -1):
        found = PHRASES.get(tuple(words[place : place + size]))
        if found is not None:
            return size, *found
    return 0, "U", ""


def _asset(written: str, words: list[str], place: int, *, shouting: bool) -> tuple[int, str] | None:
    """How many words name an asset here, and its symbol."""
    for name in _TWO_WORDS:
        if tuple(words[place : place + 2]) == name:
            return 2, ALIASES[" ".join(name)]
    word = words[place].lstrip("$").removesuffix("'s")
    named = written.startswith("$") or (written.isupper() and not shouting)
    if word.endswith("s") and word[:-1] in ALIASES and len(word) > 4:  # noqa: PLR2004
        word = word[:-1]
    if word in ALIASES and (word not in _AMBIGUOUS or named):
        return 1, ALIASES[word]
    if word in ELSEWHERE:
        return 1, ELSEWHERE[word]
    if named and _CAPITALS.fullmatch(written):
        symbol = written.lstrip("$")
        if symbol not in NOT_ASSETS and word not in FIATS and (word,) not in PHRASES:
            return 1, symbol
    if len(word) > 4 and (word,) not in PHRASES and word not in NOT_SOUGHT:  # noqa: PLR2004
        symbols = _guessed(word)
        if symbols:
            return 1, symbols
    return None


@lru_cache(maxsize=8192)
def _guessed(word: str) -> str:
    found = find_symbols(normalise(word), price_asked=True)
    named = (*found.symbols, *found.unlisted)
    return named[0] if named else ""


@lru_cache(maxsize=8192)
def _unknown(word: str) -> tuple[str, str]:
    """A slip of the finger for a verb, or a word that nobody knows."""
    if word in _SLIPS:
        return ("S", "sell") if word[0] in "cs" else ("B", "buy")
    if word not in _NO_SLIPS and len(word) > 2:  # noqa: PLR2004
        for verb in _VERBS:
            if verb[0] == word[0] and edit_distance(word, verb, 1) <= 1:
                return PHRASES[(verb,)]
    return ("F", word) if word.endswith("ly") and len(word) > 5 else ("U", word)  # noqa: PLR2004
