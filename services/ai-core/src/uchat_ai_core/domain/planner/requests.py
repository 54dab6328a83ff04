"""Whether a message asks for something to be done, now, by its writer: an order, a stop, a cancel.

What is not plainly asked is not done: questions, conditions, denials, plans for later and what
others said are no requests. Patterns meet text as `normalise` leaves it.
"""

# ruff: noqa: E501 - a pattern is read as one line
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final, Literal

from uchat_ai_core.domain.planner.account_slot import Place, without_account
from uchat_ai_core.domain.planner.any_order import strange
from uchat_ai_core.domain.planner.extras import without_extras
from uchat_ai_core.domain.planner.normalise import normalise
from uchat_ai_core.domain.planner.openings import FILLER, START
from uchat_ai_core.domain.planner.order_plans import APART
from uchat_ai_core.domain.planner.plain import plainly
from uchat_ai_core.domain.planner.triggers import waiting, waits_twice


class Kind(StrEnum):
    """What can be asked to be done."""

    ORDER = "order"
    LIQUIDATE = "liquidate"
    INVEST = "invest"
    WITHIN_MANDATE = "within_mandate"
    CANCEL = "cancel"
    STOP = "stop"
    REVOKE = "revoke"
    REBALANCE = "rebalance"
    EMERGENCY_MODE = "emergency_mode"
    MANUAL_MODE = "manual_mode"
    ASSISTED_MODE = "assisted_mode"


@dataclass(frozen=True, slots=True)
class Request:
    """A request and the sentence that makes it, as it was written."""

    kind: Kind
    sentence: str

    @property
    def place(self) -> Place:
        """Return on which account it is to be done."""
        return without_account(self.sentence)


_SENTENCE: Final = re.compile(r"(?<=[.!?;])\s+|\n+|\s+[-–—]\s+")  # noqa: RUF001 - dashes as people type them
_HINT: Final = re.compile(
    r"withdraw|brake|stpo|sotp|tsop|wipe|void|nuke|annul|dismiss|recall|ditch|erase|bin|remove|go with|follow|button|cease|switch|plug|drop|scrap|clear|take|undo|back|return|change|convert|pull|lock|buy|purchas|sell|profit|protect|rebalanc|mode|manual|assisted|myself|ask me|get|dump|liquidat|close|exit|invest|put|swap|exchang|turn|trade|order|"
    r"cancel|remove|delete|stop|halt|freeze|pause|suspend|kill|shut|abort|emergency|panic|revoke|end|use|spread|"
    r"propose|prepare|cash"
)
_POLITELY: Final = re.compile(FILLER + r"(?:can|could|would|will) you ")
_NOT_NOW: Final = re.compile(
    r"\b(not|never|without|no trades?|just (?:the (?:number|figure|amount|value)|asking|curious|checking)|if|unless|whether|when|whenever|(?<!at )once|until|till|maybe|perhaps|might|"
    r"wonder\w*|thinking|thought|consider\w*|some ?day|one day|tomorrow|tonight|later|soon|eventually|"
    r"next (?:week|month|year|time|monday|friday)|in (?:an?|\d+|two|three|a few) (?:hours?|days?|weeks?|months?|years?|minutes?)|"
    r"each (?:day|week|month|hour|morning|evening|\w+day)|per (?:day|week|month)|every(?! (?:open |single |last |pending |one of |\w+ )?(?:orders?|positions?|stops?|coins?|holdings?|trades?)\b)|daily|weekly|monthly|yesterday|already|ago|would have|should have|could have|"
    r"says?|said|saying|told|tells?|wrote|writes|heard|explain|means?|meaning|translate|example|"
    r"story|poem|song|joke|beer|coffee|pizza|drinks?|lunch|dinner|tickets?|flowers|present|gift|pretend|imagine|suppose|hypothetical\w*|signal|dip|rumou?r|house|car|"
    r"why|how|what|which|who|should|advice|advise\w*|recommend\w*)\b"
)
_BEYOND: Final = re.compile(
    r"\b(leverage\w*|margin|futures?|perps?|perpetual\w*|short(?:ing)?|trailing|oco|bracket|iceberg|twap|\d+x)\b"
)
_BESIDE: Final = r"\b(?:buy|purchase|sell|and|or)\b.*\d"
_ORDER: Final = re.compile(
    START
    + r"(?:(?:place|make|submit|create|open|set up|enter|prepare|propose|do|put in|execute) (?:me |us )?(?:an? |the |another )?(?:new )?(?:market |limit )?(?:order |trade )?(?:to |for |of )?(?:an? )?)?"
    r"(?:(?:market|limit) (?:order )?(?:to )?)?(?:order )?(?:me )?"
    r"(?:(?P<buy>buy|purchase|get me|invest|put(?! in (?:an?|the|my) | me\b)|order(?= (?:me )?[\d$]))|(?P<sell>sell|dump|liquidate|cash out|get rid of|close|exit|swap|exchange|turn))\b"
)
_INVESTED_IN: Final = re.compile(
    r"\b(?:invest|put)\b.*\b(?:in|into|on|to(?:wards)?) (?!(?:the )?(?:crypto\w*|coins?|market|stocks?|savings?|bank|balance|order|place)\b)"
)
_TO_CASH: Final = re.compile(
    r"\b(?:swap|exchange|turn)\b.*\b(?:to|into|for) (?:my )?(?:usdt|usd|dollars?|cash|money)\b"
)
_LIQUIDATE: Final = re.compile(
    START
    + r"(?:(?:all|my|every|each) (?:\w+ )*(?:positions?|holdings?|coins?) (?:close|sell)(?: now| immediately| please)*$|(?:sell (?:it all|everything) )?(?:sell|close|liquidate|exit|dump|cash out)(?: out)?(?: of)? (?:everything|(?:every|each)(?: \w+)? (?:position|holding|coin)|(?:all )?(?:of )?(?:my |the |open |whole |entire |complete |full )*(?:positions|holdings|coins|assets|crypto|portfolio|stuff|bags|investments)|it all|all)(?: now| right now| immediately| at once| please| in my account| i (?:have|own|hold)| (?:everything|all)? ?(?:in)?to cash)*$|(?:get|take|cash|pull) me out(?: of)?(?: everything| all of it| it all| the market| all (?:my )?positions)?(?: now| immediately| please)*$|(?:turn|convert|change|move|switch|swap) (?:it all|everything|all(?: of it)?|(?:all )?my (?:whole |entire )?(?:coins|crypto|holdings|portfolio)) (?:in)?to (?:cash|usdt|dollars|money)(?: now| please)*$|go (?:all |fully |completely )?(?:in)?to cash(?: now| please)*$)"
)
_LIKE_THAT: Final = re.compile(
    START
    + r"(?:invest|put|spread|allocate|place|buy|do|go with|use|follow|propose|prepare)\b.*\b(?:like (?:that|this|so)|(?:like|as|the (?:same )?way|how) (?:that )?(?:you|we) (?:have )?(?:just )?(?:showed|shown|said|told me|suggested|proposed|planned|recommended|described)|that way|this way|accordingly|as (?:you )?(?:suggested|proposed|shown|said|recommended|planned|above)|as in (?:the|that) (?:table|plan)|(?:the|that|this|your) (?:\w+ )?(?:allocation|plan|suggestion|split|proposal|mix)|those orders|these orders|the orders)(?: (?:for|of|with) [$]?[\d.,]+k?(?: ?(?:usdt?|dollars|bucks))?)?(?: now| please| for me)*$"
)
_INVEST_ALL: Final = re.compile(
    # "I want to invest $5000" tells of money; only "invest $5000" asks for it to be done.
    FILLER
    + r"(?:(?:can|could|would|will) you (?:please |now |kindly |go ahead and )*)?(?:please |now )*"
    + r"invest (?:it|that|this|the money|my money|(?:the |my |all |these |those )*(?:[$]?[\d.,]+k?(?: ?(?:usdt?|dollars))?))(?: now| for me| please| (?:in|into|across|over|among|between|a few|several|some|many|different|the|market|crypto|coins|assets|cryptos|best|top))*$"
)
_WITHIN: Final = re.compile(
    FILLER
    + r"(?:(?:trade|invest|buy something|do a trade|make a trade|act|go)\b(?: (?:for me|on my behalf|by yourself|autonomously|something|now|a bit))* (?:within|inside|under|with|using|up to) (?:it|that|this|(?:my|the|your) (?:\w+ )?(?:mandate|limits?|allowance|rights?))|trade (?:for me|on my behalf|autonomously)|use (?:up )?(?:my|the|your)(?: (?:rest|remainder|remaining amount) of (?:my|the))? (?:mandate|allowance))(?: now| today| please| for (?:me|today))*$"
)
_CANCEL: Final = re.compile(
    START
    + r"(?:(?:cancel|remove|delete|withdraw|call off|revoke|pull|kill|drop|scrap|clear|take|undo|get rid of|wipe|void|nuke|annul|dismiss|recall|ditch|erase|bin|abort)(?: all)?(?: of)?(?: \w{2,12}){0,5} (?:orders?|stops?|stop[ -]loss(?:es)?|take[ -]profits?|targets?)\b(?:(?: out| off| down| away)\b)?(?!.*\b(?:at|to) \d)|(?:all|my|the|those) (?:\w+ ){0,3}(?:orders|stops) (?:cancel|remove|delete) (?:them|those|all)(?: please| now)*$|cancel (?:everything|all|all of (?:it|them))$)"
)
_STOP: Final = re.compile(
    START
    + r"(?:(?:emergency|urgent|urgently|panic|help|alarm)[ ,:]+)*"
    + r"(?:(?:stop(?! (?:on|at|for|of|under|below) )|halt|freeze|kill|shut ?down|shut off|switch off|turn off|abort|block|end|pause|suspend|cease|disable)\b.{0,20}\b(?:everything|all(?: trading| trades| bots?| of it)?|every trade|trading|trades|it all|(?<=freeze )my account|my account(?= now))\b|(?:stop|halt|abort)(?: now| it| immediately| right now)*$|(?:stop |halt )+(?:stop|halt)(?: now| it| everything)*$|(?:emergency|panic)(?: stop| button| now)*$|(?:throw|pull|press|hit|push|smash|activate|trigger|turn on|switch on|use|engage|enable|flip) (?:the |that |my )?(?:kill ?switch|(?:emergency|panic|red|stop|kill)(?: stop| button| switch| brake| cord)|brakes?)|kill ?switch(?: on| now)?$|(?:freeze|lock|halt) my (?:whole )?account\b|shut (?:(?:it|everything|all|trading|that) )+down\b|pull the plug\b|cut the power\b)"
)
_REVOKE: Final = re.compile(
    START
    + r"(?:(?:revoke|end|cancel|stop|withdraw|remove|delete|take back|terminate|drop|take away|get rid of|scrap|kill) (?:all )?(?:of )?(?:my |the |that |this |your )*(?:\w+ )?mandates?\b|(?:turn|switch|put) (?:the |my )?(?:auto ?pilot|autonomous (?:mode|trading)|auto ?trading) off\b|(?:turn|switch) off (?:the )?(?:auto ?pilot|autonomous (?:mode|trading)|auto ?trading)|(?:stop|end|disable|quit|cease) (?:the )?(?:auto ?pilot|autonomous (?:mode|trading)|auto ?trading|(?:trading|acting|buying|selling|deciding) (?:for me|on my behalf|by yourself|on your own|alone|without me|autonomously)))"
)
_REBALANCE: Final = re.compile(
    START
    + r"re-?balance(?: (?:i|hold|own|have|all|of|what|stuff|with|using|my|the|our|whole|entire|portfolio|holdings|account|it|everything|positions|assets|coins|to|into|towards?|as|an?|cautious|conservative|balanced|bold|aggressive|profile|split|allocation|mix|weights|one|again|now|please|for me))*$"
)
_MODE: Final = (
    START
    + r"(?:(?:switch|change|go|set|put|turn|move|enter|activate|enable|use|start|back|return|get)(?: (?:me|back|mode|trading mode|it|this|my|the|account|trading|mode|on|over|to|in|into))* )?(?:the )?"
)
_EMERGENCY_MODE: Final = re.compile(
    _MODE
    + r"emergency mode(?: on| now| please| immediately)*$|"
    + START
    + r"(?:set|change|switch) (?:my |the )?(?:trading )?mode to emergency(?: now| please)*$"
)
_ASK_ME: Final = (
    FILLER
    + r"(?:(?:from now on|always) )*(?:ask me (?:first|before (?:you )?(?:every|each|any|trade|buy|do)\b.*)|let me (?:do (?:it|the trading|everything|this)|trade|decide) (?:by )?(?:myself|alone)(?: from now on)?)(?: please| now)*$|"
)
_MODES: Final = tuple(
    (
        re.compile(
            more
            + rf"^(?:please )?(?:set|change|switch) (?:my |the )?(?:trading )?mode (?:back )?to {mode}$|"
            + _MODE
            + rf"{mode}(?: trading)? mode(?: on| now| please)*$|"
            + START
            + rf"(?:switch|change|go|set|put|turn|move|return|get|be)(?: (?:me|back|mode|it|this|my|the|account|trading|over|to|in|into))* (?:fully |full )?{mode}(?: now| please| again)*$"
        ),
        kind,
    )
    for mode, kind, more in (
        ("manual", Kind.MANUAL_MODE, _ASK_ME),
        ("assisted", Kind.ASSISTED_MODE, ""),
    )
)
_BARE_STOP: Final = re.compile(START + r"(?:stop|halt|abort)(?: now| it| immediately| right now)*$")
ALARM: Final = re.compile(r"\W*(?:panic|emergency|help|urgent|alarm)\W*", re.IGNORECASE)
_ABOUT_TRADING_STOP: Final = re.compile(r"\bstop (?:loss|limit)\b|\bstop (?:order|orders)\b")
_BRAKES: Final = frozenset({Kind.STOP, Kind.REVOKE, Kind.MANUAL_MODE, Kind.EMERGENCY_MODE})
# What a person tells of themselves after a brake; what others said or ask is none of it.
_GOES_ON: Final = re.compile(
    r"^(?:(?:and|because|as|since|please) )*(?:i|we|no|not|enough|everything|all)\b(?!.*\b(?:say|says|said|saying|told|asked?|wonder|read|heard|mean|means|kidding|joke|what|how|why|which|whether|if|unless|later|tomorrow|thought|think|would|should|could|might)\b)"
)
_UNTIL_SAID: Final = re.compile(r" (?:until|till) (?:i|we|further)\b.*$")
_MOST: Final = 4
_LONGEST: Final = 240


_PASSED_ON: Final = re.compile(
    r"^\s*(?:fwd?:|-{2,}\s*forwarded|begin forwarded|>)|\n\s*(?:-{2,}\s*forwarded|begin forwarded|>)|"
    # Marked as a machine's own, which no person writes.
    r"(?:^|\n)\s*(?:</?[a-z][^>\n]*>|(?P<open>[\[(])?(?:system|developer|assistant)(?: \w+)?(?(open)[\])]|\s*:))",
    re.IGNORECASE,
)
_QUOTATION: Final = re.compile(r"“[^”]*(?:”|$)|\"[^\"]*(?:\"|$)|„[^“”]*(?:[“”]|$)|«[^»]*(?:»|$)")
_INNER_ENDS: Final = re.compile(r"[.!?;\n]+")


def cancels_only(message: str) -> Literal["", "stop", "take_profit", "limit"]:
    """Return which orders a message wants cancelled; empty: all kinds."""
    plain = plainly(message).text
    own = [each for each in _SENTENCE.split(plain) if _in_sentence(each) is Kind.CANCEL]
    text = normalise(" ".join(own) or plain).text
    if re.search(r"\b(?:take[ -]?profits?|targets?)\b", text):
        return "take_profit"
    if re.search(r"\bstops?\b|\bstop[ -]?loss(?:es)?\b", text):
        return "stop"
    return "limit" if re.search(r"\blimit\b", text) else ""


def own_words(text: str) -> str:
    """Return a message without what it quotes; nothing of one that was only passed on."""
    return "" if _PASSED_ON.search(text) is not None else _QUOTATION.sub(" ", text)


@lru_cache(maxsize=512)
def requested(original: str) -> Request | None:
    """Return what a message asks to be done now, or None: then nothing is to be done."""
    if _PASSED_ON.search(original) is not None:
        return None
    # What stands in quotation marks is one sentence, however many it holds.
    original = _QUOTATION.sub(lambda found: _INNER_ENDS.sub(",", found.group()), original)
    plain = plainly(original)
    if _HINT.search(plain.text.lower()) is None:
        return None
    braked = _brake(original)
    if braked is not None or not plain.sure:
        return braked
    original = plain.text
    sentences = [each for each in _SENTENCE.split(original.strip()) if each.strip()]
    if len(sentences) > _MOST:
        return None  # somebody's text rather than a request
    for place, sentence in enumerate(sentences):
        if len(sentence) > _LONGEST:
            continue
        if ALARM.fullmatch(sentence) and any(map(_in_sentence, sentences[place + 1 :])):
            continue  # "Panic!! Sell all my BTC" says what is to be done
        found = _in_sentence(sentence)
        if found is not None and not _revoked_by_others(original, sentence, found):
            return Request(found, sentence)
    return None


def _brake(original: str) -> Request | None:
    """Return the brake that the first words of a message pull, whatever is told after a comma.

    "Back to manual, I do it myself from now on": none of that can buy or sell anything.
    """
    first, comma, rest = original.partition(",")
    clause = plainly(first)
    told = normalise(plainly(rest).text).text
    if not comma or not clause.sure or "?" in rest or _GOES_ON.search(told) is None:
        return None
    kind = _in_sentence(clause.text)
    return Request(kind, clause.text) if kind in _BRAKES else None


def asks_beyond(text: str) -> str:
    """Return what a message asks for that no order here can do, as `leverage`."""
    plain = normalise(text).text
    match = _BEYOND.search(plain)
    if match is None and re.search(_BESIDE, plain) and waits_twice(plain):
        return "an order together with its stop loss or its target: one after the other, please"
    if match is None and re.search(r"\b(?:swap|exchange)\b", plain):
        return "a swap in one step: sell first, then buy"
    return match.group() if match is not None else ""


def _in_sentence(sentence: str) -> Kind | None:
    kinds = {_in_part(each) for each in sentence.split(APART)}
    return kinds.pop() if kinds == {Kind.ORDER} or APART not in sentence else None


def _in_part(sentence: str) -> Kind | None:
    asks = sentence.rstrip().endswith("?")
    if _quotes(sentence):
        return None
    plainly, _ = without_extras(without_account(sentence).rest)
    found = waiting(plainly)
    if found is not None:
        # What waits for a price can only be an order, and the rest of it must be plain.
        text = normalise(found.order).text
        is_order = _ORDER.search(text) is not None and _is_meant(Kind.ORDER, text)
        polite = not asks or _POLITELY.search(normalise(sentence).text) is not None
        return Kind.ORDER if is_order and polite and not strange(sentence) else None
    text = normalise(plainly).text
    for pattern, kind in (
        (_EMERGENCY_MODE, Kind.EMERGENCY_MODE),
        *_MODES,
        (_REBALANCE, Kind.REBALANCE),
        (_REVOKE, Kind.REVOKE),
        (_CANCEL, Kind.CANCEL),
        (_STOP, Kind.STOP),
        (_WITHIN, Kind.WITHIN_MANDATE),
        (_LIKE_THAT, Kind.INVEST),
        (_INVEST_ALL, Kind.INVEST),
        (_LIQUIDATE, Kind.LIQUIDATE),
        (_ORDER, Kind.ORDER),
    ):
        match = pattern.search(text)
        if match is None:
            continue
        if asks and _POLITELY.search(text) is None:
            return None
        if kind is Kind.STOP and _BARE_STOP.search(text) and not _is_urgent(sentence, text):
            return None
        unread = kind is Kind.ORDER and strange(sentence)
        return kind if _is_meant(kind, text) and not unread else None
    return None


def _is_meant(kind: Kind, text: str) -> bool:
    if kind is Kind.INVEST:
        # "as you said" is what such a request refers to.
        return (
            re.search(r"\b(not|never|if|unless|when|maybe|perhaps|might|later|tomorrow)\b", text)
            is None
        )
    if kind is Kind.STOP:
        text = _UNTIL_SAID.sub("", text)
    text = text.removeprefix("i mean ")
    if _NOT_NOW.search(text) is not None:
        return False
    if kind is not Kind.ORDER:
        return kind is not Kind.STOP or _ABOUT_TRADING_STOP.search(text) is None
    if re.search(r"\b(?:invest|put)\b", text) and _INVESTED_IN.search(text) is None:
        return False
    if re.search(r"\bmode\b", text) is not None:
        return False  # "exit emergency mode" sells nothing
    swaps = re.search(r"\b(?:swap|exchange|turn)\b", text) and _TO_CASH.search(text) is None
    return not swaps and _BEYOND.search(text) is None and not waits_twice(text)


def _is_urgent(sentence: str, text: str) -> bool:
    # A mere "stop" may mean the answer; it means trading when it is shouted.
    return sentence.strip(" .!").isupper() or "!" in sentence or "now" in text.split()


def _quotes(sentence: str) -> bool:
    """An order in quotation marks is somebody's words, not a request."""
    return re.search(r"[\"“”„«»]|(?<!\w)['‘].*['’](?!\w)", sentence) is not None  # noqa: RUF001 - quotation marks


def _revoked_by_others(original: str, sentence: str, kind: Kind) -> bool:
    """Another sentence takes it back, asks whether, or says that these are others' words."""
    if kind in (
        Kind.STOP,
        Kind.CANCEL,
        Kind.REVOKE,
        Kind.EMERGENCY_MODE,
        Kind.MANUAL_MODE,
        Kind.ASSISTED_MODE,
    ):
        return False
    rest = normalise(original.replace(sentence, " ")).text
    return bool(
        re.search(
            r"\b(just kidding|only kidding|joke|joking|forget it|never ?mind|do not do it|"
            r"said|says|told|wrote|writes|newsletter|forwarded|headline|quote|quoted|example|"
            r"should i|what do you think|what would happen|is that|good idea|not yet|on second thought|"
            r"do not (?:buy|sell|order|trade|do)|wait|hypothetical\w*)\b",
            rest,
        )
    )
