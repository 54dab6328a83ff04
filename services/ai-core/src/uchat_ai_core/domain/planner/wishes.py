"""Several wishes in one message: each is answered by itself, in their order."""

# ruff: noqa: E501 - a pattern is read as one line
import re
from functools import lru_cache
from typing import Final

from uchat_ai_core.domain.planner.asks import Ask
from uchat_ai_core.domain.planner.intents import understand
from uchat_ai_core.domain.planner.orders import read_orders
from uchat_ai_core.domain.planner.plain import plainly
from uchat_ai_core.domain.planner.requests import ALARM, own_words, requested

_SENTENCE: Final = re.compile(r"(?<=[.!?;])\s+")
_CLAUSE: Final = re.compile(
    r"(?:,\s*|\s+)(?:and then|and also|then|also|and|plus)\s+(?:please |also |then |can you |could you )*"
    r"(?=(?:buy|sell|cancel|show|tell|what|how|compare|analy[sz]e|set|put|close|stop (?=all|everything|trading|my)|rebalance|which|give|list|is|are|am|quote|alert|notify|warn|ping|let me know|(?:the |a )?(?:price|quote)s? of \w+(?! (?:is|are|goes|falls|drops|rises|hits|reaches|crosses)\b)|my (?:portfolio|orders|alerts|balance))\b)"
    r"|,\s*(?=(?:what is|what's|what are|how much is|show me|tell me|alert me|notify me|cancel all)\b)",
    re.IGNORECASE,
)
_ORDERS: Final = re.compile(r"(?:please )?(?:buy|sell|put|close)\b", re.IGNORECASE)
_LEAD: Final = re.compile(r"^(?:and|also|then|plus)\s+", re.IGNORECASE)
_IN_ORDER: Final = re.compile(
    r"[\s,.;]*\b(?:all )?in (?:that|this) order(?: please)?\W*$", re.IGNORECASE
)
_IT: Final = re.compile(r"\b(?:it|that one|that coin)\b", re.IGNORECASE)
_MOST: Final = 3
_LONGEST: Final = 300
_SURE: Final = 0.8
_RULED: Final = 0.7  # likeness alone takes no sentence apart from an order that it may revoke
_CERTAIN: Final = 0.9
_ALONE: Final = frozenset(
    {
        Ask.UNKNOWN, Ask.TELL, Ask.CAPITAL, Ask.GREETING, Ask.HOW_ARE_YOU, Ask.THANKS, Ask.GOODBYE,
        Ask.SMALL_TALK, Ask.DECLINE, Ask.TRADE, Ask.MORE, Ask.EXPLAIN, Ask.FOREIGN_ORDER, Ask.APPROVE,
        Ask.WIDEN, Ask.TRANSFER,
    }
)  # fmt: skip
# Such a message speaks of one thing, however many sentences it has.
_APART: Final = frozenset({Ask.PRICE, Ask.ALERT, Ask.PORTFOLIO, Ask.ORDERS, Ask.TRADES, Ask.CANCEL})
# Money that is named first is not what these are about.


@lru_cache(maxsize=512)
def wishes(text: str) -> tuple[str, ...]:
    """Return the wishes of a message, as it reads alone; most have one, the message itself."""
    plain = plainly(text)
    if not own_words(text).strip():
        return (text,)  # somebody else's
    if not plain.sure or len(plain.text) > _LONGEST or '"' in plain.text or "“" in plain.text:
        return (text,)
    sentences = _SENTENCE.split(_IN_ORDER.sub("", plain.text))
    clauses = [clause for sentence in sentences for clause in _clauses(sentence)]
    # "Panic!! Sell all my BTC" wishes one thing, and says how much.
    clauses = _named([each for each in clauses if ALARM.fullmatch(each) is None])
    asks = [understand(each).ask for each in clauses]
    told = bool(asks) and asks[0] is Ask.CAPITAL and _APART.issuperset(asks[1:])
    if not 1 < len(clauses) <= _MOST or not all(map(_stands, clauses[told:])):
        return (text,)
    # What is cancelled of one coin and of another is done for each.
    return tuple(clauses) if len(set(asks)) > 1 or asks[0] is Ask.CANCEL else (text,)


def _clauses(sentence: str) -> list[str]:
    found = requested(sentence)
    parts = [_LEAD.sub("", each.strip(" ,")) for each in _CLAUSE.split(sentence)]
    orders = sum(_ORDERS.match(each) is not None for each in parts)
    if orders == len(parts) and found is not None and not read_orders(sentence).lacks:
        return [_LEAD.sub("", sentence)]  # several orders are one plan
    return [each for each in parts if each.strip(" .")]


def _named(clauses: list[str]) -> list[str]:
    """Put the one asset of an earlier clause for "it" in a later one."""
    named: list[str] = []
    spoken: tuple[str, ...] = ()
    for clause in clauses:
        own = understand(clause).mentions.symbols
        if not own and len(spoken) == 1:
            clause = _IT.sub(spoken[0], clause, count=1)  # noqa: PLW2901 - the clause as it reads alone
        spoken = own or spoken
        named.append(clause)
    return named


def _stands(clause: str) -> bool:
    if requested(clause) is not None:
        return True
    found = understand(clause)
    if found.ask in _APART and found.confidence >= _CERTAIN:
        return True
    return found.ask not in _ALONE and found.confidence >= _SURE and found.ruled >= _RULED
