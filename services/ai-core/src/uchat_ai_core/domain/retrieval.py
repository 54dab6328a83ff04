"""Find sections of the documentation for a question: BM25 over their words.

Source: Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond (2009).
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_K1: Final = 1.4
_B: Final = 0.6
_TITLE: Final = 4  # a word of the title counts as often
_GUIDE: Final = 1.5
_UNKNOWN: Final = 5.0  # the rarity of a word that stands nowhere
_WORD: Final = re.compile(r"[a-z0-9]+")
_SUFFIX: Final = re.compile(r"(?:ing|ed|es|s|d|al|e)$")
_COMMON: Final = frozenset(
    dict.fromkeys(
        re.findall(
            r"\w+",
            """
            a an and are as at be by can could do does for from get have how i if in is it its me
            my of on or should so that the this to was we what when where which who why will with
            would you your please tell show explain about there thing exactly need want use
            """,
        )
    )
)
_SAME: Final = {
    "telegram": "telegram", "connect": "link", "pair": "link", "couple": "link", "attach": "link",
    "mobile": "phone", "app": "phone", "iphone": "phone", "android": "phone", "confirm": "approve",
    "accept": "approve", "approv": "approve", "approval": "approve", "decision": "card",
    "proposal": "card", "secure": "protect", "security": "protect", "privacy": "protect",
    "safe": "protect", "encrypt": "protect", "private": "protect", "read": "protect",
    "beginner": "start", "begin": "start", "register": "start", "fail": "fail", "refus": "refuse",
    "denied": "refuse", "deny": "refuse", "reject": "refuse", "stoploss": "stop",
    "autopilot": "mandate", "emergency": "kill", "switch": "switch", "fake": "real",
    "simulat": "real", "paper": "paper", "configure": "setting", "option": "setting",
    "model": "answer", "charge": "fee", "commission": "fee", "lose": "lost", "stolen": "lost",
    "stuck": "hang", "freez": "hang", "crash": "hang", "broken": "hang", "bug": "hang",
    "stor": "protect", "store": "protect", "logout": "sign", "log": "sign", "currency": "usdt",
    "phon": "phone", "mandat": "mandate", "accountant": "tax", "file": "export", "fil": "export",
    "csv": "export", "download": "export", "people": "two", "person": "two", "second": "two",
    "eye": "two",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a page: `page` and `anchor` are where it stands."""

    page: str
    title: str
    anchor: str
    text: str

    @property
    def link(self) -> str:
        """Return where it stands, as `docs/guide.md#how-do-i-start`."""
        return f"{self.page}#{self.anchor}" if self.anchor else self.page


@dataclass(frozen=True, slots=True)
class Found:
    """A section and how well it fits; 0 is not at all.

    What fits only a part of a question's rarer words answers another question: it counts less by
    as much of them as it lacks.
    """

    section: Section
    score: float


class Sections:
    """An index of sections."""

    def __init__(self, sections: Sequence[Section]) -> None:
        self._sections = sections
        self._counts = [
            Counter(_terms(f"{f'{each.title} ' * _TITLE}{each.text}")) for each in sections
        ]
        self._titles = [frozenset(_terms(each.title)) for each in sections]
        self._lengths = [sum(each.values()) for each in self._counts]
        self._mean = sum(self._lengths) / max(1, len(self._lengths))
        within = Counter(term for counts in self._counts for term in counts)
        size = len(sections)
        self._rarity = {
            term: math.log(1 + (size - times + 0.5) / (times + 0.5))
            for term, times in within.items()
        }

    def search(self, question: str, most: int = 3) -> list[Found]:
        """Return the sections that fit a question best, best first; none that do not at all."""
        terms = set(_terms(question))
        found = [
            Found(section, self._score(place, terms))
            for place, section in enumerate(self._sections)
        ]
        fitting = sorted((each for each in found if each.score > 0), key=lambda each: -each.score)
        return fitting[:most]

    def _score(self, place: int, terms: set[str]) -> float:
        counts, length = self._counts[place], self._lengths[place]
        norm = _K1 * (1 - _B + _B * length / self._mean)
        known = [term for term in terms if term in counts]
        score = sum(
            self._rarity[term] * counts[term] * (_K1 + 1) / (counts[term] + norm) for term in known
        )
        asked = sum(self._rarity.get(term, _UNKNOWN) for term in terms)
        score *= sum(self._rarity[term] for term in known) / asked if known else 0
        # A title with little else in it asks the same.
        title = self._titles[place]
        score *= 1 + len(terms & title) / max(1, len(terms | title))
        # The guide is written for people, the other pages for whoever builds on them.
        return score * (_GUIDE if self._sections[place].page.endswith("guide.md") else 1)


def _terms(text: str) -> list[str]:
    words = (
        word for word in _WORD.findall(text.lower()) if not (word in _COMMON or word.isdigit())
    )
    return [_SAME.get(_stem(word), _SAME.get(word, _stem(word))) for word in words]


def _stem(word: str) -> str:
    return _SUFFIX.sub("", word) if len(word) > 4 else word  # noqa: PLR2004 - short words keep their end
