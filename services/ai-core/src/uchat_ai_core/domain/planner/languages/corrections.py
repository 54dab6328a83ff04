"""Short messages that answer or correct what was said before: a size, a share or an asset."""

import re
from collections.abc import Sequence
from typing import Final

from uchat_ai_core.domain.planner.languages.frames import stripped
from uchat_ai_core.domain.planner.languages.grammar import Grammar

_LONGEST: Final = 8
_TOKEN: Final = re.compile(r"(?P<kind>[$€#@%])(?P<value>\S+)")
_COIN: Final = re.compile(r"(?<!\S)@(?P<coin>[A-Z0-9]+)(?!\S)")
_LIMIT: Final = re.compile(
    r"(?<!\S)(?:limite|limit|limitada|limitiert)(?: (?:a|en|de|auf|bei|von|zu))*"
    r" [#~$](?P<price>\d\S*)(?!\S)"
)
_LIMIT_FILLS: Final = frozenset(["que", "sea", "sean", "con", "aber", "mit", "und", "pero", ","])
_SAID: Final = {"$": "${}", "€": "{} euros", "#": "{}", "%": "{}%"}


def correction_in(tokens: Sequence[str], grammar: Grammar) -> str | None:
    """Return "make it $300", "i mean DOT" or "a quarter"; None if a message says more than that."""
    text = stripped(tokens, grammar).split()
    if len(text) > _LONGEST:
        return None
    own = grammar.corrects | grammar.fills | {","}
    corrects = any(each in grammar.corrects for each in text)
    rest = " ".join(each for each in text if each not in own)
    whole = " ".join(each for each in text if each not in grammar.corrects | {","})
    same = _same(" ".join(text), grammar)
    if same:
        return same
    match = _TOKEN.fullmatch(rest)
    if match is not None and match["kind"] == "@":
        return f"i mean {match['value']}" if corrects else None
    said = _SAID[match["kind"]].format(match["value"]) if match is not None else ""
    said = said or _share(rest, grammar) or _share(whole, grammar)
    return f"make it {said}" if said and corrects else said or None


def _same(text: str, grammar: Grammar) -> str:
    """Return "the same for ETH" or "a limit at 150", if the message says that and no more."""
    coin = _COIN.search(text)
    if grammar.alike is not None and coin is not None:
        rest = _COIN.sub("", grammar.alike.sub("", text)).split()
        alike = grammar.alike.search(text) is not None and grammar.corrects | grammar.fills
        return f"the same for {coin['coin']}" if alike and {*rest, ","} <= alike | {","} else ""
    price = _LIMIT.search(text)
    rest = _LIMIT.sub("", text).split()
    priced = price is not None and set(rest) <= grammar.corrects | grammar.fills | _LIMIT_FILLS
    return f"make it a limit order at {price['price']}" if price is not None and priced else ""


def _share(text: str, grammar: Grammar) -> str:
    found = (name for pattern, name in grammar.portions if pattern.fullmatch(text))
    share = next(found, "")
    return share if share != "all" else ""
