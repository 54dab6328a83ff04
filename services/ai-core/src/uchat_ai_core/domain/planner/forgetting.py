"""What the person wants forgotten: a fold over their own messages, on every interface alike.

A wish to forget is a message like any other: it stands in the log, and whoever reads the log in
order knows from there on what no longer counts.
"""

# ruff: noqa: E501 - a pattern is read as one line
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from uchat_ai_core.domain.planner.lexicon import FILLERS
from uchat_ai_core.domain.planner.memory import (
    ABOUT,
    CAPITAL,
    GOAL,
    HOLDING,
    INTEREST,
    NAME,
    NOTE,
    RISK,
    Remembered,
    facts_in,
)
from uchat_ai_core.domain.planner.normalise import normalise
from uchat_ai_core.domain.turn import FORWARDED, Said

START: Final = r"^(?:(?:please|ok|okay|and|now|could you|can you|would you|you should|you can)[ ,]*)*(?:forget|erase|unlearn|stop remembering|do not remember|delete(?= (?:everything|all|what|my (?:name|goal|budget|risk)))(?! all my (?:orders|alerts)))"
_ALL: Final = re.compile(
    START
    + r" (?:everything|all)(?: of (?:it|that))?(?: (?:that )?(?:you know|you remember|you have|i told you|i said|i have told you|about me|of me|on me)\b.*)?$"
)
_THAT: Final = re.compile(
    START + r" (?:that|this|what i (?:just )?(?:said|told you|wrote))(?: (?:please|again|now))*$"
)
_ABOUT: Final = re.compile(
    START
    + r" (?:(?:what|that|everything|all|anything) i (?:said|told you|wrote|have told you|am|have|want|like|live|work)(?: about| of| on)? ?|my )(?P<what>.{2,80})$"
)
RULES: Final = tuple((each.pattern, 0.93) for each in (_ALL, _THAT, _ABOUT))
# As lists of what is kept have it sent: one fact of one message, and nothing else that is in it.
_EXACTLY: Final = re.compile(
    r"^\s*forget the (?P<noun>[a-z]+) “(?P<value>[^“”]+)” that i told you with “(?P<source>[^“”]+)”\.?\s*$",
    re.IGNORECASE,
)
_NOUNS: Final = {
    NAME: "name", CAPITAL: "amount", HOLDING: "holding", GOAL: "goal", INTEREST: "interest",
    RISK: "risk", NOTE: "note", ABOUT: "fact",
}  # fmt: skip
_KIND_OF: Final = {noun: kind for kind, noun in _NOUNS.items()}
_INNER_QUOTES: Final = str.maketrans("“”", "''")
_LONGEST_SOURCE: Final = 200
EVERYTHING: Final = "Forget everything I told you."
_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    NAME: ("name",),
    CAPITAL: ("budget", "amount", "money", "capital", "sum", "cash"),
    HOLDING: ("holding", "holdings", "coins i hold"),
    GOAL: ("goal", "goals", "aim", "plan", "target", "objective"),
    INTEREST: ("interest", "interests", "interested", "favourite", "preference", "preferences"),
    RISK: ("risk", "tolerance", "profile"),
    NOTE: ("note", "notes"),
    ABOUT: ("age", "job", "live", "work"),
}


@dataclass(frozen=True, slots=True)
class Forget:
    """A wish to forget: `every` thing, the `latest` told, or what some words are about.

    With a `source` it is a fact of a kind and value that a message with that text told.
    """

    every: bool = False
    latest: bool = False
    value: str = ""
    source: str = ""
    kinds: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()

    def covers(self, each: Remembered) -> bool:
        """Tell whether what was told is what these words mean."""
        fact = each.fact
        if self.source:
            told = (quotable(fact.value), source_of(each.said))
            return fact.kind in self.kinds and told == (self.value, self.source)
        if self.every or fact.kind in self.kinds:
            return True
        spoken = set(normalise(f"{fact.value} {fact.about}").text.split())
        return bool(self.words) and self.words <= spoken


@lru_cache(maxsize=1024)
def forget_in(original: str) -> Forget | None:
    """Return what a message wants forgotten; None: nothing."""
    exactly = _EXACTLY.match(original)
    if exactly is not None and exactly["noun"].lower() in _KIND_OF:
        kinds = frozenset({_KIND_OF[exactly["noun"].lower()]})
        return Forget(kinds=kinds, value=exactly["value"], source=exactly["source"])
    text = normalise(original).text
    if original.startswith(FORWARDED) or original.rstrip().endswith("?"):
        return None
    if _ALL.search(text):
        return Forget(every=True)
    if _THAT.search(text):
        return Forget(latest=True)
    found = _ABOUT.search(text)
    if found is None:
        return None
    words = frozenset(found.group("what").split()) - FILLERS
    kinds = frozenset(kind for kind, names in _KINDS.items() if words & set(names))
    return Forget(kinds=kinds, words=words) if kinds or words else None


def kept(history: Sequence[Said]) -> list[Remembered]:
    """Return the facts that the person told and did not want forgotten, oldest first."""
    facts: list[Remembered] = []
    before = ""
    for said in history:
        if said.role != "user":
            continue
        wish = said.read_by(forget_in)
        if wish is not None:
            facts = without(wish, facts, before)
        else:
            facts += [Remembered(fact, said) for fact in said.read_by(facts_in)]
        before = said.message_id
    return facts


def without(wish: Forget, facts: Sequence[Remembered], before: str) -> list[Remembered]:
    """Return facts without what a wish covers; `before`: the message that stood before it."""
    if wish.latest:
        return [each for each in facts if each.said.message_id != before]
    return [each for each in facts if not wish.covers(each)]


def wish_for(each: Remembered) -> str:
    """Return the message that takes back one thing that was told, in the person's words."""
    fact = each.fact
    return (
        f"Forget the {_NOUNS[fact.kind]} “{quotable(fact.value)}” "
        f"that I told you with “{source_of(each.said)}”."
    )


def source_of(said: Said) -> str:
    """Return the words of a message as they are quoted: on one line, 200 characters at most."""
    text = quotable(said.text)
    return text if len(text) <= _LONGEST_SOURCE else text[: _LONGEST_SOURCE - 1] + "…"


def quotable(text: str) -> str:
    """Return a text on one line that can stand between quotation marks."""
    return " ".join(text.split()).translate(_INNER_QUOTES)
