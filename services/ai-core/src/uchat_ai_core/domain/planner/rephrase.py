"""Other ways to ask for an order, said as the order grammar knows them.

"Pick up 100 bucks of LINK" is "buy 100 bucks of LINK". Only what names how much and of what is
said anew, so that no talk becomes an order.
"""

# ruff: noqa: E501 - a pattern is read as one line
import re
from typing import Final

from uchat_ai_core.domain.planner.symbols import ALIASES

_ASSET: Final = (
    r"(?P<asset>\$?[A-Z]{3,5}(?![A-Za-z])|(?i:"
    + "|".join(sorted((re.escape(each) for each in ALIASES), key=len, reverse=True))
    + r")(?![a-z0-9]))"
)
_SUM: Final = r"(?P<size>[$€£]\s?\d[\d,]*(?:\.\d+)?k?|\d[\d,]*(?:\.\d+)?\s?k?\s?(?:us )?(?:dollars?|bucks?|usdt?|usdc|usd|euros?))"
_SIZE: Final = r"(?P<size>(?:[$€£]\s?)?\d[\d,]*(?:\.\d+)?k?(?:\s?(?:us )?(?:dollars?|bucks?|usdt?|usdc|usd|euros?))?)"
_PART: Final = r"(?P<part>all(?: of)?|half(?: of)?|a (?:half|third|quarter|fifth|tenth) of|two thirds of|three quarters of|\d{1,3} ?(?:%|percent) of)"
_CASH: Final = r"(?:my |the |our )?(?:whole |entire |remaining |free |spare )?(?:cash|money|usdt|usd|balance|dollars|funds)"
_BEFORE: Final = r"(?P<before>^|[.!?;,]\s+|\b(?:and|then|also|please|ok|okay|now|so|hey|nice|great|yes|yeah)[ ,]+)"
_AFTER: Final = r"(?P<after>(?:\s+(?:please|now|for me|thanks|today|right now|asap))*\s*(?:[.!?;,]|$|(?=\s(?:and|then|also|at|if|when|limit)\b)))"
_TAKE: Final = r"(?:(?:could|can|may) (?:i|you|we) (?:get|have|grab|take)(?: me)?|pick(?: me)? up|snag(?: me)?|grab(?: me)?|scoop up|fetch me|i(?:'ll| will) take|i(?:'d| would) (?:like|love)(?: to (?:get|have|take))?|i want(?: to get)?|give me|get(?: me)?|go for|take)"
_OF: Final = r"(?:\s(?:worth )?(?:of|in)\s|\s)(?:my )?"


def _rule(pattern: str, said: str) -> tuple[re.Pattern[str], str]:
    return re.compile(
        _BEFORE + r"(?i:" + pattern + r")" + _AFTER
    ), r"\g<before>" + said + r"\g<after>"


_RULES: Final = (
    _rule(_TAKE + r"\s" + _SIZE + _OF + f"(?-i:{_ASSET})", r"buy \g<size> of \g<asset>"),
    _rule(r"(?:throw|stick|drop|chuck|put|place|invest|spend|use|blow)\s(?:another |about |around )?" + _SUM + r"\s(?:at|in|into|on|towards?|for|to buy|to get)(?: some)?\s" + f"(?-i:{_ASSET})", r"buy \g<size> of \g<asset>"),
    _rule(r"(?:load up|stock up) on\s" + f"(?-i:{_ASSET})" + r"\s(?:with|for)\s" + _SUM, r"buy \g<size> of \g<asset>"),
    _rule(r"(?:throw|put|spend|use|invest)\s" + _PART + r"\s?" + _CASH + r"\s(?:at|in|into|on|towards?|for|to buy|to get)(?: some)?\s" + f"(?-i:{_ASSET})", r"buy \g<asset> with \g<part> my cash"),
    _rule(r"(?:reduce|cut|trim|lower) my\s" + f"(?-i:{_ASSET})" + r"(?: position| holdings?)? by (?P<part>a (?:half|third|quarter|fifth|tenth)|half|two thirds|three quarters|\d{1,3} ?(?:%|percent))", r"sell \g<part> of my \g<asset>"),
    _rule(r"take (?P<part>half|a (?:third|quarter)|\d{1,3} ?(?:%|percent))(?: of)? my\s" + f"(?-i:{_ASSET})" + r" off(?: the table)?", r"sell \g<part> of my \g<asset>"),
    _rule(r"(?:unload|offload|ditch|flog|drop) (?P<what>(?:all|half|\d[\d,.]*)(?: of)?(?: my)?)\s" + f"(?-i:{_ASSET})", r"sell \g<what> \g<asset>"),
    _rule(r"(?:a )?(?P<noun>stop[ -]?loss|take[ -]?profit)s? (?:of |at )?(?P<at>\$?\d[\d,]*(?:\.\d+)?k?) (?:on|for)(?: my)?\s" + f"(?-i:{_ASSET})", r"set a \g<noun> for my \g<asset> at \g<at>"),
    _rule(r"stop (?:me )?out (?:of )?(?:my )?" + f"(?-i:{_ASSET})" + r" (?:at|below|under) (?P<at>\$?\d[\d,]*(?:\.\d+)?k?)", r"set a stop loss for my \g<asset> at \g<at>"),
    _rule(r"(?:take|lock in|secure) (?:my )?profits? (?:on|of|in)(?: my)?\s" + f"(?-i:{_ASSET})" + r" at (?P<at>\$?\d[\d,]*(?:\.\d+)?k?)", r"set a take profit for my \g<asset> at \g<at>"),
)  # fmt: skip
_SLIPS: Final = (
    (
        re.compile(
            r"^(?:(?i:please|ok|hey|now) )?(?:b(?:yu|uuy|ui|uyy|uj)|uby|bbuy)(?= [\d$])",
            re.IGNORECASE,
        ),
        "buy",
    ),
    (
        re.compile(
            r"^(?:(?i:please|ok|hey|now) )?(?:sel|slel|sll|selll|esll|sekl)(?= (?:[\d$]|all\b|half\b|my\b))",
            re.IGNORECASE,
        ),
        "sell",
    ),
)
_HINT: Final = re.compile(
    r"get|have|pick|snag|grab|scoop|fetch|take|want|like|love|give|order|throw|stick|drop|chuck|put|place|invest|spend|use|blow|load|stock|reduce|cut|trim|lower|unload|offload|ditch|flog|stop|profit|lock|secure",
    re.IGNORECASE,
)
_COINS_OF: Final = re.compile(
    r"\b((?:buy|sell) \d[\d,]*(?:\.\d+)?) of (?!my\b|the\b)(?=\$?[A-Za-z])"
)
_LONGEST: Final = 200


def rephrased(text: str) -> str:
    """Return a text with such wishes said as `buy …`, `sell …` or `set a stop loss …`."""
    for slip, meant in _SLIPS:
        text = slip.sub(meant, text)
    if len(text) > _LONGEST or _HINT.search(text) is None or '"' in text or "“" in text:
        return text
    for pattern, said in _RULES:
        text = pattern.sub(said, text)
    return _COINS_OF.sub(r"\1 ", text)
