"""What a Spanish or German message asks to be done, in the grammar's English."""

# ruff: noqa: E501 - a pattern is read as one line
import re
from collections.abc import Callable, Mapping
from typing import Final

from uchat_ai_core.domain.planner.languages.changes import change_in
from uchat_ai_core.domain.planner.languages.corrections import correction_in
from uchat_ai_core.domain.planner.languages.frames import order_in, stripped
from uchat_ai_core.domain.planner.languages.german_orders import GERMAN
from uchat_ai_core.domain.planner.languages.grammar import Grammar
from uchat_ai_core.domain.planner.languages.heads import TRADES, dangerous
from uchat_ai_core.domain.planner.languages.spanish_orders import SPANISH
from uchat_ai_core.domain.planner.languages.tokens import folded, tokens

GRAMMARS: Final[Mapping[str, Grammar]] = {"es": SPANISH, "de": GERMAN}
_SENTENCE: Final = re.compile(
    r"(?<=[.!?;])\s+|\n+|(?<=[\w.!,])\s*(?=[¿¡])"
    r"|,?\s+(?:y|und)\s+(?=(?:dime|d[ií]game|decime|cu[eé]ntame|mu[eé]strame|sag|zeig|verrat)\b(?! (?:mir )?(?:bescheid|wenn|falls|sobald|si|cuando|ob)\b))"
)
_TELL: Final = re.compile(
    r"\s*(?:dime|d[ií]game|decime|cu[eé]ntame|mu[eé]strame|(?:sage?|zeige?|verrate?) (?:mir|uns|ma))\b",
    re.IGNORECASE,
)
_NOT_OWN: Final = re.compile(
    r"[\"“”„«»‚‘]|^\s*(?:fwd?:|>|wg:|-{2,})|(?<!\w)['’].+['’](?!\w)",  # noqa: RUF001 - quotation marks
    re.IGNORECASE,
)
_PAST: Final = re.compile(r"\b\w{2,}(?:ó|í|(?<=[rtglc])é)\b", re.IGNORECASE)
_NOT_PAST: Final = re.compile(
    r"\b(?:aquí|ahí|allí|así|sí|mí|qué|vendé|poné|meté|hacé|café|cogé|poneme|porfi|también|esté|dé|sé)\b",
    re.IGNORECASE,
)
_ASKED: Final = re.compile(
    r"\b(?:qué(?! (?:tal|onda|va|bien|bueno|pena|mal|feo|horror|asco|desastre|l[aá]stima|locura|rabia|barbaridad|barato|caro|miedo|susto|car[oa]s?|maravilla)\b)|cuál(?:es)?|cómo(?! (?:estás?|andas?|va)\b)|cuándo|cuánt[oa]s?|dónde|quién(?:es)?)\b",
    re.IGNORECASE,
)
_REASON: Final = re.compile(
    r",? (?:que|porque|ya que|pues|es que) (?=me\b|lo\b|se\b|ya\b|la\b|mi\b|no\b).*$", re.IGNORECASE
)
# What is left to the assistant, and which mandate or order is meant, beside what is asked for.
_BESIDE: Final = re.compile(
    r",? ?\b(?:t[uú]|vos|usted) (?:eliges?|eleg[ií]s|escoges?|decid[ei]s?|ver[aá]s)(?: (?:cu[aá]l(?:es)?|c[oó]mo|d[oó]nde))?\b|"
    r" que (?:te |le )?(?:firm[eé]|di|dí|autoric[eé]|aprob[eé]|conced[ií]|otorgu[eé]|cre[eé]|hice|puse|met[ií]|dej[eé])(?: \w+)?(?=\W*$)",
    re.IGNORECASE,
)
_TRADED: Final = re.compile(r"\b(?:compré|vendí|invertí|metí|compró|vendió)\b", re.IGNORECASE)
_WOULD_YOU: Final = re.compile(r"^wurde(?:st du|n sie)\b(?!.*\b(?:bitte|mir|fur mich|so)\b)")
_LONGEST: Final = 300
_MOST: Final = 4
_ACCOUNT: Final = 6


def wish_in(
    text: str,
    language: str,
    accounts: Mapping[tuple[str, ...], str],
    translated: Callable[[str], str],
) -> str | None:
    """Return what a message asks to be done, or None; after what it asks to be told besides.

    `accounts`: phrases that name one, in English. `translated` says a question in English.
    """
    grammar = GRAMMARS[language]
    if len(text) > _LONGEST or _NOT_OWN.search(text):
        return None
    sentences = [each for each in _SENTENCE.split(text.strip()) if each.strip(" .!¡")]
    if len(sentences) > _MOST:
        return None
    wishes: list[str] = []
    questions: list[str] = []
    for sentence in sentences:
        said = _wish(sentence, language, grammar, accounts)
        if said is not None:
            wishes.append(said)
        elif _is_question(sentence, grammar):
            questions.append(f"{translated(sentence).rstrip(' .!?')}?")
        elif not _harmless(sentence, grammar):
            return None
    wishes = list(dict.fromkeys(wishes))
    trades = all(each.startswith(("buy", "sell")) for each in wishes)
    asked = (" and " if trades else ". ").join(wishes)
    return " ".join([*questions, asked]) if asked else None


def answer_in(text: str, language: str) -> str | None:
    """Return a size or an asset that answers or corrects what was said before, or None."""
    grammar = GRAMMARS[language]
    if "?" in text or _NOT_OWN.search(text):
        return None
    return correction_in(tokens(text, grammar), grammar)


def may_order(text: str, language: str) -> bool:
    """Tell whether a message may be an order: it asks nothing and tells of nobody else."""
    grammar = GRAMMARS[language]
    told = [stripped(tokens(each, grammar), grammar) for each in _SENTENCE.split(text)]
    ordering = [each for each in told if any(_trades(word, grammar) for word in each.split())]
    return any(
        grammar.others.match(each) is None and grammar.questions.match(each) is None
        for each in ordering or told
    )


def takes_back(text: str, language: str) -> bool:
    """Tell whether a message tells of what was traded, or takes back what it began to order."""
    grammar = GRAMMARS[language]
    if language == "es" and _tells(text, grammar):
        return True
    words = stripped(tokens(text, grammar), grammar)
    if _WOULD_YOU.search(words) is not None:
        return True  # what one would do is asked, not to do it
    named = re.search(r"@|[#$~%]\d", words) is not None
    trades = any(_trades(each, grammar) for each in words.split())
    return named and (trades or grammar.desires.search(words) is not None)


def _tells(text: str, grammar: Grammar) -> bool:
    """Tell whether a verb of orders stands in the past: compré, vendió."""
    past = _PAST.findall(_NOT_PAST.sub("", text))
    return any(grammar.verb(folded(each)) is not None or _TRADED.search(each) for each in past)


def _trades(word: str, grammar: Grammar) -> bool:
    found = grammar.verb(word)
    return found is not None and found.role in TRADES


def _wish(
    sentence: str, language: str, grammar: Grammar, accounts: Mapping[tuple[str, ...], str]
) -> str | None:
    sentence = _BESIDE.sub("", sentence) if language == "es" else sentence
    told = _NOT_PAST.sub("", _REASON.sub("", sentence))
    if language == "es" and (_ASKED.search(sentence) or _PAST.search(told)):
        return None
    asks = "?" in sentence or "¿" in sentence
    if asks and sentence.rstrip().endswith("?"):
        sentence, asks = _without_tag(sentence, grammar)
    found, account = _without_account(tokens(sentence, grammar), accounts)
    change = None if account else change_in(found, grammar, asks=asks)
    if change is not None:
        return change
    said = order_in(found, grammar, asks=asks)
    return f"{said} {account}".strip() if said is not None else None


def _without_tag(sentence: str, grammar: Grammar) -> tuple[str, bool]:
    """Take "…, ok?" off a sentence: it asks nothing."""
    body, comma, tag = sentence.rstrip(" ?").rpartition(",")
    if not comma:
        body, comma, tag = sentence.rstrip(" ?").rpartition("¿")
    tagged = grammar.tags.fullmatch(folded(tag.strip(" ¿"), umlauts=grammar.umlauts)) is not None
    return (body, False) if body and tagged else (sentence, True)


def _without_account(
    found: tuple[str, ...], accounts: Mapping[tuple[str, ...], str]
) -> tuple[tuple[str, ...], str]:
    """Take the account that is named out of tokens."""
    for size in range(_ACCOUNT, 0, -1):
        for start in range(len(found) - size + 1):
            account = accounts.get(found[start : start + size])
            if account is not None:
                return (*found[:start], *found[start + size :]), account
    return found, ""


def _is_question(sentence: str, grammar: Grammar) -> bool:
    """Tell whether a sentence asks for something to be told, not whether to trade."""
    if not sentence.rstrip().endswith("?") and _TELL.match(sentence) is None:
        return False
    words = stripped(tokens(sentence, grammar), grammar)
    doubts = (
        grammar.advice.search(words) is not None or grammar.takes_back.search(words) is not None
    )
    trades = any(_trades(each, grammar) for each in words.split())
    return not (doubts or trades) and grammar.tags.fullmatch(words.strip(" ,")) is None


def _harmless(sentence: str, grammar: Grammar) -> bool:
    """Tell whether a sentence beside an order leaves it what it is: it asks and denies nothing."""
    if "?" in sentence:
        return (
            grammar.tags.fullmatch(folded(sentence.strip(" ¿?.!"), umlauts=grammar.umlauts))
            is not None
        )
    text = stripped(tokens(sentence, grammar), grammar)
    return not (re.search(r"@|[#$~%]\d", text) or dangerous(text, grammar))
