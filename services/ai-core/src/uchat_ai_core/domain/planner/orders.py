"""Read an order out of a sentence: which side, which asset, how much, at which price."""

# ruff: noqa: E501 - a pattern is read as one line
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from uchat_ai_core.domain.planner.account_slot import without_account
from uchat_ai_core.domain.planner.amounts import find_amounts
from uchat_ai_core.domain.planner.extras import Extras, without_extras
from uchat_ai_core.domain.planner.lexicon import FIATS, NOT_SOUGHT
from uchat_ai_core.domain.planner.normalise import normalise, plain_quotes
from uchat_ai_core.domain.planner.order_plans import APART
from uchat_ai_core.domain.planner.sizes import Side, sizes_in
from uchat_ai_core.domain.planner.symbols import find_symbols
from uchat_ai_core.domain.planner.triggers import Waiting, Way, waiting
from uchat_contracts.trading import TimeInForce

_VERB: Final = re.compile(
    r"\b(?:(?P<buy>buy|purchase|get me|invest|put)|(?P<sell>sell|dump|liquidate|cash out|get rid of|close|exit|swap|exchange|turn))\b",
    re.IGNORECASE,
)
_LIMIT: Final = re.compile(
    r"(?:\bat|@|\blimit(?: price)?(?: of| at| is)?|\b(?:for|at) no (?:more|less) than|\b(?:not|no) (?:above|below|over|under)|\babove|\bbelow|\bunder)\s*"
    r"(?:an? )?(?:limit )?(?:price )?(?:of )?(?P<sign>[$€£])?\s?(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?:\s?(?P<scale>k))?\b(?!\s?(?:%|per ?cent))(?:\s?(?:usdt|usdc|usd|dollars?)\b)?(?: or (?:less|lower|better|more|higher|below|above|under))?(?: (?:each|per coin|apiece))?",
    re.IGNORECASE,
)
_WORSE: Final[dict[Side, re.Pattern[str]]] = {
    "sell": re.compile(r"^(?:below|under)|\bor (?:less|lower|below|under)\b", re.IGNORECASE),
    "buy": re.compile(r"^above|\bor (?:more|higher|above)\b", re.IGNORECASE),
}
_LAST_NUMBER: Final = re.compile(
    r"\s(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?P<scale>k)?\s*$"
)
_IS_LIMIT: Final = re.compile(r"\blimit\b", re.IGNORECASE)
_IT: Final = re.compile(r"\b(?:it|its|mine|that|this|them|more|one)\b", re.IGNORECASE)
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
        "now", "percent", "per", "please", "pounds", "pound", "share", "shares", "stock", "stocks", "thousand", "units", "with", "worth",
    }
)  # fmt: skip
_NEAR: Final = re.compile(r"\b(near|around|about|approximately)(?=\s+[$]?\d)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wish:
    """One order as it is wished for: by units of the asset, by US dollars, or by a portion.

    A portion (above 0, up to 1) is of what is held of the asset, or of the cash for a purchase.
    With a `trigger_price` it waits until the market `way` (falls, rises, reaches) to it. `account`:
    an exchange, `live` or `paper`; empty: none was named, so it is the one on paper.
    """

    side: Side
    symbol: str
    quantity: Decimal | None = None
    amount: Decimal | None = None
    portion: Decimal | None = None
    limit_price: Decimal | None = None
    trigger_price: Decimal | None = None
    way: Way | None = None
    time_in_force: TimeInForce = "gtc"
    post_only: bool = False
    account: str = ""


@dataclass(frozen=True, slots=True)
class Orders:
    """What a sentence orders. `lacks` says what it leaves open: asset, size, price, trigger, unit.

    It may be the account as well. `flaw` says which figure cannot be, and why; `note` how a figure
    was understood. `account` is that of all its wishes.
    """

    wishes: tuple[Wish, ...] = ()
    lacks: str = ""
    side: Side = "buy"
    symbols: tuple[str, ...] = ()
    flaw: str = ""
    note: str = ""
    account: str = ""


def read_orders(sentence: str, *, meant: tuple[str, ...] = ()) -> Orders:
    """Return the orders of a sentence; `meant` are the assets that "it" stands for."""
    if APART in sentence:
        return _joined([read_orders(each, meant=meant) for each in sentence.split(APART)])
    text, note = _written_out(_NEAR.sub(" ", plain_quotes(sentence)))
    place = without_account(text)
    text, extras = without_extras(place.rest)
    found = waiting(text)
    if found is None:
        read = _extended(_read(text, meant), extras)
    else:
        read = _read(found.order, found.symbols or meant)
        if read.lacks == "asset" and len(found.symbols) == 1 and find_amounts(found.order):
            # "If BTC falls to 45000, buy $200": of the coin that it waits for.
            read = _read(f"{found.order} of it", found.symbols)
        read = _triggered(read, found, extras)
    if place.flaw:
        return replace(read, wishes=(), lacks="account", flaw=place.flaw, note=note)
    wishes = tuple(replace(wish, account=place.account) for wish in read.wishes)
    return replace(read, wishes=wishes, note=note, account=place.account)


def _joined(reads: Sequence[Orders]) -> Orders:
    """Return the orders of a plan as one; what one of them leaves open, all do."""
    lacking = next((each for each in reads if each.lacks), None)
    if lacking is not None:
        return replace(lacking, wishes=())
    symbols = tuple(dict.fromkeys(symbol for each in reads for symbol in each.symbols))
    wishes = tuple(wish for each in reads for wish in each.wishes)
    return replace(reads[0], wishes=wishes, symbols=symbols)


def _extended(read: Orders, extras: Extras) -> Orders:
    """Add the extras to every order; they are for limit orders."""
    if read.lacks or not extras.need_limit:
        return read
    if extras.flaw:
        return replace(read, wishes=(), lacks="price", flaw=extras.flaw)
    if any(wish.limit_price is None for wish in read.wishes):
        return replace(read, wishes=(), lacks="price")
    wishes = tuple(
        replace(wish, time_in_force=extras.time_in_force, post_only=extras.post_only)
        for wish in read.wishes
    )
    return replace(read, wishes=wishes)


def _triggered(read: Orders, found: Waiting, extras: Extras) -> Orders:
    """Let the one order of a sentence wait for a price."""
    if read.lacks:
        return read
    flaw = found.flaw or _cannot_wait(read, found, extras)
    if flaw:
        return replace(read, wishes=(), lacks="trigger", flaw=flaw)
    if found.price is None:
        return replace(read, wishes=(), lacks="trigger")
    (wish,) = read.wishes
    return replace(read, wishes=(replace(wish, trigger_price=found.price, way=found.way),))


def _cannot_wait(read: Orders, found: Waiting, extras: Extras) -> str:
    if len(read.wishes) != 1:
        return "Only one order can wait for a price: one coin, bought or sold."
    if found.symbols and found.symbols != (read.wishes[0].symbol,):
        own = read.wishes[0].symbol
        return f"An order for {own} can wait for the price of {own} only, not for that of {', '.join(found.symbols)}."
    return (
        "Post-only, immediate or cancel and fill or kill are for limit orders that do not wait for a price."
        if extras.need_limit
        else ""
    )


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
    price, rest, doubt = _limit_price(side, clause)
    named = _symbols(rest)
    symbols = named or (meant if len(meant) == 1 and _IT.search(rest) else ())
    flaw = _flaw(clause) or doubt
    if flaw:
        return Orders(lacks="size", side=side, symbols=symbols, flaw=flaw)
    if price is None and _IS_LIMIT.search(clause):
        return Orders(lacks="price", side=side, symbols=symbols)
    if not symbols:
        return Orders(lacks="asset", side=side)
    sizes = sizes_in(side, rest, symbols)
    if isinstance(sizes, str):
        return Orders(lacks=sizes, side=side, symbols=symbols)
    wishes = tuple(
        replace(Wish(side, symbol, limit_price=price), **{how: value})
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


def _limit_price(side: Side, clause: str) -> tuple[Decimal | None, str, str]:
    """The limit, the clause without it, and why it may be meant as a trigger instead."""
    match = _LIMIT.search(clause)
    if match is None and _IS_LIMIT.search(clause):
        match = _LAST_NUMBER.search(clause)
    if match is None or match.groupdict().get("sign") in ("€", "£"):
        return None, clause, ""
    price = Decimal(match.group("number").replace(",", ""))
    if match.group("scale"):
        price *= 1000
    rest = f"{clause[: match.start()]} {clause[match.end() :]}"
    doubt = ""
    if _WORSE[side].search(match.group()):
        way = "falls" if side == "sell" else "rises"
        doubt = f"A limit order would {side} at {price:,f} or better, at once if it can; to wait for the price say “if it {way} to {price:f}”."
    return (price if price > 0 else None), rest, doubt
