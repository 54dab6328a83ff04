"""Orders of Spanish and German, said anew in the order grammar's English.

An order is a frame: a verb in a form that commands or wishes, a size, an asset, perhaps a price or
a condition. Words beside it are harmless, known or not, unless they deny, ask, doubt, put off,
quote, or tell of somebody else. Each figure and each asset must have its place in the frame.
"""

# ruff: noqa: E501 - a pattern is read as one line
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from uchat_ai_core.domain.planner.languages.grammar import Grammar, Role
from uchat_ai_core.domain.planner.languages.heads import GONE, TRADES, acts, dangerous

_ASSET: Final = r"@(?P<symbol>[A-Z0-9]+)"
_NUMBER: Final = r"(?P<number>\d+(?:\.\d+)?)"
_LEFT: Final = re.compile(r"(?<!\S)[#~$€£¤%]\d|(?<!\S)\d")
_MONEY: Final = re.compile(rf"(?<!\S)(?P<sign>[$€£¤]){_NUMBER}(?!\S)")
_SHARE: Final = re.compile(r"(?<!\S)%(?P<number>\d+(?:\.\d+)?)(?!\S)")
_COUNT: Final = re.compile(
    rf"(?<!\S)#{_NUMBER} (?:(?:de|von|an|unidades|unidad|monedas?|coins?|stuck|tokens?|ganze) )*{_ASSET}(?!\S)"
)
_COUNT_AFTER: Final = re.compile(rf"(?<!\S){_ASSET} #{_NUMBER}(?!\S)")
_BARE: Final = re.compile(rf"(?<!\S)[#~]{_NUMBER}(?!\S)")
_CURRENCIES: Final = {"$": "${}", "€": "{} euros", "£": "{} pounds"}
_FIGURED: Final = re.compile(r"[#$~%]\d")
_FOR_ME: Final = re.compile(r"(?<!\S)(?:pon|echa|mete|carga|clava)me(?!\S)")
_MOST: Final = 4
_DENIES: Final = frozenset(["no", "nunca", "ni", "nicht", "ned", "net", "nie", "kein", "keine"])
_SEGMENT: Final = 11
_TALKS_MOST: Final = 45


@dataclass(frozen=True, slots=True)
class Condition:
    """A price that an order waits for, in English, and of which asset if that is named."""

    way: str
    price: str
    symbol: str = ""


@dataclass(frozen=True, slots=True)
class Size:
    """How much, in English: `amount` as "$200", `count` of units, or a `portion` of what is held."""

    amount: str = ""
    count: str = ""
    portion: str = ""
    vague: bool = False
    open: bool = False


def order_in(tokens: Sequence[str], grammar: Grammar, *, asks: bool) -> str | None:
    """Return what a sentence orders as `buy …`, `sell …` or `set a stop loss …`; None if nothing."""
    text = stripped(tokens, grammar)
    if len(text.split()) > _TALKS_MOST:
        return None
    text, condition = _condition(text, grammar)
    several = _several(text, grammar) or _each(text, grammar)
    if several is not None and condition is None and not asks:
        return several
    return _single(text, grammar, condition, asks=asks)


def stripped(tokens: Sequence[str], grammar: Grammar) -> str:
    """Return tokens as a text without greetings and haste, its fixed phrases unified."""
    text = " ".join(tokens)
    for pattern, instead in grammar.strips:
        text = pattern.sub(instead, text)
    return " ".join(text.split())


def _several(text: str, grammar: Grammar) -> str | None:
    """Read each of several orders: "buy $100 of ADA and $80 of XRP"."""
    parts = [
        each
        for each in re.split(r" (?:,|y|e|und|sowie)(?: (?:,|y|e|und))* ", f" {text} ")
        if each.strip()
    ]
    sized = [each for each in parts if "@" in each and _is_sized(each, grammar)]
    if not 1 < len(sized) <= _MOST or len({*re.findall(r"@\w+", text)}) != len(sized):
        return None
    if any(re.search(r"[#$~%¤]\d|@", each) for each in parts if each not in sized):
        return None
    rest = " , ".join(each for each in parts if each not in sized)
    if rest and dangerous(rest, grammar):
        return None
    found: list[str] = []
    money, verb = "", next(filter(None, (_verb_word(each, grammar) for each in parts)), "")
    for each in sized:
        own = _verb_word(each, grammar)
        verb = own or verb
        part = each if own else f"{verb} {each}"
        if money and not own and "$" not in each:
            part = re.sub(r"#(?=\S+ (?:de|in|von|en|a|an|fur) @)", "$", part)
        said = _single(part.strip(), grammar, None, asks=False)
        if said is None:
            return None
        money = money or ("$" if "$" in each else "")
        found.append(said)
    return " and ".join(found)


def _is_sized(text: str, grammar: Grammar) -> bool:
    named = _FIGURED.search(text) is not None
    return named or any(pattern.search(text) is not None for pattern, _ in grammar.portions)


def _each(text: str, grammar: Grammar) -> str | None:
    """Read one amount for each of several assets: "$70 each of DOGE and UNI"."""
    coins = list(dict.fromkeys(re.findall(r"@[A-Z0-9]+", text)))
    if not 1 < len(coins) <= _MOST or grammar.each.search(text) is None:
        return None
    rest = grammar.each.sub("", text)
    listed = re.search(r"@\S+(?: (?:,|y|e|und|sowie|in|en|a|de|@\S+))* @\S+", rest)
    if listed is None:
        return None
    found: list[str] = []
    for coin in coins:
        own = f"{rest[: listed.start()]} {coin} {rest[listed.end() :]}"
        said = _single(" ".join(own.split()), grammar, None, asks=False)
        if said is None:
            return None
        found.append(said)
    return " and ".join(found)


def _verb_word(text: str, grammar: Grammar) -> str:
    for each in text.split():
        found = grammar.verb(each)
        if found is not None and found.role in ("buy", "put", "take", "sell", "exit"):
            return each
    return ""


def _single(text: str, grammar: Grammar, condition: Condition | None, *, asks: bool) -> str | None:
    whole = text
    text, limit = _limited(text, grammar)
    size, rest = _size(text, grammar)
    if size is None:
        return None
    symbols = list(dict.fromkeys(re.findall(r"@([A-Z0-9]+)", whole)))
    if condition is not None and not symbols and condition.symbol:
        symbols = [condition.symbol]
    if len(symbols) > 1 or _LEFT.search(rest):
        return None
    symbol = symbols[0] if symbols else ""
    if not symbol and grammar.goods.search(rest) is not None:
        return None
    for pattern, _ in grammar.ordinals if not symbol else ():
        rest = pattern.sub(GONE, rest)
    rest = " ".join(re.sub(r"@\S+", GONE, rest).split())
    price = limit or (condition.price if condition is not None else "")
    waits = _stop_noun(rest, size, symbol, price)
    role = acts(rest, grammar, TRADES | {"set"}, asks=asks, verbless=waits is not None)
    if role is None or (waits is None and role == "set"):
        return None
    if waits is not None:
        return waits
    said = _said(role, size, symbol, whole, grammar)
    return f"{said}{_at(limit)}{_if(condition, symbol)}" if said else None


def _said(role: Role, size: Size, symbol: str, text: str, grammar: Grammar) -> str:
    if role in ("sell", "exit"):
        return _sale(role, size, symbol, text, grammar)
    of = symbol or _ordinal(text, grammar) or "it"
    if size.amount and (symbol or role != "take"):
        return f"buy {size.amount} of {of}"
    if size.count:
        for_me = _FOR_ME.search(text) is not None  # "ponme 2 eth", as in a shop
        counted = symbol or ("" if of == "it" else f"of {of}")
        return f"buy {size.count} {counted}".strip() if role != "put" or for_me else ""
    if size.portion and grammar.cash.search(text) is not None and symbol:
        return f"buy {symbol} with {size.portion} of my cash"
    if size.portion or not symbol or (role != "buy" and not size.vague):
        return f"buy {symbol}" if role == "buy" and symbol and size.open else ""
    return f"buy some {symbol}" if size.vague else f"buy {symbol}"


def _ordinal(text: str, grammar: Grammar) -> str:
    found = (name for pattern, name in grammar.ordinals if pattern.search(text) is not None)
    return next(found, "").removeprefix("of ")


def _sale(role: Role, size: Size, symbol: str, text: str, grammar: Grammar) -> str:
    of = f"my {symbol}" if symbol else "it"
    if size.portion:
        known = symbol or size.portion != "all" or grammar.it.search(text)
        return f"sell {size.portion} of {of}" if known else ""
    if size.amount:
        return f"sell {size.amount} of {symbol or 'it'}"
    if size.count or not symbol:
        return f"sell {size.count} {symbol}".strip() if size.count else ""
    return f"sell {_unsized(role, size, symbol, mine=grammar.mine.search(text) is not None)}"


def _unsized(role: Role, size: Size, symbol: str, *, mine: bool) -> str:
    if size.vague:
        return f"some of my {symbol}"
    if role == "exit" and not size.open:
        return f"all of my {symbol}"
    return f"my {symbol}" if mine and not size.open else symbol


def _at(limit: str) -> str:
    return f" at {limit}" if limit else ""


def _if(condition: Condition | None, symbol: str) -> str:
    if condition is None:
        return ""
    who = condition.symbol if condition.symbol and condition.symbol != symbol else "it"
    return f" if {who} {condition.way} {condition.price}"


def _stop_noun(text: str, size: Size, symbol: str, price: str) -> str | None:
    """Return a stop loss or take profit, if the text names one."""
    noun = re.search(r"(?<!\S)(?:stop|takeprofit)(?!\S)", text)
    if noun is None or not (symbol or price) or size.amount:
        return None
    name = "stop loss" if noun.group() == "stop" else "take profit"
    of = f"my {symbol}" if symbol else "it"
    what = f"{size.count} {symbol}" if size.count else f"{size.portion or 'all'} of {of}"
    return f"set a {name} for {what}{_at(price)}" if price else f"set a {name} for {of}"


def _condition(text: str, grammar: Grammar) -> tuple[str, Condition | None]:
    """Take the price that an order waits for out of a text."""
    tokens = text.split()
    for start in _starts(text, tokens, grammar):
        end = _figure_after(tokens, start)
        if end is None:
            continue
        after = end + 1
        while (
            grammar.verbs_last
            and after < min(len(tokens), end + 4)
            and tokens[after] in grammar.moves
        ):
            after += 1
        segment = [*tokens[start:end], *tokens[end + 1 : after]]
        way = _way(segment, grammar)
        coins = {each[1:] for each in segment if each[0] == "@"}
        if way and len(coins) <= 1 and not _DENIES & set(segment):
            rest = " ".join([*tokens[:start], ",", *tokens[after:]])
            return rest.strip(" ,"), Condition(way, tokens[end][1:], next(iter(coins), ""))
    return text, None


def _starts(text: str, tokens: Sequence[str], grammar: Grammar) -> list[int]:
    """Return where a condition may begin: at "if", or in German at a verb of movement."""
    starts = [len(text[: match.start()].split()) for match in grammar.when.finditer(text)]
    leads = {",", *grammar.openers}
    first = [
        place
        for place, each in enumerate(tokens)
        if each in grammar.moves - grammar.beside and (place == 0 or tokens[place - 1] in leads)
    ]
    return [*starts, *first] if grammar.verbs_last else starts


def _figure_after(tokens: Sequence[str], start: int) -> int | None:
    """Return where the price of a condition stands; None if another figure or a pause comes first."""
    for place in range(start + 1, min(len(tokens), start + _SEGMENT)):
        if tokens[place] == ",":
            return None
        if _LEFT.match(tokens[place]):
            return place if tokens[place][0] in "#~$" else None
    return None


def _way(segment: Sequence[str], grammar: Grammar) -> str:
    falls = bool(grammar.falls & set(segment))
    rises = bool(grammar.rises & set(segment))
    if falls and rises:
        return ""
    if falls or rises:
        return "falls to" if falls else "rises to"
    return "reaches" if grammar.reaches & set(segment) else ""


@lru_cache(maxsize=4)
def _priced(at: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\S)(?:{at}) [#~$](?P<price>\d\S*)(?! (?:de |von )?@)(?!\S)")


def _limited(text: str, grammar: Grammar) -> tuple[str, str]:
    """Take a limit or trigger price out of a text."""
    match = next(iter(reversed(list(_priced(grammar.at).finditer(text)))), None)
    if match is None:
        return text, ""
    return f"{text[: match.start()]} {text[match.end() :]}", match["price"]


def _size(text: str, grammar: Grammar) -> tuple[Size | None, str]:
    """Take the size out of a text; None if there are two."""
    text = re.sub(rf"(?<!\S)(?:{'|'.join(grammar.half_a)}) (?=@)", "#0.5 ", text)
    money = list(_MONEY.finditer(text))
    counted = _COUNT.search(text) or _COUNT_AFTER.search(text)
    share = _SHARE.search(text)
    if len(money) + bool(counted) + bool(share) > 1:
        return None, text
    if money:
        sign, number = money[0]["sign"], money[0]["number"]
        rest = _without_portions(_MONEY.sub(GONE, text), grammar)
        open_size = sign == "¤"
        return Size("" if open_size else _CURRENCIES[sign].format(number), open=open_size), rest
    if counted:
        return Size(count=counted["number"]), _without(counted, text)
    if share:
        return Size(portion=f"{share['number']}%"), _without(share, text)
    return _in_words(text, grammar)


def _without(match: re.Match[str], text: str) -> str:
    return f"{text[: match.start()]} {GONE} {text[match.end() :]}"


def _in_words(text: str, grammar: Grammar) -> tuple[Size | None, str]:
    """Read a size that is no figure with its unit: "half", "a bit", "one bitcoin"."""
    for pattern, name in grammar.portions:
        portion = pattern.search(text)
        if portion is not None:
            return Size(portion=name), _without(portion, text)
    vague = grammar.vague.search(text)
    if vague is not None:
        return Size(vague=True), _without(vague, text)
    bare = list(_BARE.finditer(text))
    if len(bare) == 1:
        return _bare(bare[0], text, grammar)
    one = "|".join(grammar.one)
    single = re.search(rf"(?<!\S)(?:{one}) (?:ganze[nrs]? |solo )?(?=@)", text)
    return (Size(count="1"), _without(single, text)) if single is not None else (Size(), text)


def _bare(match: re.Match[str], text: str, grammar: Grammar) -> tuple[Size | None, str]:
    """Read a number of nothing named: dollars where it is put into something, else units."""
    number, rest = match["number"], _without(match, text)
    if _role_of(text, grammar) == "put" and grammar.into.search(rest) is not None:
        return Size(amount=f"${number}"), rest
    unit = "@" not in text and "~" not in match.group()
    return (Size(count=number), rest) if unit else (None, text)


def _role_of(text: str, grammar: Grammar) -> Role | None:
    word = _verb_word(text, grammar)
    found = grammar.verb(word) if word else None
    return found.role if found is not None else None


def _without_portions(text: str, grammar: Grammar) -> str:
    for pattern, name in grammar.portions:
        if name == "all":
            text = pattern.sub(GONE, text)
    return text
