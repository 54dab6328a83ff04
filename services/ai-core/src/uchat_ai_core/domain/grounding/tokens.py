"""Cut a text into what it claims: figures with units, symbols, dates, links. One pass."""

# ruff: noqa: E501 - a pattern is read as one line
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final, Literal

from uchat_ai_core.domain.grounding.addresses import addresses
from uchat_ai_core.domain.grounding.lexicon import (
    ASSETS,
    BEFORE_UNCOUNTED,
    COUNTED,
    MONEY,
    NAMES,
    NO_SYMBOLS,
    PERCENT,
    UNCOUNTED,
)
from uchat_ai_core.domain.grounding.numbers import (
    NUMBER_WORDS,
    SCALES,
    Reading,
    number_in_words,
    readings,
)
from uchat_ai_core.domain.grounding.words import HALF_A, JOINS, german_number, multiples, shares

Kind = Literal["money", "percent", "units", "count", "plain", "symbol", "date", "time", "link", "markup", "id"]  # fmt: skip

_MONTHS: Final = [
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
]
_MONTH: Final = r"(?:Jan(?:uary|uar)?|Feb(?:ruary|ruar)?|Mar(?:ch)?|März|Apr(?:il)?|May|Mai|June?|Juni|July?|Juli|Aug(?:ust)?|Sep(?:t|tember)?|Oct(?:ober)?|Okt(?:ober)?|Nov(?:ember)?|Dec(?:ember)?|Dez(?:ember)?)"
_SCALE: Final = "|".join(sorted(SCALES, key=len, reverse=True))
_TOKEN: Final = re.compile(
    rf"""(?P<link>!?\[[^\]\n]*\]\([^)\n]*\)?|(?:https?|ftp|tg|data|javascript):\S+|\bwww\.\S+)
    |(?P<markup></?[A-Za-z!][^>\n]*>?)
    |(?P<id>\b(?:user|unified|acct|msg|run|dec|decision|mnd|mandate|ses|key|sk|org)[_-][A-Za-z0-9_-]{{16,}})
    |(?P<date>\b(?:\d{{4}}-\d\d-\d\d|\d{{1,2}}(?:st|nd|rd|th)?\.?\s(?:of\s)?{_MONTH}\b\.?(?:,?\s\d{{4}}\b)?|{_MONTH}\.?\s\d{{1,2}}(?:st|nd|rd|th)?\b(?!\s?[%.,]\d)(?:,?\s\d{{4}}\b)?|{_MONTH}\s\d{{4}}\b|\d{{1,2}}[./]\d{{1,2}}[./]\d{{4}}\b))
    |(?P<time>\b\d{{1,2}}:\d{{1,2}}(?::\d\d)?\b)
    |(?P<number>(?P<money>(?:US)?[$€£]\s?|\b(?:USDT|USDC|USD|EUR|GBP)\s?)?(?<![^\W_])(?P<digits>\d{{1,3}}(?:[ \u00a0\u202f'’]\d{{3}})+(?:[.,]\d+)?(?!\d)|\d+(?:[.,]\d+)*(?:[eE][+-]?\d{{1,2}}(?!\w))?)(?P<scale>\s?(?:{_SCALE})(?![^\W\d_]))?(?:\s?(?P<unit>%|[^\W\d_]+))?)
    |(?P<cash>\$[A-Za-z][A-Za-z0-9]{{1,10}}\b)
    |(?P<word>[^\W_][\w'’&-]*)""",  # noqa: RUF001 - an apostrophe of print
    re.VERBOSE,
)  # fmt: skip
_LIST_MARK: Final = re.compile(r"\s*(?:[-*>|#]+\s*)?[12]?\d[.)](?:\s|$)")
_CAPITALS: Final = re.compile(r"[A-Z][A-Z0-9]{1,10}")
_ROUGH: Final = frozenset(
    [
        "about",
        "around",
        "roughly",
        "nearly",
        "almost",
        "approximately",
        "approx",
        "some",
        "over",
        "under",
        "circa",
        "ca",
        "etwa",
        "rund",
        "unos",
        "casi",
    ]
)
_DATE_PARTS: Final = re.compile(r"\d+|[^\W\d_]+")
_NEXT_WORD: Final = re.compile(r"\s+(?:(?:your|the|my)\s+)?(?:\d[\d.,]*\s+)?([^\W\d_]+)")
_BETWEEN: Final = frozenset(
    ["open", "pending", "active", "different", "more", "other", "filled", "units", "unit", "of"]
)
"""What may stand between a number and what it counts."""

_FREE: Final = 20
_LONGEST_COUNT: Final = 12


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that a text claims. `unit` is the asset of `units`, or the symbol itself.

    A date has what it names of (year, month, day), 0 where it names none.
    """

    kind: Kind
    text: str
    readings: tuple[Reading, ...] = ()
    unit: str = ""
    day: tuple[int, int, int] = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text with its claims and its words in lower case, in order."""

    text: str
    claims: tuple[Claim, ...]
    words: tuple[str, ...]


@lru_cache(maxsize=512)  # what is always said is judged each time
def read(text: str) -> Sentence:
    """Return what a text claims."""
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    mark = _LIST_MARK.match(plain)
    claims: list[Claim] = []
    words: list[str] = []
    spelled: list[str] = []
    for match in _TOKEN.finditer(plain, mark.end() if mark else 0):
        group = match.lastgroup or ""
        if group == "word":
            word = match.group().lower()
            compound = german_number(word)
            if word in NUMBER_WORDS or (
                spelled and (word in JOINS or "-" in word) and _parts(word) <= NUMBER_WORDS | JOINS
            ) or ("-" in word and _parts(word) <= NUMBER_WORDS) or compound is not None:  # fmt: skip
                spelled += word.split("-")
                words.append(word)
                continue
            if spelled and word in _BETWEEN:
                words.append(word)
                continue
            if spelled:
                claims += _spelled(spelled, word, words)
                spelled = []
            claims += _word(match.group(), word, words[-1] if words else "")
            words.append(word)
            continue
        if spelled:
            claims += _spelled(spelled, "", words)
            spelled = []
        claims += _token(group, match, plain, words)
    if spelled:
        claims += _spelled(spelled, "", words)
    claims += _in_words(plain)
    return Sentence(plain, tuple(claims), tuple(words))


def _parts(word: str) -> set[str]:
    return set(word.split("-"))


def _token(group: str, match: "re.Match[str]", text: str, words: list[str]) -> Iterator[Claim]:
    found = match.group()
    if group == "cash":
        yield Claim("symbol", found, unit=found[1:].upper())
    elif group == "date":
        yield Claim("date", found, day=_day(found))
    elif group == "time":
        yield Claim("time", found[: found.rindex(":") if found.count(":") > 1 else None].zfill(5))
    elif group == "number":
        yield from _number(match, text, words)
    elif group == "link":
        yield Claim("link", found)
    elif group == "markup":
        yield Claim("markup", found)
    elif group == "id":
        yield Claim("id", found)


def _number(match: "re.Match[str]", text: str, words: list[str]) -> Iterator[Claim]:
    digits, scale = match.group("digits"), (match.group("scale") or "").strip()
    unit = match.group("unit") or ""
    small = unit.lower()
    if small in _BETWEEN:
        after = _NEXT_WORD.match(text, match.end())
        small = after.group(1).lower() if after is not None else small
    at = match.start("digits")
    roughly = (bool(words) and words[-1] in _ROUGH) or text[max(0, at - 3) : at].strip(" *$€£") in (
        "~",
        "≈",
    )
    read_as = readings(digits, scale, roughly=roughly)
    shown = match.group().strip()
    before = words[-1] if words else ""
    words.append(small or digits)
    symbol = unit if unit in ASSETS else NAMES.get(small) or NAMES.get(small.removesuffix("s"), "")
    if match.group("money") or small in MONEY:
        yield Claim("money", shown, read_as)
    elif small in PERCENT:
        factor = 100 if small in ("bps", "basis") else 1
        yield Claim(
            "percent", shown, tuple(Reading(r.value / factor, r.step / factor) for r in read_as)
        )
    elif symbol:
        yield Claim("units", shown, read_as, symbol)
        yield Claim("symbol", unit, unit=symbol)
    elif small in COUNTED:
        yield Claim("count", shown, read_as)
    elif unit and _CAPITALS.fullmatch(unit) and unit not in NO_SYMBOLS:
        yield Claim("units", shown, read_as, unit)
        yield Claim("symbol", unit, unit=unit)
    elif not _is_free(digits, scale, small, before):
        yield Claim("plain", shown.removesuffix(unit).strip(), read_as)


def _is_free(digits: str, scale: str, unit: str, before: str) -> bool:
    """Tell whether a number only numbers something of the answer itself."""
    if scale or not digits.isdigit() or int(digits) > _FREE:
        return False
    return unit in UNCOUNTED or before in BEFORE_UNCOUNTED


def _spelled(words: list[str], unit: str, before: list[str]) -> Iterator[Claim]:
    value = german_number(words[0]) or number_in_words(words)
    if value is None or value == 1:
        return
    joined = [each for each in words if each not in JOINS]
    if not unit and any(each in COUNTED for each in before[-3 - len(words) : -len(joined) or None]):
        yield Claim("count", " ".join(words), (Reading(value, Decimal(1)),))
        return
    text = f"{' '.join(words)} {unit}".strip()
    read_as = (Reading(value, value / 1000 if value >= 1000 else type(value)(1)),)  # noqa: PLR2004
    symbol = NAMES.get(unit) or NAMES.get(unit.removesuffix("s"), "")
    if unit in MONEY:
        yield Claim("money", text, read_as)
    elif unit in PERCENT or unit in ("per", "por", "pour"):
        yield Claim("percent", text, read_as)
    elif symbol:
        yield Claim("units", text, read_as, symbol)
    elif unit in COUNTED and value > 1:
        yield Claim("count", text, read_as)
    elif value > _LONGEST_COUNT and unit not in UNCOUNTED:
        yield Claim("plain", text, read_as)


def _in_words(text: str) -> Iterator[Claim]:
    for address in addresses(text):
        yield Claim("link", address)
    for word in multiples(text):
        yield Claim("id", word)
    for written, value in shares(text):
        yield Claim("percent", written, (Reading(value, Decimal(2)),))
    for match in HALF_A.finditer(text):
        symbol = NAMES.get(match.group(1).lower(), "")
        if symbol:
            half = Reading(Decimal("0.5"), Decimal("0.1"))
            yield Claim("units", match.group(), (half,), symbol)


def _word(word: str, lower: str, before: str) -> Iterator[Claim]:
    if f"{before} {lower}" in NAMES:
        yield Claim("symbol", word, unit=NAMES[f"{before} {lower}"])
        return
    bare = lower.removesuffix("'s").removesuffix("’s")  # noqa: RUF001 - an apostrophe of print
    if bare in NAMES:
        yield Claim("symbol", word, unit=NAMES[bare])
        return
    capitals = word[: len(bare)].split("-", maxsplit=1)[0].split("/", maxsplit=1)[0]
    if _CAPITALS.fullmatch(capitals) and capitals not in NO_SYMBOLS:
        yield Claim("symbol", word, unit=capitals)


def _day(text: str) -> tuple[int, int, int]:
    year = month = day = 0
    parts = _DATE_PARTS.findall(text)
    for place, part in enumerate(parts):
        if not part.isdigit():
            named = part[:3].lower().replace("mär", "mar").replace("mai", "may")
            named = named.replace("okt", "oct").replace("dez", "dec")
            month = _MONTHS.index(named) + 1 if named in _MONTHS else month
        elif len(part) == 4:  # noqa: PLR2004 - a year
            year = int(part)
        elif "-" in text and place == 1:
            month = int(part)
        elif not day:
            day = int(part)
        else:
            month = int(part)
    if month > 12 >= day:  # noqa: PLR2004 - months; written the American way
        month, day = day, month
    return year, month, day


def day_of(value: date) -> tuple[int, int, int]:
    """Return a date as claims name it."""
    return value.year, value.month, value.day
