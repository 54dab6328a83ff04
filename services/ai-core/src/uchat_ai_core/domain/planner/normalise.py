"""Bring what people type to one form: case, quotes, contractions, common misspellings."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from uchat_ai_core.domain.planner.lexicon import KEYWORDS, NEVER_CORRECTED

_QUOTES: Final = str.maketrans("\u2019\u2018`\u201c\u201d\u2013", "'''\"\"-")
_CONTRACTIONS: Final = (
    (re.compile(r"\bcan't\b"), "can not"),
    (re.compile(r"\bwon't\b"), "will not"),
    (re.compile(r"n't\b"), " not"),
    (re.compile(r"\b(dont|doesnt|didnt|cant)\b"), "do not"),
    (
        re.compile(r"\b(what|who|how|where|when|that|it|there|here|name|price|goal|budget)'s\b"),
        r"\1 is",
    ),
    (re.compile(r"\b(what|who|how|where|when)s\b"), r"\1 is"),
    (re.compile(r"\b(im|i'm)\b"), "i am"),
    (re.compile(r"\b(ive|i've)\b"), "i have"),
    (re.compile(r"\b(i'd)\b"), "i would"),
    (re.compile(r"\b(i'll)\b"), "i will"),
    (re.compile(r"\b(you're|youre|ur)\b"), "you are"),
    (re.compile(r"\b(u)\b"), "you"),
    (re.compile(r"\b(let's|lets)\b"), "let us"),
    (re.compile(r"\b(pls|plz)\b"), "please"),
    (re.compile(r"\b(stpo|sotp|tsop|stopp)\b"), "stop"),
    (re.compile(r"\bwats?\b"), "what is"),
    (re.compile(r"\bgimme\b"), "give me"),
    (re.compile(r"\b(wanna)\b"), "want to"),
    (re.compile(r"\b(gonna)\b"), "going to"),
    (re.compile(r"\b(fav|favorite)\b"), "favourite"),
)
_NOISE: Final = re.compile(r"[^\w\s$€£%.,'+/-]")
_EDGES: Final = re.compile(r"(?<!\d)[.,]|[.,](?!\d)|(?<!\w)['-]|['-](?!\w)|/(?!\w)|_")
_SPACES: Final = re.compile(r"\s+")

_MIN_CORRECTED: Final = 5
_MIN_TWO_EDITS: Final = 9


@dataclass(frozen=True, slots=True)
class Phrase:
    """What was typed, and its plain form: lower case, no punctuation, typing errors mended."""

    original: str
    text: str
    corrected: bool

    @property
    def words(self) -> list[str]:
        """Return the plain form's words."""
        return self.text.split()


def plain_quotes(text: str) -> str:
    """Return the text with typewriter quotation marks and hyphens."""
    return unicodedata.normalize("NFKC", text).translate(_QUOTES)


@lru_cache(maxsize=512)
def normalise(original: str) -> Phrase:
    """Return the plain form of a message."""
    text = plain_quotes(original).lower()
    for pattern, replacement in _CONTRACTIONS:
        text = pattern.sub(replacement, text)
    text = _EDGES.sub(" ", _NOISE.sub(" ", text))
    words = _SPACES.sub(" ", text).strip().split(" ")
    mended = [correct(word, KEYWORDS) for word in words]
    return Phrase(original, " ".join(mended), mended != words)


@lru_cache(maxsize=8192)  # people use the same words again
def correct(word: str, vocabulary: frozenset[str]) -> str:
    """Return the vocabulary's word that this one is a typing error of, or the word itself.

    One edit for words of five letters or more, two for nine or more; the first letter must agree.
    """
    if len(word) < _MIN_CORRECTED or word in vocabulary or word in NEVER_CORRECTED:
        return word
    if not word.isalpha():
        return word
    allowed = 2 if len(word) >= _MIN_TWO_EDITS else 1
    best, distance = word, allowed + 1
    for candidate in vocabulary:
        if candidate[0] != word[0] or abs(len(candidate) - len(word)) > allowed:
            continue
        found = edit_distance(word, candidate, allowed)
        if found < distance or (found == distance and candidate < best):
            best, distance = candidate, found
    return best if distance <= allowed else word


def edit_distance(one: str, other: str, limit: int) -> int:
    """Return the edits between two words, counting a swap of neighbours as one.

    Optimal string alignment (Damerau 1964); anything above `limit` is returned as `limit` + 1.
    """
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    before: list[int] = []
    previous = list(range(len(other) + 1))
    for row, left in enumerate(one, 1):
        current = [row]
        for column, right in enumerate(other, 1):
            cost = min(
                previous[column] + 1,
                current[column - 1] + 1,
                previous[column - 1] + (left != right),
            )
            swapped = row > 1 and column > 1 and left == other[column - 2] and one[row - 2] == right
            if swapped:
                cost = min(cost, before[column - 2] + 1)
            current.append(cost)
        if min(current) > limit:
            return limit + 1
        before, previous = previous, current
    return min(previous[-1], limit + 1)
