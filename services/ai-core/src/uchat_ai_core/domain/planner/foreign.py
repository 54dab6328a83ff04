"""Orders in other languages: they are noticed by their verb, and the English sentence is told."""

# ruff: noqa: E501 - a pattern is read as one line
import re
from typing import Final

from uchat_ai_core.domain.planner.amounts import find_amounts
from uchat_ai_core.domain.planner.languages.reading import GRAMMARS, may_order
from uchat_ai_core.domain.planner.languages.recognise import language_of
from uchat_ai_core.domain.planner.normalise import Phrase, normalise
from uchat_ai_core.domain.planner.sizes import Side
from uchat_ai_core.domain.planner.symbols import Mentions, find_symbols
from uchat_ai_core.domain.planner.words import figure

BUYS: Final = r"\b(?:kaufe?n?|kauf|compra|compre|comprar|achète|achete|achetez|acheter|acquista|koop|kup|купи|купить)\b|买|購|買|사줘"
SELLS: Final = r"\b(?:verkaufe?n?|verkauf|vende|vender|venda|vends|vendre|vendez|vendi|verkoop|sprzedaj|продай|продать)\b|卖|売|팔아"
_BUYS: Final = re.compile(BUYS)
_SELLS: Final = re.compile(SELLS)
_COMMA: Final = re.compile(
    r"(?<![\d.,])(\d+),(\d{1,2}|\d{4,})(?![\d.,])|(?<![\d.,])(0),(\d+)(?![\d.,])"
)
# Not where two coins share an amount: what follows is another sentence, with a verb of its own.
_CLAUSE: Final = re.compile(
    r"(?<=[.!?;])\s+|,?\s+(?:und|y|et|e|and|en)\s+(?=(?:sag|benachrichtige|gib|zeig|was|wie|wieviel|kauf|verkauf|av[ií]same|dime|mu[eé]stra|cu[aá]|compr|vend|pr[eé]viens|avvis|avisa)\w*\b)",
    re.IGNORECASE,
)
_IF: Final = re.compile(
    r"\b(?:wenn|sobald|si|cuando|quand|lorsque|quando|если)\b|如果", re.IGNORECASE
)
_FALLS: Final = re.compile(
    r"\b(?:unter|f[aä]ll\w*|faellt|sinkt|baja|cae|debajo|sous|baisse\w*|tombe|scende|упадёт|упадет)\b",
    re.IGNORECASE,
)
_AMBIGUOUS: Final = re.compile(r"(?<![\d.,])[1-9]\d{0,2}[.,]\d{3}(?!\d)")


def foreign_side(phrase: Phrase) -> Side | None:
    """Return what a message orders in another language, None if nothing; questions order nothing."""
    if phrase.original.rstrip().endswith(("?", "？")):  # noqa: RUF001 - a question mark of Chinese text
        return None
    language = language_of(phrase.original)
    if language in GRAMMARS and not may_order(phrase.original, language):
        return None
    if _SELLS.search(phrase.text):
        return "sell"
    return "buy" if _BUYS.search(phrase.text) else None


def in_english(text: str, side: str, mentions: Mentions) -> str:
    """Return how to say an order in English, as far as its size is read without doubt."""
    text = _ordering(text, side)
    found = find_symbols(normalise(text), price_asked=False, of_market=True)
    named = (*found.symbols, *found.unlisted) or (*mentions.symbols, *mentions.unlisted)
    symbol = next(iter(named), "BTC")
    if _AMBIGUOUS.search(text):
        return f"{side} … {symbol}"
    amounts = find_amounts(_COMMA.sub(_with_point, text))
    if len(amounts) != 1:
        return f"{side} … {symbol}" if re.search(r"\d", text) else f"{side} 0.01 {symbol}"
    (amount,) = amounts
    size, waits = figure(f"{amount.value:f}"), _condition(text)
    if not amount.is_money:
        return f"{side} {size} {amount.unit}{waits}"
    return f"{side} {size} {amount.unit} of {symbol}{waits}"


def _condition(text: str) -> str:
    """Return that an order waits for a price, if it does: without that it would be another one."""
    if _IF.search(text) is None:
        return ""
    return " if it falls to …" if _FALLS.search(text) else " if it rises to …"


def _ordering(text: str, side: str) -> str:
    """Return the clause with the verb: another one's coin and amount are not what is ordered."""
    verb = _SELLS if side == "sell" else _BUYS
    clauses = [each for each in _CLAUSE.split(text) if verb.search(normalise(each).text)]
    return clauses[0] if clauses else text


def _with_point(match: re.Match[str]) -> str:
    return ".".join(each for each in match.groups() if each is not None)
