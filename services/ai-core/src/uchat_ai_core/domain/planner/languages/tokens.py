"""A sentence of another language as tokens: words without accents, figures and assets marked.

`#60000` is a number and `~1500` one that was written with a single thousands mark, `$200`, `€50`
and `£50` are money, `¤50` is money of a currency that is not known for certain, `%25` is a share,
`@BTC` an asset, `,` a pause.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Final

from uchat_ai_core.domain.planner.languages.grammar import Grammar
from uchat_ai_core.domain.planner.languages.letters import bare
from uchat_ai_core.domain.planner.normalise import normalise
from uchat_ai_core.domain.planner.number_words import sign_first
from uchat_ai_core.domain.planner.symbols import ALIASES, ELSEWHERE, find_symbols

PAUSE: Final = ","
_TOKEN: Final = re.compile(
    r"(?i:us|u)?[$€£]|\d+(?:[.,]\d+)*k?(?![^\W_])|\d+|[^\W\d_]+|[%@,;:?!.()–—-]"  # noqa: RUF001 - dashes as people type them
)
_SWISS: Final = re.compile(r"(?<=\d)['’](?=\d{3}\b)")  # noqa: RUF001 - an apostrophe as people type it
_INNER: Final = re.compile(r"(?<=\w)['’](?=\w)|\b(?:u[.]s[.]|us)(?=[$])|(?<=\bu)[$]s\b")  # noqa: RUF001
_EUROPEAN: Final = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?")
_ENGLISH: Final = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_ONE_MARK: Final = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
_FIGURE: Final = re.compile(r"[#~](?P<value>\d+(?:\.\d+)?)")
_SIGNS: Final = {"$": "$", "us$": "$", "u$": "$", "€": "€", "£": "£"}
_PAUSES: Final = frozenset(",;:()–—.!?")  # noqa: RUF001 - dashes as people type them
# Ordinary words in most languages; they name an asset in capitals only.
_PLAIN: Final = frozenset(["near", "op", "apt", "arb", "fil", "pol", "atom", "aptos", "optimism"])
_DIGRAPH: Final = re.compile(r"(?<![aeiouq])(?:ae|oe|ue(?!ll))")
_GUESSED_FROM: Final = 6


def folded(word: str, *, umlauts: bool = False) -> str:
    """Return a word without accents; with `umlauts` ae, oe and ue are a, o and u."""
    plain = bare(word.lower())
    return _DIGRAPH.sub(lambda match: match.group()[0], plain) if umlauts else plain


@lru_cache(maxsize=256)
def _symbol(word: str) -> str:
    """Return the asset that a word as written names, or nothing."""
    lower = word.lower()
    name = bare(lower)
    if word.isupper() and word.lower() in _PLAIN:
        return ALIASES[lower]
    if name in _PLAIN:
        return ""
    for each in (name, name.removesuffix("s"), name.removesuffix("es")):
        found = ALIASES.get(each) or ELSEWHERE.get(each)
        if found is not None:
            return found
    if len(name) < _GUESSED_FROM:
        return ""
    guessed = find_symbols(normalise(name), price_asked=False)
    return guessed.symbols[0] if len(guessed.symbols) == 1 and guessed.guessed else ""


@lru_cache(maxsize=256)
def tokens(sentence: str, grammar: Grammar) -> tuple[str, ...]:
    """Return the tokens of a sentence."""
    text = _INNER.sub("", _SWISS.sub("", sign_first(sentence)))
    raw = _TOKEN.findall(text)
    return tuple(_money(_counted(_spelt(raw, grammar)), grammar))


def value_of(token: str) -> Decimal:
    """Return the number of a token that has one."""
    return Decimal(token[1:])


def _spelt(raw: Sequence[str], grammar: Grammar) -> list[str]:
    """Mark figures, pauses and assets, and read numbers in words."""
    found: list[str] = []
    place = 0
    plain = [bare(each.lower()) for each in raw]
    while place < len(raw):
        each = raw[place]
        size, number = grammar.number(plain[place : place + 6]) if each.isalpha() else (0, 0)
        if size and not (size == 1 and _symbol(each)):
            found.append(f"#{number}")
            place += size
            continue
        found.append(_marked(each, grammar))
        place += 1
    return [each for each in found if each != "-"]


def _marked(word: str, grammar: Grammar) -> str:
    if word[0].isdigit():
        return _figure(word)
    if word in _PAUSES:
        return PAUSE
    if word.lower() == "sí":
        return "sip"  # yes, where "si" is if
    symbol = _symbol(word) if word.isalpha() else ""
    return f"@{symbol}" if symbol else folded(word, umlauts=grammar.umlauts)


def _figure(word: str) -> str:
    number, scale = (word[:-1], 1000) if word[-1] in "kK" else (word, 1)
    doubt = scale == 1 and _ONE_MARK.fullmatch(number) is not None
    if not number.startswith("0") and _EUROPEAN.fullmatch(number):
        number = number.replace(".", "").replace(",", ".")
    elif not number.startswith("0") and _ENGLISH.fullmatch(number):
        number = number.replace(",", "")
    else:
        number = number.replace(",", ".")
    if number.count(".") > 1:
        return word  # a date or a version
    if scale == 1 and not doubt:
        return f"#{number}"
    return f"{'~' if doubt else '#'}{_plain(Decimal(number) * scale)}"


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _counted(found: Sequence[str]) -> list[str]:
    """Scale numbers by the thousand after them: `60 mil`."""
    scaled: list[str] = []
    for each in found:
        before = _FIGURE.fullmatch(scaled[-1]) if scaled else None
        if before is not None and each == "#1000":
            scaled[-1] = f"#{_plain(Decimal(before['value']) * 1000)}"
        else:
            scaled.append(each)
    return scaled


def _money(found: Sequence[str], grammar: Grammar) -> list[str]:
    """Put a figure and its currency or percent sign into one token."""
    text = " ".join(found)
    text = grammar.percent.sub("%", text)
    text = re.sub(r"[#~](\S+) %", r"%\1", text)
    named = {"$": grammar.dollars, "€": grammar.euros, "¤": grammar.doubtful_money}
    for sign, names in named.items():
        listed = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
        text = re.sub(rf"[#~](\S+)(?: de)? (?:us )?(?:{listed})(?!\S)", rf"{sign}\1", text)
        text = re.sub(rf"(?<!\S)(?:{listed}) [#~](\S+)", rf"{sign}\1", text)
    for written, sign in _SIGNS.items():
        text = re.sub(rf"(?<!\S){re.escape(written)} [#~](\S+)", rf"{sign}\1", text)
    return text.split()
