"""What a model may do in a turn: only what the message that it answers asks for.

The grammar reads the request itself, so that neither a model nor a text that it read can widen it.
Requests in languages that the grammar does not read are let through by their verb, if every asset
and number of the order stands in the message.
"""

# ruff: noqa: E501 - a pattern is read as one line
import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from uchat_ai_core.domain.planner.account_slot import on, without_account
from uchat_ai_core.domain.planner.foreign import BUYS, SELLS
from uchat_ai_core.domain.planner.normalise import normalise
from uchat_ai_core.domain.planner.orders import Wish, read_orders
from uchat_ai_core.domain.planner.requests import Kind, Request, own_words, requested
from uchat_ai_core.domain.planner.symbols import find_symbols
from uchat_ai_core.domain.planner.wishes import wishes
from uchat_contracts.trading import PAPER

_FOREIGN: Final = {
    Kind.ORDER: f"{BUYS}|{SELLS}",
    Kind.STOP: r"\b(stoppe?n?|halte an|alto|detén|para todo|pare|arrête|arrete|ferma|стоп)\b|停|止",
    Kind.CANCEL: r"\b(storniere?n?|annulliere|cancela|cancelar|annule|annuler|annulla|отмени)\b|取消",
    Kind.REVOKE: r"\b(widerrufe?n?|revoca|revocar|révoque|revoque)\b",
}
# A brake holds whatever else was named.
_OF_NO_ACCOUNT: Final = frozenset(
    {Kind.STOP, Kind.REVOKE, Kind.EMERGENCY_MODE, Kind.MANUAL_MODE, Kind.ASSISTED_MODE}
)
_IF_ABROAD: Final = re.compile(
    r"\b(?:wenn|falls|sobald|si|cuando|quand|lorsque|quando|se (?:cair|subir|scende|sale|il|o)|als|jeśli|gdy|если|когда)\b|如果|当"
)
_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)?")
NOT_ASKED: Final = (
    "the person did not ask for this in the message that you answer; do not do it, and say what "
    "they can say to ask for it"
)


def allows(kind: Kind, message: str, account: str = "") -> str:
    """Return why the message does not allow this on that account, or an empty string: it does."""
    request = next((each for each in _requests(message) if each.kind is kind), None)
    if request is not None:
        place = request.place
    elif _foreign(kind, message):
        place = without_account(own_words(message))
    else:
        return NOT_ASKED
    if kind in _OF_NO_ACCOUNT:
        return ""
    if place.flaw:
        return place.flaw
    return "" if _same(place.account, account, kind) else _other(place.account)


def allows_orders(message: str, wishes: Sequence[Wish], meant: tuple[str, ...]) -> str:
    """Return why the message does not ask for just these orders, or an empty string: it does."""
    requests = _requests(message)
    if not requests:
        return _foreign_orders(message, wishes)
    request = next((each for each in requests if each.kind is Kind.ORDER), None)
    if request is None:
        return NOT_ASKED
    read = read_orders(request.sentence, meant=meant)
    if read.lacks:
        return f"the person left open the {read.lacks} of the order; ask for it, do not choose it"
    # Where the price comes from is the market's to say if the person did not.
    open_way = any(wish.way == "reaches" for wish in read.wishes)
    asked, proposed = (
        [replace(each, way="reaches") if open_way else each for each in some]
        for some in (read.wishes, wishes)
    )
    if sorted(map(_shape, asked)) != sorted(map(_shape, proposed)):
        plainly = "; ".join(" ".join(each) for each in map(_shape, read.wishes))
        return f"the person asked for another order than this: {plainly}"
    return ""


def _requests(message: str) -> list[Request]:
    """Return what a message asks to be done, wish by wish: "cancel my orders, then buy 1 ETH"."""
    return [*filter(None, map(requested, wishes(message)))]


def _shape(wish: Wish) -> tuple[str, ...]:
    values = (wish.quantity, wish.amount, wish.portion, wish.limit_price, wish.trigger_price)
    names = ("quantity", "amount", "portion", "limit", f"{wish.way} to")
    sized = [f"{n} {v:.6f}" for n, v in zip(names, values, strict=True) if v is not None]
    kept = "" if wish.time_in_force == "gtc" else wish.time_in_force
    where = on(wish.account).strip() if wish.account != PAPER else ""
    how = [each for each in (kept, "post-only" if wish.post_only else "", where) if each]
    return (wish.side, wish.symbol, *sized, *how)


def _same(one: str, other: str, kind: Kind = Kind.ORDER) -> bool:
    # None named is the one on paper; orders are taken back on all of them then.
    none = "" if kind is Kind.CANCEL else PAPER
    return (one or none) == (other or none)


def _other(named: str) -> str:
    return f"the person named this account: {named or PAPER}; take that one"


def says(pattern: str | None, message: str) -> bool:
    """Tell whether a message, in its own words and asking nothing, has a pattern (lower case)."""
    message = own_words(message)
    asks = message.rstrip().endswith(("?", "？"))  # noqa: RUF001 - a question mark of Chinese text
    return pattern is not None and not asks and re.search(pattern, message.lower()) is not None


def named_in(message: str) -> tuple[set[str], set[Decimal]]:
    """Return the assets and the numbers that a message names in its own words."""
    message = own_words(message)
    named = find_symbols(normalise(message), price_asked=True)
    numbers = {Decimal(each.replace(",", ".")) for each in _NUMBER.findall(message)}
    return {*named.symbols, *named.unlisted}, numbers


def coins_cancelled(message: str) -> set[str]:
    """Return the assets whose orders a message wants cancelled; empty: it names none.

    What it orders beside is none of them: "cancel all orders, then buy $300 of SOL".
    """
    requests = _requests(message)
    own = [each.sentence for each in requests if each.kind is Kind.CANCEL]
    texts = own if own and len(requests) > 1 else [message]
    return {symbol for each in texts for symbol in named_in(each)[0]}


def _foreign(kind: Kind, message: str) -> bool:
    return says(_FOREIGN.get(kind), message)


def _foreign_orders(message: str, wishes: Sequence[Wish]) -> str:
    if not _foreign(Kind.ORDER, message):
        return NOT_ASKED
    symbols, numbers = named_in(message)
    place = without_account(own_words(message))
    if place.flaw or not all(_same(place.account, wish.account) for wish in wishes):
        return place.flaw or _other(place.account)
    for wish in wishes:
        figures = (wish.quantity, wish.amount, wish.limit_price, wish.trigger_price)
        said = {each for each in figures if each is not None}
        if wish.trigger_price is None and _IF_ABROAD.search(own_words(message).lower()):
            return "the message makes the order wait for something; ask for it in English"
        if wish.symbol not in symbols or not said <= numbers or wish.portion is not None:
            return "the message does not name this asset and this size; ask for them"
    return ""
