"""From a message to what it asks: ordered rules, the first that fits wins."""

import re
from dataclasses import replace
from functools import lru_cache
from typing import Final

from uchat_ai_core.domain.planner.account_slot import without_account
from uchat_ai_core.domain.planner.alerts import alert_wish
from uchat_ai_core.domain.planner.amounts import find_amounts
from uchat_ai_core.domain.planner.asks import Ask, Understanding
from uchat_ai_core.domain.planner.foreign import foreign_side
from uchat_ai_core.domain.planner.glossary import defines
from uchat_ai_core.domain.planner.likeness import likeness
from uchat_ai_core.domain.planner.memory import tells_capital, tells_something
from uchat_ai_core.domain.planner.normalise import Phrase, normalise
from uchat_ai_core.domain.planner.plain import plainly
from uchat_ai_core.domain.planner.requests import Kind, requested
from uchat_ai_core.domain.planner.rules import RECALLS, RULES
from uchat_ai_core.domain.planner.skills import SKILLS
from uchat_ai_core.domain.planner.symbols import Mentions, find_symbols

_PRICE_WORDS: Final = re.compile(
    r"\b(going rate|go for|goes for|how much for|"
    r"prices?|quotes?|quoted|worth|cost|costs|trading at|trade at|going for|how much is|"
    r"how much are|rate|chart|value of|(?:24 ?h|24 ?hours?|daily|day) (?:change|move))\b|\bat$"
)
_HOW_IS_IT: Final = re.compile(
    r"^(and |so )?(how (is|are|about)|what about|check|show( me)?) "
    r"(it|that|that one|they|them|those|now|today|right now)\b"
    r"|^(and )?(now|any change|any news|still the same|still|again|same again|once more)"
    r"( now| today)?$"
)
_FOLLOW_UP: Final = re.compile(
    r"^(and|what about|how about|also|or|same for|now|no|nope|sorry|wait|i meant?|rather|thanks)\b"
)
_PRONOUN: Final = re.compile(r"\b(it|its|that one|that coin|this coin|them|that)\b")
_MARKET_WORDS: Final = re.compile(
    r"\b(?:buy|sell|sold|bought|hold|above|below|under|over|alert|position|compare|vs|versus|analy[sz]e|"
    r"rsi|macd|risky|volatile|stop|profit|order|orders|coin|coins|trade|trades|invest|falls?|rises?|drops?|"
    r"moved|news|trend|lost|made|doing|hits|passes|reaches|crosses|dollars?|better|stronger)\b"
)
_NAMING: Final = re.compile(
    r"\b(?:name is|name|am|called|call me|this is|near|at) \w+$|\bmy uni\b|\bdot com\b"
)
_BRIEF: Final = 8
_READ: Final = 2000
"""How many characters are read for what is asked: patterns cost more than linearly."""

_SHORT: Final = 4
_MENDED: Final = 0.08
_GUESSED: Final = 0.12


def understand(
    original: str,
    *,
    last_symbols: tuple[str, ...] = (),
    last_was_price: bool = False,
    last_ask: Ask = Ask.UNKNOWN,
) -> Understanding:
    """Return what a message asks.

    `last_symbols` are the assets named latest before it, for "and how is it now?"; `last_was_price`
    tells whether the message before asked for a price, for "and ETH?"; `last_ask` is what it asked,
    which a message that says little goes on with.
    """
    return _understood(original[:_READ], last_symbols, last_was_price, last_ask)


@lru_cache(maxsize=1024)  # what a person wrote last is looked at again in the next few turns
def _understood(
    written: str, last_symbols: tuple[str, ...], last_was_price: bool, last_ask: Ask
) -> Understanding:
    found = _read(written, last_symbols, last_was_price, last_ask)
    place = without_account(plainly(written).text)
    if found.request is not None or not place.account:
        return found
    # "How much cash do I have on Binance?" asks what it asks without its last words.
    apart = _read(place.rest, last_symbols, last_was_price, last_ask)
    return apart if apart.ask in _OF_AN_ACCOUNT else found


def _read(
    written: str, last_symbols: tuple[str, ...], last_was_price: bool, last_ask: Ask
) -> Understanding:
    plain = plainly(written)
    original = plain.text
    phrase = normalise(original)
    price_asked = _PRICE_WORDS.search(phrase.text) is not None
    mentions = find_symbols(
        phrase,
        price_asked=price_asked or last_was_price,
        of_market=_MARKET_WORDS.search(phrase.text) is not None
        or (len(phrase.words) <= _BRIEF and _NAMING.search(phrase.text) is None),
    )
    amounts = find_amounts(original)
    alert = alert_wish(original)
    if alert is not None:
        return Understanding(Ask.ALERT, 0.95, mentions, amounts, alert=alert, ruled=0.95)
    found = _asked(written, phrase, mentions) or _match(
        phrase, mentions, last_was_price=last_was_price, price_asked=price_asked
    )
    if not plain.sure:
        side = foreign_side(normalise(written))
        if side is not None:
            found = Understanding(Ask.FOREIGN_ORDER, 0.85, mentions, side=side)
    found = replace(found, mentions=mentions, amounts=amounts, ruled=found.confidence)
    if found.ask is Ask.UNKNOWN and last_symbols and _HOW_IS_IT.search(phrase.text):
        found = replace(found, ask=Ask.PRICE)
    elif found.request is None and found.ask not in _EXPLICIT and not defines(phrase.text):
        found = _weighed(found, original, last_symbols, last_ask)
    if found.ask is Ask.PRICE and not mentions.symbols and not mentions.unlisted:
        found = _carry_over(found, phrase, last_symbols)
    if found.ask is Ask.PRICE and any(a.is_money for a in amounts) and mentions.symbols:
        found = replace(found, ask=Ask.CONVERT)
    return replace(found, confidence=_lowered(found, phrase, mentions))


def _weighed(
    found: Understanding, text: str, last_symbols: tuple[str, ...], last_ask: Ask
) -> Understanding:
    """Weigh what the rules found against what the message resembles.

    A question that is about an asset and names none is about those that were spoken of last.
    """
    ask, sure = likeness().judged(text, found.ask, found.confidence, last_ask, never=_EXPLICIT)
    if sure < _LEAST:
        return found
    ruled = found.confidence if ask is found.ask else 0.0
    named = found.mentions
    if not named.symbols and (ask in _OF_LISTED or points_back(ask, text)):
        named = Mentions(last_symbols, {}, named.unlisted)
    if ask is not found.ask and not (named.symbols or named.unlisted or last_symbols):
        ask = _OF_NONE.get(ask, ask)
    if ask is Ask.RECALL_TOPIC and not found.topic:
        ask = Ask.RECALL_ALL
    return replace(found, ask=ask, confidence=sure, ruled=ruled, mentions=named)


def points_back(ask: Ask, text: str) -> bool:
    """Tell whether a question may be about the asset that was spoken of last: "any news on it?"."""
    return ask in _OF_IT and _PRONOUN.search(text.lower()) is not None


def _match(
    phrase: Phrase, mentions: Mentions, *, last_was_price: bool, price_asked: bool
) -> Understanding:
    return (
        _recalled(phrase, mentions)
        or _by_skills(phrase, mentions)
        or _by_rules(phrase, mentions)
        or _by_symbols(phrase, mentions, last_was_price=last_was_price, price_asked=price_asked)
    )


def _recalled(phrase: Phrase, mentions: Mentions) -> Understanding | None:
    for rule, ask, confidence in RECALLS:
        match = rule.search(phrase.text)
        if match is not None:
            topic = (match.groupdict().get("topic") or "").strip()
            return Understanding(ask, confidence, mentions, topic=topic)
    return None


def _asked(written: str, phrase: Phrase, mentions: Mentions) -> Understanding | None:
    """Return what is asked to be done: that is judged on the message as it was written."""
    request = requested(written)
    if request is not None:
        return Understanding(_REQUESTS[request.kind], 0.95, mentions, request=request)
    side = foreign_side(phrase)
    if side is not None:
        return Understanding(Ask.FOREIGN_ORDER, 0.85, mentions, side=side)
    return None


def _by_skills(phrase: Phrase, mentions: Mentions) -> Understanding | None:
    if tells_something(phrase):
        return None
    if defines(phrase.text):
        return Understanding(Ask.EXPLAIN, 0.92, mentions)
    for skill in SKILLS:
        sure = skill.fits(phrase.text, named=bool(mentions.symbols))
        if sure is not None:
            return Understanding(skill.ask, sure, mentions)
    return None


def _by_rules(phrase: Phrase, mentions: Mentions) -> Understanding | None:
    telling = tells_something(phrase)
    for rule, ask, confidence in RULES:
        match = rule.search(phrase.text)
        if match is not None and not (telling and ask in _YIELDS_TO_TELLING):
            side = match.groupdict().get("side") or ""
            return Understanding(ask, confidence, mentions, side=side)
    if not telling:
        return None
    ask = Ask.CAPITAL if tells_capital(phrase) else Ask.TELL
    return Understanding(ask, 0.85, mentions)


# What only a rule can tell: these do something, or need what their rule has found.
_EXPLICIT: Final = frozenset(
    {
        Ask.FOREIGN_ORDER, Ask.CANCEL, Ask.EMERGENCY, Ask.REVOKE, Ask.LIQUIDATE, Ask.INVEST,
        Ask.WITHIN_MANDATE, Ask.SET_MODE, Ask.REBALANCING, Ask.MORE, Ask.FORGET, Ask.RECALL_NAME,
        Ask.RECALL_GOAL, Ask.RECALL_WHERE, Ask.RECALL_FIRST,
    }
)  # fmt: skip
_OF_AN_ACCOUNT: Final = frozenset(
    {
        Ask.PORTFOLIO, Ask.PERFORMANCE, Ask.POSITIONS, Ask.ORDERS, Ask.TRADES, Ask.RISK,
        Ask.WEIGHTS, Ask.WHAT_IF,
    }
)  # fmt: skip
_OF_LISTED: Final = frozenset({Ask.ASSET_RISK, Ask.ANALYSE})
_OF_IT: Final = frozenset({Ask.NEWS, Ask.FORECAST, Ask.STRATEGY, Ask.SCREEN})
# What is asked of all of them if no asset is named.
_OF_NONE: Final = {
    Ask.PRICE: Ask.MARKET,
    Ask.CONVERT: Ask.MARKET,
    Ask.COMPARE: Ask.MARKET,
    Ask.ASSET_RISK: Ask.RISK,
}
_LEAST: Final = 0.32
_REQUESTS: Final = {
    Kind.ORDER: Ask.TRADE,
    Kind.LIQUIDATE: Ask.LIQUIDATE,
    Kind.INVEST: Ask.INVEST,
    Kind.WITHIN_MANDATE: Ask.WITHIN_MANDATE,
    Kind.CANCEL: Ask.CANCEL,
    Kind.STOP: Ask.EMERGENCY,
    Kind.REVOKE: Ask.REVOKE,
    Kind.REBALANCE: Ask.REBALANCING,
    Kind.EMERGENCY_MODE: Ask.SET_MODE,
    Kind.MANUAL_MODE: Ask.SET_MODE,
    Kind.ASSISTED_MODE: Ask.SET_MODE,
}
_YIELDS_TO_TELLING: Final = frozenset(
    {
        Ask.GREETING, Ask.HOW_ARE_YOU, Ask.RISK, Ask.STRATEGY, Ask.OPPORTUNITY, Ask.PORTFOLIO,
        Ask.MARKET, Ask.CAPITAL, Ask.EXPLAIN, Ask.THANKS, Ask.ALLOCATION, Ask.LIMITS,
    }
)  # fmt: skip


def _by_symbols(
    phrase: Phrase, mentions: Mentions, *, last_was_price: bool, price_asked: bool
) -> Understanding:
    ask, confidence = Ask.UNKNOWN, 0.45 if mentions.symbols else 0.3
    follows_up = _FOLLOW_UP.search(phrase.text) is not None
    if price_asked:
        ask, confidence = Ask.PRICE, 0.92 if mentions.symbols or mentions.unlisted else 0.7
    elif not mentions.symbols:
        if last_was_price and mentions.unlisted and follows_up:
            ask, confidence = Ask.PRICE, 0.75
    elif follows_up and last_was_price:
        ask, confidence = Ask.PRICE, 0.97
    return Understanding(ask, confidence, mentions)


def _carry_over(
    found: Understanding, phrase: Phrase, last_symbols: tuple[str, ...]
) -> Understanding:
    """A price is asked and no asset named: the latest ones are meant, or the market as a whole."""
    if last_symbols and (_PRONOUN.search(phrase.text) or len(phrase.words) <= _SHORT):
        mentions = Mentions(last_symbols, {}, ())
        return replace(found, mentions=mentions, confidence=0.75)
    return replace(found, ask=Ask.MARKET, confidence=0.75)


def _lowered(found: Understanding, phrase: Phrase, mentions: Mentions) -> float:
    confidence = found.confidence
    if phrase.corrected:
        confidence -= _MENDED
    if mentions.guessed and found.ask in (Ask.PRICE, Ask.CONVERT, Ask.COMPARE, Ask.TRADE):
        confidence -= _GUESSED
    return round(max(0.05, min(0.99, confidence)), 2)
