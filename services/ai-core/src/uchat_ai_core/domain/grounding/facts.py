"""Figures that are known: what each measures, of which asset, and who said it."""

# ruff: noqa: E501 - a pattern is read as one line
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from sys import intern
from typing import Final, Literal

from uchat_ai_core.domain.grounding.tokens import Sentence, read
from uchat_ai_core.domain.turn import FORWARDED

Sort = Literal["money", "percent", "units", "count", "any"]
Kept = Literal["any", "cash", "tools"]
"""Which facts may support a figure: any, those of cash, those that tools returned."""

_PERCENT: Final = re.compile(r"pct|percent")
_SHARE: Final = re.compile(
    r"share|weight|portion|confidence|probab|volatil|return|drawdown|var|beta|rate|ratio"
)
_BPS: Final = re.compile(r"bps")
_UNITS: Final = re.compile(r"quantity|free|reserved|filled|units|remaining|holding|position|qty")
_MONEY: Final = re.compile(
    r"price|\bbid|\bask|value|total|cash|cost|notional|realised|profit|deposit|amount|worth|per_order|used|left|change|fee"
)
_IN_KEY: Final = re.compile(r"\d+")
_OWN: Final = re.compile(r"\b(?:i|i'm|i've|my|mine|we|our|me|ich|mein\w*|yo|mi|mis|tengo)\b")
_LONGEST: Final = 4000
COUNT: Final = "count"


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure that is known, without its sign: what it measures, and of which asset if of one.

    `about` is the same, quick to compare. `of`: where it is from: the cash of an account, somebody's
    own words, or elsewhere.
    """

    value: Decimal
    about: float
    sort: Sort
    owner: str
    account: bool
    of: Literal["cash", "words", "elsewhere"] = "elsewhere"


def fact_of(
    value: Decimal,
    sort: Sort,
    owner: str,
    *,
    account: bool,
    of: Literal["cash", "words", "elsewhere"] = "elsewhere",
) -> Fact:
    """Return a figure as a fact; its sign does not count."""
    value = abs(value)
    return Fact(value, float(value), sort, owner, account, of)


@dataclass(frozen=True, slots=True)
class Spoken:
    """What words hold: figures, assets, dates; `own`: they speak of their writer."""

    facts: tuple[Fact, ...]
    symbols: frozenset[str]
    words: tuple[str, ...]
    days: frozenset[tuple[int, int, int]]
    times: frozenset[str]
    own: bool


@lru_cache(maxsize=4096)
def spoken(text: str) -> Spoken:
    """Return what a text of a person or of a tool holds."""
    sentence = read(text[:_LONGEST])
    return Spoken(
        facts=tuple(_facts_of(sentence)),
        symbols=frozenset(claim.unit for claim in sentence.claims if claim.kind == "symbol"),
        # The same words are kept with many messages.
        words=tuple(map(intern, sentence.words)),
        days=frozenset(claim.day for claim in sentence.claims if claim.kind == "date"),
        times=frozenset(claim.text for claim in sentence.claims if claim.kind == "time"),
        own=not text.startswith(FORWARDED) and _OWN.search(sentence.text.lower()) is not None,
    )


def _facts_of(sentence: Sentence) -> Iterable[Fact]:
    for claim in sentence.claims:
        # Money, and not units of an asset, may be meant by a bare number, and the reverse.
        sort: Sort = claim.kind if claim.kind in ("money", "percent", "units") else "any"
        for reading in claim.readings:
            yield fact_of(reading.value, sort, claim.unit, account=True, of="words")
    if re.search(r"\b(?:half|halve|hälfte|mitad)\b", sentence.text, re.IGNORECASE):
        yield fact_of(Decimal(50), "percent", "", account=False)
        yield fact_of(Decimal("0.5"), "units", "", account=True)


@dataclass(frozen=True, slots=True)
class Measured:
    """What the values under a name of a result measure, and the numbers within the name."""

    sort: Sort
    basis_points: bool
    may_be_share: bool
    numbers: tuple[Decimal, ...]


@lru_cache(maxsize=1024)
def measured(key: str) -> Measured:
    """Return what the values under a name of a result measure."""
    points, percent = _BPS.search(key) is not None, _PERCENT.search(key) is not None
    sort: Sort = "any"
    if key == COUNT:
        sort = "count"
    elif percent or points:
        sort = "percent"
    elif _UNITS.search(key):
        sort = "units"
    elif _MONEY.search(key):
        sort = "money"
    numbers = tuple(Decimal(each) for each in _IN_KEY.findall(key))
    return Measured(sort, points, not percent and _SHARE.search(key) is not None, numbers)
