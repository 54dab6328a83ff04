"""Amounts as people write them: $5,000, 5k dollars, 0.5 BTC. Exact, and as they were written."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from uchat_ai_core.domain.planner.symbols import ALIASES

_NUMBER: Final = (
    r"(\d{1,3}(?:[, ]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)\s?(k|m|mio|million|thousand|grand)?"
)
_SIGN: Final = r"([$€£])\s?"
_UNIT: Final = (
    r"\s?(usdt|usdc|usd|us dollars|dollars?|bucks?|euros?|eur|gbp|pounds?|"
    + "|".join(sorted((re.escape(name) for name in ALIASES), key=len, reverse=True))
    + r")\b"
)
_SIGNED: Final = re.compile(_SIGN + _NUMBER + r"\b", re.IGNORECASE)
_UNITED: Final = re.compile(r"(?<![\w.,$€£])" + _NUMBER + _UNIT, re.IGNORECASE)
# "5k" of nothing named is money: nobody counts coins so.
_SCALED: Final = re.compile(
    r"(?<![\w.,$€£])(\d+(?:[.,]\d+)?)\s?(k|grand|mio)\b(?!\s?(?:of\s)?[a-z]*coin)", re.IGNORECASE
)
_FIGURE: Final = re.compile(r"(?P<sign>[$€£])?\d[\d.,]*k?(?P<share>%)?")
_SIGN_UNITS: Final = {"$": "USD", "€": "EUR", "£": "GBP"}
_WORD_UNITS: Final = {
    "usdt": "USDT", "usdc": "USDC", "usd": "USD", "us dollars": "USD", "dollar": "USD",
    "dollars": "USD", "buck": "USD", "bucks": "USD", "euro": "EUR", "euros": "EUR", "eur": "EUR",
    "gbp": "GBP", "pound": "GBP", "pounds": "GBP",
}  # fmt: skip
_SCALE: Final = {
    "k": 1_000, "thousand": 1_000, "grand": 1_000,
    "m": 1_000_000, "mio": 1_000_000, "million": 1_000_000,
}  # fmt: skip
MONEY: Final = frozenset({"USD", "USDT", "USDC", "EUR", "GBP"})


@dataclass(frozen=True, slots=True)
class Amount:
    """A quantity of a unit (USD, EUR or an asset's symbol), and the words that said it."""

    value: Decimal
    unit: str
    written: str

    @property
    def is_money(self) -> bool:
        """Tell whether the unit is a currency rather than an asset."""
        return self.unit in MONEY


def find_amounts(original: str) -> tuple[Amount, ...]:
    """Return the amounts that a message names, in order; bare numbers are none."""
    found: list[tuple[int, Amount]] = []
    for match in _SIGNED.finditer(original):
        value = _value(match.group(2), match.group(3))
        if value is not None:
            unit = _SIGN_UNITS[match.group(1)]
            found.append((match.start(), Amount(value, unit, match.group().strip())))
    taken = {place for start, a in found for place in range(start, start + len(a.written))}
    for match in _UNITED.finditer(original):
        value = _value(match.group(1), match.group(2))
        if value is None or match.start() in taken:
            continue
        word = match.group(3).lower()
        unit = _WORD_UNITS.get(word) or ALIASES[word]
        found.append((match.start(), Amount(value, unit, match.group().strip())))
    taken |= {place for start, a in found for place in range(start, start + len(a.written))}
    for match in _SCALED.finditer(original):
        value = _value(match.group(1), match.group(2))
        if value is not None and match.start() not in taken:
            found.append((match.start(), Amount(value, "USD", match.group().strip())))
    return tuple(amount for _, amount in sorted(found, key=lambda pair: pair[0]))


def number_kind(word: str) -> str:
    """Return `@money`, `@share` or `@number` for a word that is one, else an empty string."""
    match = _FIGURE.fullmatch(word)
    if match is None:
        return ""
    return "@money" if match["sign"] else "@share" if match["share"] else "@number"


def _value(digits: str, scale: str | None) -> Decimal | None:
    try:
        value = Decimal(digits.replace(",", "").replace(" ", ""))
    except InvalidOperation:
        return None
    return value * _SCALE[scale.lower()] if scale else value
