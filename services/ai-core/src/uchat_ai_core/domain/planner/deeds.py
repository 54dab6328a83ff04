"""What is asked to be done beside orders, in whatever words: cancel, stop, revoke, rebalance.

A deed is a word of each of its groups and no word that is not known; its object may be what was
named just before ("do I have a mandate? revoke it"). It is said anew as `requests` knows it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from uchat_ai_core.domain.planner.any_order import orders_said
from uchat_ai_core.domain.planner.deed_words import DEEDS, PROFILES, TOPICS, Deed
from uchat_ai_core.domain.planner.order_frames import harmless, segments, span_of
from uchat_ai_core.domain.planner.order_tokens import Token, tokens
from uchat_ai_core.domain.planner.order_words import words

_COMMON: Final = frozenset("GFQIiqYE&")
_LONGEST: Final = 320
_MOST: Final = 4
_IT: Final = words("it that them one ones this those these both")
_NOT_STOPPED: Final = words("order orders behalf yourself loss limit profit alerts")
_SMALL: Final = words("of the a my me it and i i've ive")
_WHOLE: Final = words("everything all every lot whole crypto entire")
_OFF: Final = words("off stop disable")
_TARGETS: Final = words("target targets profit profits")
_CANCEL: Final = next(each for each in DEEDS if each.name == "cancel")
_CANCELS: Final = words("cancel cxl")
_VERBS: Final = frozenset(word for deed in DEEDS for word in deed.verbs)


@dataclass(frozen=True, slots=True)
class _Message:
    """A message's words by token, and what was spoken of in it and before: words, coins, sums."""

    written: Mapping[Token, tuple[str, ...]]
    around: frozenset[str]
    coins: frozenset[str]
    sums: Sequence[Token]

    def spoken(self, row: Sequence[Token]) -> frozenset[str]:
        """Return the words of a row of tokens."""
        return frozenset(word for token in row for word in self.written[token])


@lru_cache(maxsize=512)
def deeds_said(text: str, before: str = "") -> str:
    """Return a message with what it asks to be done as `requests` knows it; empty: it asks nothing.

    `before` is the message before it, whose mandate or orders "it" may stand for.
    """
    if len(text) > _LONGEST or '"' in text or "“" in text:
        return ""
    found = tokens(text.replace("\n", ". "))
    message = _message(text, found, before)
    if not _VERBS.intersection(message.spoken(found)):
        return ""
    parts = segments(found, apart=False)
    for start in range(len(parts)):
        for end in range(min(len(parts), start + _MOST), start, -1):
            row = [word for part in parts[start:end] for word in part.words]
            for deed in DEEDS:
                said = _said(deed, row, message)
                if said and harmless(parts, start, end, brake=deed.brake):
                    return span_of(text, parts, start, end, said)
    return ""


def cancels_first(text: str) -> str:
    """Return a message that cancels orders and places others, both said anew; empty: it does not.

    "Cancel my ETH orders and buy $200 of BTC" does both, or neither.
    """
    if _CANCEL.verbs.isdisjoint(text.lower().split()):
        return ""
    found = tokens(text)
    if not any(each.code in "MNH" for each in found):
        return ""
    for token in found:
        if token.code not in ",&J.":
            continue
        first, rest = text[: token.start], text[token.end :]
        cancels = deeds_said(first)
        if not cancels.startswith("cancel my ") or cancels == first:
            continue
        coins = {each.said for each in tokens(first) if each.code == "A"}
        orders = orders_said(rest, tuple(coins) if len(coins) == 1 else ())
        if orders:
            return f"{cancels}. {orders}"
    return ""


def _message(text: str, found: Sequence[Token], before: str) -> _Message:
    written = {each: tuple(text[each.start : each.end].lower().split()) for each in found}
    coins = frozenset(each.said for each in (*found, *tokens(before)) if each.code == "A")
    around = {word for each in written.values() for word in each}
    earlier = before.lower().replace("?", " ").replace("'s", " ").split()
    sums = [each for each in found if each.code == "M"]
    return _Message(written, frozenset([*around, *earlier]), coins, sums)


def _said(deed: Deed, row: Sequence[Token], message: _Message) -> str:
    if not all(_fits(deed, token, message.written[token]) for token in row) or _asks(row, message):
        return ""
    spoken = message.spoken(row)
    if not spoken & deed.verbs or (deed.name == "stop" and spoken & _NOT_STOPPED):
        return ""
    named = deed.alone or bool(spoken & deed.objects)
    if not named and deed.refers and spoken & _IT:
        named = bool(message.around & TOPICS.get(deed.name, frozenset()))
    if not named and deed.name == "cancel":
        named = bool(spoken & _CANCELS) and bool(spoken & {"everything", "all"})
    return _worded(deed, row, spoken, message) if named else ""


def _fits(deed: Deed, token: Token, written: tuple[str, ...]) -> bool:
    return (
        token.code in _COMMON
        or (deed.verbs | deed.objects | deed.more).issuperset(set(written) - _SMALL)
        or (token.code == "A" and deed.name == "cancel")
        or (token.code in "MN" and deed.name == "invest")
    )


def _asks(row: Sequence[Token], message: _Message) -> bool:
    first = [word for token in row[:2] for word in message.written[token]]
    return first[0] in ("do", "am", "are", "did", "does") and "i" in first[1:2]


def _worded(deed: Deed, row: Sequence[Token], spoken: frozenset[str], message: _Message) -> str:
    said = deed.said
    if deed.name == "rebalance":
        named = spoken & PROFILES.keys() or (spoken & _IT and message.around & PROFILES.keys())
        said += f" with the {PROFILES[min(named)]} profile" if named else ""
    elif deed.name == "cancel":
        said = _cancelled(row, spoken, message)
    elif deed.name in ("manual", "assisted"):
        said = "" if spoken & _OFF and "autonomous" not in spoken else said
    elif deed.name == "invest":
        sizes = [each for each in row if each.code in "MN"] or message.sums
        said = f"invest ${sizes[0].value:f}" if len(sizes) == 1 else ""
    elif deed.name == "liquidate" and not spoken & (_WHOLE | {"them"}):
        said = ""
    return said


def _cancelled(row: Sequence[Token], spoken: frozenset[str], message: _Message) -> str:
    coins = list(dict.fromkeys(each.said for each in row if each.code == "A"))
    if not coins and spoken & {"it", "that"} and len(message.coins) == 1:
        coins = list(message.coins)
    kind = "limit " if spoken & {"limit", "limits"} else ""
    kind = "stop " if spoken & {"stop", "stops"} else kind
    kind = "take profit " if spoken & _TARGETS else kind
    said = [f"cancel my {each} {kind}orders" for each in coins]
    return ". ".join(said) or f"cancel my {kind}orders"
