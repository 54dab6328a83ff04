"""Other ways to ask for an order, said as the order grammar knows them.

"Pick up 100 bucks of LINK" is "buy 100 bucks of LINK". Only what names how much and of what is
said anew, so that no talk becomes an order.
"""

# ruff: noqa: E501 - a pattern is read as one line
import re
from typing import Final

from uchat_ai_core.domain.planner.any_order import orders_said
from uchat_ai_core.domain.planner.deeds import cancels_first, deeds_said
from uchat_ai_core.domain.planner.openings import FILLER
from uchat_ai_core.domain.planner.order_corrections import corrected
from uchat_ai_core.domain.planner.symbols import ALIASES

_ASSET: Final = (
    r"(?P<asset>\$?[A-Z]{3,5}(?![A-Za-z])|(?i:"
    + "|".join(sorted((re.escape(each) for each in ALIASES), key=len, reverse=True))
    + r")(?![a-z0-9]))"
)
_BEFORE: Final = r"(?P<before>^|[.!?;,]\s+|\b(?:and|then|also|please|ok|okay|now|so|hey|nice|great|yes|yeah)[ ,]+)"
_AFTER: Final = r"(?P<after>(?:\s+(?:please|now|for me|thanks|today|right now|asap))*\s*(?:[.!?;,]|$|(?=\s(?:and|then|also|at|if|when|limit)\b)))"


def _rule(pattern: str, said: str) -> tuple[re.Pattern[str], str]:
    return re.compile(
        _BEFORE + r"(?i:" + pattern + r")" + _AFTER
    ), r"\g<before>" + said + r"\g<after>"


_RULES: Final = (
    _rule(r"(?:reduce|cut|trim|lower) my\s" + f"(?-i:{_ASSET})" + r"(?: position| holdings?)? by (?P<part>a (?:half|third|quarter|fifth|tenth)|half|two thirds|three quarters|\d{1,3} ?(?:%|percent))", r"sell \g<part> of my \g<asset>"),
    _rule(r"(?:lighten up|ease off|cut back|cut down|go lighter) on(?: my)?\s" + f"(?-i:{_ASSET})" + r" by (?P<part>a (?:half|third|quarter|fifth|tenth)|half|two thirds|three quarters|\d{1,3} ?(?:%|percent))", r"sell \g<part> of my \g<asset>"),
    _rule(r"(?:take|bring|scale) my\s" + f"(?-i:{_ASSET})" + r"(?: position| holdings?)? (?:down|back) by (?P<part>a (?:half|third|quarter|fifth|tenth)|half|two thirds|three quarters|\d{1,3} ?(?:%|percent))", r"sell \g<part> of my \g<asset>"),
    _rule(r"take (?P<part>half|a (?:third|quarter)|\d{1,3} ?(?:%|percent))(?: of)? my\s" + f"(?-i:{_ASSET})" + r" off(?: the table)?", r"sell \g<part> of my \g<asset>"),
    _rule(r"(?:a )?(?P<noun>stop[ -]?loss|take[ -]?profit)s? (?:of |at )?(?P<at>\$?\d[\d,]*(?:\.\d+)?k?) (?:on|for)(?: my)?\s" + f"(?-i:{_ASSET})", r"set a \g<noun> for my \g<asset> at \g<at>"),
    _rule(r"(?:put|place|set|add) (?:in )?a stop(?:[ -]?loss)? (?:under|below|beneath|on|for)(?: my)?\s" + f"(?-i:{_ASSET})" + r"(?: position| holdings?)? at (?P<at>\$?\d[\d,]*(?:\.\d+)?k?)", r"set a stop loss for my \g<asset> at \g<at>"),
    _rule(r"stop (?:me )?out (?:of )?(?:my )?" + f"(?-i:{_ASSET})" + r" (?:at|below|under) (?P<at>\$?\d[\d,]*(?:\.\d+)?k?)", r"set a stop loss for my \g<asset> at \g<at>"),
    _rule(r"(?:take|lock in|secure) (?:my )?profits? (?:on|of|in)(?: my)?\s" + f"(?-i:{_ASSET})" + r" at (?P<at>\$?\d[\d,]*(?:\.\d+)?k?)", r"set a take profit for my \g<asset> at \g<at>"),
)  # fmt: skip
_SHORT_STOP: Final = re.compile(r"\b(?:sl|SL)\b(?=.*\d)")
_SHORT_TARGET: Final = re.compile(r"\b(?:tp|TP)\b(?=.*\d)")
_PLAIN: Final = re.compile(
    FILLER + r"(?:(?:can|could|would|will) you )?(?:please )?(?:buy|sell)\b", re.IGNORECASE
)
_COINS_OF: Final = re.compile(
    r"\b((?:buy|sell) \d[\d,]*(?:\.\d+)?) of (?!my\b|the\b|it\b|that\b|them\b|those\b)(?=\$?[A-Za-z])"
)
_LONGEST: Final = 200


def rephrased(text: str) -> str:
    """Return a text with such wishes said as `buy …`, `sell …` or `set a stop loss …`."""
    if len(text) > _LONGEST or '"' in text or "“" in text:
        return text
    text = corrected(text)
    text = _SHORT_STOP.sub("stop loss", _SHORT_TARGET.sub("take profit", text))
    for pattern, said in _RULES:
        text = pattern.sub(said, text)
    return (
        cancels_first(text) or orders_said(text) or deeds_said(text) or _COINS_OF.sub(r"\1 ", text)
    )
