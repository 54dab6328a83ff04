"""What a message says in the words of the grammar: English, numbers in digits."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Final

from uchat_ai_core.domain.planner.languages import german, gloss, spanish
from uchat_ai_core.domain.planner.languages.decimals import with_decimals
from uchat_ai_core.domain.planner.languages.forms import NUMBERS, spanish_form
from uchat_ai_core.domain.planner.languages.letters import bare
from uchat_ai_core.domain.planner.languages.others import READ, gist
from uchat_ai_core.domain.planner.languages.reading import answer_in, takes_back, wish_in
from uchat_ai_core.domain.planner.languages.recognise import ENGLISH, language_of
from uchat_ai_core.domain.planner.languages.tokens import folded
from uchat_ai_core.domain.planner.number_words import sign_first, with_digits
from uchat_ai_core.domain.planner.rephrase import rephrased
from uchat_ai_core.domain.planner.symbols import ALIASES
from uchat_contracts.trading import VENUE_NAMES

_TOKEN: Final = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?|[$€£]?\d[\d.,]*k?\b|\s+|.", re.IGNORECASE)
# "Would ya" is no Spanish.
_YA: Final = re.compile(
    r"(?<=\bwould )ya\b|(?<=\bwill )ya\b|(?<=\bcould )ya\b|(?<=\bcan )ya\b", re.IGNORECASE
)
_COMMA: Final = re.compile(r"(?<![\d.,])(\d+),(\d{1,2}|\d{4,}|(?<=0,)\d+)(?![\d.,])")
# 1.500 is one and a half to some and fifteen hundred to others.
_AMBIGUOUS: Final = re.compile(r"(?<![\d.,])[1-9]\d{0,2}[.,]\d{3}(?!\d)")
# Of a currency it is a sum of thousands.
_THOUSANDS: Final = re.compile(
    r"(?<![\d.,])([1-9]\d{0,2})[.,](\d{3})(?=\s*(?:d[oó]lares|dollars?|usd[tc]?|euros?|eur|[€$])(?!\w))"
    r"|(?<=[$€])\s*([1-9]\d{0,2})[.,](\d{3})(?![\d.,])",
    re.IGNORECASE,
)
_DECIMAL_COMMA: Final = re.compile(r"(?<![\d.,])0,(\d+)(?![\d.,])")
# German puts a comma there, with which no phrase is written.
_BEFORE_IF: Final = re.compile(r",\s*(?=(?:wenn|falls|sobald)\b)", re.IGNORECASE)
_KEPT: Final = frozenset(
    {
        "usdt", "usdc", "usd", "eur", "gbp", "k", "limit", "stop", "trading", "live", "paper",
        "bold", "balanced", "cautious",
        *VENUE_NAMES,
    }
)  # fmt: skip
_LONGEST: Final = 6
_SEPARABLE: Final = tuple(
    (re.compile(rf"\b(?:{first}) (.+?) (?:{last})(?=[ .!?]*$)", re.IGNORECASE), verb)
    for first, last, verb in german.SEPARABLE
)
# German puts the verb of a condition last: "if the price below 9000 falls".
_VERB_LAST: Final = re.compile(
    r"\b(if|when) ((?:(?!if\b|when\b)\S+ ){0,4}?)"
    r"((?:below|under|above|over|to|at|on) [$]?\d\S*(?: (?:dollars|usdt))?) "
    r"(falls|rises|goes)\b"
)


@dataclass(frozen=True, slots=True)
class Plain:
    """A message in English. `sure`: every word was read, so that it may ask for something.

    `told`: all that it tells, where `text` has only the order that it makes.
    """

    text: str
    language: str = ENGLISH
    sure: bool = True
    told: str = ""


def _table(phrases: str) -> Mapping[tuple[str, ...], str]:
    pairs = (line.partition("=") for line in phrases.strip().splitlines())
    return {tuple(left.split()): right.strip() for left, _, right in pairs}


def _gloss(language: str) -> str:
    """Return the phrases of a file of `languages/gloss`, one a line, as `phrase = english`."""
    return files(gloss).joinpath(f"{language}.txt").read_text()


def _with_places(phrases: str, places: tuple[str, ...]) -> Mapping[tuple[str, ...], str]:
    named = {(*place.split(), venue): f"on {venue}" for place in places for venue in VENUE_NAMES}
    return {**_table(phrases), **named}


TABLES: Final = {
    "es": _with_places(spanish.PHRASES, spanish.AT_AN_EXCHANGE),
    "de": _with_places(german.PHRASES, german.AT_AN_EXCHANGE),
}


# Words that are understood, and let no message order.
GLOSSES: Final = {language: _table(_gloss(language)) for language in TABLES}
ACCOUNTS: Final = {
    language: {
        tuple(folded(each, umlauts=language == "de") for each in phrase): english
        for phrase, english in table.items()
        if english.startswith("on ") or english == "with real money"
    }
    for language, table in TABLES.items()
}


@lru_cache(maxsize=1024)
def plainly(text: str) -> Plain:
    """Return a message in the words of the grammar; what cannot be read stays as it is."""
    text = _YA.sub("you", text)
    language = language_of(text)
    table = TABLES.get(language)
    if language in READ:
        return Plain(gist(text), language)
    if table is None:
        told = with_digits(_DECIMAL_COMMA.sub(r"0.\1", text))
        return Plain(rephrased(told), language, told=told)
    text = _THOUSANDS.sub(_in_thousands, with_decimals(text, language))

    def english(sentence: str) -> str:
        return _translated(_COMMA.sub(r"\1.\2", sentence), table, language)[0]

    asked = wish_in(text, language, ACCOUNTS[language], english) or answer_in(text, language)
    if asked is not None:
        return Plain(asked, language, told=english(text))
    sure = _AMBIGUOUS.search(text) is None and not takes_back(text, language)
    joined = _BEFORE_IF.sub(" ", re.sub(r"(?<=\w)-(?=[^\W\d])", " ", sign_first(text)))
    if language == "de":
        for pattern, verb in _SEPARABLE:
            joined = pattern.sub(rf"{verb} \1", joined)
    read, known = _translated(_COMMA.sub(r"\1.\2", joined), table, language)
    read = _VERB_LAST.sub(r"\1 \2\4 \3", read)
    return Plain(rephrased(read), language, sure and known, read)


def _in_thousands(match: re.Match[str]) -> str:
    return "".join(each for each in match.groups() if each is not None)


def _translated(text: str, table: Mapping[tuple[str, ...], str], language: str) -> tuple[str, bool]:
    """Put each phrase into English, the longest first; other words stay and are not `known`."""
    tokens = [each for each in _TOKEN.findall(text) if each not in "¿¡" and not each.isspace()]
    words = [bare(each.lower()) for each in tokens]
    out: list[str] = []
    known, place = True, 0
    while place < len(tokens):
        size, english = _phrase(words, place, table)
        if not size:
            size, english = _formed(words[place:], table, language)
        longer, meant = _phrase(words, place, GLOSSES[language])
        if longer > size:
            size, english, known = longer, meant, False
        known = known and (size > 0 or _passes(words[place]))
        out.append(english if size else tokens[place])
        place += size or 1
    return _joined(out), known


def _phrase(words: list[str], place: int, table: Mapping[tuple[str, ...], str]) -> tuple[int, str]:
    for size in range(min(_LONGEST, len(words) - place), 0, -1):
        english = table.get(tuple(words[place : place + size]))
        if english is not None:
            return size, english
    return 0, ""


def _formed(
    words: list[str], table: Mapping[tuple[str, ...], str], language: str
) -> tuple[int, str]:
    """A number in words, or a verb with its pronouns."""
    size, number = NUMBERS[language](words)
    if size:
        return size, str(number)
    verb = spanish_form(words[0], table) if language == "es" else ""
    return (1, verb) if verb else (0, "")


def _passes(word: str) -> bool:
    return not word.isalpha() or word in ALIASES or word in _KEPT


def _joined(parts: list[str]) -> str:
    text = " ".join(part for part in parts if part)
    return re.sub(r"\s+([.,!?;:%])", r"\1", text).replace("$ ", "$").strip()
