"""Orders that wait for a price: take the condition out of a sentence, the plain order stays.

"sell 0.01 BTC if it falls to 60000" is "sell 0.01 BTC", when it falls to 60000. Only a price of
the market is such a condition: whatever else a sentence makes an order depend on stays in it, and
is refused where requests are judged.
"""

# ruff: noqa: E501 - a pattern is read as one line
import re
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Final, Literal

from uchat_ai_core.domain.planner.normalise import normalise, plain_quotes
from uchat_ai_core.domain.planner.openings import START
from uchat_ai_core.domain.planner.symbols import ALIASES, find_symbols

Way = Literal["falls", "rises", "reaches"]
"""Where the price comes from: above, below, or whichever side the market is on."""

_PRICE: Final = (
    r"[$]?\s?(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?P<scale>\s?(?:k|thousand|grand)\b)?(?:\s?(?:usdt|usdc|usd|dollars?)\b)?"
    rf"(?!\w|[.,]\d|\s?%|\s?per ?cent|\s?(?:million|mio|billion)\b|\s?(?:{'|'.join(sorted(map(re.escape, ALIASES), key=len, reverse=True))})\b|\s?(?-i:[A-Z]{{3,10}})\b)"
)
_FALLS: Final = (
    r"falls?|drops?|dips?|sinks?|slides?|declines?|decreases?|crash(?:es)?|tumbles?|plunges?|dumps|tanks?|"
    r"slips?|slumps?|collapses?|retraces?|pulls? back|nosedives?|loses value|weakens"
)
_RISES: Final = (
    r"rises?|climbs?|jumps?|increases?|exceeds?|surpass(?:es)?|tops|pumps|moons|rall(?:y|ies)|gains|"
    r"soars?|spikes?|surges?|shoots|runs|pops"
)
_MOVES: Final = r"hits?|sees?|breaks?|reach(?:es)?|touch(?:es)?|cross(?:es)?|is|be|gets?|goes|go|comes?|trades?|moves?|costs?"
_DOWNWARD: Final = r"below|under|beneath|down|less than|lower than"
_UPWARD: Final = r"above|over|up|past|beyond|through|out|more than|higher than"
_WAY: Final = rf"(?:\s+(?:{_DOWNWARD}|{_UPWARD}|to|at|back|again|all the way|or|lower|higher|the|price|of|level|a|about|around|ever|just|below|under))*"
_WHO: Final = (
    r"(?:its price|it|they|we|that|this|the (?:market )?price(?: of (?P<of>[\w$]+(?: [\w$]+)?))?|the market|the coin|"
    r"price(?: of (?P<of2>[\w$]+))?|my (?P<mine>[\w$]+)|(?P<asset>\$?[a-z]\w{1,12})(?:'s)?(?: price)?)"
)
_CONDITION: Final = re.compile(
    r",?\s*\b(?:but |and )?(?:only )?(?:if|when|once|as soon as|the (?:moment|minute|second|instant)|in case|wait (?:for|until|till)|(?<!i )should)\s+"
    + _WHO
    + rf"\s+(?:(?:ever|first|again|then|next|to|should|will|finally|actually)\s+)*(?P<move>{_FALLS}|{_RISES}|{_MOVES})\b(?P<way>{_WAY})"
    + rf"(?:\s*(?:{_PRICE})|(?P<open>\s*(?:by\s+)?\d+(?:\.\d+)?\s?(?:%|percent\b|per cent\b)|(?=\s*(?:$|[.!,])|\s+(?:buy|sell)\b)))(?:\s+(?:or|and)\s+(?:lower|less|below|higher|more|above))?(?:\s+on the way (?:down|up))?\s*,?\s*(?:then\b)?",
    re.IGNORECASE,
)
_NO_ASSETS: Final = frozenset(
    {"he", "she", "you", "there", "something", "everything", "nothing", "someone", "everyone"}
)
_NOUN: Final = re.compile(
    START
    + r"(?P<verb>(?:set|place|put|add|create|make|submit|open|enter|propose|prepare|do|give me|i (?:want|need|would like)|have|get|use|attach)(?: up| in| me| us)* )?"
    r"(?P<article>an? |the |another |my )?(?:\d+(?:\.\d+)? ?% )?(?:new |market |limit |hard |tight )*"
    r"(?P<noun>stop[ -]?loss|stop[ -]limit|take[ -]?profits?|stop(?= (?:order|at|for|on|buy|sell|of)\b| to (?:buy|sell)\b)|protect(?: (?:my )?(?:gains?|profits?|position|holdings?) (?:on|in|of))?)"
    r"(?: limit| market| some)*(?: orders?)?\b"
)
_BARE: Final = re.compile(
    r"(?:\s*(?:for|on|of|to|sell|buy|my|the|all|half|an?|one|third|quarter|position|holdings?|in|from|limit|price|please|now|usdt|dollars|worth|[$]?\d[\d.,]*k?%?|[,.!:]|(?-i:[A-Z]{2,10})|"
    + "|".join(sorted(map(re.escape, ALIASES), key=len, reverse=True))
    + r")(?![\w]))*\s*",
    re.IGNORECASE,
)
_WITH: Final = re.compile(
    rf",?\s*\b(?:(?:with|as|using|by) )?(?:an? )?(?P<noun>stop[ -]?loss|stop|take[ -]?profit)(?: (?:order|price|trigger))*(?: (?:at|of|to))?\s+{_PRICE}",
    re.IGNORECASE,
)
_AFTER_NOUN: Final = re.compile(r"^(?:\s+(?:limit|market|some)\b)*(?:\s+orders?\b)?", re.IGNORECASE)
_BY_STOP: Final = re.compile(r"\b(?:with|by) an? stop(?:[ -]?loss)?(?: order)?\b", re.IGNORECASE)
_STOP_SIDE: Final = re.compile(
    START + r"(?:place (?:an? )?)?(?P<side>buy|sell) stop(?:[ -]limit)?(?: order)?\b"
)
_AT: Final = re.compile(
    rf"(?:\b(?:at|below|under|above|over|to|around|price|trigger)|@)\s*(?:an? )?(?:trigger |stop )?(?:price )?(?:of )?{_PRICE}",
    re.IGNORECASE,
)
_OF: Final = re.compile(rf"\bof\s+{_PRICE}", re.IGNORECASE)
_LAST: Final = re.compile(rf"\s{_PRICE}\s*[.!]*$", re.IGNORECASE)
_LIMIT: Final = re.compile(
    r"\b(?:and |with )?(?:an? )?limit(?: price)?(?: of| at)?\s*[$]?\d[\d.,]*k?\b", re.IGNORECASE
)
_SIZED: Final = re.compile(
    r"\d|\b(?:half|third|thirds|quarters?|fourth|fifth|tenth|all|everything|whole|entire)\b",
    re.IGNORECASE,
)
_SIDED: Final = re.compile(r"\b(buy|purchase|sell)\b", re.IGNORECASE)
_SECOND: Final = re.compile(
    rf"\b(?:stop(?:[ -]?loss)?|take[ -]?profits?|trigger)\b|\b(?:{_FALLS}|{_RISES}|hits|reaches)\s+(?:\w+ ){{0,2}}[$]?\d",
    re.IGNORECASE,
)
_TIMED: Final = re.compile(
    r"\b(?:until|till|before|after|within|by (?:the end|mon|tues|wednes|thurs|fri|satur|sun|mid|noon)\w*|for the next|this (?:week|month|year)|today|tonight|in 20\d\d|even)\b",
    re.IGNORECASE,
)
_TALK: Final = re.compile(r"\b(?:is|was|are|were|has|had|been)\b", re.IGNORECASE)
_WOULD_YOU: Final = re.compile(r"\bwould you\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An order without its condition, and the condition.

    No `price`: it waits for one that is not named. `symbols`: the asset whose price it is, if it
    is named. `flaw`: why this cannot be one order; empty if it can.
    """

    order: str
    way: Way
    price: Decimal | None = None
    symbols: tuple[str, ...] = ()
    flaw: str = ""


@lru_cache(maxsize=512)
def waiting(sentence: str) -> Waiting | None:
    """Return the order of a sentence that waits for a price, or None if it waits for none."""
    text = plain_quotes(sentence).strip()
    if text.isupper():
        text = text.lower()  # words in capitals are no symbols then
    found = _by_noun(text) or _by_side(text) or _by_condition(text) or _by_with(text)
    if found is None or _WOULD_YOU.search(text):
        return None
    return None if _TIMED.search(found.order) or _TALK.search(found.order) else found


@dataclass(frozen=True, slots=True)
class Condition:
    """A price that an order waits for, and where it stands in a sentence."""

    start: int
    end: int
    way: Way
    price: Decimal
    symbols: tuple[str, ...]

    def said(self, symbol: str) -> str:
        """Return the condition in the grammar's words."""
        moves = {"falls": "falls to", "rises": "rises to", "reaches": "reaches"}[self.way]
        return f"if {(*self.symbols, symbol)[0]} {moves} {self.price:f}"


def condition_in(text: str) -> Condition | None:
    """Return the first price that a text makes something wait for."""
    match = _CONDITION.search(text)
    if match is None:
        return None
    found, price = _by_condition(text), _price(match)
    if found is None or price is None:
        return None
    return Condition(match.start(), match.end(), found.way, price, found.symbols)


def conditions_in(text: str) -> list[Condition]:
    """Return all prices that a text makes something wait for; none if one of them is not read."""
    found: list[Condition] = []
    for match in _CONDITION.finditer(text):
        one = condition_in(match.group())
        if one is None:
            return []
        found.append(replace(one, start=match.start(), end=match.end()))
    return found


def without_condition(text: str) -> str:
    """Return a text without the price, named or not, that it makes something wait for."""
    return _CONDITION.sub(" , ", text)


def condition(clause: str) -> Waiting | None:
    """Return the price that a clause as `when BTC falls to 60000` waits for; no order is in it."""
    return _by_condition(clause)


def waits_twice(text: str) -> bool:
    """Tell whether a plain form speaks of a stop or a target beside an order: two in one."""
    return _SECOND.search(text) is not None


def order_type(side: str, way: Way) -> Literal["stop", "take_profit"]:
    """Return what an order is called that waits below the market (falls) or above it (rises)."""
    return "stop" if (side == "sell") == (way == "falls") else "take_profit"


def comes_from(side: str, kind: str) -> Way:
    """Return how the market gets to the trigger of a stop or take-profit order."""
    return "falls" if (side == "sell") == (kind == "stop") else "rises"


def _by_condition(text: str) -> Waiting | None:
    match = _CONDITION.search(text)
    if match is None:
        return None
    word = match.group("asset") or ""
    symbols = _assets(" ".join(filter(None, map(match.group, ("of", "of2", "mine", "asset")))))
    if word and not symbols and word.lower() not in ("price", "market", "coin"):
        return None
    way = _way(match.group("move").lower(), match.group("way").lower())
    if way is None or (match.group("number") is None and way == "reaches"):
        return None
    order = f"{text[: match.start()]} {text[match.end() :]}".strip(" ,")
    return Waiting(order, way, _price(match), symbols)


def _way(move: str, more: str) -> Way | None:
    down = re.fullmatch(_FALLS, move) or re.search(rf"\b(?:{_DOWNWARD})\b", more)
    up = re.fullmatch(_RISES, move) or re.search(rf"\b(?:{_UPWARD})\b", more)
    if down and up:
        return None
    if down:
        return "falls"
    return "rises" if up else "reaches"


def _by_noun(text: str) -> Waiting | None:
    match = _NOUN.search(normalise(text).text)
    if match is None:
        return None
    noun, verb = match.group("noun"), match.group("verb")
    place = re.search(re.escape(noun), text, re.IGNORECASE)
    if place is None:
        return None
    tail = _AFTER_NOUN.sub("", text[place.end() :])
    if noun.startswith("protect"):
        tail = _BY_STOP.sub(" ", tail)
    found = _of_noun(noun, tail, "rises" if noun.startswith("take") else "falls")
    names_asset = bool(found.symbols or _assets(found.order))
    if noun.startswith("protect") and not names_asset and found.price is None:
        return None
    if noun == "stop" and (found.price is None or not (verb or _SIDED.search(tail))):
        return None
    # Without a verb it may be talk: "my stop loss on BTC at 60000 is too low".
    is_talk = match.group("article") is not None or _BARE.fullmatch(found.order) is None
    return None if verb is None and is_talk else found


def _of_noun(noun: str, tail: str, way: Way) -> Waiting:
    told = _by_condition(tail)
    flaw = ""
    if told is not None:
        if told.way not in (way, "reaches"):
            flaw = "A stop loss sells when the price falls, a take profit when it rises."
        price, rest, symbols = told.price, told.order, told.symbols
    else:
        price, rest = _priced(tail)
        symbols = ()
    side = _SIDED.search(rest)
    if side is None:
        return Waiting(_sale(rest), way, price, symbols, flaw)
    order = rest[side.start() :]
    if side.group().lower() == "sell":
        return Waiting(_sale(order[len("sell") :]), way, price, symbols, flaw)
    if noun not in ("stop", "stop-limit", "stop limit"):
        flaw = "A stop loss or a take profit sells what you hold; to buy at a price say “buy … if it falls to …”."
    return Waiting(order, "rises", price, symbols, flaw)


def _priced(tail: str) -> tuple[Decimal | None, str]:
    limited = _LIMIT.search(tail)
    bare = tail if limited is None else tail.replace(limited.group(), " ")
    for pattern in (_AT, _OF, _LAST):
        match = pattern.search(bare)
        if match is not None:
            rest = f"{bare[: match.start()]} {bare[match.end() :]}"
            return _price(match), rest if limited is None else f"{rest} {limited.group()}"
    return None, tail


def _sale(what: str) -> str:
    """Say the sale; without a size all that is held is meant."""
    unlimited = _LIMIT.sub(" ", what)
    return f"sell {what.strip()}" if _SIZED.search(unlimited) else f"sell all of {what.strip()}"


def _by_side(text: str) -> Waiting | None:
    match = _STOP_SIDE.search(normalise(text).text)
    found = re.search(r"\b(buy|sell) stop(?:[ -]limit)?(?: order)?\b", text, re.IGNORECASE)
    if match is None or found is None:
        return None
    price, rest = _priced(text[found.end() :])
    sells = match.group("side") == "sell"
    return Waiting(_sale(rest) if sells else f"buy {rest}", "falls" if sells else "rises", price)


def _by_with(text: str) -> Waiting | None:
    match = _WITH.search(text)
    if match is None or re.search(r"\b(?:buy|purchase|invest)\b", text, re.IGNORECASE):
        return None
    way: Way = "rises" if match.group("noun").lower().startswith("take") else "falls"
    order = f"{text[: match.start()]} {text[match.end() :]}".strip(" ,")
    return Waiting(order, way, _price(match))


def _price(match: re.Match[str]) -> Decimal | None:
    number = match.group("number")
    if number is None:
        return None
    price = Decimal(number.replace(",", "")) * (1000 if match.group("scale") else 1)
    return price if price > 0 else None


def _assets(word: str) -> tuple[str, ...]:
    if not word or word.lower() in _NO_ASSETS:
        return ()
    mentions = find_symbols(normalise(word), price_asked=True)
    return (*mentions.symbols, *mentions.unlisted)
