"""What a message most resembles of what people are known to ask, where no rule is certain.

Multinomial naive Bayes (Maron 1961) over words, pairs of words and pieces of words, reckoned from
the lines of `examples/` when it is first needed. It only judges what is asked: no order, and no
slot of one, is ever read from it.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Final

from uchat_ai_core.domain.planner.amounts import number_kind
from uchat_ai_core.domain.planner.asks import INTENTS, Ask
from uchat_ai_core.domain.planner.normalise import correct, normalise
from uchat_ai_core.domain.planner.plain import plainly
from uchat_ai_core.domain.planner.symbols import ALIASES

_SMOOTHING: Final = 0.05
_PRIOR: Final = 0.5  # how far the number of examples counts
_PIECE: Final = 4  # letters
_PIECE_WEIGHT: Final = 0.4
_SHARPNESS: Final = 1.0
_RULE_WEIGHT: Final = 1.0
_FARTHEST: Final = 9.0

Example = tuple[str, Ask]


class Likeness:
    """How much a message resembles each kind of examples."""

    def __init__(self, examples: Iterable[Example]) -> None:
        counts: dict[Ask, Counter[str]] = defaultdict(Counter)
        lines: Counter[Ask] = Counter()
        for text, ask in examples:
            counts[ask].update(features(text))
            lines[ask] += 1
        self._of_piece: dict[str, dict[Ask, float]] = defaultdict(dict)
        for ask, pieces in counts.items():
            for piece, times in pieces.items():
                self._of_piece[piece][ask] = math.log1p(times / _SMOOTHING)
        spread, total = _SMOOTHING * len(self._of_piece), lines.total()
        self._unseen = {
            ask: math.log(_SMOOTHING / (pieces.total() + spread)) for ask, pieces in counts.items()
        }
        self._words = frozenset(piece for piece in self._of_piece if piece.isalpha())
        self._prior = {ask: _PRIOR * math.log(lines[ask] / total) for ask in counts}

    def scores(self, text: str) -> dict[Ask, float]:
        """Return a log-likelihood of each kind, scaled so that long messages are not over-sure."""
        found = features(text)
        if any(piece.isalpha() and piece not in self._words for piece in found):
            found = features(" ".join(correct(each, self._words) for each in plain_words(text)))
        known = {piece: times for piece, times in found.items() if piece in self._of_piece}
        length = sum(known.values())
        scores = {ask: self._prior[ask] + length * self._unseen[ask] for ask in self._prior}
        for piece, times in known.items():
            for ask, weight in self._of_piece[piece].items():
                scores[ask] += times * weight
        scale = _SHARPNESS * math.sqrt(max(1.0, sum(found.values())))
        return {ask: score / scale for ask, score in scores.items()}

    def judged(self, text: str, rule: Ask, confidence: float) -> tuple[Ask, float]:
        """Return what a message asks, and how sure its intent is (0 to 1).

        `rule` is what the rules found, as surely as `confidence`: it counts as evidence beside the
        likeness. `Ask.UNKNOWN` is no evidence.
        """
        scores = self.scores(text)
        if rule is not Ask.UNKNOWN:
            least = max(scores.values()) - _FARTHEST
            odds = math.log(confidence / (1 - confidence))
            scores[rule] = max(scores.get(rule, least), least) + _RULE_WEIGHT * (odds + 1)
        most = max(scores.values())
        shares = {ask: math.exp(score - most) for ask, score in scores.items()}
        whole = sum(shares.values())
        by_intent: Counter[str] = Counter()
        for ask, share in shares.items():
            by_intent[intent_of(ask)] += share / whole
        intent, sure = by_intent.most_common(1)[0]
        best = max((ask for ask in shares if intent_of(ask) == intent), key=shares.__getitem__)
        return best, sure


def intent_of(ask: Ask) -> str:
    """Return the intent of a kind of message."""
    return INTENTS.get(ask, "general_query")


@lru_cache(maxsize=512)
def features(text: str) -> Mapping[str, float]:
    """Return what a message consists of: words, neighbours, and pieces of longer words."""
    words = [_kind(word) for word in plain_words(text)]
    found: Counter[str] = Counter(words)
    ends = ["^", *words, "$"]
    found.update(f"{one} {other}" for one, other in pairwise(ends))
    found.update(f"{one} … {other}" for one, other in zip(words, words[2:], strict=False))
    pieces: dict[str, float] = dict(found)
    for word in words:
        for piece in _pieces(word):
            pieces[piece] = pieces.get(piece, 0) + _PIECE_WEIGHT
    return pieces


def plain_words(text: str) -> list[str]:
    """Return the words of a message in the grammar's English."""
    return normalise(plainly(text).text).text.split()


def _pieces(word: str) -> Iterator[str]:
    if len(word) < _PIECE or word.startswith("@"):
        return
    whole = f"<{word}>"
    for start in range(len(whole) - _PIECE + 1):
        yield f"~{whole[start : start + _PIECE]}"


def _kind(word: str) -> str:
    """Any asset, sum, share and number is as good as another."""
    return "@asset" if word.lstrip("$") in ALIASES else number_kind(word) or word


def read_examples(text: str) -> list[Example]:
    """Return the lines of a file of examples, each with the section that it stands in."""
    found: list[Example] = []
    ask = Ask.UNKNOWN
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith("["):
            ask = Ask(line.strip("[]"))
        elif not line.startswith("#"):
            found.append((line, ask))
    return found


def all_examples() -> list[Example]:
    """Return every example that comes with the planner."""
    folder = files(__package__ or "") / "examples"
    names = sorted(each.name for each in folder.iterdir() if each.name.endswith(".txt"))
    return [pair for name in names for pair in read_examples((folder / name).read_text("utf-8"))]


@cache
def likeness() -> Likeness:
    """Return the likeness to every example; reckoned once, when first asked for."""
    return Likeness(all_examples())
