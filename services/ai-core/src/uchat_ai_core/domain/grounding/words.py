"""Figures in words beyond English ones: other languages' numbers, fractions, multiples."""

# ruff: noqa: RUF001 - a pattern is read as one line; letters of other scripts
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

SMALL: Final[Mapping[str, int]] = {
    # Spanish, but for "once", which is an English word.
    "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7, "ocho": 8, "nueve": 9,
    "diez": 10, "doce": 12, "trece": 13, "catorce": 14, "quince": 15, "dieciséis": 16,
    "diecisiete": 17, "dieciocho": 18, "diecinueve": 19, "veinte": 20, "veintiuno": 21,
    "veintidós": 22, "veintitrés": 23, "veinticuatro": 24, "veinticinco": 25, "veintiséis": 26,
    "veintisiete": 27, "veintiocho": 28, "veintinueve": 29, "treinta": 30, "cuarenta": 40,
    "cincuenta": 50, "sesenta": 60, "setenta": 70, "ochenta": 80, "noventa": 90, "cien": 100,
    "doscientos": 200, "trescientos": 300, "cuatrocientos": 400, "quinientos": 500,
    "seiscientos": 600, "setecientos": 700, "ochocientos": 800, "novecientos": 900,
    "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9,
    "zehn": 10, "elf": 11, "zwölf": 12,
    "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "sept": 7, "huit": 8, "neuf": 9, "dix": 10,
    "vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60,
    "dois": 2, "três": 3, "quatro": 4, "sete": 7, "oito": 8, "nove": 9, "dez": 10, "vinte": 20,
    "trinta": 30, "quarenta": 40, "cinquenta": 50, "sessenta": 60, "oitenta": 80,
    "twenties": 20, "thirties": 30, "forties": 40, "fifties": 50, "sixties": 60, "seventies": 70,
    "eighties": 80, "nineties": 90, "dozen": 12, "dozens": 24,
}  # fmt: skip
LARGE: Final[Mapping[str, int]] = {
    "mil": 1000, "mille": 1000, "tausend": 1000, "hundert": 100, "millón": 10**6,
    "millones": 10**6, "million": 10**6, "millionen": 10**6, "milhões": 10**6,
}  # fmt: skip
JOINS: Final = frozenset({"and", "y", "e", "et", "und"})
"""What may stand within a number in words."""

_ONES: Final = {
    "ein": 1, "eine": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7,
    "acht": 8, "neun": 9,
}  # fmt: skip
_TEENS: Final = {
    "zehn": 10, "elf": 11, "zwölf": 12, "dreizehn": 13, "vierzehn": 14, "fünfzehn": 15,
    "sechzehn": 16, "siebzehn": 17, "achtzehn": 18, "neunzehn": 19,
}  # fmt: skip
_TENS: Final = {
    "zwanzig": 20, "dreißig": 30, "dreissig": 30, "vierzig": 40, "fünfzig": 50, "sechzig": 60,
    "siebzig": 70, "achtzig": 80, "neunzig": 90,
}  # fmt: skip
_ONE_OF: Final = "|".join(sorted(_ONES, key=len, reverse=True))
_BELOW_100: Final = rf"(?:(?:(?:{_ONE_OF})und)?(?:{'|'.join(_TENS)})|{'|'.join(_TEENS)}|{_ONE_OF})"
_BELOW_1000: Final = rf"(?:(?:{_ONE_OF})?hundert(?:und)?{_BELOW_100}?|{_BELOW_100})"
_GERMAN: Final = re.compile(rf"(?:({_BELOW_1000})?(tausend)(?:und)?)?({_BELOW_1000})?")
_GERMAN_ENDS: Final = ("zig", "ßig", "ssig", "zehn")

_MULTIPLE: Final = re.compile(
    r"\b(?:doubled|tripled|trebled|quadrupled|halved|\w+fold|verdoppelt\w*|verdreifacht\w*|vervierfacht\w*|halbiert\w*|verzehnfacht\w*|duplicad[oa]|triplicad[oa]|duplicó|triplicó|cuadruplic\w+|doublé|triplé|dobrou|triplicou|raddoppiat[oa])\b"
    r"|[一二两三四五六七八九十]?[一二两三四五六七八九十]*[百千万萬亿億][一二两三四五六七八九十百千万萬亿億零〇]*(?=[^一-鿿]|美|元|块|円|ドル|个|枚|$)"
    r"|\b[а-яё]*(?:тысяч|миллион|миллиард|десят|надцат|девяност|сорок|двести|триста|пятьсот)[а-яё]*\b"
    r"|\b\w+(?:mila|mille)\b(?=\s(?:dollari|euro|usdt))",
    re.IGNORECASE,
)
_SIGNS: Final = re.compile(
    r"oubled|ripled|rebled|rupled|halv|fold\b|facht|oppelt|halbiert|plic|oublé|riplé|dobrou|addopp|mil[al]|[^\x00-\u024f\u2000-\u20ff]"
)
_OF: Final = r"\s+(?:of|de|del|der|des|von|aus)\b"
_SHARE: Final = re.compile(
    rf"\b(?:(?P<n>a|one|two|three|four|ein|eine|zwei|drei|un|una|dos|tres)\s+)?(?P<part>third|quarter|fifth|tenth|drittel|viertel|fünftel|zehntel|tercio|cuarto|quinto|décimo)(?P<s>s)?(?P<of>{_OF}\s+(?:your|the|my|all|it|everything|bitcoin|btc|dein\w*|tu|todo|all\w*))?(?=\W|$)",
    re.IGNORECASE,
)
_PARTS: Final = {
    "third": 3, "drittel": 3, "tercio": 3, "quarter": 4, "viertel": 4, "cuarto": 4, "fifth": 5,
    "fünftel": 5, "quinto": 5, "tenth": 10, "zehntel": 10, "décimo": 10,
}  # fmt: skip
_IS_PART: Final = re.compile("hird|uarter|ifth|enth|tel|ercio|uarto|uinto|écimo")
_NOUNS: Final = frozenset({"drittel", "fünftel", "zehntel", "tercio"})
_COUNTS: Final = {
    "two": 2, "three": 3, "four": 4, "zwei": 2, "drei": 3, "dos": 2, "tres": 3,
}  # fmt: skip
HALF_A: Final = re.compile(
    r"\b(?:half an?|einen halben|eine halbe|medio|media)\s+(\w+)", re.IGNORECASE
)
"""Half of one unit: what follows may be an asset."""


def german_number(word: str) -> Decimal | None:
    """Return what a German number in one word says, as `fünfundneunzigtausend`; None: no number."""
    if not (word.endswith(_GERMAN_ENDS) or "hundert" in word or "tausend" in word):
        return None
    match = _GERMAN.fullmatch(word)
    if match is None or not word:
        return None
    thousands, has_thousands, rest = match.groups()
    total = (_below_1000(thousands) if thousands else 1) * 1000 if has_thousands else 0
    return Decimal(total + (_below_1000(rest) if rest else 0))


def _below_1000(word: str) -> int:
    hundreds, found, rest = word.rpartition("hundert")
    total = (_ONES[hundreds] if hundreds else 1) * 100 if found else 0
    rest = rest.removeprefix("und")
    for tens, value in _TENS.items():
        if rest.endswith(tens):
            ones = rest.removesuffix(tens).removesuffix("und")
            return total + value + (_ONES[ones] if ones else 0)
    return total + (_TEENS.get(rest) or _ONES.get(rest, 0))


def multiples(text: str) -> Iterator[str]:
    """Yield words that say a figure which is only known if they are: `doubled`, 九万五千."""
    # Most sentences have none, and this is read a thousand times a second.
    if _SIGNS.search(text) is not None:
        for match in _MULTIPLE.finditer(text):
            yield match.group()


def shares(text: str) -> Iterator[tuple[str, Decimal]]:
    """Yield fractions of something as they are written, in percent."""
    if _IS_PART.search(text) is None:
        return
    for match in _SHARE.finditer(text):
        part, count = match.group("part").lower(), (match.group("n") or "").lower()
        # "A third option" and "in the second quarter" are no fractions.
        if match.group("of") or part in _NOUNS or (count in _COUNTS and match.group("s")):
            yield match.group().strip(), Decimal(100 * _COUNTS.get(count, 1)) / _PARTS[part]
