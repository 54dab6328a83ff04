"""Numbers in words before what they count: "five hundred dollars" is "500 dollars"."""

import re
from decimal import Decimal
from typing import Final

from uchat_ai_core.domain.planner.normalise import correct
from uchat_ai_core.domain.planner.symbols import ALIASES

_ONES: Final = re.findall(
    r"\w+",
    """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen eighteen nineteen
    """,
)
_TENS: Final = re.findall(r"\w+", "twenty thirty forty fifty sixty seventy eighty ninety")
_VALUES: Final = {word: number for number, word in enumerate(_ONES)} | {
    word: 10 * number for number, word in enumerate(_TENS, 2)
}
NUMBERS: Final = frozenset([*_VALUES, "hundred", "thousand"])
"""Words of numbers."""
_SCALES: Final = {"thousand": 1_000, "million": 1_000_000}
# Words that are mended, and words beside them that stay: "a fifth" is no fifty.
_MENDED: Final = frozenset(
    [*_VALUES, "hundred", *_SCALES, "dollars", "dollar", "bucks", "euros", "percent", "quarter"]
)
_STAYS: Final = frozenset(
    [
        "fifth",
        "quarters",
        "sixth",
        "seventh",
        "eighth",
        "tenth",
        "hundreds",
        "thousands",
        "millions",
        "third",
        "fourth",
        "seven",
        "collar",
        "there",
        "these",
        "their",
    ]
)
_LETTERS: Final = re.compile(r"[A-Za-z]{5,}")
_COIN: Final = "|".join(sorted(map(re.escape, ALIASES), key=len, reverse=True))
_SIGN_LAST: Final = re.compile(r"(?<![\w.,$€£])(\d[\d.,]*k?)\s?([$€£])(?!\s?\d)")


def _cents(match: re.Match[str]) -> str:
    said = match.group(1).lower()
    return f"0.{_VALUES[said] if said in _VALUES else int(said):02d} dollars"


def _satoshis(match: re.Match[str]) -> str:
    scale = {"k": 10**3, "m": 10**6}.get((match.group(2) or "").lower(), 1)
    coins = Decimal(match.group(1).replace(",", "")) * scale / 10**8
    return f"{coins.normalize():f} BTC"


def _after_point(match: re.Match[str]) -> str:
    value = _VALUES.get(match.group(2).lower())
    return match.group() if value is None else f"0.{'0' if match.group(1) else ''}{value}"


def _spaced(match: re.Match[str]) -> str:
    return match.group().replace(" ", "")


def _hundreds(match: re.Match[str]) -> str:
    tens, ones = (
        _VALUES.get(match.group(1).lower()),
        _VALUES.get((match.group(2) or "zero").lower()),
    )
    return match.group() if tens is None or ones is None else str((tens + ones) * 100)


_PARTS: Final = (
    (re.compile(r"(?<=\d) ?pct\b", re.IGNORECASE), "%"),
    (re.compile(r"(?<=\d) ?(?:bu[cks]*x|bu[ck]s|bukcs|bcks)\b", re.IGNORECASE), " bucks"),
    (re.compile(r"(?<=\d) ?dol+[aeou](?:rs?|[sz])\b", re.IGNORECASE), " dollars"),
    (re.compile(r"\b4 me\b", re.IGNORECASE), "for me"),
    (
        re.compile(
            r"\b(?:dollars?|usd) (?=\d)(?!\d[\d.,]* (?:dollars?|usdt?|bucks)\b)", re.IGNORECASE
        ),
        "$",
    ),
    (re.compile(r"\bhalf an? one\b", re.IGNORECASE), "0.5"),
    (re.compile(r"\b1/2\b"), "half"),
    (re.compile(rf"(?<![\w.,])(\d\d?|{'|'.join(_VALUES)}) cents?\b", re.IGNORECASE), _cents),
    (
        re.compile(
            r"\b(?:point|zero point) (zero )?(\w+)(?= (?:of )?(?:a )?[a-z]+)", re.IGNORECASE
        ),
        _after_point,
    ),
    (re.compile(r"(?<![\d.,])(\d{1,3})((?: 000)+)(?![\d.,])"), _spaced),
    (
        re.compile(
            r"(?<![\w.,])(\d+) (?:dollars|bucks) (\d\d)(?= (?:each|apiece)\b)", re.IGNORECASE
        ),
        r"\1.\2 dollars",
    ),
    (
        re.compile(r"(?<![\w.,$])(\d[\d,]*(?:\.\d+)?)\s?(k|m)? sat(?:oshi)?s\b", re.IGNORECASE),
        _satoshis,
    ),
    (re.compile(r"\bhundo\b", re.IGNORECASE), "hundred dollars"),
    (
        re.compile(
            rf"\b(\w+ty|\w+teen|eleven|twelve)[ -]?({'|'.join(_ONES[1:10])})? hundred\b",
            re.IGNORECASE,
        ),
        _hundreds,
    ),
    (re.compile(r"\b1/3\b"), "a third"),
    (re.compile(r"\b2/3\b"), "two thirds"),
    (re.compile(r"\b1/4\b"), "a quarter"),
    (re.compile(r"\b3/4\b"), "three quarters"),
    (re.compile(r"\b([1-9]) hundred\b", re.IGNORECASE), r"\g<1>00"),
    (re.compile(r"\b(?:half a|half of a) grand\b", re.IGNORECASE), "500 dollars"),
    (re.compile(r"\ba grand\b", re.IGNORECASE), "1000 dollars"),
    (re.compile(rf"\bhalf (?:of )?an? (?={_COIN}\b)", re.IGNORECASE), "0.5 "),
    (re.compile(rf"\b(?:a|one) quarter (?:of )?an? (?={_COIN}\b)", re.IGNORECASE), "0.25 "),
    (re.compile(rf"\b(?:a|one) fifth (?:of )?an? (?={_COIN}\b)", re.IGNORECASE), "0.2 "),
    (re.compile(rf"\b(?:a|one) tenth (?:of )?an? (?={_COIN}\b)", re.IGNORECASE), "0.1 "),
    (re.compile(r"\b(\d+|one|two|three|four|five) and a half\b", re.IGNORECASE), r"\1.5"),
)
_POINT: Final = re.compile(rf"\b({'|'.join(_ONES[1:6])})\.5\b", re.IGNORECASE)
_WORD: Final = "|".join([*_VALUES, "hundred", *_SCALES])
_COUNTED: Final = "dollars?|bucks?|usdt?|euros?|percent|grand|" + "|".join(ALIASES)
_MORE: Final = rf"(?:[ -](?:and )?(?:{_WORD}))*"
_ROW: Final = rf"(?:{_WORD}){_MORE}"
_NUMBER: Final = re.compile(
    rf"\b(?:an? (?=hundred|thousand|million))?({_ROW})"
    rf"(?=\s(?:(?:of|at|on|in|into|to|more|of my)\s)?(?:(?:{_COUNTED})s?|coins?)\b)|"
    rf"(?<=\bdollars )({_ROW})|"
    rf"(?<=\b(?:at|to) )({_ROW})(?=\s*(?:[.,!?]|$|please\b))|"
    rf"\b({_ROW}[ -](?:hundred|thousand){_MORE})\b|"
    rf"(?<!every )(?<!each )(?<!any )\b((?:{'|'.join(_VALUES)}))(?= of (?:those|these|them)\b)|"
    rf"(?<=\breaches )({_ROW})(?=\s*(?:[.,!?]|$))",
    re.IGNORECASE,
)


def with_digits(text: str) -> str:
    """Return a text with numbers in digits where they count money or an asset."""
    text = _LETTERS.sub(lambda match: _mended(match.group()), text)
    text = sign_first(text)
    for pattern, figure in _PARTS:
        text = pattern.sub(figure, text)
    text = _NUMBER.sub(lambda match: str(_value(next(filter(None, match.groups())).lower())), text)
    return _POINT.sub(lambda match: f"{_VALUES[match.group(1).lower()]}.5", text)


def sign_first(text: str) -> str:
    """Return a text with `50 $` written as `$50`."""
    return _SIGN_LAST.sub(r"\2\1", text)


def _mended(word: str) -> str:
    """Return a number's or a currency's word for a typing error of it; other words as they are."""
    lower = word.lower()
    if lower in _STAYS or lower in _MENDED:
        return word
    found = correct(lower, _MENDED)
    return word if found == lower else found


def _value(words: str) -> int:
    total, part = 0, 0
    for word in re.split(r"[ -]", words):
        if word in _VALUES:
            part += _VALUES[word]
        elif word == "hundred":
            part = (part or 1) * 100
        elif word in _SCALES:
            total += (part or 1) * _SCALES[word]
            part = 0
    return total + part
