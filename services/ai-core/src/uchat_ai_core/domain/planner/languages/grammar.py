"""What a language needs for its orders to be read: its words by what they do, written as `folded`.

The reading itself (`frames`, `changes`) is the same for all of them.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

Role = Literal["buy", "put", "take", "sell", "exit", "set", "cancel", "stop", "revoke", "switch"]
"""What a verb does: `put` money into an asset, `take` an amount of it, `exit` a whole position."""

Mood = Literal["order", "bare", "asked", "wished"]
"""How: an imperative, an infinitive, "do you buy me …?", "I want you to …"."""


@dataclass(frozen=True, slots=True)
class Verb:
    """One form of a verb."""

    role: Role
    mood: Mood


@dataclass(frozen=True, slots=True, eq=False)  # one of each language: itself only
class Grammar:
    """The words of a language. Patterns meet tokens joined by spaces (see `tokens`)."""

    verb: Callable[[str], Verb | None]
    number: Callable[[list[str]], tuple[int, int]]
    strips: tuple[tuple[re.Pattern[str], str], ...]
    dollars: frozenset[str]
    euros: frozenset[str]
    doubtful_money: frozenset[str]
    percent: re.Pattern[str]
    one: frozenset[str]
    half_a: frozenset[str]
    portions: tuple[tuple[re.Pattern[str], str], ...]
    vague: re.Pattern[str]
    mine: re.Pattern[str]
    cash: re.Pattern[str]
    into: re.Pattern[str]
    it: re.Pattern[str]
    when: re.Pattern[str]
    falls: frozenset[str]
    rises: frozenset[str]
    reaches: frozenset[str]
    at: str
    openers: frozenset[str]
    heads: re.Pattern[str]
    desires: re.Pattern[str]
    nudge: re.Pattern[str]
    asks: re.Pattern[str]
    wants: re.Pattern[str]
    danger: re.Pattern[str]
    negations: re.Pattern[str]
    goods: re.Pattern[str]
    each: re.Pattern[str]
    corrects: frozenset[str]
    fills: frozenset[str]
    others: re.Pattern[str]
    advice: re.Pattern[str]
    questions: re.Pattern[str]
    reason: re.Pattern[str]
    takes_back: re.Pattern[str]
    joints: re.Pattern[str]
    pairs: tuple[tuple[re.Pattern[str], Role], ...]
    order: re.Pattern[str]
    them: re.Pattern[str]
    mandate: re.Pattern[str]
    everything: re.Pattern[str]
    positions: re.Pattern[str]
    brake: re.Pattern[str]
    rebalance: re.Pattern[str]
    within: re.Pattern[str]
    several: re.Pattern[str]
    invests: re.Pattern[str]
    modes: tuple[tuple[re.Pattern[str], str], ...]
    profiles: Mapping[str, str]
    tags: re.Pattern[str]
    verbs_last: bool = False
    umlauts: bool = False
    for_me: frozenset[str] = frozenset()
    ordinals: tuple[tuple[re.Pattern[str], str], ...] = ()
    alarms: re.Pattern[str] | None = None
    alike: re.Pattern[str] | None = None
    pronoun: re.Pattern[str] | None = None
    beside: frozenset[str] = frozenset()

    @property
    def moves(self) -> frozenset[str]:
        """Return the words that tell where a price goes."""
        return self.falls | self.rises | self.reaches


def words(text: str) -> frozenset[str]:
    """Return the words of a list."""
    return frozenset(text.split())


def any_of(text: str) -> re.Pattern[str]:
    """Return a pattern of whole words or phrases: alternatives, on one line or several."""
    lines = [each.strip() for each in text.splitlines() if each.strip()]
    return re.compile(rf"(?<!\S)(?:{'|'.join(lines)})(?!\S)")
