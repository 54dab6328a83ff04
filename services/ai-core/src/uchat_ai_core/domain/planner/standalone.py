"""What a message says by itself, once the messages before it have filled in what it leaves out.

"$50" after "How much?", "no, ETH", "half of that", "the second one", "buy 3 of it": only the
person's own words are put together, so that what asks for an order is always something they wrote.
"""

# ruff: noqa: E501 - a pattern is read as one line
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Final

from uchat_ai_core.domain.planner.account_slot import on, without_account
from uchat_ai_core.domain.planner.amend import amended, size_said
from uchat_ai_core.domain.planner.amounts import find_amounts
from uchat_ai_core.domain.planner.any_order import orders_said
from uchat_ai_core.domain.planner.deeds import deeds_said
from uchat_ai_core.domain.planner.follow_ups import carried, elided
from uchat_ai_core.domain.planner.intents import understand
from uchat_ai_core.domain.planner.languages.recognise import ENGLISH, language_of
from uchat_ai_core.domain.planner.normalise import normalise
from uchat_ai_core.domain.planner.number_words import with_digits
from uchat_ai_core.domain.planner.order_tokens import tokens
from uchat_ai_core.domain.planner.orders import Orders, Wish, read_orders
from uchat_ai_core.domain.planner.plain import plainly
from uchat_ai_core.domain.planner.rephrase import rephrased
from uchat_ai_core.domain.planner.requests import Kind, requested
from uchat_ai_core.domain.planner.said_orders import number, sentence_of
from uchat_ai_core.domain.planner.symbols import find_symbols
from uchat_ai_core.domain.planner.taken_up import taken_up, with_sums
from uchat_ai_core.domain.turn import TurnIn

_LOOK_BACK: Final = 4
_SHORT: Final = 8
_LONG: Final = 24
_BUY_ONE: Final = re.compile(r"\b(buy|sell|grab|get|grab me|get me) one\b(?! of)", re.IGNORECASE)
_SET_ONE: Final = re.compile(r"(?<=\bset )one\b|(?<=\bput )one\b|(?<=\badd )one\b", re.IGNORECASE)
_STOPS: Final = re.compile(r"\bstop(?:[ -]loss)?\b", re.IGNORECASE)
_OPEN: Final = re.compile(r"\b(?:buy some \w+|sell (?:some of my )?[A-Z]+)$")
_EACH: Final = re.compile(r"\b(?:each|both)\b", re.IGNORECASE)
_IT: Final = re.compile(r"\b(?:it|that|them|mine|those|one|ones|each|both)\b", re.IGNORECASE)
_THIS: Final = re.compile(r"\b(?:it|that|them|those)\b", re.IGNORECASE)
_FEW: Final = 3  # words: "ether please", "in SOL instead"
_WEIGHTLESS: Final = frozenset(
    [
        "of",
        "worth",
        "please",
        "it",
        "that",
        "in",
        "for",
        "instead",
        "only",
        "just",
        "usd",
        "usdt",
        "dollars",
        "now",
        "then",
        "ok",
        "okay",
        "the",
        "or",
        "so",
        "maybe",
        "rather",
        "there",
    ]
)
_ORDINALS: Final = {
    "first": 0, "1st": 0, "former": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "latter": -1,
    "last": -1, "other": 1,
}  # fmt: skip
_ORDINAL: Final = re.compile(
    r"\b(?:the )?(first|1st|former|second|2nd|third|3rd|latter|last|other)(?: (?:one|coin))\b(?: of (?:those|them|these|the two)\b)?|\bthe (former|latter|first|second|last)\b(?=[ .!?]*$)",
    re.IGNORECASE,
)
_OF_IT: Final = re.compile(
    r"\b(of|on|in|into|for|my) (?:it|that|that one|that coin|this coin|them)\b", re.IGNORECASE
)
_THEM_TOO: Final = re.compile(
    r"^(?:ok |okay |yes |then |now |please )*(?:buy|sell|close) (?:it|that)$", re.IGNORECASE
)
_ORDERS: Final = re.compile(
    r"\b(?:buy|sell|get|grab|pick|take|want|close|snag|order|put|invest|dump)\b", re.IGNORECASE
)
_ABOUT_IT: Final = re.compile(r"\b(is|does|will|has|did|was) it\b", re.IGNORECASE)
_OF_THEM: Final = re.compile(r"(\d) of (?:them|it|those)\b", re.IGNORECASE)
_PUT_IN: Final = re.compile(r"(\bput .*\d.*) in(?=[ .!]*$)", re.IGNORECASE)
_WORTH: Final = re.compile(r"(\d\S*(?: ?[a-z]+)? worth)(?! of)", re.IGNORECASE)
_BARE_COUNT: Final = re.compile(
    r"(\b(?:buy|sell|get me|grab|grab me|take|i want|order)\s\d+(?:\.\d+)?)(?= *(?:[.!]|please|$))",
    re.IGNORECASE,
)
_WORDY: Final = re.compile(r"[a-z]{2,}")
_COUNTED_OF: Final = re.compile(
    r"\b(buy|sell|get me) (\d[\d.,]*) of (?=[A-Z]{2,6}\b)", re.IGNORECASE
)
_CORRECTS: Final = re.compile(
    r"^(?:(?:no|nope|nah|ah|oh|wait|sorry|oops|actually|rather|i mean|i meant|make it|make that|change (?:it|that) to|better|instead|not that|correction|only|just|hmm|ok|okay|please|then|let us do|let us say|say)\b[ ,.:;-]*)+"
)
_FILLS: Final = re.compile(
    r"^(?:(?:i mean|i meant|sorry|ah|oh|no|for|of|in|at|about|around|roughly|maybe|ok|okay|please|make it|let us say|say|hmm|well|uh|with|worth|it is|the|some|just)\b[ ,.:]*)*"
)
_HALF: Final = re.compile(
    r"\b(?:half|50 ?%) (?:of )?(?:that|it|this|the amount)\b|^(?:only |just |rather )?half(?: that| it)?$"
)
_DOUBLE: Final = re.compile(
    r"\b(?:double|twice) (?:of )?(?:that|it|this|the amount)\b|^double(?: it| that)?$|^twice (?:that|as much)$"
)
_ACCOUNT_FILLERS: Final = _WEIGHTLESS | {"same", "do", "my", "account", "use", "but", "and", "yes"}
_DECLINES: Final = re.compile(
    r"^(?:(?:no|nope|nah|actually|ok|okay|sorry|well|hmm|please|oh)[ ,]*)*(?:no|nope|nah|no thanks|no thank you|never ?mind|forget (?:it|that|about it)|leave it|do not|not now|cancel that|drop it|stop it|rather not|changed my mind|i changed my mind|i have changed my mind)(?: thanks| please| then| anymore| any more)*$"
)
_SAME_PRICE: Final = re.compile(
    r",? (?:at|for) (?:that|the same|this) (?:same )?(?:price|limit)\b", re.IGNORECASE
)
_SIDE: Final = re.compile(r"^(buy|sell)(?: it| that| instead)*$")
_BARE: Final = re.compile(r"^\$?\s?(\d[\d,]*(?:\.\d+)?)\s?(k)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Before:
    """What the person's message before this one ordered or began to order."""

    sentence: str
    orders: Orders


def standalone(turn: TurnIn) -> str:
    """Return the message of a turn as it would read if nothing had been said before it."""
    mine = [each for each in turn.history if each.role == "user"][-_LOOK_BACK:]
    return _told(tuple(each.text for each in mine), turn.message.text)


def declines(turn: TurnIn) -> bool:
    """Tell whether a message takes back what the one before it began to order."""
    mine = [each for each in turn.history if each.role == "user"]
    if not mine or _DECLINES.search(normalise(plainly(turn.message.text).text).text) is None:
        return False
    return _before(tuple(each.text for each in mine[-_LOOK_BACK:])) is not None


def resolved(turn: TurnIn) -> TurnIn:
    """Return the turn with its message as it reads alone."""
    text = standalone(turn)
    return (
        turn
        if text == turn.message.text
        else replace(turn, message=replace(turn.message, text=text))
    )


def language_in(turn: TurnIn) -> str:
    """Return the language to answer in: the message's, or, of a mere figure, the one before's."""
    own = language_of(turn.message.text)
    if own != ENGLISH or _WORDY.search(turn.message.text) is not None:
        return own
    before = next((each.text for each in reversed(turn.history) if each.role == "user"), "")
    return language_of(before) if before else own


@lru_cache(maxsize=512)
def _told(before: tuple[str, ...], text: str) -> str:
    plain = plainly(text)
    if not before or not plain.sure:
        return text
    english = with_sums(text if plain.language == ENGLISH else plain.text, before)
    short = len(english.split()) <= _SHORT
    taken = taken_up(english, _told(before[:-1], before[-1])) if short else ""
    referred = taken or _referred(english, before)
    if referred:
        return referred
    said = _followed(_named(with_sums(plain.text, before), before), before)
    if len(said.split()) > _SHORT:
        return said if said != plain.text else text
    found = _before(before) or _begun(before)
    made = _continued(said, found) if found is not None else ""
    return made or (said if said != plain.text else text)


def _referred(text: str, before: tuple[str, ...]) -> str:
    """Read what a message asks of the coin, the orders or the mandate that were just spoken of."""
    words = _BUY_ONE.sub(r"\1 1", with_digits(text))
    if _STOPS.search(before[-1]):
        words = _SET_ONE.sub("a stop loss", words)
    if len(words.split()) > _LONG:
        return ""
    deed = deeds_said(words, _in_english(before[-1]))
    if not deed and _IT.search(words) and not _symbols(before[-1]):
        deed = deeds_said(words, " ".join(map(_in_english, before[-2:])))
    if deed and deeds_said(words) != deed:
        return deed
    just = _assets(before[-1:])
    if len(just) == 1 and _EACH.search(words):
        just = _assets(before[-2:])  # "what of ETH?", "and SOL?", "$100 of each"
    coins = just or (_spoken(before) if _IT.search(words) else ())
    if not coins or any(each.code == "A" for each in tokens(words)):
        return ""
    said = orders_said(words, coins)
    if _OPEN.search(said) and _before(before) is not None:
        return ""
    amounts = find_amounts(_OF_THEM.sub(rf"\1 {coins[0]}", before[-1]))
    if said.endswith(f"buy some {coins[0]}") and len(amounts) == 1 and _THIS.search(words):
        size = f"{amounts[0].written} of" if amounts[0].is_money else f"{amounts[0].value:f}"
        return f"buy {size} {coins[0]}"
    return said


def _assets(said: Sequence[str]) -> tuple[str, ...]:
    found = (each.said for text in said for each in tokens(text) if each.code == "A")
    return tuple(dict.fromkeys(found))


def _in_english(text: str) -> str:
    plain = plainly(text)
    return text if plain.language == ENGLISH else plain.text


def _before(before: tuple[str, ...]) -> Before | None:
    sentence = _told(before[:-1], before[-1])
    found = requested(sentence)
    if found is None or found.kind is not Kind.ORDER:
        return None
    meant = _spoken(before[:-1])
    return Before(found.sentence, read_orders(found.sentence, meant=meant[:1]))


def _begun(before: tuple[str, ...]) -> Before | None:
    """Return the order that lacks its size still, though something else was said since."""
    earlier = before[:-1]
    found = _before(earlier) if earlier else None
    return found if found is not None and found.orders.lacks == "size" else None


def _named(text: str, before: tuple[str, ...]) -> str:
    """Put the assets that "it" and "the second one" stand for."""
    spoken = _spoken(before)
    ordinal = _ORDINAL.search(text)
    if ordinal is not None and len(spoken) > 1:
        word = (ordinal.group(1) or ordinal.group(2)).lower()
        place = _ORDINALS[word]
        if place < len(spoken):
            text = f"{text[: ordinal.start()]}{spoken[place]}{text[ordinal.end() :]}"
    elif len(spoken) == 1 and _ORDERS.search(text) is not None and not _symbols(text):
        text = _WORTH.sub(rf"\1 of {spoken[0]}", text)
        text = rephrased(_BARE_COUNT.sub(rf"\1 {spoken[0]}", _OF_IT.sub(rf"\1 {spoken[0]}", text)))
        if _THEM_TOO.search(text):
            text = re.sub(r"\b(?:it|that)$", spoken[0], text)
    text = _COUNTED_OF.sub(r"\1 \2 ", text)
    just = _spoken(before[-1:])
    if len(just) != 1 or _symbols(text):
        return text
    if len(text.split()) <= _SHORT:
        text = _ABOUT_IT.sub(rf"\1 {just[0]}", text)
        text = re.sub(r"\bits\b", just[0], text, flags=re.IGNORECASE)
        text = _PUT_IN.sub(rf"\1 into {just[0]}", text)
    return text


def _followed(text: str, before: tuple[str, ...]) -> str:
    """Put what a message leaves out because the question before it, or its coin, goes on."""
    just, coins = _spoken(before[-1:]), _spoken(before)
    if len(just) == 1 and not _symbols(text) and _before(before) is None:
        text = carried(text, just[0])
    return elided(text, _symbols(text), coins, lambda: _told(before[:-1], before[-1]))


def _spoken(before: tuple[str, ...]) -> tuple[str, ...]:
    for text in reversed(before):
        found = understand(text).mentions.symbols
        if found:
            return found
    return ()


def _continued(said: str, before: Before) -> str:
    """Complete or correct the order of the message before; empty if this is something else."""
    text = normalise(said).text
    said = _SAME_PRICE.sub("", said)
    if requested(said) is not None or _DECLINES.search(text) is not None:
        side = _SIDE.search(_CORRECTS.sub("", text))
        return _with_side(before, side.group(1)) if side is not None else ""
    moved = _on_another(said, before)
    if moved or before.orders.lacks:
        return moved or _completed(_FILLS.sub("", text), said, before)
    return _corrected(text, said, before.orders.wishes)


def _on_another(said: str, before: Before) -> str:
    """Put the order before on the account that a message names and nothing else: "on Binance"."""
    place = without_account(said)
    rest = _CORRECTS.sub("", f"{normalise(place.rest).text} ").split()
    if not place.account or not _ACCOUNT_FILLERS.issuperset(rest):
        return ""
    sentence = without_account(before.sentence).rest.rstrip(" .!")
    return f"{sentence}{on(place.account)}"


def _completed(text: str, said: str, before: Before) -> str:
    orders, symbols = before.orders, _symbols(said)
    sentence = before.sentence.rstrip(" .!")
    if orders.lacks == "asset" and len(symbols) == 1 and len(text.split()) <= _FEW:
        return f"{sentence} of {symbols[0]}"
    if orders.lacks == "asset" and len(symbols) == 1:
        whole = f"{orders.side} {size_said(said, orders.side, symbols[0])}"
        return f"{whole}{on(orders.account)}" if not read_orders(whole).lacks else ""
    if orders.lacks in ("price", "trigger"):
        price = _BARE.search(text)
        return f"{sentence} at {_plain(price)}" if price is not None else ""
    if orders.lacks != "size" or len(orders.symbols) != 1 or set(symbols) - set(orders.symbols):
        return ""
    size = size_said(said, orders.side, orders.symbols[0])
    return f"{orders.side} {size}{on(orders.account)}" if size else ""


def _corrected(text: str, said: str, wishes: Sequence[Wish]) -> str:
    if len(wishes) != 1:
        return ""
    (wish,) = wishes
    rest = _CORRECTS.sub("", text)
    halved = _HALF.search(text) or _HALF.search(rest)
    scale = Decimal("0.5") if halved else Decimal(2) if _DOUBLE.search(text) else None
    if scale is not None:
        return sentence_of(_scaled(wish, scale))
    side = _SIDE.search(rest)
    if side is not None and rest != text:
        return sentence_of(replace(wish, side="buy" if side.group(1) == "buy" else "sell"))
    return amended(f"no, {said}" if _BARE.search(text) else said, wish)


def _with_side(before: Before, side: str) -> str:
    wishes = before.orders.wishes
    same = len(wishes) == 1 and wishes[0].side != side
    return sentence_of(replace(wishes[0], side="buy" if side == "buy" else "sell")) if same else ""


def _scaled(wish: Wish, scale: Decimal) -> Wish:
    if wish.quantity is not None:
        return replace(wish, quantity=wish.quantity * scale)
    if wish.amount is not None:
        return replace(wish, amount=wish.amount * scale)
    portion = min(Decimal(1), (wish.portion or Decimal(1)) * scale)
    return replace(wish, portion=portion)


def _symbols(text: str) -> tuple[str, ...]:
    return find_symbols(normalise(text), price_asked=False).symbols


def _plain(match: re.Match[str]) -> str:
    value = Decimal(match.group(1).replace(",", ""))
    return number(value * 1000 if match.group(2) else value)
