"""Whether the verb of a sentence orders something, and whether a word beside it forbids that."""

import re
from collections.abc import Sequence
from typing import Final

from uchat_ai_core.domain.planner.languages.grammar import Grammar, Role, Verb

GONE: Final = "_"
"""What stands for a figure, an asset or a noun that has its place in the frame already."""
_FOR_ME: Final = frozenset(["mir", "bitte", "mal", "uns"])
TRADES: Final[frozenset[Role]] = frozenset({"buy", "put", "take", "sell", "exit"})
_CLAUSES: Final = re.compile(r" ?, ?| (?=(?:que|porque|ya que|pues|weil|denn) )")


def acts(
    text: str, grammar: Grammar, roles: frozenset[Role], *, asks: bool, verbless: bool = False
) -> Role | None:
    """Return what the verb of a text wants done, if it orders it and nothing speaks against.

    `verbless`: what is wanted is plain from the nouns, so that no verb has to order it.
    """
    paired = _paired(text, grammar, roles) if not asks else None
    if paired is not None:
        return paired
    tokens, best = text.split(), None
    for place, each in enumerate(tokens):
        found = grammar.verb(each)
        if found is None or found.role not in roles:
            continue
        head = _ordered(tokens, place, found, grammar, asks=asks)
        if head is None:
            continue
        before, between = " ".join(tokens[: head[0]]), " ".join(tokens[head[1] : place])
        rest = f"{before} {GONE} {between} {GONE} {' '.join(tokens[place + 1 :])}"
        if grammar.others.search(before) or dangerous(rest, grammar):
            return None
        if best is None or (best not in TRADES and found.role in TRADES):
            best = found.role
    if best is None and not asks:
        return _desired(text, grammar, roles, verbless=verbless)
    return best


def _paired(text: str, grammar: Grammar, roles: frozenset[Role]) -> Role | None:
    """Return what a verb in two pieces wants: "hau … raus"."""
    for pattern, role in grammar.pairs:
        match = pattern.search(text) if role in roles else None
        if match is None:
            continue
        before = text[: match.start()].rpartition(",")[2]
        rest = f"{text[: match.start()]} {GONE} {match.group()} {GONE} {text[match.end() :]}"
        if _opens(before, grammar) and not dangerous(rest, grammar):
            return role
    return None


def _desired(text: str, grammar: Grammar, roles: frozenset[Role], *, verbless: bool) -> Role | None:
    """Return what is wanted without a verb that says what to do."""
    desire = grammar.desires.search(text)
    if desire is not None and _opens(text[: desire.start()].rpartition(",")[2], grammar):
        rest = f"{text[: desire.start()]} {GONE} {text[desire.end() :]}"
        if not _opens(text[desire.end() :].partition(GONE)[0], grammar):
            return None  # another verb may follow: "quisiera que me …"
        if grammar.mine.search(rest) is not None or "aus" in rest.split():
            return None  # what is taken out of one's own is no purchase
        return "take" if "take" in roles and not dangerous(rest, grammar) else None
    if verbless:
        return "set" if not dangerous(text, grammar) else None
    put = grammar.into.search(text) is not None and grammar.nudge.search(text) is not None
    return "put" if put and _opens(text, grammar) else None


def _ordered(
    tokens: Sequence[str], place: int, verb: Verb, grammar: Grammar, *, asks: bool
) -> tuple[int, int] | None:
    """Return where the head of an order starts and ends; None if this form orders nothing."""
    start = next((each + 1 for each in range(place - 1, -1, -1) if tokens[each] == ","), 0)
    before = " ".join(tokens[start:place])
    joint = next(iter(reversed(list(grammar.joints.finditer(before)))), None)
    if joint is not None and not asks:
        start += len(before[: joint.end()].split())
        before = " ".join(tokens[start:place])
    early = grammar.verbs_last and verb.mood == "bare" and place > start and _objects(tokens, place)
    mine = (
        verb.mood == "order"
        and verb.role in TRADES
        and "ich"
        in (
            *tokens[place - 1 : place],
            *tokens[place + 1 : place + 2],
        )
    )
    if mine:
        return None  # "ich kaufe" tells what I do
    if verb.mood in ("order", "bare") and not (asks or early) and _opens(before, grammar):
        return start, start
    if verb.mood == "asked":
        told = not asks and _told_me(tokens, place, start, grammar)
        return (place, place) if told or (asks and _asked(tokens, place, grammar)) else None
    head = (
        grammar.wants if verb.mood == "wished" else grammar.asks if asks else grammar.heads
    ).search(before)
    if head is None or not _opens(before[: head.start()], grammar):
        return None
    return start + len(before[: head.start()].split()), start + len(before[: head.end()].split())


def _objects(tokens: Sequence[str], place: int) -> bool:
    """Tell whether what is traded follows a verb in its clause: "all buy 0.1 BTC"."""
    after = " ".join(tokens[place + 1 :]).partition(",")[0]
    return GONE in after.split()


def _asked(tokens: Sequence[str], place: int, grammar: Grammar) -> bool:
    """Tell whether "you buy" is asked of the assistant: "me compras …?", "kaufst du mir …?"."""
    beside = {*tokens[max(0, place - 1) : place], *tokens[place + 1 : place + 3]}
    me = bool(beside & {"me", "nos"}) or ("du" in beside and bool(_FOR_ME & set(tokens)))
    return me and _opens(" ".join(tokens[: max(0, place - 1)]), grammar)


def _told_me(tokens: Sequence[str], place: int, start: int, grammar: Grammar) -> bool:
    """Tell whether "you buy me" is said as an order, as Spanish does: "me compras 10 más"."""
    before = tokens[start:place]
    mine = bool(before) and before[-1] in grammar.for_me
    return mine and _opens(" ".join(before[:-1]), grammar)


def _opens(before: str, grammar: Grammar) -> bool:
    """Tell whether what stands before a verb lets it be a command."""
    return all(each in grammar.openers or each in (GONE, ",") for each in before.split())


def dangerous(text: str, grammar: Grammar) -> bool:
    """Tell whether words deny, ask, doubt, put off or quote; a reason that is told does not."""
    if grammar.takes_back.search(text):
        return True
    for clause in _CLAUSES.split(text):
        found = grammar.danger.search(clause)
        if found is None:
            continue
        told = grammar.reason.match(clause.strip())
        plain = GONE not in clause and not any(map(grammar.verb, clause.split()))
        if not (told and plain) or grammar.danger.search(grammar.negations.sub("", clause)):
            return True
    return False
