"""Orders in whatever words and order of words, whatever is said around them.

"I'd like to toss 60 bucks at doge", "my bonus came, so eth for 50 dollars please" are said anew as
the order grammar knows them. Each word of the order itself has to be known (`order_words`); what is
said around it has to be harmless (`order_frames`).
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final

from uchat_ai_core.domain.planner.account_slot import on, without_account
from uchat_ai_core.domain.planner.extras import Extras, without_extras
from uchat_ai_core.domain.planner.number_words import NUMBERS
from uchat_ai_core.domain.planner.order_frames import Segment, groups, harmless, segments, span_of
from uchat_ai_core.domain.planner.order_legs import Leg, said_of
from uchat_ai_core.domain.planner.order_plans import APART, plan_said
from uchat_ai_core.domain.planner.order_tokens import Token, tokens
from uchat_ai_core.domain.planner.triggers import (
    Condition,
    condition_in,
    conditions_in,
    without_condition,
)

_LONGEST: Final = 320
_MOST: Final = 4
_QUOTES: Final = frozenset('"“”„«»>')
# Figures that cannot be, or are written so that what they mean has to be said.
_ODD: Final = re.compile(
    r"(?<![\w)])-\s?[$]?\d|\d[eE][+-]?\d|(?<![\w.,$-])[$]?(?:0+(?:\.0*)?|\.0+)(?![\d.,]*\d)"
)
_READ_ELSEWHERE: Final = frozenset(["stop", "trigger", "set", "mode", "point", *NUMBERS])
_IT_IS: Final = re.compile(
    r"\bit'?s\b(?= (?:below|under|above|over|at|down|up|back)\b)", re.IGNORECASE
)
_BOTH: Final = frozenset({"each", "both", "of_each", "each_one", "apiece", "both_of_them"})
_COMMA: Final = Token(",", ",", 0, 0)
_OPEN: Final = re.compile(r"buy some \w+|sell (?:some of my )?\w+")


@lru_cache(maxsize=512)
def orders_said(text: str, meant: tuple[str, ...] = ()) -> str:
    """Return what a message orders, as `buy … and sell …`; empty if it orders nothing for certain.

    `meant` is the asset that "it" stands for.
    """
    if len(text) > _LONGEST or not _QUOTES.isdisjoint(text) or _ODD.search(text):
        return ""
    place = without_account(text.replace("\n", ". "))
    if place.flaw:
        return ""
    plain, extras = without_extras(place.rest)
    plain = _IT_IS.sub("it is", plain.lower() if plain.isupper() else plain)
    waits = condition_in(plain)
    if waits is not None and "would you" in plain.lower():
        return ""  # what one would do is asked, not to do it
    more = f"{_extra(extras)}{on(place.account)}"
    found = tokens(plain)
    said = plan_said(plain, found, conditions_in(plain) if waits is not None else (), more)
    if said:
        return said
    if waits is not None:
        found = (
            *(each for each in found if each.end <= waits.start),
            Token(",", ",", waits.start, waits.end),
            *(each for each in found if each.start >= waits.end),
        )
    return _ordered(plain, found, waits, meant, more)


def strange(sentence: str) -> bool:
    """Tell whether a sentence with an order's words has others, which could mean anything."""
    if _ODD.search(sentence):
        return False  # what is wrong with the figure is said
    if APART in sentence:
        return any(map(strange, sentence.split(APART)))
    plain, _ = without_extras(without_account(sentence).rest)
    found = tokens(without_condition(plain))
    if not any(each.code == "A" for each in found):
        return False  # of nothing that could be bought
    sizes = sum(each.code in "MNH" for each in found)
    places = sum(each.code in "A@Zz" or each.said in _READ_ELSEWHERE for each in found)
    odd = any(each.code in "UDRtn" and each.said not in _READ_ELSEWHERE for each in found)
    return odd or sizes > places


def _extra(extras: Extras) -> str:
    kept = "" if extras.time_in_force == "gtc" else f" {extras.time_in_force}"
    return f"{kept}{' post-only' if extras.post_only else ''}"


def _ordered(
    text: str, found: Sequence[Token], waits: Condition | None, meant: tuple[str, ...], more: str
) -> str:
    parts = segments(found)
    around = tuple(dict.fromkeys(each.said for each in found if each.code == "A"))
    spoken = (waits.symbols if waits is not None else ()) or around or meant
    open_size = ""
    for start, end in groups(parts):
        said = _read(parts[start:end], spoken, found, waits=waits is not None)
        if not said or not harmless(parts, start, end) or (waits is not None and len(said) > 1):
            continue
        wait = f" {waits.said(spoken[0])}" if waits is not None else ""
        whole = span_of(text, parts, start, end, f"{' and '.join(said)}{wait}{more}")
        if not any(map(_OPEN.fullmatch, said)):
            return whole
        open_size = open_size or whole
    return open_size


def _read(
    parts: Sequence[Segment], meant: tuple[str, ...], all_words: Sequence[Token], *, waits: bool
) -> list[str]:
    words = [word for part in parts for word in (*part.words, _COMMA)]
    if waits:
        words = [each for each in words if each.code not in "Zz"]  # "protect my ETH, sell if …"
    legs = _legs(words, meant)
    said = [said_of(each, all_words, alone=len(legs) == 1) for each in legs]
    return said if all(said) and len(said) <= _MOST else []


def _legs(words: Sequence[Token], meant: tuple[str, ...]) -> list[Leg]:
    """Part the words of several orders; the verb and the size may be said once for all."""
    assets = list(dict.fromkeys(each.said for each in words if each.code == "A"))
    if len(assets) <= 1:
        symbols = assets or list(meant)
        bare = tuple(each for each in words if each.code not in ",&")
        both = any(each.said in _BOTH for each in bare)
        if _is_repeated(words):
            return []
        return [Leg(bare, each) for each in symbols] if len(symbols) == 1 or both else []
    chunks: list[list[Token]] = [[]]
    for word in words:
        if word.code in ",&":
            chunks.append([])
        else:
            chunks[-1].append(word)
    return _shared([each for each in chunks if each], meant)


def _is_repeated(words: Sequence[Token]) -> bool:
    """Tell whether a size is said twice for two things: "$75 of that and $75 of XRP"."""
    joined = [place for place, each in enumerate(words) if each.code == "&"]
    if not joined:
        return False
    before, after = (
        {(each.said, each.value) for each in some if each.code in "MN"}
        for some in (words[: joined[0]], words[joined[0] :])
    )
    return bool(before & after)


def _shared(chunks: list[list[Token]], spoken: tuple[str, ...]) -> list[Leg]:
    named = {each.said for chunk in chunks for each in chunk if each.code == "A"}
    legs: list[list[Token]] = []
    verbs: list[Token] = []
    rest: list[Token] = []
    for written in chunks:
        chunk = [*written]
        if any(each.code == "Y" for each in chunk) and any(each.code in "MNH" for each in chunk):
            others = [each for each in spoken if each not in named]
            chunk += [Token("A", others[0], 0, 0)] if len(others) == 1 else []
        if not any(each.code == "A" for each in chunk):
            if legs and any(each.code == "@" for each in chunk):
                legs[-1] += chunk
            else:
                rest += chunk
            continue
        legs.append(chunk)
    sides = [[each for each in leg if each.code in "BSCWPTZzqI"] for leg in legs]
    polite = [each for chunk in chunks for each in chunk if each.code in "FQ"]
    verbs = [each for each in rest if each.code in "BSCWPTZzqI"]
    size = [each for leg in [*legs, rest] for each in leg if each.code in "MH"]
    shared = [word for leg in [*legs, rest] for word in leg if word.code == "E"]
    made: list[Leg] = []
    for leg, own in zip(legs, sides, strict=True):
        strong = [each for each in own if each.code != "I"]
        verbs = own or verbs
        words = leg if strong else [*leg, *verbs]
        if shared and len(size) == 1:
            words = [
                *(each for each in words if each not in size),
                _share(size[0], shared, len(legs)),
            ]
        words += polite
        symbols = dict.fromkeys(each.said for each in leg if each.code == "A")
        if len(symbols) != 1 or (not shared and any(t.code in "MNHK" for t in rest)):
            return []
        made.append(Leg(tuple(words), next(iter(symbols))))
    return made


def _share(size: Token, words: Sequence[Token], legs: int) -> Token:
    equally = not any(each.said in ("each", "apiece", "each_one", "of_each") for each in words)
    split = equally and size.value is not None
    return replace(size, value=size.value / legs) if split and size.value else size
