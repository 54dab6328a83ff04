"""Read an order out of a sentence: which side, which asset, how much, at which price."""

# ruff: noqa: E501 - a pattern is read as one line
import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, Literal

from uchat_ai_core.domain.planner.amounts import Amount, find_amounts
from uchat_ai_core.domain.planner.lexicon import FIATS, NOT_SOUGHT
from uchat_ai_core.domain.planner.normalise import normalise, plain_quotes
from uchat_ai_core.domain.planner.symbols import find_symbols

Side = Literal["buy", "sell"]
DOLLARS: Final = frozenset({"USD", "USDT", "USDC"})

_VERB: Final = re.compile(
    r"\b(?:(?P<buy>buy|purchase|get me|invest|put)|(?P<sell>sell|dump|liquidate|cash out|get rid of|close|exit|swap|exchange|turn))\b",
    re.IGNORECASE,
)
_LIMIT: Final = re.compile(
    r"(?:\bat|@|\blimit(?: price)?(?: of| at| is)?|\b(?:for|at) no (?:more|less) than|\b(?:not|no) (?:above|below|over|under)|\babove|\bbelow|\bunder)\s*"
    r"(?:an? )?(?:limit )?(?:price )?(?:of )?(?P<sign>[$€£])?\s?(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)\s?(?P<scale>k)?\b(?!\s?%)(?:\s?(?:usdt|usdc|usd|dollars?)\b)?(?: or (?:less|lower|better|more|higher|below|above|under))?(?: (?:each|per coin|apiece))?",
    re.IGNORECASE,
)
_LAST_NUMBER: Final = re.compile(
    r"\s(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?P<scale>k)?\s*$"
)
_IS_LIMIT: Final = re.compile(r"\blimit\b", re.IGNORECASE)
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
_IT: Final = re.compile(r"\b(?:it|its|that|this|them|more|one)\b", re.IGNORECASE)
_EACH: Final = re.compile(r"\b(?:each|apiece)\b", re.IGNORECASE)
_NAMED: Final = r"(?:\s?(?!at\b|of\b|for\b)[A-Za-z%]{1,12}\b)?"
_NEGATIVE: Final = re.compile(r"(?<![\w)])-\s?[$]?\d[\d,]*(?:\.\d+)?" + _NAMED)
_ZERO: Final = re.compile(r"(?<![\w.,$-])(?<!\d )[$]?(?:0+(?:\.0*)?|\.0+)(?![\d.,]*\d)" + _NAMED)
_EXPONENT: Final = re.compile(
    r"(?<![\w.,-])([$]?)(\d+(?:\.\d+)?e[+-]?\d{1,2})\b" + f"({_NAMED})", re.IGNORECASE
)
_TOO_LARGE: Final = Decimal(10) ** 15
_COUNTED: Final = re.compile(
    r"(?<![\w.,$€£])(?:\d+(?:\.\d+)?|\.\d+)\s([A-Za-z][A-Za-z0-9]{2,15})\b"
)
_COUNTED_NOT: Final = frozenset(
    {
        "and", "bucks", "buck", "each", "for", "from", "grand", "into", "mio", "million", "more",
        "now", "percent", "per", "please", "pounds", "pound", "thousand", "units", "with", "worth",
    }
)  # fmt: skip
_NEAR: Final = re.compile(r"\b(near|around|about|approximately)(?=\s+[$]?\d)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wish:
    """One order as it is wished for: by units of the asset, by US dollars, or by a portion.

    A portion (above 0, up to 1) is of what is held of the asset, or of the cash for a purchase.
    """

    side: Side
    symbol: str
    quantity: Decimal | None = None
    amount: Decimal | None = None
    portion: Decimal | None = None
    limit_price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Orders:
    """What a sentence orders. `lacks` says what it leaves open: asset, size, price or unit.

    `flaw` says which figure cannot be, and why; `note` how a figure was understood.
    """

    wishes: tuple[Wish, ...] = ()
    lacks: str = ""
    side: Side = "buy"
    symbols: tuple[str, ...] = ()
    flaw: str = ""
    note: str = ""


def read_orders(sentence: str, *, meant: tuple[str, ...] = ()) -> Orders:
    """Return the orders of a sentence; `meant` are the assets that "it" stands for."""
    text, note = _written_out(_NEAR.sub(" ", plain_quotes(sentence)))
    return replace(_read(text, meant), note=note)


def _written_out(text: str) -> tuple[str, str]:
    """Write `1e9` as 1000000000, and say so."""
    notes: list[str] = []

    def plain(match: re.Match[str]) -> str:
        value, unit = Decimal(match.group(2)), match.group(3)
        notes.append(f"I read {match.group()} as {match.group(1)}{value:,f}{unit}.")
        return f"{match.group(1)}{value:f}{unit}"

    return _EXPONENT.sub(plain, text), " ".join(notes)


def _read(text: str, meant: tuple[str, ...]) -> Orders:
    verbs = list(_VERB.finditer(text))
    if not verbs:
        return Orders(lacks="side")
    wishes: list[Wish] = []
    symbols: tuple[str, ...] = ()
    side: Side = "buy"
    for index, verb in enumerate(verbs):
        end = verbs[index + 1].start() if index + 1 < len(verbs) else len(text)
        before = text[: verb.start()] if index == 0 else ""
        side = "buy" if verb.group("buy") else "sell"
        read = _clause(side, before + text[verb.start() : end], meant)
        symbols = read.symbols or symbols
        if read.lacks:
            return Orders(tuple(wishes), read.lacks, side, symbols, read.flaw)
        wishes += read.wishes
    return Orders(tuple(wishes), "", side, symbols)


def _clause(side: Side, clause: str, meant: tuple[str, ...]) -> Orders:
    price, rest = _limit_price(clause)
    named = _symbols(rest)
    symbols = named or (meant if len(meant) == 1 and _IT.search(rest) else ())
    flaw = _flaw(clause)
    if flaw:
        return Orders(lacks="size", side=side, symbols=symbols, flaw=flaw)
    if price is None and _IS_LIMIT.search(clause):
        return Orders(lacks="price", side=side, symbols=symbols)
    if not symbols:
        return Orders(lacks="asset", side=side)
    sizes = _sizes(side, rest, symbols)
    if isinstance(sizes, str):
        return Orders(lacks=sizes, side=side, symbols=symbols)
    wishes = tuple(
        Wish(side, symbol, limit_price=price, **{how: value})
        for symbol, (how, value) in zip(symbols, sizes, strict=True)
    )
    return Orders(wishes, "", side, symbols)


def _flaw(clause: str) -> str:
    negative, zero = _NEGATIVE.search(clause), _ZERO.search(clause)
    if negative is not None:
        return f"{negative.group().strip()} is negative: what is ordered must be above zero."
    if zero is not None:
        return f"{zero.group().strip()} is zero: what is ordered must be above zero."
    large = next((each for each in find_amounts(clause) if each.value >= _TOO_LARGE), None)
    return f"{large.written} is more than any order can be." if large is not None else ""


def _symbols(text: str) -> tuple[str, ...]:
    mentions = find_symbols(normalise(text), price_asked=True)
    named = (
        *mentions.symbols,
        *(each for each in mentions.unlisted if each not in mentions.symbols),
    )
    return named or _counted(text)


def _counted(text: str) -> tuple[str, ...]:
    """The word that is counted where no asset is known by it: "buy 10 foocoin"."""
    match = _COUNTED.search(text)
    word = match.group(1) if match is not None else ""
    return (word.upper(),) if word and word.lower() not in _COUNTED_NOT | NOT_SOUGHT | FIATS else ()


def _limit_price(clause: str) -> tuple[Decimal | None, str]:
    match = _LIMIT.search(clause)
    if match is None and _IS_LIMIT.search(clause):
        match = _LAST_NUMBER.search(clause)
    if match is None or match.groupdict().get("sign") in ("€", "£"):
        return None, clause
    price = Decimal(match.group("number").replace(",", ""))
    if match.group("scale"):
        price *= 1000
    rest = f"{clause[: match.start()]} {clause[match.end() :]}"
    return (price if price > 0 else None), rest


def _sizes(side: Side, text: str, symbols: tuple[str, ...]) -> list[tuple[str, Decimal]] | str:
    """How much of each asset, in the order of `symbols`; or what is left open."""
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
    if side == "sell" and not sized and (_CLOSES.search(plain) or _MINE.search(plain)):
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
