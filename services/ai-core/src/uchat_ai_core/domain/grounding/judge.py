"""What of a sentence nothing in its turn supports."""

# ruff: noqa: E501 - a pattern is read as one line
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from uchat_ai_core.domain.grounding.known import Known
from uchat_ai_core.domain.grounding.lexicon import ASSETS, COINISH, ENGLISH, NOT_COINS
from uchat_ai_core.domain.grounding.tokens import Claim, Sentence, read

_NOT_HYPOTHETICAL: Final = r"(?<!if )(?<!once )(?<!when )(?<!whether )(?<!until )(?<!before )(?<!after )(?<!unless )(?<!what )(?<!that )(?<!could )(?<!would )(?<!said )(?<!as )"
_HOLDS: Final = re.compile(
    rf"{_NOT_HYPOTHETICAL}\byou(?:'ve| have|'re| are)?(?: currently| now| already| also| still| really| actually)*\s(?:hold|holding|own|owned|bought|sold|possess|invested)\b"
    rf"|{_NOT_HYPOTHETICAL}\byou(?: currently| now| already| also| still)* have(?: now| currently| about| around| roughly| approximately| some| no| a total of| also| an? (?:open |large |small )?position (?:of|in))*\s[$€£]?(?=\d|(?-i:[A-Z]{{2,}})\b|(?:bitcoin|ether|solana)|position)"
    r"|\b(?:du|sie|ihr)\s(?:hältst|hast|besitzt|haben|halten|besitzen|habt)\b|\b(?:tienes|posees|usted tiene)\b"
    r"|\bdein\w*\s\w+\s(?:ist|sind|beträgt)\b"
    r"|\byour (?:[\w-]+ ){0,3}?(?:position|holdings?|balance|stake|bag|wallet)\b(?! mode| size| limit)"
    r"|\byour (?:btc|eth|sol|bitcoins?|ether|ethereum|solana|(?-i:[A-Z]{3,6}))\b(?! order| limit| mode)"
    r"|\bin your (?:portfolio|account|wallet)\b"
    r"|(?<!how )(?<!where )\byour (?:portfolio|account|balance|cash)(?: balance| value)? (?:is|are|has|contains?|consists?|holds?|stands?|grew|lost|gained|shows?|includes?|rose|fell|went|doubled)\b"
    r"|\byou have (?:no |several |many |some )?(?:open |pending )(?:orders?|positions?|trades?|decisions?)\b",
    re.IGNORECASE,
)
_NEGATED: Final = re.compile(
    r"\b(?:no|not|none|never|nothing|n't|kein\w*|nicht|sin|ningún)\b|n't\b", re.IGNORECASE
)
_DID: Final = re.compile(
    r"\b(?:i|we|i've|we've)(?: have| had)?(?: just| already| now| also| successfully| hereby)*\s(?:bought|sold|executed|approved|confirmed your|placed|transferred|withdrawn|withdrew|sent|moved|granted|signed|raised your|increased your|released)\b"
    r"|\b(?:your |the )(?:[\w-]+ ){0,2}?(?:order|trade|transaction|purchase|sale|buy|sell|withdrawal|transfer)s? (?:was|were|(?:is|are) (?=now|just|already|success)|has been|have been|went)(?: ?now| ?just| ?already| ?successfully)*\s(?:executed|completed|filled|approved|placed|confirmed|done|through|sent)\b"
    r"|\b(?:all|everything|it|they|that|which|coins?|position|holdings?)(?: of it)? (?:was|were|has been|have been|(?:is|are) (?=now|just|already|all))(?: ?now| ?just| ?already| ?all)*\s(?:sold|bought|executed|approved|transferred)\b",
    re.IGNORECASE,
)
_THEM: Final = frozenset(
    [
        "you",
        "your",
        "you've",
        "you're",
        "du",
        "sie",
        "ihr",
        "dein",
        "deine",
        "deinen",
        "deiner",
        "tienes",
        "posees",
        "usted",
        "tu",
    ]
)
_DEEDS: Final = frozenset(
    [
        "bought",
        "sold",
        "executed",
        "approved",
        "confirmed",
        "placed",
        "transferred",
        "withdrawn",
        "withdrew",
        "sent",
        "moved",
        "granted",
        "signed",
        "raised",
        "increased",
        "released",
        "completed",
        "filled",
        "done",
        "through",
    ]
)
_TITLED: Final = re.compile(
    r"(?<=[\w,;:(] )[\"“'*_]*([A-Z][a-z]+(?:[A-Z][a-z]+)*)\b|\b([A-Z][a-z]+[A-Z]\w*|[A-Z][a-z]*(?:coin|swap|chain|inu|verse|fi))\b"
)
_ACTED: Final = re.compile(
    r"^\W*(?:(?:it is |it's |all |and )?(?:done|completed|executed)|all set|consider it done)\W*$"
    r"|\b(?:i|we|i've|we've)(?: have| had)?(?: just| already| now| also| successfully)*\s(?:cancell?ed|stopped|revoked|switched|halted|proposed|set up|scheduled|created|changed)\b",
    re.IGNORECASE,
)
_ACTS: Final = frozenset(
    [
        "done",
        "completed",
        "executed",
        "set",
        "cancelled",
        "canceled",
        "stopped",
        "revoked",
        "switched",
        "halted",
        "proposed",
        "scheduled",
        "created",
        "changed",
    ]
)
_ADVICE: Final = frozenset(
    [
        "should",
        "must",
        "recommend",
        "recommended",
        "buy",
        "sell",
        "consider",
        "advise",
        "suggest",
        "kaufe",
        "kaufen",
        "compra",
        "comprar",
    ]
)
_QUOTED: Final = re.compile(r"“[^”\n]*”")
_COMMAND: Final = re.compile(
    r"[\"“](?:please )?(?:buy|sell|show|set|cancel|stop|rebalance|invest|i have|my goal|what|how|which|compare|close|put)\b[^\"”\n]{0,80}[\"”]",
    re.IGNORECASE,
)
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
    sentence = read((_QUOTED if quotes else _COMMAND).sub("“”", text))
    found = list(_unsupported(sentence, known, secret))
    if found and known.search_history():
        found = list(_unsupported(sentence, known, secret))
    return tuple(dict.fromkeys(found))


def _unsupported(sentence: Sentence, known: Known, secret: Secret) -> Iterator[str]:
    owners = [claim.unit for claim in sentence.claims if claim.kind == "symbol"]
    asks = sentence.text.rstrip(" \n\"'*_)").endswith("?")
    words = frozenset(sentence.words)
    speaks_of_them = not asks and not words.isdisjoint(_THEM)
    holds = speaks_of_them and _HOLDS.search(sentence.text) is not None
    denies = holds and known.read_account and _NEGATED.search(sentence.text) is not None
    loose: list[Claim] = []
    for claim in sentence.claims:
        if claim.kind in ("money", "percent", "units", "count", "plain"):
            if not known.supports(claim, owners, held=holds):
                loose.append(claim)
        elif not _stands(claim, known) and not (denies and claim.unit in ASSETS):
            yield claim.text
    yield from (claim.text for claim in loose if not _derived(claim, sentence, known, owners))
    if holds:
        yield from _not_held(sentence, owners, known)
    done = not words.isdisjoint(_DEEDS) and _DID.search(sentence.text) is not None
    if (done and not known.states & {"filled", "approved", "executed"}) or (
        not known.acted and not words.isdisjoint(_ACTS) and _ACTED.search(sentence.text)
    ):
        yield "that something was done"
    if not words.isdisjoint(_ADVICE):
        yield from (each for each in owners if each not in known.advisable)
    yield from _unknown_names(sentence, words, known)
    if secret.is_told_in(sentence.text):
        yield "instructions"


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
        if each is not claim and each.kind == claim.kind and known.supports(each, owners)
    ]
    values = [reading.value for each in others[:8] for reading in each.readings[:1]]
    pairs = [(a, b) for place, a in enumerate(values) for b in values[place + 1 :]]
    return any(
        reading.rounds(total) for a, b in pairs[:_PLAIN_STEPS] for total in (a + b, abs(a - b))
        for reading in claim.readings
    )  # fmt: skip


def _not_held(sentence: Sentence, owners: Sequence[str], known: Known) -> Iterator[str]:
    if not known.read_account:
        said = [c for c in sentence.claims if c.kind in ("money", "units")]
        own = all(known.supports(claim, owners, held=True) for claim in said)
        if not (own and (said or owners) and set(owners) <= known.held):
            yield "what the person holds"
        return
    if _NEGATED.search(sentence.text):
        return
    yield from (owner for owner in owners if owner not in known.held)


def _unknown_names(sentence: Sentence, words: frozenset[str], known: Known) -> Iterator[str]:
    """Names within an English sentence on coins that nobody named: a made-up coin."""
    if words.isdisjoint(COINISH) or len(words & ENGLISH) < 2:  # noqa: PLR2004 - English enough
        return
    for match in _TITLED.finditer(sentence.text):
        name = match.group(1) or match.group(2)
        if not _is_plain_name(name) and name.lower() not in known.names:
            yield name


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
