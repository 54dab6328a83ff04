"""One order of one asset out of its words: the side, the size, the limit, and how they are said."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from uchat_ai_core.domain.planner.order_tokens import Token
from uchat_ai_core.domain.planner.order_words import words

_COINS: Final = words("coin coins token tokens unit units pieces_of")
_BESIDE: Final = words("below under beneath above over down up off")
_WHOLE: Final = frozenset({"all", "everything"})
_WISHES: Final = words(
    """
    want_out_of want need i'd_like i_would_like id_like i'd_love would_like after i'm_after
    i_am_after
    """
)


@dataclass(frozen=True, slots=True)
class Leg:
    """The words of one order of one asset, and the side's words where others have them."""

    words: tuple[Token, ...]
    symbol: str

    def of(self, codes: str) -> list[Token]:
        """Return its words of these classes."""
        return [each for each in self.words if each.code in codes]

    def has(self, *said: str) -> bool:
        """Tell whether it has one of these words."""
        return any(each.said in said for each in self.words)


def said_of(leg: Leg, around: Sequence[Token], *, alone: bool) -> str:
    """Return an order as the grammar knows it, or an empty string if anything is not certain.

    `around` are all words of the message, where a size may be that "the same" stands for; `alone`:
    there is no other order beside it, so that its size may be left open.
    """
    if leg.of("Zz"):
        return _waiting(leg)
    price, words = _limit(leg.words, around)
    if price is None or leg.has("crypto", "cryptocurrency") or _of_a_price(leg.words):
        return ""
    leg = Leg(words, leg.symbol)
    size = _size(leg, around)
    if size is None or (not size and not alone):
        return ""
    side = _side(leg, size)
    if not side:
        return ""
    said = _sale(leg, size) if side == "sell" else _purchase(leg, size)
    return f"{said}{price}" if said else ""


def _waiting(leg: Leg) -> str:
    """A stop loss or a take profit: of all that is held if no size is named."""
    kinds = {each.code for each in leg.of("Zz")}
    words = leg.words
    prices = [
        each
        for place, each in enumerate(words)
        if each.code in "NM" and not (place + 1 < len(words) and words[place + 1].code == "A")
    ]
    counts = [each for each in leg.of("N") if each not in prices]
    at = [b for a, b in pairwise(words) if a.code == "@" and b in prices]
    if len(prices) == 2 and len(at) == 1:  # noqa: PLR2004
        prices, counts = at, [each for each in prices if each is not at[0]]
    parts = {each.said for each in leg.of("H")} - _WHOLE
    if any(each.code in "SW" or each.said in ("move", "shift") for each in words):
        return ""  # an order that is there is to be changed
    if leg.has("buy_stop") or not leg.of("AYH"):
        return ""
    if (
        len(kinds) != 1
        or len(prices) != 1
        or len(counts) + len(parts) > 1
        or leg.of("VKEW")
        or leg.has("buy", "purchase")
    ):
        if kinds == {"z"} and leg.of("H") and not prices:
            return _sale(leg, leg.of("H")[0])  # "take profits on 25% of my ETH now"
        return ""
    way = "falls" if kinds == {"Z"} else "rises"
    size = f"{counts[0].value:f}" if counts else f"{parts.pop() if parts else 'all'} of my"
    return f"sell {size} {leg.symbol} if it {way} to {prices[0].value:f}"


def _limit(words: Sequence[Token], around: Sequence[Token]) -> tuple[str | None, tuple[Token, ...]]:
    """The limit's price as ` at 60000`, and the words without it; None: it is not certain."""
    words, refers = _without_reference([_into(words, place) for place in range(len(words))])
    marks = [place for place, each in enumerate(words) if each.code == "@"]
    if len(marks) > 1 and words[marks[-1]].said in ("limit", "lmt"):
        words.pop(marks.pop())  # "at 155 limit"
    if refers and not any(
        each.code in "NM" for each in words[marks[-1] if marks else len(words) :]
    ):
        return _told(words, around)
    if not marks:
        return _unmarked(words)
    after = marks[-1] + 1
    while after < len(words) and words[after].code == "G":
        after += 1
    if after == len(words) or words[after].code not in "NM" or _is_counted(words, after):
        # "0.1 btc, 48000 limit"
        after = marks[-1] - 1
        if (
            after < 0
            or words[after].code not in "NM"
            or len(marks) > 1
            or "limit" not in words[marks[-1]].said
        ):
            return None, ()
    kept = tuple(each for place, each in enumerate(words) if place not in marks and place != after)
    way = words[marks[-1]].said
    way = way if way in ("below", "under", "above", "over") else "at"
    worse = " or better" if any(each.said == "or_better" for each in words) else ""
    return f" {way} {words[after].value:f}{worse}", kept


def _unmarked(words: Sequence[Token]) -> tuple[str | None, tuple[Token, ...]]:
    """The price of a limit order that no "at" comes before; an empty string if it is none."""
    limited = any("limit" in each.said or "lmt" in each.said for each in words)
    figures = [place for place, each in enumerate(words) if each.code in "NM"]
    sized = any(each.code == "H" for each in words)
    if not limited:
        return "", tuple(words)
    if len(figures) != 2 - sized:
        return None, tuple(words)
    counted = [place for place in figures if _is_counted(words, place)]
    price = next(each for each in reversed(figures) if [each] != counted)
    return f" at {words[price].value:f}", tuple(w for i, w in enumerate(words) if i != price)


def _told(words: Sequence[Token], around: Sequence[Token]) -> tuple[str | None, tuple[Token, ...]]:
    """The limit that "at that price" stands for: the only figure beside the order's own words."""
    own = {each.start for each in words}
    told = [each for each in around if each.code in "NM" and each.start not in own]
    if len(told) != 1:
        return None, ()
    return f" at {told[0].value:f}", tuple(each for each in words if each.code != "@")


def _without_reference(words: list[Token]) -> tuple[list[Token], bool]:
    """Take "at that price" out of an order's words, and tell whether it was there."""
    for place, each in enumerate(words[:-1]):
        if each.code == "@" and words[place + 1].code == "Y":
            end = place + 2
            while end < len(words) and words[end].said in ("price", "limit"):
                end += 1
            return [*words[:place], *words[end:]], True
    return words, False


def _is_counted(words: Sequence[Token], place: int) -> bool:
    """Tell whether a figure counts coins: "10 DOT", "ten coins"."""
    after = words[place + 1] if place + 1 < len(words) else None
    return after is not None and (after.code == "A" or after.said in _COINS)


def _of_a_price(words: Sequence[Token]) -> bool:
    """Tell whether a share is one of a price: "20 % over the market"."""
    return any(a.code == "H" and b.said in _BESIDE for a, b in pairwise(words))


def _into(words: Sequence[Token], place: int) -> Token:
    """Read "at" before an asset as "into": "throw 60 bucks at DOGE"."""
    word, rest = words[place], [each for each in words[place + 1 :] if each.code != "G"]
    goes = word.code == "@" and word.said == "at" and rest and rest[0].code == "A"
    return replace(word, code="I") if goes else word


def _size(leg: Leg, around: Sequence[Token]) -> Token | str | None:
    """The one size of an order; an empty string if none is named, None if it is not certain."""
    held = [b for a, b in pairwise(leg.words) if b.code == "N" and a.said in ("of_my", "of the")]
    sizes = {(each.code, each.said, each.value): each for each in leg.of("MNH") if each not in held}
    if leg.of("K"):
        named = [each for each in around if each.code == "M"]
        return named[0] if len(named) == 1 and not sizes else None
    if len(sizes) > 1:
        return None
    if not sizes:
        return ""
    (size,) = sizes.values()
    few = [a for a, b in pairwise(leg.words) if b is size and a.code == "V"]
    return None if few else size


def _side(leg: Leg, size: Token | str) -> str:
    codes = "".join(each.code for each in leg.words)
    has = set(codes)
    money = isinstance(size, Token) and size.code == "M"
    into = "I" in has
    if "i" in has and not (leg.has(*_WISHES) or has & {"Q", "q"}):
        return ""  # "I put $50 into BTC" tells of what was done
    if "W" in has:
        return _turned(codes)
    if has & {"S", "C"} and not (leg.has("dump") and into and money):
        return "" if "B" in has else "sell"
    asks = leg.has("please", "pls", "plz", "plse", "pretty_please", "go", "do_it") or "Q" in has
    for_money = money and not has & set("XVH") and (into or asks)
    counted = re.search("NG?A", codes) if asks else None  # "10 DOT please"
    takes = ("q" in has and size) or ("T" in has and (size or "V" in has))
    puts = into and has & {"P", "S", "C"}
    return "buy" if "B" in has or puts or takes or for_money or counted else ""


def _turned(codes: str) -> str:
    asset = codes.find("A")
    if "X" in codes and asset < codes.rfind("X"):
        return "sell"
    money = min((codes.find(each) for each in "XM" if each in codes), default=-1)
    return "buy" if 0 <= money < asset and "M" in codes else ""


def _sale(leg: Leg, size: Token | str) -> str:
    down_to = any(
        a.said in ("to", "onto", "towards") and b.code in "HNM" for a, b in pairwise(leg.words)
    )
    all_coins = isinstance(size, Token) and size.said == "everything" and not leg.of("AY")
    if down_to or all_coins:
        return ""  # to a size rather than by one; of all coins, not of the one whose price is named
    if isinstance(size, Token):
        part = f"{size.said.replace('everything', 'all')} of my {leg.symbol}"
        return f"sell {part}" if size.code == "H" else _counted("sell", size, leg.symbol)
    if leg.of("V"):
        return f"sell some of my {leg.symbol}"
    return f"sell {'all of my ' if leg.of('C') or leg.has('my') else ''}{leg.symbol}"


def _purchase(leg: Leg, size: Token | str) -> str:
    codes, symbol = "".join(each.code for each in leg.words), leg.symbol
    if not isinstance(size, Token):
        return f"buy some {symbol}" if set(codes) & set("BV") else ""
    if size.code == "H":
        return f"buy {symbol} with {size.said} of my cash" if "X" in codes else ""
    if size.code == "N" and "P" in codes and not set(codes) & set("BT") and "I" in codes:
        # Nobody puts coins into a coin; which currency is spent is asked.
        return "" if leg.has("spend") else f"buy ${size.value:f} of {symbol}"
    return _counted("buy", size, symbol)


def _counted(side: str, size: Token, symbol: str) -> str:
    if size.code == "M":
        return f"{side} {size.said or '$'}{size.value:f} of {symbol}"
    return f"{side} {size.value:f} {symbol}"
