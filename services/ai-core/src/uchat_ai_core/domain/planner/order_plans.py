"""Several orders in one message of which some wait for a price, or that go on with one asset.

"Buy $300 of SOL now and another $300 if it drops to 130", "TP 3200, stop 2600 on all my ETH",
"$200 at 135, $200 at 128". Each is said by itself, parted by `APART`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from uchat_ai_core.domain.planner.order_frames import groups, harmless, segments, span_of
from uchat_ai_core.domain.planner.order_legs import Leg, said_of
from uchat_ai_core.domain.planner.order_tokens import Token
from uchat_ai_core.domain.planner.order_words import words
from uchat_ai_core.domain.planner.triggers import Condition

APART: Final = " // "
_MOST: Final = 4
_STRONG: Final = frozenset("BSCPTZzq")
_BREAKS: Final = frozenset(",&")
_NOW: Final = words(
    """
    now at_market at_the_market market immediately straight_away right_now right_away at_once rn
    market_order at_market_price
    """
)
_MORE: Final = words("another more extra additional next")
_MOVES: Final = words("move shift")
_ALL_OF_THEM: Final = words("both each both_of_them each_one")
_COINS: Final = words("coin coins token tokens units")
_JOINS: Final = (",", "and", "but", ".")


@dataclass(slots=True)
class _Part:
    """The words of one order as they are gathered: its own, and the price that it waits for."""

    own: list[Token] = field(default_factory=list)
    waits: list[Condition] = field(default_factory=list)

    def of(self, codes: str) -> list[Token]:
        return [each for each in self.own if each.code in codes]

    @property
    def is_sized(self) -> bool:
        return bool(self.of("MNH"))

    @property
    def named(self) -> set[str]:
        """Return the assets that it names."""
        return {each.said for each in self.of("A")}

    @property
    def is_order(self) -> bool:
        """Tell whether it is one by itself, rather than what others have in common."""
        return bool(self.of("MNZz") or (self.of("H") and (self.of("BSC") or self.waits)))

    @property
    def is_marked(self) -> bool:
        """Tell whether it says of itself that it is done at once, or beside another."""
        said = {each.said for each in self.own}
        return bool(_NOW & said or self.of("Zz") or self.of("@"))


def plan_said(text: str, found: Sequence[Token], waits: Sequence[Condition], more: str) -> str:
    """Return a message with its orders said anew, or an empty string if they are no such plan."""
    swaps = any(each.code == "W" or each.said in _MOVES for each in found)
    several = sum(each.code in "MNHZz" for each in found) > 1
    if not swaps and not (several and (waits or any(each.code in "Zz@" for each in found))):
        return ""
    marked = _marked(text, found, waits)
    parts = segments(marked)
    for start, end in groups(parts):
        row = [word for part in parts[start:end] for word in (*part.words, _COMMA)]
        said = _swap(row, marked) or _planned(row, waits, marked)
        if said and harmless(parts, start, end):
            return span_of(text, parts, start, end, APART.join(f"{each}{more}" for each in said))
    return ""


_COMMA: Final = Token(",", ",", 0, 0)


def _marked(text: str, found: Sequence[Token], waits: Sequence[Condition]) -> tuple[Token, ...]:
    """Put a token for each condition in the place of its words, and a comma where one begins it."""
    marked = [
        each
        for each in found
        if not any(w.start <= each.start and each.end <= w.end for w in waits)
    ]
    for place, wait in enumerate(waits):
        marked.append(Token("w", str(place), wait.start, wait.end))
        if text[wait.start :].lstrip().lower().startswith(_JOINS):
            marked.append(replace(_COMMA, start=wait.start - 1, end=wait.start - 1))
    return tuple(sorted(marked, key=lambda each: each.start))


def _swap(row: Sequence[Token], around: Sequence[Token]) -> list[str]:
    """Read "swap $500 of my ETH into BTC" as a sale and a purchase of as much."""
    core = [each for each in row if each.code not in "GFQ,&"]
    codes = "".join(each.code for each in core)
    turns = codes[:1] == "W" or (core and core[0].said in _MOVES)
    if not turns or codes[1:] not in ("MAIA", "MA@IA", "MIAIA", "MYIA"):
        return []
    money = next(each for each in core if each.code == "M")
    *sold, bought = [each.said for each in core if each.code == "A"]
    if not sold:  # "$500 of it"
        sold = list({each.said for each in around if each.code == "A"} - {bought})
    if len(sold) != 1 or sold[0] == bought or money.said not in ("", "$"):
        return []
    return [f"sell ${money.value:f} of {sold[0]}", f"buy ${money.value:f} of {bought}"]


def _planned(
    row: Sequence[Token], waits: Sequence[Condition], around: Sequence[Token]
) -> list[str]:
    assets = {each.said for each in row if each.code == "A"}
    some = any(each.code in "wZz" for each in row)
    if not some and len(assets) > 1:
        return []  # each with its own asset: no plan that has to be taken apart here
    parts = _parts(row, waits)
    sized = [each for each in parts if each.is_order]
    if not 1 < len(sized) <= _MOST or not _certain(parts, sized):
        return []
    said = _said(parts, around)
    return said if len(said) == len(sized) and all(said) else []


def _parts(row: Sequence[Token], waits: Sequence[Condition]) -> list[_Part]:
    parts = [_Part()]
    for token in row:
        last = parts[-1]
        if token.code in _BREAKS:
            if last.own or last.waits:
                parts.append(_Part())
        elif token.code == "w":
            if last.waits:
                parts.append(_Part())
            parts[-1].waits.append(waits[int(token.said)])
        elif _begins_anew(token, last):
            parts.append(_Part([token]))
        else:
            last.own.append(token)
    return _joined([each for each in parts if each.own or each.waits])


def _begins_anew(token: Token, last: _Part) -> bool:
    """Tell whether a word begins another order without a mark: "TP 3200 SL 2600"."""
    priced = token.code in "Zz" and last.of("Zz") and last.of("MN")
    return bool(priced or (token.code in _STRONG and last.waits and last.is_sized))


def _joined(parts: Sequence[_Part]) -> list[_Part]:
    """Add a price that stands by itself to the order that it follows, or that follows it."""
    joined: list[_Part] = []
    for part in parts:
        before = joined[-1] if joined else None
        if before is not None and part.waits and not part.own and not before.waits:
            before.waits += part.waits
        elif before is not None and before.waits and not before.own and not part.waits:
            before.own += part.own
        elif before is not None and part.of("@") and not part.of("BSCPTZzA") and not part.of("H"):
            figures = part.of("MN")
            if len(figures) == 1 and not before.of("@"):
                before.own += part.own  # "buy 1 ETH, limit 2500"
            else:
                joined.append(part)
        else:
            joined.append(part)
    return joined


def _certain(parts: Sequence[_Part], sized: Sequence[_Part]) -> bool:
    """Tell whether each price is for certain one order's: none could be meant for two."""
    for place, part in enumerate(sized[1:], 1):
        before = sized[place - 1]
        others = part.named and before.named and part.named != before.named
        apart = (
            bool(part.of("BSCPTZz") and not others)
            or any(each.said in _MORE for each in part.own)
            or before.is_marked
        )
        if bool(part.waits) != bool(before.waits) and not apart:
            return False
        if before.waits and not part.waits:
            return False  # "if BTC falls to 45000 sell half of it and buy $100 of ETH"
    return all(len(each.waits) <= 1 for each in parts)


def _said(parts: Sequence[_Part], around: Sequence[Token]) -> list[str]:
    said: list[str] = []
    side: list[Token] = []
    money: list[Token] = []
    asset = next((e.said for part in parts for e in part.own if e.code == "A"), "")
    asset = asset or next((w.symbols[0] for p in parts for w in p.waits if w.symbols), "")
    shared = _shared(parts)
    for part in parts:
        named = part.named
        of_wait = {each for wait in part.waits for each in wait.symbols}
        if len(named) > 1 or (of_wait and len(of_wait | named) > 1):
            return []
        asset = next(iter(named or of_wait), asset)
        own = [each for each in part.own if each.code in _STRONG]
        side = own or side
        if not part.is_order:
            continue
        words = [*part.own, *([] if own else side)]
        if part.of("Zz") and shared:
            words = [*(each for each in words if each.code != "H"), shared[0]]
        if money and not part.of("MHA") and not _counts(part):
            return []  # "$500 of BTC …, 500 of that": of what kind is not said
        money = part.of("M") or money
        said.append(_order(words, asset, part.waits, around))
    return said


def _shared(parts: Sequence[_Part]) -> list[Token]:
    """Return the share of what is held that is said once for several stops or targets."""
    return [
        each
        for part in parts
        if not part.is_order or any(word.said in _ALL_OF_THEM for word in part.own)
        for each in part.of("H")
    ]


def _counts(part: _Part) -> bool:
    return any(each.said in _COINS for each in part.own)


def _order(
    words: Sequence[Token], asset: str, waits: Sequence[Condition], around: Sequence[Token]
) -> str:
    if not asset:
        return ""
    if waits:
        words = [each for each in words if each.code not in "Zz"]
    if not any(each.code == "A" for each in words):
        words = [Token("A", asset, -1, -1), *words]
    order = said_of(Leg(tuple(words), asset), around, alone=False)
    if not order or not waits:
        return order
    return f"{order} {waits[0].said(asset)}" if " if " not in order and " at " not in order else ""
