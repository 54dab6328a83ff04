"""What Spanish and German ask for beside orders of one coin: cancel, stop, revoke, modes, weights.

Said anew in the grammar's English. As in `frames`, words beside the frame are harmless unless they
deny, ask, doubt, put off or quote.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from uchat_ai_core.domain.planner.languages.frames import stripped
from uchat_ai_core.domain.planner.languages.grammar import Grammar, Role, words
from uchat_ai_core.domain.planner.languages.heads import acts, dangerous

_LONGEST: Final = 30
_SHORT: Final = 10
_DONE_TO_IT: Final[Mapping[Role, str]] = {
    "cancel": "cancel it", "revoke": "revoke it", "set": "activate it", "switch": "switch to it",
}  # fmt: skip
_FIGURE: Final = re.compile(r"(?<!\S)[#~$€£¤%]?\d")
_SUM: Final = re.compile(r"(?<!\S)[$#~](?P<sum>\d+(?:\.\d+)?)(?!\S)")
_COINS_COUNTED: Final = re.compile(
    r"(?<!\S)[#~]\S+ (?:monedas?|coins?|unidades|munzen|stuck)(?!\S)"
)
_PARTS: Final = words(
    """
    mitad tercio tercera cuarto cuarta quinto parte partes poco poquito algo casi mayoria medio
    media halfte halbe drittel viertel teil teile fast bisschen etwas beinahe meiste meisten einiges
    """
)
_ASSET: Final = re.compile(r"(?<!\S)@([A-Z0-9]+)(?!\S)")


def change_in(tokens: Sequence[str], grammar: Grammar, *, asks: bool) -> str | None:
    """Return what a sentence asks for in English, or None."""
    text = stripped(tokens, grammar)
    if len(text.split()) > _LONGEST:
        return None
    coins = list(dict.fromkeys(_ASSET.findall(text)))
    plain = _ASSET.sub("_", text)
    if _all_of_them(plain, grammar, asks=asks):
        return "cancel it"
    for read in (_mode, _within, _rebalance, _revoke, _cancel, _brake, _stop):
        said = read(plain, coins, grammar, asks)
        if said:
            return said
    found = _liquidate(plain, coins, grammar, asks) or _invest(text, coins, grammar, asks)
    return found or _of_it(plain, coins, grammar, asks) or None


def _does(text: str, grammar: Grammar, *roles: Role, asks: bool) -> bool:
    return acts(text, grammar, frozenset(roles), asks=asks) in roles


def _mode(text: str, coins: list[str], grammar: Grammar, asks: bool) -> str:
    for pattern, said in grammar.modes:
        if coins or pattern.search(text) is None:
            continue
        rest = pattern.sub("_", text)
        moves = _does(rest, grammar, "switch", "put", "set", "exit", asks=asks)
        bare = not asks and all(each in grammar.openers or each in "_," for each in rest.split())
        return said if moves or bare else ""
    return ""


def _within(text: str, coins: list[str], grammar: Grammar, asks: bool) -> str:
    match = grammar.within.search(text)
    if match is None or coins or asks or _FIGURE.search(text):
        return ""
    rest = grammar.within.sub("_", text)
    return "" if dangerous(rest, grammar) else "trade for me within my mandate"


def _rebalance(text: str, coins: list[str], grammar: Grammar, asks: bool) -> str:
    match = grammar.rebalance.search(text)
    if match is None or coins or _FIGURE.search(text):
        return ""
    if asks and grammar.asks.search(text) is None:
        return ""
    rest = grammar.rebalance.sub("_", text)
    named = {grammar.profiles[each] for each in text.split() if each in grammar.profiles}
    if dangerous(rest, grammar) or len(named) > 1 or grammar.others.match(rest):
        return ""
    to = f" to the {named.pop()} profile" if named else ""
    return f"rebalance my portfolio{to}"


def _revoke(text: str, coins: list[str], grammar: Grammar, asks: bool) -> str:
    if grammar.mandate.search(text) is None or coins:
        return ""
    does = _does(
        grammar.mandate.sub("_", text), grammar, "revoke", "cancel", "stop", "exit", asks=asks
    )
    return "revoke my mandate" if does else ""


def _cancel(text: str, coins: list[str], grammar: Grammar, asks: bool) -> str:
    noun = grammar.order.search(text)
    if noun is None or len(coins) > 1 or _FIGURE.search(text):
        return ""
    if not _does(
        grammar.order.sub("_", text), grammar, "cancel", "revoke", "stop", "exit", asks=asks
    ):
        return ""
    kind = "stop " if "stop" in text else "take profit " if "takeprofit" in text else ""
    of = f"my {coins[0]} " if coins else "all my "
    return f"cancel {of}{kind}orders"


def _all_of_them(text: str, grammar: Grammar, *, asks: bool) -> bool:
    """Tell whether orders that were just shown are all to be cancelled: "anúlalas todas"."""
    them = grammar.them.fullmatch(text.strip(" ,")) is not None
    return them and not asks and not dangerous(text, grammar)


def _brake(text: str, coins: list[str], grammar: Grammar, asks: bool) -> str:
    text = _calm(text, grammar)
    match = grammar.brake.search(text)
    if match is None or coins or asks or _FIGURE.search(text):
        return ""
    rest = grammar.brake.sub("_", text)
    moves = _does(rest, grammar, "stop", "set", "switch", "put", "cancel", asks=asks)
    bare = all(each in grammar.openers or each in "_," for each in rest.split())
    return "stop everything now" if moves or bare else ""


def _stop(text: str, coins: list[str], grammar: Grammar, asks: bool) -> str:
    text = _calm(text, grammar)
    if coins or _FIGURE.search(text) or grammar.everything.search(text) is None:
        return ""
    return (
        "stop everything now"
        if _does(grammar.everything.sub("_", text), grammar, "stop", asks=asks)
        else ""
    )


def _of_it(text: str, coins: list[str], grammar: Grammar, asks: bool) -> str:
    """Read what is to be done with what was spoken of before: "anúlalo", "drück ihn"."""
    words = text.replace(",", " ").split()
    if coins or asks or len(words) > _SHORT or _FIGURE.search(text):
        return ""
    if grammar.pronoun is None or grammar.pronoun.search(text) is None:
        return ""
    for role, said in _DONE_TO_IT.items():
        if _does(text, grammar, role, asks=asks):
            return said
    return ""


def _calm(text: str, grammar: Grammar) -> str:
    """Return a text without the clauses that tell why: "I was hacked, stop everything"."""
    clauses = text.split(" , ")
    if len(clauses) == 1 or grammar.alarms is None:
        return text
    kept = [
        each
        for each in clauses
        if grammar.alarms.search(each) is None or grammar.brake.search(each) is not None
    ]
    return " , ".join(kept) or text


def _liquidate(text: str, coins: list[str], grammar: Grammar, asks: bool) -> str:
    if coins or _FIGURE.search(text) or grammar.positions.search(text) is None:
        return ""
    if not _PARTS.isdisjoint(text.split()):
        return ""  # "la mitad de todo", "fast alles": a part of it
    rest = grammar.positions.sub("_", text, count=1)
    if grammar.it.search(rest) is not None:
        return ""  # what was spoken of before
    return "close all my positions" if _does(rest, grammar, "sell", "exit", asks=asks) else ""


def _invest(text: str, coins: list[str], grammar: Grammar, asks: bool) -> str:
    sums = _SUM.findall(text)
    rest = _SUM.sub("_", text)
    if coins or len(sums) != 1 or _FIGURE.search(rest):
        return ""
    if not _does(grammar.several.sub("_", rest), grammar, "put", "buy", asks=asks):
        return ""
    if _COINS_COUNTED.search(text) is not None:
        return ""
    buys = grammar.several.search(rest) is not None or grammar.invests.search(rest) is not None
    return f"invest {sums[0]} dollars" if buys else ""
