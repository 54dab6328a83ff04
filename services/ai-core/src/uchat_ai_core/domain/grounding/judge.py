"""What of a sentence nothing in its turn supports."""

# ruff: noqa: E501 - a pattern is read as one line
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from uchat_ai_core.domain.grounding.addresses import asks_for_secret
from uchat_ai_core.domain.grounding.facts import Kept
from uchat_ai_core.domain.grounding.known import Known
from uchat_ai_core.domain.grounding.lexicon import (
    ASSETS,
    COINISH,
    ENGLISH,
    NO_SYMBOLS,
    NOT_COINS,
)
from uchat_ai_core.domain.grounding.phrases import (
    ACTED,
    ACTS,
    ADVICE,
    CALLED,
    DEEDS,
    DID,
    HOLDS,
    HOLDS_NO,
    HOLDS_NOTHING,
    HOLDS_ONE,
    NEGATED,
    NOT_CALLED,
    STOPPED,
    THEM,
    states_cash,
    states_price,
)
from uchat_ai_core.domain.grounding.tokens import Claim, Sentence, read

_TITLED: Final = re.compile(
    r"(?<=[\w,;:(] )[\"“'*_]*([A-Z][a-z]+(?:[A-Z][a-z]+)*)\b|\b([A-Z][a-z]+[A-Z]\w*|[A-Z][a-z]*(?:coin|swap|chain|inu|verse|fi))\b"
)
_ODD: Final = re.compile(r"\b(?:[a-z]{1,2}[A-Z]{2,}[a-z]?|[A-Z](?:[-.][A-Z0-9]){2,})\b")
_MIXED: Final = re.compile(r"\b(?=\w*[A-Za-z])(?=\w*[\u0370-\u04ff])\w{3,}\b")
"""What only looks like a symbol: `wBTCx`, `M-O-O-N`, Latin letters among those of another script."""
_MAY_CALL: Final = re.compile("oin|oken|oneda|währung|ünze|#|Protocol|Chain|Network|Swap|Inu")
_CLAUSE: Final = re.compile(r";\s+")
_QUOTED: Final = re.compile(r"“[^”\n]*”")
_COMMAND: Final = re.compile(
    r"[\"“](?:please )?(?:buy|sell|show|set|cancel|stop|rebalance|invest|i have|my goal|what|how|which|compare|close|put)\b[^\"”\n]{0,80}[\"”]",
    re.IGNORECASE,
)
_FIGURES: Final = frozenset({"money", "percent", "units", "count", "plain"})
_SHINGLE: Final = 7
_GIST: Final = 4
_PLAIN_STEPS: Final = 64


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that must not be told: the instructions of the models, as runs of words."""

    shingles: frozenset[tuple[str, ...]]
    beginnings: frozenset[tuple[str, ...]]

    @staticmethod
    def of(text: str) -> "Secret":
        """Return a text as one that must not be told."""
        words = _words(text)
        return Secret(frozenset(_runs(words, _SHINGLE)), frozenset(_runs(words, _GIST)))

    def is_told_in(self, text: str) -> bool:
        """Tell whether a text repeats a run of words of the secret."""
        return any(run in self.shingles for run in _runs(_words(text), _SHINGLE))

    def may_begin_in(self, text: str) -> bool:
        """Tell whether the end of a text may be the beginning of such a repetition."""
        return any(run in self.beginnings for run in _runs(_words(text), _GIST))


NO_SECRET: Final = Secret(frozenset(), frozenset())


def unsupported(
    text: str, known: Known, secret: Secret = NO_SECRET, *, quotes: bool = False
) -> tuple[str, ...]:
    """Return what a sentence claims without support, as it is written; empty: nothing.

    What the person could say, in quotation marks, claims nothing; `quotes`: no quotation does.
    """
    plain = (_QUOTED if quotes else _COMMAND).sub("“”", text)
    # What the person holds is said of its own clause, not of the market that the next tells of.
    apart = ";" in plain and HOLDS.search(plain) is not None
    sentences = [read(each) for each in (_CLAUSE.split(plain) if apart else (plain,))]
    found = [claim for each in sentences for claim in _unsupported(each, known, secret)]
    if found and known.search_history():
        found = [claim for each in sentences for claim in _unsupported(each, known, secret)]
    return tuple(dict.fromkeys(found))


def _unsupported(sentence: Sentence, known: Known, secret: Secret) -> Iterator[str]:
    owners = [claim.unit for claim in sentence.claims if claim.kind == "symbol"]
    asks = sentence.text.rstrip(" \n\"'*_)").endswith("?")
    words = frozenset(sentence.words)
    speaks_of_them = not asks and not words.isdisjoint(THEM)
    holds = speaks_of_them and HOLDS.search(sentence.text) is not None
    negated = NEGATED.search(sentence.text) is not None
    loose: list[Claim] = []
    for claim in sentence.claims:
        if claim.kind in _FIGURES:
            if not known.supports(claim, owners, held=holds, kept_to=_kept_to(claim, sentence)):
                loose.append(claim)
        elif not _stands(claim, known) and not (
            holds and negated and known.read_account and claim.unit in ASSETS
        ):
            yield claim.text
    yield from (claim.text for claim in loose if not _derived(claim, sentence, known, owners))
    if speaks_of_them:
        yield from _denied(sentence, known)
    if holds:
        yield from _not_held(sentence, owners, known)
    yield from _done(sentence, words, known, asks=asks)
    if not words.isdisjoint(ADVICE):
        yield from _ill_advised(owners, known, in_question=asks or negated)
    yield from _unknown_names(sentence, words, known)
    if asks_for_secret(sentence.text):
        yield "a request for a secret"
    if secret.is_told_in(sentence.text):
        yield "instructions"


def _done(sentence: Sentence, words: frozenset[str], known: Known, *, asks: bool) -> Iterator[str]:
    done = not words.isdisjoint(DEEDS) and DID.search(sentence.text) is not None
    if (done and not known.states & {"filled", "approved", "executed"}) or (
        not known.acted and not words.isdisjoint(ACTS) and ACTED.search(sentence.text)
    ):
        yield "that something was done"
    if not (asks or known.stopped or known.acted) and STOPPED.search(sentence.text):
        yield "that trading is stopped"


def _ill_advised(owners: Sequence[str], known: Known, *, in_question: bool) -> Iterator[str]:
    """Assets that no tool knows; of what the person named one may ask, or say that it is not there."""
    named = known.named if in_question else frozenset[str]()
    yield from (owner for owner in owners if owner not in known.advisable and owner not in named)


def _kept_to(claim: Claim, sentence: Sentence) -> Kept:
    if claim.kind in ("money", "plain"):
        if states_cash(sentence.text, claim.text):
            return "cash"
        if states_price(sentence.text, claim.text):
            return "tools"
    return "any"


def _stands(claim: Claim, known: Known) -> bool:
    if claim.kind == "symbol":
        return claim.unit in known.symbols or claim.unit.lower() in known.names
    if claim.kind == "time":
        return claim.text in known.times
    if claim.kind == "date":
        return any(_same_day(claim.day, day) for day in known.days)
    if claim.kind == "link":
        address = claim.text.rpartition("(")[2].rstrip(").,;")
        return not claim.text.startswith("!") and address != "" and address in known.links
    if claim.kind == "id":
        return claim.text.lower() in known.names
    return False


def _same_day(claimed: tuple[int, int, int], known: tuple[int, int, int]) -> bool:
    return all(one in (0, other) for one, other in zip(claimed, known, strict=True))


def _derived(claim: Claim, sentence: Sentence, known: Known, owners: Sequence[str]) -> bool:
    """Tell whether a figure is the sum or the difference of two others of the sentence."""
    others = [
        each
        for each in sentence.claims
        if each is not claim
        and (each.kind == claim.kind or {each.kind, claim.kind} == {"plain", "money"})
        and known.supports(each, owners)
    ]
    values = [reading.value for each in others[:8] for reading in each.readings[:1]]
    pairs = [(a, b) for place, a in enumerate(values) for b in values[place + 1 :]]
    return any(
        reading.rounds(total) for a, b in pairs[:_PLAIN_STEPS] for total in (a + b, abs(a - b))
        for reading in claim.readings
    )  # fmt: skip


def _denied(sentence: Sentence, known: Known) -> Iterator[str]:
    """What the person is said not to hold, though nobody looked, or though they do."""
    for match in HOLDS_NO.finditer(sentence.text):
        named = next(filter(None, match.groups()))
        owners = [claim.unit for claim in read(named).claims if claim.kind == "symbol"]
        if not known.read_account or any(owner in known.holdings for owner in owners):
            yield match.group()
    nothing = HOLDS_NOTHING.search(sentence.text)
    if nothing is not None and (not known.read_account or known.holdings):
        yield nothing.group()
    if HOLDS_ONE.search(sentence.text) and len(known.holdings) != 1:
        yield "the only one"


def _not_held(sentence: Sentence, owners: Sequence[str], known: Known) -> Iterator[str]:
    if not known.read_account:
        said = [c for c in sentence.claims if c.kind in ("money", "units")]
        own = all(known.supports(claim, owners, held=True) for claim in said)
        if not (own and (said or owners) and set(owners) <= known.held):
            yield "what the person holds"
    elif not NEGATED.search(sentence.text):
        yield from (owner for owner in owners if owner not in known.held)


def _unknown_names(sentence: Sentence, words: frozenset[str], known: Known) -> Iterator[str]:
    """Names of coins that nobody named: made up, or disguised."""
    text = sentence.text
    for match in (*_ODD.finditer(text), *(() if text.isascii() else _MIXED.finditer(text))):
        if match.group().lower() not in known.names and match.group() not in NO_SYMBOLS:
            yield match.group()
    for match in CALLED.finditer(text) if _MAY_CALL.search(text) else ():
        name = next(filter(None, match.groups()))
        if name.lower() not in NOT_CALLED and not _is_known(name, known):
            yield name
    # Names within an English sentence on coins.
    if words.isdisjoint(COINISH) or len(words & ENGLISH) < 2:  # noqa: PLR2004 - English enough
        return
    for match in _TITLED.finditer(sentence.text):
        name = match.group(1) or match.group(2)
        if not _is_known(name, known):
            yield name


def _is_known(name: str, known: Known) -> bool:
    return _is_plain_name(name) or name.lower() in known.names


@lru_cache(maxsize=2048)
def _is_plain_name(name: str) -> bool:
    lower = name.lower()
    if lower in NOT_COINS:
        return True
    return any(claim.kind == "symbol" for claim in read(name).claims)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


def _runs(words: Sequence[str], length: int) -> Iterator[tuple[str, ...]]:
    return (tuple(words[at : at + length]) for at in range(len(words) - length + 1))
