"""What a message takes up of the one before it without naming it: its sum, its deed, its question.

"Stick it in BNB" after "I have 400 dollars", "no, balanced" after "rebalance me to bold", "and in
assisted mode?" after a question about another mode, "do it" after "can I sell 1 ETH?".
"""

# ruff: noqa: E501 - a pattern is read as one line
import re
from collections.abc import Sequence
from typing import Final

from uchat_ai_core.domain.planner.amounts import find_amounts
from uchat_ai_core.domain.planner.any_order import orders_said
from uchat_ai_core.domain.planner.order_tokens import tokens
from uchat_ai_core.domain.planner.requests import Kind, requested
from uchat_ai_core.domain.planner.said_orders import number
from uchat_ai_core.domain.planner.sizes import DOLLARS

_PUT_IT: Final = re.compile(
    r"\b(put|stick|throw|chuck|pop|place|use|invest|sink|move) (?:it|that|them|the money)(?: all)?(?= (?:in|into|on|for|to)\b)",
    re.IGNORECASE,
)
_BARE: Final = re.compile(r"(?<![\w$€£.,@])(?<!at )\d[\d,]*(?:\.\d+)?(?![\w%])(?=[ ,]*(?:$|[.!]))")
_WITH: Final = re.compile(
    r"\bwith (?=\d[\d.,]*k?(?: please| then| now| only)*[ .!]*$)", re.IGNORECASE
)
_DO_IT: Final = re.compile(
    r"^(?:(?:ok|okay|yes|yeah|yep|good|great|cool|nice|fine|perfect|then|so|alright|please|let us|lets)\b[ ,.!]*)*(?:do|let us do) (?:it|that|so)(?: please| then| now| for me)*[ .!]*$",
    re.IGNORECASE,
)
_MAY_I: Final = re.compile(
    r"^(?:(?:can|could|may|should|shall) i|is it (?:ok|okay|possible|allowed) to) (?=(?:buy|sell)\b)",
    re.IGNORECASE,
)
_AND_IN: Final = re.compile(
    r"^(?:and|or|what about)(?: what about)?(?: in| on| with)?(?: the)? (manual|assisted|autonomous)(?: mode| one)?[ ?.!]*$",
    re.IGNORECASE,
)
_INSTEAD: Final = re.compile(
    r"^(?:(?:no|nope|nah|sorry|wait|oops|actually|rather|i mean|i meant|make it|make that)\b[ ,.]*)+(?:the )?(?P<word>cautious|balanced|bold|manual|assisted)(?: one| mode| profile)?(?: please| instead)*[ .!]*$",
    re.IGNORECASE,
)
_ONLY: Final = re.compile(
    r"^(?:(?:no|nope|nah|sorry|wait|oops|actually|i mean|i meant)\b[ ,.]*)+(?:only|just) (?:the |my )?(?P<coin>\w+)(?:,? all of it)?(?: please)?[ .!]*$",
    re.IGNORECASE,
)
_ALSO: Final = re.compile(
    r"^(?:and|also|now|plus)(?: also)? (?:the )?(?:ones? |orders? |those )?(?:on |for |of |in )?(?:my |the )?(?P<coin>\w+)(?: ones?| orders?)?(?: too| as well| please)*[ .!]*$",
    re.IGNORECASE,
)
_MODES: Final = frozenset({Kind.MANUAL_MODE, Kind.ASSISTED_MODE, Kind.EMERGENCY_MODE})


def with_sums(text: str, before: Sequence[str]) -> str:
    """Return a message with the sum that "it" or a bare figure stands for."""
    text = _WITH.sub("with $", text)
    sums = [each for each in find_amounts(before[-1]) if each.is_money]
    if len(sums) == 1 and _PUT_IT.search(text) and not any(each.isdigit() for each in text):
        return _PUT_IT.sub(rf"\1 {number(sums[0].value)} {sums[0].unit}", text)
    named = {
        each.value for said in before for each in find_amounts(said) if each.unit in DOLLARS
    }  # "buy it, the 600" after "should I buy $600 of it?"
    bare = _BARE.search(text)
    if bare is None or not named:
        return text
    same = any(number(each) == bare.group().replace(",", "") for each in named)
    return f"{text[: bare.start()]}${text[bare.start() :]}" if same else text


def taken_up(text: str, before: str) -> str:
    """Return what a message asks by what the one before it, as it reads alone, asked; or nothing."""
    mode = _AND_IN.search(text)
    if mode is not None:
        request = requested(before)
        return f"how does {mode.group(1)} mode work?" if request is None else ""
    if _DO_IT.search(text) is not None:
        may_i = _MAY_I.search(before)
        return orders_said(before[may_i.end() :].rstrip(" ?")) if may_i is not None else ""
    instead, only, also = _INSTEAD.search(text), _ONLY.search(text), _ALSO.search(text)
    if instead is None and only is None and also is None:
        return ""
    request = requested(before)
    kind = request.kind if request is not None else None
    if instead is not None:
        return _redone(instead["word"].lower(), kind)
    if only is not None and kind is Kind.LIQUIDATE:
        coin = _coin(only["coin"])
        return f"sell all of my {coin}" if coin else ""
    coin = _coin(also["coin"]) if also is not None and kind is Kind.CANCEL else ""
    return f"cancel my {coin} orders" if coin else ""


def _redone(word: str, kind: Kind | None) -> str:
    if word in ("manual", "assisted"):
        return f"switch to {word} mode" if kind in _MODES else ""
    return f"rebalance my portfolio with the {word} profile" if kind is Kind.REBALANCE else ""


def _coin(word: str) -> str:
    found = [each.said for each in tokens(word) if each.code == "A"]
    return found[0] if len(found) == 1 else ""
