"""Questions that go on with the one before: of another coin or time, or with less risk.

"And SOL?", "just for solana", "over the last week?", "in euros", "less risky please", "RSI?".
"""

# ruff: noqa: E501 - a pattern is read as one line
import re
from collections.abc import Callable
from typing import Final

from uchat_ai_core.domain.planner.asks import Ask
from uchat_ai_core.domain.planner.intents import understand
from uchat_ai_core.domain.planner.normalise import normalise
from uchat_ai_core.domain.planner.orders import read_orders
from uchat_ai_core.domain.planner.plain import plainly
from uchat_ai_core.domain.planner.rephrase import rephrased
from uchat_ai_core.domain.planner.requests import Kind, requested
from uchat_ai_core.domain.planner.symbols import ALIASES, find_symbols

_LONGEST: Final = 5
_SAME_FOR: Final = re.compile(
    r"^(?:(?:ok|okay|yes|so|and|now|then) )*(?:and|what about|how about|same for|the same for|also|or|now|(?:just |only )?for|just|only)\b"
)
_WHICH: Final = re.compile(
    r"\b(?:which|who) (?:one |of (?:them|those|the two) )?(?:is|was|did|has|looks?|swings?|moved|performed|would)\b(?! (?:my|the (?!\w+er\b|\w+est\b|better|best|worse|worst|more|most))\b)"
    r"|\bwhat (?:one |of (?:them|those|the two) )?(?:is|was|looks?|performed)\b(?= (?:the )?(?:\w+er|\w+est|better|best|worse|worst|more|most)\b)"
)
_CARRIED: Final = frozenset(
    {
        Ask.ANALYSE, Ask.ASSET_RISK, Ask.WHAT_IF, Ask.PORTFOLIO, Ask.PERFORMANCE, Ask.ORDERS, Ask.TRADES,
        Ask.SCREEN, Ask.NEWS, Ask.FORECAST, Ask.EXPLAIN,
    }
)  # fmt: skip
_OF_ONE: Final = frozenset(
    {Ask.PORTFOLIO, Ask.PERFORMANCE, Ask.ORDERS, Ask.TRADES, Ask.SCREEN, Ask.NEWS}
)
_SPANNED: Final = frozenset(
    {
        Ask.PRICE, Ask.MARKET, Ask.MOVERS, Ask.PERFORMANCE, Ask.POSITIONS, Ask.PORTFOLIO, Ask.TRADES,
        Ask.COMPARE, Ask.ANALYSE, Ask.NEWS, Ask.RISK, Ask.ASSET_RISK,
    }
)  # fmt: skip
_WITH_RISK: Final = frozenset(
    {Ask.SCREEN, Ask.OPPORTUNITY, Ask.CAPITAL, Ask.ALLOCATION, Ask.WEIGHTS, Ask.STRATEGY}
)
_LINKS: Final = re.compile(
    r"^(?:(?:ok|okay|yes|so|and|but|now|then|please|what about|how about|what if|show me|give me|rather|just|only|something|anything) )+"
)
# A time or a taste for risk, and nothing else.
_ADDS: Final = re.compile(
    rf"(?:{_LINKS.pattern})?(?:"
    r"(?P<span>(?:(?:over|in|for|during|within|since|from|of) )?(?:the |this |that )?(?:(?:last|past|previous|whole|entire|current) )?"
    r"(?:\d+ |two |three |few )?(?:hours?|days?|weeks?|months?|quarters?|years?|yesterday|today|24 ?h)(?: ago)?)|"
    r"(?P<unit>in (?:euros?|eur|us dollars|dollars|usd|pounds?|gbp))|"
    r"(?:(?:a bit|a little|much|with|of|that is) )*(?:less|more|lower|higher|low|high)?(?: of)?(?: a)? ?(?:risk|risky|riskier|safer|safe|cautious|conservative|bold|bolder|aggressive|careful)(?: ones?| profile)?"
    r")(?: please| then| instead| now)*$"
)
_METRIC: Final = re.compile(
    r"^(?:(?:and|what is|what about|how about|show me|its|the|current) )*(?:rsi|macd|emas?|moving averages?|bollinger bands?|trend|volatility|indicators|technicals|support|resistance)(?: now| please| then)*$"
)
_OTHER_PRICE: Final = re.compile(
    r"^(?:(?:no|nope|nah|sorry|wait|oops|thanks|thank you|i meant?|rather|not that|make it|actually) )+"
)
_ORDERS: Final = re.compile(
    r"\b(?:buy|sell|get|grab|pick|take|want|close|snag|order|put|invest|dump)\b", re.IGNORECASE
)


def carried(text: str, coin: str) -> str:
    """Put the one coin that was just spoken of where none is named: "buy $100", "RSI?"."""
    if _METRIC.search(normalise(text).text) is not None:
        return f"{text.rstrip(' ?.!')} of {coin}"
    if _ORDERS.search(text) is None:
        return text
    found, end = requested(text), text.rstrip(" .!")
    if found is not None and (
        found.kind is not Kind.ORDER or read_orders(found.sentence).lacks != "asset"
    ):
        return text
    named = rephrased(f"{end} of {coin}")
    whole = requested(named)
    if whole is not None and whole.kind is Kind.ORDER and not read_orders(named).lacks:
        return named
    return f"{end} {coin}" if found is not None else text


def elided(
    text: str, symbols: tuple[str, ...], spoken: tuple[str, ...], earlier: Callable[[], str]
) -> str:
    """Ask of another coin or time what was asked before; compare the coins that were spoken of.

    `symbols` are those that the message names; `earlier` is the message before, as it reads alone.
    """
    plain = normalise(text).text
    if len(symbols) == 1:
        return _of_another(plain, symbols[0], earlier) or text
    if symbols:
        return text
    if _ADDS.match(plain) is not None:
        return _added(plain, earlier) or text
    which = len(spoken) > 1 and _WHICH.search(plain) is not None
    return f"{text.rstrip(' ?.!')}, {' or '.join(spoken)}?" if which else text


def _of_another(plain: str, symbol: str, earlier: Callable[[], str]) -> str:
    corrects = _OTHER_PRICE.search(plain) is not None
    if (not corrects and _SAME_FOR.search(plain) is None) or len(plain.split()) > _LONGEST:
        return ""
    asked = _asked(earlier, _CARRIED | {Ask.PRICE} if corrects else _CARRIED)
    named = find_symbols(normalise(asked), price_asked=True).symbols
    if asked and not named and understand(asked).ask in _OF_ONE:
        return f"{asked} for {symbol}"
    if len(named) != 1:
        return ""
    words = [re.escape(name) for name, each in ALIASES.items() if each == named[0]]
    return re.sub(rf"\b(?:{'|'.join(words)})\b", symbol, asked, flags=re.IGNORECASE)


def _added(plain: str, earlier: Callable[[], str]) -> str:
    added = _ADDS.match(plain)
    of_price = added is not None and (added["span"] or added["unit"])
    asked = _asked(earlier, _SPANNED if of_price else _WITH_RISK)
    return f"{asked} {_LINKS.sub('', plain)}" if asked else ""


def _asked(earlier: Callable[[], str], asks: frozenset[Ask]) -> str:
    """Return the question before as it reads alone; empty if it is none of these."""
    text = earlier()
    known = requested(text) is None and understand(text).ask in asks
    return plainly(text).text.rstrip(" ?.!") if known else ""
