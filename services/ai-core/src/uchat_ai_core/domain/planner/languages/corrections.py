"""Short messages that answer or correct what was said before: a size, a share or an asset."""

import re
from collections.abc import Sequence
from typing import Final

from uchat_ai_core.domain.planner.languages.frames import stripped
from uchat_ai_core.domain.planner.languages.grammar import Grammar

_LONGEST: Final = 8
_TOKEN: Final = re.compile(r"(?P<kind>[$€#@%])(?P<value>\S+)")
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
    match = _TOKEN.fullmatch(rest)
    if match is not None and match["kind"] == "@":
        return f"i mean {match['value']}" if corrects else None
    said = _SAID[match["kind"]].format(match["value"]) if match is not None else ""
    said = said or _share(rest, grammar) or _share(whole, grammar)
    return f"make it {said}" if said and corrects else said or None


def _share(text: str, grammar: Grammar) -> str:
    found = (name for pattern, name in grammar.portions if pattern.fullmatch(text))
    share = next(found, "")
    return share if share != "all" else ""
