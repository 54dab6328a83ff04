"""How much of each asset an order is of: units, US dollars, or a portion of what is held."""

import re
from decimal import Decimal
from typing import Final, Literal

from uchat_ai_core.domain.planner.amounts import Amount, find_amounts

Side = Literal["buy", "sell"]
DOLLARS: Final = frozenset({"USD", "USDT", "USDC"})

_ALL: Final = re.compile(r"\b(all|everything|entire|whole|full|complete|rest)\b", re.IGNORECASE)
_PERCENT: Final = re.compile(
    r"(?<![\d.,])(\d{1,3}(?:\.\d+)?)\s?(?:%|percent\b|per cent\b)", re.IGNORECASE
)
_FRACTIONS: Final = (
    (re.compile(r"\bthree[ -]quarters?\b"), Decimal("0.75")),
    (re.compile(r"\btwo[ -]thirds?\b"), Decimal(2) / Decimal(3)),
    (re.compile(r"\b(?:a |one )?half\b"), Decimal("0.5")),
    (re.compile(r"\b(?:a|one) third\b"), Decimal(1) / Decimal(3)),
    (re.compile(r"\b(?:a|one) (?:quarter|fourth)\b"), Decimal("0.25")),
    (re.compile(r"\b(?:a|one) fifth\b"), Decimal("0.2")),
    (re.compile(r"\b(?:a|one) tenth\b"), Decimal("0.1")),
)
_CASH: Final = re.compile(
    r"\b(?:of |all )?(?:my |the )?(?:cash|money|usdt|usdc|usd|balance|funds|dollars|capital)\b",
    re.IGNORECASE,
)
_CLOSES: Final = re.compile(r"\b(?:close|exit|liquidate|get rid of|dump|cash out)\b", re.IGNORECASE)
_MINE: Final = re.compile(r"\bmy\b", re.IGNORECASE)
_SOME: Final = re.compile(r"\b(?:some|a bit|a little|a few|part|parts|a piece)\b")
_EACH: Final = re.compile(r"\b(?:each|apiece)\b", re.IGNORECASE)


def sizes_in(side: Side, text: str, symbols: tuple[str, ...]) -> list[tuple[str, Decimal]] | str:
    """Return how much of each asset, in the order of `symbols`; or what is left open."""
    amounts = [*find_amounts(text), *_of_unlisted(text, symbols)]
    money = [each for each in amounts if each.is_money]
    quantities = {each.unit: each.value for each in amounts if not each.is_money}
    if any(each.unit not in DOLLARS for each in money):
        return "unit"
    portion = _portion(side, text)
    ways = bool(quantities) + bool(money) + (portion is not None)
    if isinstance(portion, str) or ways != 1 or any(each.value <= 0 for each in amounts):
        return "size"
    if money:
        return _of_money(money, symbols, text)
    if portion is not None:
        alone = side == "sell" or len(symbols) == 1
        return [("portion", portion)] * len(symbols) if alone else "size"
    if quantities.keys() != set(symbols):
        return "size"
    return [("quantity", quantities[symbol]) for symbol in symbols]


def _of_money(
    money: list[Amount], symbols: tuple[str, ...], text: str
) -> list[tuple[str, Decimal]] | str:
    if len(money) == len(symbols):
        return [("amount", each.value) for each in money]
    if len(money) == 1 and _EACH.search(text):
        return [("amount", money[0].value)] * len(symbols)
    return "size"


def _portion(side: Side, text: str) -> Decimal | str | None:
    plain = text.lower()
    if (
        side == "buy"
        and _CASH.search(re.sub(r"[$\d][\d.,]*k?\s?(?:usdt|usdc|usd|dollars)", "", plain)) is None
    ):
        return "size" if any(each.search(plain) for each, _ in _FRACTIONS) else None
    percent = _PERCENT.search(plain)
    if percent is not None:
        value = Decimal(percent.group(1)) / 100
        return value if 0 < value <= 1 else "size"
    for pattern, value in _FRACTIONS:
        if pattern.search(plain):
            return value
    if _ALL.search(plain):
        return Decimal(1)
    sized = re.search(r"\d", plain) is not None
    vague = sized or _SOME.search(plain) is not None
    if side == "sell" and not vague and (_CLOSES.search(plain) or _MINE.search(plain)):
        return Decimal(1)
    return None


def _of_unlisted(text: str, symbols: tuple[str, ...]) -> list[Amount]:
    """Amounts of assets that are known by their symbol only."""
    known = {each.unit for each in find_amounts(text)}
    found: list[Amount] = []
    for symbol in symbols:
        if symbol in known:
            continue
        match = re.search(
            rf"(?<![\w.,$€£])(\d+(?:\.\d+)?|\.\d+)\s?\$?{re.escape(symbol)}\b", text, re.IGNORECASE
        )
        if match is not None:
            found.append(Amount(Decimal(match.group(1)), symbol, match.group()))
    return found
