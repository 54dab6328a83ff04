"""What a message most resembles of what people are known to ask, where no rule is certain.

Multinomial naive Bayes (Maron 1961) over words, pairs of words and pieces of words, reckoned when
it is first needed from `plain_examples.txt`: the lines of `examples/` in the grammar's words, which
`make generate` writes. It only judges what is asked: no order, and no slot of one, is ever read
from it.
"""

import math
from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Final

from uchat_ai_core.domain.planner.amounts import number_kind
from uchat_ai_core.domain.planner.asks import INTENTS, Ask
from uchat_ai_core.domain.planner.lexicon import ORDINARY
from uchat_ai_core.domain.planner.normalise import correct, normalise
from uchat_ai_core.domain.planner.plain import plainly
from uchat_ai_core.domain.planner.symbols import ALIASES

_SMOOTHING: Final = 0.05
_DAMPING: Final = 0.7
_PRIOR: Final = 0.5  # how far the number of examples counts
_PIECE: Final = 4  # letters
_BRIEF: Final = 6  # words
_WHOLE_WEIGHT: Final = 5  # of words and neighbours, beside pieces of words: 1 to 0.4
_PIECE_WEIGHT: Final = 2
_SHARPNESS: Final = 0.6
_RULE_WEIGHT: Final = 0.8
_FARTHEST: Final = 9.0
_SAME_INTENT: Final = 2.0  # of what was asked before
_SAME_ASK: Final = 1.0

_DOLLARS: Final = frozenset({"dollars", "dollar", "usd", "usdt", "bucks"})
_ARTICLES: Final = frozenset({"the", "a", "this", "that"})

PLAIN: Final = "plain_examples.txt"
_TIMES_BITS: Final = 16
_ASK_BITS: Final = 7
_KEY_AT: Final = _TIMES_BITS + _ASK_BITS
_MOST_TIMES: Final = (1 << _TIMES_BITS) - 1
_ASKS: Final = (1 << _ASK_BITS) - 1
_KEYS: Final = (1 << 64 - _KEY_AT) - 1
_PARTS: Final = 64
_PART_AT: Final = 64 - _KEY_AT - 6

Example = tuple[str, Ask]


class Likeness:
    """How much a message resembles each kind of examples, which come in the grammar's words.

    What was counted is one sorted array of integers, each a hash of a piece, a kind and how often
    the piece is in its examples: a twentieth of the memory that mappings would take.
    """

    def __init__(self, examples: Iterable[Example]) -> None:
        lines: dict[Ask, list[str]] = defaultdict(list)
        for text, ask in examples:
            lines[ask].append(text)
        # The largest kind first: what it takes to count it is gone before the others are kept.
        self._asks = tuple(sorted(lines, key=lambda ask: len(lines[ask]), reverse=True))
        # Sorted in parts: a list of all of them would take five times their memory.
        parts = [array("Q") for _ in range(_PARTS)]
        totals, words, numbers = list[int](), set[str](), list[int]()
        for place, of_ask in enumerate(map(lines.pop, self._asks)):
            numbers.append(len(of_ask))
            counted = _counted(map(str.split, of_ask))
            totals.append(sum(map(_damped, counted.values())))
            words.update(filter(str.isalpha, counted))
            for piece, times in counted.items():
                key = hash(piece) & _KEYS
                parts[key >> _PART_AT].append(key << _KEY_AT | place << _TIMES_BITS | times)
        self._words = frozenset(words)
        self._rows = array("Q")
        for part in parts:
            self._rows.extend(sorted(part))
            del part[:]
        self._weights = {
            times: math.log1p(_damped(times) / _SMOOTHING)
            for times in {row & _MOST_TIMES for row in self._rows}
        }
        pieces = 1 + sum(one ^ other >= 1 << _KEY_AT for one, other in pairwise(self._rows))
        spread, whole = _SMOOTHING * pieces, sum(numbers)
        self._unseen = [math.log(_SMOOTHING / (total + spread)) for total in totals]
        self._prior = [_PRIOR * math.log(each / whole) for each in numbers]

    def scores(self, text: str) -> dict[Ask, float]:
        """Return a log-likelihood of each kind, scaled so that long messages are not over-sure."""
        words = _kinds(plain_words(text))
        if any(word.isalpha() and word not in self._words for word in words):
            words = _kinds(correct(each, self._words) for each in plain_words(text))
        found = _counted((words,))
        length = 0.0
        scores = [0.0] * len(self._asks)
        rows, weights = self._rows, self._weights
        for piece, count in found.items():
            key = hash(piece) & _KEYS
            first = bisect_left(rows, key << _KEY_AT)
            times = count / _WHOLE_WEIGHT
            for known, row in enumerate(rows[first : first + len(scores)]):
                if row >> _KEY_AT != key:
                    break
                length += 0.0 if known else times
                scores[row >> _TIMES_BITS & _ASKS] += times * weights[row & _MOST_TIMES]
        scale = _SHARPNESS * math.sqrt(max(1.0, sum(found.values()) / _WHOLE_WEIGHT))
        return {
            ask: (self._prior[place] + length * self._unseen[place] + scores[place]) / scale
            for place, ask in enumerate(self._asks)
        }

    def judged(
        self,
        text: str,
        rule: Ask,
        confidence: float,
        before: Ask = Ask.UNKNOWN,
        *,
        never: Container[Ask] = (),
    ) -> tuple[Ask, float]:
        """Return what a message asks, and how sure its intent is (0 to 1).

        `rule` is what the rules found, as surely as `confidence`: it counts as evidence beside the
        likeness, and so does what was asked `before`, whose intent a message often goes on with.
        `Ask.UNKNOWN` is no evidence. `never`: what likeness alone must not find.
        """
        scores = {ask: score for ask, score in self.scores(text).items() if ask not in never}
        if rule is not Ask.UNKNOWN:
            least = max(scores.values()) - _FARTHEST
            odds = math.log(confidence / (1 - confidence))
            scores[rule] = max(scores.get(rule, least), least) + _RULE_WEIGHT * (odds + 1)
        if before in INTENTS:
            for ask in scores:
                goes_on = _SAME_INTENT if intent_of(ask) == intent_of(before) else 0.0
                scores[ask] += goes_on + (_SAME_ASK if ask is before else 0.0)
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


def _damped(times: int) -> float:
    """Return how much a piece counts: one that is everywhere counts less than as often as it is."""
    return float((times / _WHOLE_WEIGHT) ** _DAMPING)


def _counted(lines: Iterable[Sequence[str]]) -> Counter[str]:
    """Count what lines consist of: words, neighbours, pieces of longer words; brief ones whole."""
    words: list[str] = []
    pairs: list[str] = []
    farther: list[str] = []
    for line in lines:
        words += line
        pairs += map(" ".join, pairwise(("^", *line, "$")))
        pairs += map(" … ".join, zip(line, line[2:], strict=False))
        farther += map(" … … ".join, zip(line, line[3:], strict=False))
        if len(line) <= _BRIEF:
            pairs.append("= " + " ".join(line))
    of_words = Counter(words)
    found = Counter(pairs)
    found.update(of_words)
    for piece in found:
        found[piece] *= _WHOLE_WEIGHT
    get = found.get
    for pair in farther:
        found[pair] = get(pair, 0) + _PIECE_WEIGHT
    for word, times in of_words.items():
        for piece in _pieces(word):
            found[piece] = get(piece, 0) + _PIECE_WEIGHT * times
    return found


def plain_words(text: str) -> list[str]:
    """Return the words of a message in the grammar's English."""
    plain = plainly(text)
    return normalise(plain.told or plain.text).text.split()


def plain_example(text: str) -> str:
    """Return an example as it is counted: in the grammar's words, each figure by its kind."""
    return " ".join(_kinds(plain_words(text)))


def _kinds(words: Iterable[str]) -> list[str]:
    before, kinds = "", list[str]()
    for word in words:
        plain = word in ORDINARY and before in _ARTICLES  # "the link", "a dot"
        if kinds and kinds[-1] == "@number" and word in _DOLLARS:
            kinds[-1] = "@money"
        else:
            kinds.append(word if plain else _kind(word))
        before = word
    return kinds


def _pieces(word: str) -> list[str]:
    if len(word) < _PIECE or word.startswith("@"):
        return []
    whole = f"<{word}>"
    return ["~" + whole[start : start + _PIECE] for start in range(len(whole) - _PIECE + 1)]


def _kind(word: str) -> str:
    """Any asset, sum, share and number is as good as another."""
    return "@asset" if word.lstrip("$") in ALIASES else number_kind(word) or word


def read_examples(lines: Iterable[str]) -> Iterator[Example]:
    """Return the lines of a file of examples, each with the section that it stands in."""
    ask = Ask.UNKNOWN
    for line in filter(None, map(str.strip, lines)):
        if line.startswith("["):
            ask = Ask(line.strip("[]"))
        elif not line.startswith("#"):
            yield line, ask


def all_examples() -> list[Example]:
    """Return every example that comes with the planner."""
    folder = files(__package__ or "") / "examples"
    names = sorted(each.name for each in folder.iterdir() if each.name.endswith(".txt"))
    texts = ((folder / name).read_text("utf-8") for name in names)
    return [pair for text in texts for pair in read_examples(text.splitlines())]


def plain_examples() -> str:
    """Return every example as it is counted, in the form that `read_examples` reads."""
    by_ask: dict[Ask, list[str]] = defaultdict(list)
    for text, ask in all_examples():
        by_ask[ask].append(plain_example(text))
    sections = (f"[{ask}]\n" + "\n".join(lines) for ask, lines in sorted(by_ask.items()))
    return "\n\n".join(sections) + "\n"


@cache
def likeness() -> Likeness:
    """Return the likeness to every example; reckoned once, when first asked for."""
    with (files(__package__ or "") / PLAIN).open(encoding="utf-8") as lines:
        return Likeness(read_examples(lines))
