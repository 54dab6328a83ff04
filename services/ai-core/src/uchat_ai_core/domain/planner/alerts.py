"""Alerts in words: what to be told of, which alerts are meant, when the digest is due.

A sentence is an alert if it plainly asks to be told, or names alerts or the daily summary. What it
leaves open is named in `lacks`, and nothing is set then.
"""

# ruff: noqa: E501 - a pattern is read as one line
import re
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Final, Literal

from uchat_ai_core.domain.planner.digests import read_digest
from uchat_ai_core.domain.planner.normalise import normalise, plain_quotes
from uchat_ai_core.domain.planner.symbols import find_symbols
from uchat_ai_core.domain.planner.triggers import condition

Action = Literal["set", "list", "snooze", "delete", "resume", "digest", "digest_off", "digest_when"]


@dataclass(frozen=True, slots=True)
class AlertWish:
    """What a message wants of alerts. Fields of `set` are those of the contracts' `AlertRequest`.

    `symbol` of the others: only that asset's alerts; `every`: all that fit. `hours`: how long a
    snoozed one is silent. `time` and `zone` are the digest's, empty if they are not named.
    """

    action: Action
    kind: str = ""
    symbol: str = ""
    way: str = "either"
    level: Decimal | None = None
    percent: Decimal | None = None
    window_s: int | None = None
    repeat: bool = False
    every: bool = False
    hours: Decimal = Decimal(1)
    time: str = ""
    zone: str = ""
    lacks: str = ""


_POLITE: Final = r"^(?:(?:please|pls|hey|hi|ok|okay|and|also|now|can you|could you|would you|will you|i want you to|i would like you to|i need you to|just) )*"
_TELL: Final = (
    _POLITE
    + r"(?:(?:tell|alert|notify|ping|warn|message|inform|remind|text|call|wake) me(?: up)?|let me know|give me (?:an? )?(?:alert|heads up|shout)|(?:i (?:want|would like|need|wish) to|i should) (?:be (?:told|alerted|notified|warned|informed)|know)|(?:set|create|add|make|put|give me|i (?:want|need|would like))(?: up| me)? (?:an? |another |one |the )?(?:\w+ )?(?:alerts?|alarm|notification))\b"
)
_TELL_AT_END: Final = re.compile(
    r"^(?P<rest>(?:if|when|once|whenever|as soon as|every time|each time)\b.*?),? (?:then |please )*(?:tell|alert|notify|ping|warn|message|inform|remind) me(?: please)?$"
)
_ASKED: Final = re.compile(_TELL)
_BARE: Final = re.compile(
    _POLITE + r"(?:price )?alert(?:s)? (?:for|on|at|when|if)?\b|^(?:price )?alert [a-z0-9]+ "
)
_EVERY_TIME: Final = re.compile(
    r"\b(?:every time|each time|whenever|always|repeatedly|every fill|each fill|any(?: of my)? (?:orders?|fills?))\b"
)
_WHENEVER: Final = re.compile(r"\b(?:every time|each time|whenever)\b", re.IGNORECASE)
_PORTFOLIO: Final = re.compile(
    r"\b(?:portfolio|account|holdings|net worth|total value|my money|my balance|my assets|equity|profits?|i (?:am|have) (?:up|down|made|lost|gained)|i (?:make|lose|gain))\b"
)
_EARNED: Final = re.compile(r"\b(?:profits?|made|make|gained|gain)\b")
_FILL: Final = re.compile(
    r"\b(?:fill|filled|fills|executed|executes|goes through|gone through|completed)\b"
)
_SEVERAL: Final = re.compile(r"\balerts\b")
_ORDER: Final = re.compile(r"\b(?:orders?|trades?|fill|fills|buy|sale|purchase)\b")
_DRAWDOWN: Final = re.compile(r"\b(?:drawdown|draws? down)\b")
_PERCENT: Final = re.compile(r"(?P<number>\d+(?:\.\d+)?) ?(?:%|percent\b|per cent\b|pct\b)")
_DOWN: Final = re.compile(
    r"\b(?:falls?|drops?|dips?|sinks?|slides?|declines?|decreases?|crash(?:es)?|tumbles?|plunges?|dumps?|loses?|down|below|under|beneath|less than|lower)\b"
)
_UP: Final = re.compile(
    r"\b(?:rises?|climbs?|jumps?|increases?|gains?|pumps?|rall(?:y|ies)|up|above|over|more than|exceeds?|higher|tops?|grows?|goes over)\b"
)
_WITHIN: Final = re.compile(
    r"\b(?:in|within|over|during|inside|per)(?: (?:the )?(?:last|next|past|an?y?))? ?(?P<n>an?|one|half an|two|three|four|six|twelve|\d+)? ?(?P<unit>minutes?|mins?|min|m|hours?|hrs?|hr|h|days?|d)\b"
)
_BY_DAY: Final = re.compile(r"\b(?:today|a day|daily|intraday|24 ?h(?:ours)?)\b")
_LEVEL: Final = re.compile(
    r"[$]? ?(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?) ?(?P<scale>k|thousand|grand|m|million)?\b(?! ?(?:%|percent|per cent|pct|min|hour|h\b|day|d\b))"
)
_AFTER_LEVEL_WORD: Final = re.compile(
    r"\b(?:at|to|of|below|under|beneath|above|over|than|reach(?:es)?|hits?|touch(?:es)?|crosses|breaks|past|=|for)\b ?(?P<tail>.*)$"
)
_NUMBERS: Final = {
    "a": 1,
    "an": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "six": 6,
    "twelve": 12,
}
_IF: Final = re.compile(r"\b(?:if|when|once|whenever|as soon as|every time|each time)\b")
_ALERTS: Final = re.compile(
    r"\b(?:alerts?|notify|warn|ping|notifications?|notified|alerted|warned|alarms?)\b"
)
_CREATES: Final = re.compile(r"\b(?:set|create|add|make|put)\b")
_TO_DO: Final = re.compile(r"^(?:to|about|what|how|why|that|the time)\b")
_ABOUT: Final = re.compile(
    r"\b(?:alerts?|notifications?|alarms?|(?:alerting|notifying|telling|warning) me)\b"
)
_DELETES: Final = re.compile(
    _POLITE
    + r"(?:delete|remove|cancel|clear|drop|kill|erase|disable|stop|end|get rid of|turn off|switch off|forget)\b"
)
_DELETES_ONE: Final = re.compile(
    _POLITE + r"(?:delete|remove|forget) (?:the|my|that) \w+(?: \w+)? one$"
)
_SNOOZES: Final = re.compile(
    _POLITE + r"(?:snooze|mute|silence)\b|" + _POLITE + r"pause\b.*\balerts?\b"
)
_RESUMES: Final = re.compile(
    _POLITE
    + r"(?:un-?snooze|un-?mute|re-?arm|re-?activate|resume|re-?enable|turn (?:back )?on|switch on)\b"
)
_LISTS: Final = re.compile(
    r"\b(?:what|which|show|list|see|my|any|all|active|do i have|have i|are there|how many)\b|^(?:price )?(?:alerts?|notifications?)$"
)
_ALL: Final = re.compile(r"\b(?:all|every|everything|alerts|notifications)\b")
_EXPLAINS: Final = re.compile(
    r"^(?:how|why|explain|can i|what (?:is|are) (?:an? )?(?:price )?alerts?$)"
)
_DAY_S: Final = 86_400
_MOST_HOURS: Final = Decimal(31 * 24)


@lru_cache(maxsize=512)
def alert_wish(original: str) -> AlertWish | None:
    """Return what a message wants of alerts, or None if it is about something else."""
    plain = normalise(original).text.replace("'", "")
    if not plain or len(plain) > 400:  # noqa: PLR2004 - somebody's text rather than a wish
        return None
    digest = read_digest(original, plain)
    if digest is not None:
        return AlertWish(digest.action, time=digest.time, zone=digest.zone)
    return _managed(original, plain) or _set(original, plain)


def meant(wish: AlertWish, symbols: tuple[str, ...]) -> AlertWish:
    """Return the wish with the asset that was spoken of last, if it left that open."""
    if wish.lacks != "asset" or not symbols:
        return wish
    return replace(wish, symbol=symbols[0], lacks="")


def _managed(original: str, plain: str) -> AlertWish | None:
    about = _ABOUT.search(plain) is not None
    symbols = _symbols(original)
    symbol = symbols[0] if symbols else ""
    fills = _FILL.search(plain) is not None
    # "My fill alerts" are all of that kind.
    every = _ALL.search(plain) is not None or (
        fills and _SEVERAL.search(original.lower()) is not None
    )
    which = AlertWish("snooze", kind="fill" if fills else "", symbol=symbol, every=every)
    if _SNOOZES.search(plain):
        return replace(which, hours=_hours(plain))
    if (about and _DELETES.search(plain)) or _DELETES_ONE.search(plain):
        return replace(which, action="delete")
    if about and _RESUMES.search(plain):
        return replace(which, action="resume")
    numbered = _PERCENT.search(plain) or _LEVEL.search(plain)
    sets = numbered or _IF.search(plain) or _CREATES.search(plain)
    if about and not sets and _LISTS.search(plain) and not _EXPLAINS.search(plain):
        return AlertWish("list", symbol=symbol)
    return None


def _hours(plain: str) -> Decimal:
    match = re.search(
        r"\b(?:for )?(?P<n>an?|one|two|three|four|six|twelve|\d+(?:\.\d+)?) ?(?P<unit>minutes?|mins?|hours?|hrs?|h|days?|weeks?)\b",
        plain,
    )
    if match is None:
        return Decimal(24 if re.search(r"\b(?:until )?tomorrow\b|\btoday\b", plain) else 1)
    word = match.group("n")
    number = Decimal(_NUMBERS[word]) if word in _NUMBERS else Decimal(word)
    unit = match.group("unit")
    per = Decimal(1) / 60 if unit.startswith("m") else Decimal({"h": 1, "d": 24, "w": 168}[unit[0]])
    return min(max(number * per, Decimal(1) / 60), _MOST_HOURS)


def _set(original: str, plain: str) -> AlertWish | None:
    at_end = _TELL_AT_END.search(plain)
    asked, bare = _ASKED.search(plain), _BARE.search(plain)
    if at_end is None and asked is None and bare is None:
        return None
    begun = asked or bare
    rest = at_end.group("rest") if at_end else plain[begun.end() if begun else 0 :]
    rest = rest.strip()
    if _TO_DO.search(rest) or not (_IF.search(plain) or _ALERTS.search(plain)):
        return None
    wish = _of_what(original, plain, rest)
    if wish is None:
        return None
    return replace(wish, repeat=_EVERY_TIME.search(plain) is not None)


def _of_what(original: str, plain: str, rest: str) -> AlertWish | None:
    symbols = _symbols(original)
    symbol = symbols[0] if symbols else ""
    percent = _PERCENT.search(rest)
    if _FILL.search(rest) and _ORDER.search(plain):
        return AlertWish("set", kind="fill", symbol=symbol)
    if _DRAWDOWN.search(rest) or (_PORTFOLIO.search(rest) and percent and not symbol):
        return _of_portfolio_share(rest, percent)
    if _PORTFOLIO.search(rest) and not symbol:
        level = _level(rest)
        way = _way(rest)
        return AlertWish(
            "set", kind="portfolio", way=way, level=level, lacks="" if level else "level"
        )
    if percent is not None:
        wish = AlertWish(
            "set",
            kind="percent",
            symbol=symbol,
            way=_way(rest),
            percent=Decimal(percent.group("number")),
            window_s=_window(rest),
        )
        return replace(wish, lacks="" if symbol else "asset")
    return _of_price(original, rest, symbol)


def _of_portfolio_share(rest: str, percent: re.Match[str] | None) -> AlertWish:
    if percent is None:
        return AlertWish("set", kind="drawdown", lacks="percent")
    if _way(rest) == "above" or _EARNED.search(rest):
        return AlertWish("set", kind="portfolio", way="above", lacks="level")
    return AlertWish("set", kind="drawdown", percent=Decimal(percent.group("number")))


def _of_price(original: str, rest: str, symbol: str) -> AlertWish | None:
    # The grammar of orders that wait reads prices best; what it waits for is the same here.
    found = condition(_WHENEVER.sub("when", plain_quotes(original)))
    if found is not None:
        way = {"falls": "below", "rises": "above", "reaches": "either"}[found.way]
        named = found.symbols[0] if found.symbols else symbol
        lacks = "price" if found.price is None else "" if named else "asset"
        return AlertWish("set", kind="price", symbol=named, way=way, level=found.price, lacks=lacks)
    tail = _AFTER_LEVEL_WORD.search(rest)
    level = _level(tail.group("tail") if tail else rest)
    if level is None and not symbol:
        return None
    if level is None and not re.search(r"\b(?:for|on|about|at)\b", rest):
        return None
    lacks = "price" if level is None else "" if symbol else "asset"
    return AlertWish("set", kind="price", symbol=symbol, way=_way(rest), level=level, lacks=lacks)


def _way(rest: str) -> str:
    down, up = _DOWN.search(rest), _UP.search(rest)
    if down and up and re.search(r"\bup or down\b|\bdown or up\b|\beither\b", rest):
        return "either"
    if down and up:
        # "drops over 5 %" falls: the verb comes first.
        return "below" if down.start() < up.start() else "above"
    return "below" if down else "above" if up else "either"


def _window(rest: str) -> int:
    match = _WITHIN.search(rest)
    if match is None or _BY_DAY.search(rest):
        return _DAY_S
    word = match.group("n") or "one"
    unit = {"m": 60, "h": 3600, "d": _DAY_S}[match.group("unit")[0]]
    if word == "half an":
        return unit // 2
    number = _NUMBERS[word] if word in _NUMBERS else int(word)
    return min(max(number * unit, 60), _DAY_S)


def _level(text: str) -> Decimal | None:
    match = _LEVEL.search(text)
    if match is None:
        return None
    number = Decimal(match.group("number").replace(",", ""))
    scale = match.group("scale") or ""
    number *= 1_000_000 if scale.startswith("m") else 1000 if scale else 1
    return number if number > 0 else None


def _symbols(original: str) -> tuple[str, ...]:
    mentions = find_symbols(normalise(original), price_asked=False)
    return (*mentions.symbols, *mentions.unlisted)
