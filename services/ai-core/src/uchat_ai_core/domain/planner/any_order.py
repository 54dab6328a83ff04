"""Orders in whatever words and order of words: the side, the size and the asset, and nothing else.

"I'd like to toss 60 bucks at doge", "eth for 50 dollars please buy", "get rid of my sol" are said
anew as the order grammar knows them. Each word has to be one of these lists: a word more, as "not",
"maybe" or "he", and the sentence stays what it is, so that no talk becomes an order.
"""

# ruff: noqa: E501 - a pattern or a list of words is read as one line
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

from uchat_ai_core.domain.planner.account_slot import on, without_account
from uchat_ai_core.domain.planner.amounts import Amount, find_amounts
from uchat_ai_core.domain.planner.normalise import edit_distance, normalise
from uchat_ai_core.domain.planner.symbols import ALIASES, find_symbols


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PHRASES: Final = tuple(
    (re.compile(rf"\b(?:{pattern})\b"), word)
    for pattern, word in (
        (r"pick(?: me)? up|scoop up|snap up|stock up on|load up on", "purchase"),
        (
            r"get (?:rid|shot) of|(?:get(?: me)? |go |want(?: to get)? )out of|cash(?: me)? out(?: of)?|get(?: me)? out of|close out|sell off",
            "offload",
        ),
        (r"(?:go|going) all in (?:on|into|with)", "place all cash into"),
        (r"would like|would love|will|want you", "want"),
        (r"(?:it |that |this )?(?:looks|sounds|seems) (?:good|great|fine|nice|right)", "good"),
        (
            r"be so (?:kind|good)(?: as)?(?: to)?|go ahead and|right (?:now|away)|thank you",
            "please",
        ),
        (r"could i|can i|may i", "want"),
    )
)
_BUYS: Final = _words("buy purchase acquire snag grab fetch scoop snap invest")
_TAKES: Final = _words("get take want need have like love give gimme")
_PLACES: Final = _words(
    "put place throw toss drop chuck stick ape pour sink shove lob slam plow yolo stash dump invest "
    "spend use blow allocate park move whack smack bung pop plonk slap bang"
)
_INTO: Final = _words("in into on onto at to towards for buy get")
_SELLS: Final = _words("sell dump unload shed")
_CLOSES: Final = _words("offload ditch flog close exit liquidate unwind")
_CASH: Final = _words("cash money usdt usd balance dollars funds")
_VAGUE: Final = _words("some bit little few part")
_EMPTY: Final = _words(
    """
    please thx thanks ty ok okay now immediately then so just hey hi hello um uh well yeah yes sure
    alright cool great good nice for me my the a an of in into on onto at to towards from with worth i
    kindly could can would you us let today quickly quick asap straight position holdings holding
    stake coins coin units tokens more another extra additional again about around roughly up and
    approximately market it actually really simply possibly basically yo dude mate man bro buddy
    friend dear sir there morning hiya back thing fine instead then behalf anyway
    """
)
_PORTION: Final = re.compile(
    r"\b(?P<part>half|(?:a|one) (?:third|quarter|fifth|tenth)|two thirds|three quarters|"
    r"\d{1,3}(?:\.\d+)? ?(?:%|percent)|all|whole|entire|every (?:last )?bit)\b(?: of)?"
)
_WHOLE: Final = re.compile(r"all|whole|entire|every.*")
_TAIL: Final = re.compile(
    r"[ ,]+(?=(?:if|when|once|as soon as|at|@|limit|below|above|under|over|for no (?:more|less))\b.*\d)",
    re.IGNORECASE,
)
_CONDITION_FIRST: Final = re.compile(
    r"^\s*(?:if|when|once|as soon as)\s+(?:\S+\s+){1,6}?[$]?\d[\d,]*(?:\.\d+)?k?\b,?\s+(?:then\s+)?(?=[a-z])(?!or\b|and\b|usdt?\b|dollars?\b|percent\b)",
    re.IGNORECASE,
)
_POLITE: Final = re.compile(r"^\W*(?:\w+\W+){0,4}?(?:can|could|would|will) you\b", re.IGNORECASE)
_WOULD_YOU: Final = re.compile(r"\bwould you\b(?! (?:be|please|kindly))", re.IGNORECASE)
_SLIPS: Final = _words("by bye bay bu byu uby cell")
_NO_SLIPS: Final = _words("but bus guy buys bought sold tell bell sells")
_VERBS: Final = ("buy", "sell", "purchase", "offload", "acquire", "invest")
# "My bonus came in, so please …": what is told of oneself asks for nothing and takes nothing back.
_JOINTS: Final = re.compile(
    r"(?:\s*[,;:]\s*|\s+(?=(?:so|and|but)\b))(?:and |but )?(?:so |now |today |then )*"
    r"(?=(?:please|kindly|get me|let us|let's|i want|i would like|i'd like|i'll take|can you|could you)\b)|"
    r"\s+(?:so|but now|and now|so now),? (?:please )?(?=\w)",
    re.IGNORECASE,
)
_BARE: Final = re.compile(r"(?<![\w.,$€£%])\d[\d,]*(?:\.\d+)?(?![\w.,%]| ?(?:%|percent))")
_MOODS: Final = re.compile(
    r"^\s*(?:(?:i )?need (?:the |some |my )?(?:cash|money)|pay ?day|new month|new plan|change of (?:mood|mind|plans?)|swap of mood)\s*[,:]\s*",
    re.IGNORECASE,
)
_TELLS: Final = re.compile(
    r"^(?:(?:so|well|hey|hi|hello|ok|okay|long story short|anyway|yesterday|today|last \w+) )*"
    r"(?:(?:i|we) |(?:my|our) (?:\w+ ){1,3}(?:came|come|arrived|landed|cleared|got paid|hit|is in|is here|went through)\b)|"
    r"^long story short$"
)
_NOT_TOLD: Final = re.compile(
    r"\d|\b(?:not|no|never|if|unless|when\w*|whether|would|should|could|might|may|maybe|perhaps|wish\w*|hope\w*|think\w*|"
    r"thought|told|tells?|says?|said|ask\w*|wr[io]te\w*|written|read\w*|hear\w*|heard|see\w*|saw|seen|keeps?|kept|got an?|dream\w*|"
    r"imagin\w*|suppos\w*|pretend\w*|jok\w*|kidding|example|quot\w*|tomorrow|later|next|after|until|till|once|every|daily|almost|"
    r"nearly|about to|going to|was going|wanted|tempted|regret\w*|mean\w*|meant|buy|sell|doubt\w*|afraid|scared|"
    r"stop\w*|cancel\w*|wait\w*|unsure|wonder\w*|guess\w*|bet|feel\w*|messages?|e?mails?|letters?|newsletters?|posts?|ads?|tips?|signals?|why|how|what|who|which)\b"
)
_LONGEST: Final = 160
_MOST: Final = 3
_AND: Final = re.compile(r"\s*(?:,|\band\b)\s*(?=[$€£]?\d)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What an order consists of; `words` are those that are neither size nor asset."""

    symbol: str
    amount: Amount | None
    portion: str
    words: frozenset[str]


def plain_order(sentence: str) -> str | None:
    """Return a sentence that orders something as `buy …` or `sell …`; None if it may not."""
    return (
        _several(sentence)
        or _single(sentence)
        or _after_condition(sentence)
        or _after_telling(sentence)
    )


def _after_condition(sentence: str) -> str | None:
    """Say anew the order behind its condition: "if BTC hits 45000, grab me $300 worth"."""
    first = _CONDITION_FIRST.search(sentence)
    rest = sentence[first.end() :].strip(" .!") if first is not None else ""
    if first is None or re.match(r"(?:i|we)\b(?! (?:want|need)\b)", rest, re.IGNORECASE):
        return None  # "when BTC hits 50k I will buy" tells of a plan
    coin, named = (
        find_symbols(normalise(each), price_asked=True).symbols for each in (first.group(), rest)
    )
    said = _single(rest if named or len(coin) != 1 else f"{rest} of {coin[0]}")
    return f"{said} {first.group().strip(' ,')}" if said is not None else None


def _after_telling(sentence: str) -> str | None:
    """Say anew the order that follows what its writer told of themselves."""
    mood = _MOODS.search(sentence)
    if mood is not None:
        return _single(sentence[mood.end() :]) or sentence[mood.end() :]
    for joint in _JOINTS.finditer(sentence):
        head = normalise(sentence[: joint.start()]).text
        if _TELLS.search(head) is not None and _NOT_TOLD.search(head) is None:
            return _single(sentence[joint.end() :])
    return None


def _single(sentence: str) -> str | None:
    if len(sentence) > _LONGEST or re.search(r"[\"“”„«»]", sentence):
        return None
    asks = sentence.rstrip().endswith("?")
    polite = _POLITE.search(sentence) is not None
    if asks and not polite:
        return None
    place = without_account(sentence)
    if place.flaw:
        return None
    sentence = place.rest
    tail = _TAIL.search(sentence)
    head, rest = (
        (sentence[: tail.start()], sentence[tail.start() :]) if tail is not None else (sentence, "")
    )
    parts = _parts(head)
    said = _said(parts) if parts is not None else None
    if said is None:
        return None
    if rest and _WOULD_YOU.search(head):
        return None  # what one would do is asked, not to do it
    end = rest or ("?" if asks else "")
    return f"{'could you ' if polite else ''}{said}{on(place.account)}{end}"


def _several(sentence: str) -> str:
    """Say anew each of several purchases of one verb: "get $20 of BTC and $10 of ETH"."""
    first, *others = _AND.split(sentence.strip(" .!"))
    said = _single(first) if 1 <= len(others) <= _MOST else None
    if said is None or not said.startswith("buy "):
        return ""
    more = [_single(f"get {each}") for each in others]
    return " and ".join([said, *filter(None, more)]) if all(more) else ""


def _parts(head: str) -> _Parts | None:
    amounts = find_amounts(head)
    symbols = find_symbols(normalise(head), price_asked=True)
    named = {*symbols.symbols, *symbols.unlisted}
    if len(amounts) > 1 or len(named) != 1:
        return None
    amount = amounts[0] if amounts else None
    text = head
    if amount is not None:
        text = text.replace(amount.written, " ", 1)
    plain = normalise(text).text
    (symbol,) = named
    plain = _names(symbol).sub(" ", plain)
    for guessed in symbols.guessed:
        plain = plain.replace(guessed, " ")
    for pattern, word in _PHRASES:
        plain = pattern.sub(word, plain)
    if amount is None:
        amount, plain = _placed(plain)
    portions = list(_PORTION.finditer(plain))
    if len(portions) + len(amounts) > 1:
        return None
    portion = portions[0].group("part") if portions else ""
    return _Parts(symbol, amount, portion, frozenset(_PORTION.sub(" ", plain).split()))


def _placed(plain: str) -> tuple[Amount | None, str]:
    """Read a bare number as dollars where it is put into something: nobody puts coins into one."""
    bare = _BARE.findall(plain)
    words = frozenset(plain.split())
    if len(bare) != 1 or not words & _PLACES or not words & _INTO or words & (_BUYS | _SELLS):
        return None, plain
    if "spend" in words:
        return None, plain  # which currency is asked then
    return Amount(Decimal(bare[0].replace(",", "")), "USD", f"${bare[0]}"), _BARE.sub(" ", plain, 1)


@lru_cache(maxsize=64)
def _names(symbol: str) -> re.Pattern[str]:
    names = [re.escape(name) for name, each in ALIASES.items() if each == symbol]
    longest_first = sorted([*names, re.escape(symbol.lower())], key=len, reverse=True)
    return re.compile(rf"\$?\b(?:{'|'.join(longest_first)})\b")


def _said(parts: _Parts) -> str | None:
    words = parts.words
    known = _BUYS | _TAKES | _PLACES | _SELLS | _CLOSES | _CASH | _VAGUE | _EMPTY
    sized = parts.amount is not None or bool(parts.portion)
    unknown = words - known
    slip = next((verb for word in unknown if (verb := _meant(word))), "") if sized else ""
    if len(unknown) > (1 if slip else 0):
        return None
    if slip:
        words = words - unknown | {slip}
    sells = bool(words & (_SELLS | _CLOSES)) and not (words & {"dump"} and "into" in words)
    buys = bool(words & _BUYS) or (bool(words & _PLACES) and bool(words & _INTO))
    if sells:
        return None if words & _BUYS else _sale(parts, words)
    if buys or _wants(parts, words):
        return _purchase(parts, words)
    return None


def _meant(word: str) -> str:
    """The verb that a word is a slip of the finger for, where an order's size and asset follow."""
    if word in _SLIPS:
        return "sell" if word[0] == "c" else "buy"
    if word in _NO_SLIPS:
        return ""
    near = (verb for verb in _VERBS if verb[0] == word[0] and len(word) > len("by"))
    return next((verb for verb in near if edit_distance(word, verb, 1) <= 1), "")


def _wants(parts: _Parts, words: frozenset[str]) -> bool:
    vague = bool(words & _VAGUE)
    if "have" in words and "want" not in words:
        return False
    if parts.amount is not None and parts.amount.is_money and not words - _EMPTY - {"into", "on"}:
        return bool(words & {"into", "on"})  # "1k into eth"
    sized = parts.amount is not None or vague
    return sized and bool(words & _TAKES) and ("i" not in words or bool(words & {"want", "need"}))


def _sale(parts: _Parts, words: frozenset[str]) -> str | None:
    amount, symbol = parts.amount, parts.symbol
    if words & _CASH:
        return None
    if parts.portion:
        part = "all" if _WHOLE.fullmatch(parts.portion) else parts.portion
        return f"sell {part} of my {symbol}"
    if amount is not None:
        return f"sell {amount.written} of {symbol}" if amount.is_money else _counted("sell", amount)
    if words & _VAGUE:
        return f"sell some of my {symbol}"
    return f"sell all of my {symbol}" if words & _CLOSES or "my" in words else f"sell {symbol}"


def _purchase(parts: _Parts, words: frozenset[str]) -> str | None:
    amount, symbol = parts.amount, parts.symbol
    if "i" in words and not words & {"want", "need", "let", "like", "love"}:
        return None  # "I put $50 into BTC" tells of what was done
    if bool(parts.portion) != bool(words & _CASH):
        return None
    if parts.portion:
        part = "all" if _WHOLE.fullmatch(parts.portion) else parts.portion
        return f"buy {symbol} with {part} of my cash"
    if amount is None:
        return f"buy some {symbol}" if words & (_BUYS | _VAGUE) else None
    if amount.is_money:
        return f"buy {amount.written} of {symbol}"
    strong = words & (_BUYS | _TAKES)
    return _counted("buy", amount) if strong else None


def _counted(side: str, amount: Amount) -> str:
    return f"{side} {amount.value:f} {amount.unit}"


_SENTENCES: Final = re.compile(r"(?<=[.!?;])\s+|\n+")


def in_each_sentence(text: str, change: Callable[[str], str | None]) -> str:
    """Return a text with each sentence changed that can be."""

    def pieces() -> Iterator[str]:
        start = 0
        for end in (*(match for match in _SENTENCES.finditer(text)), None):
            stop = end.start() if end is not None else len(text)
            sentence = text[start:stop]
            yield change(sentence) or sentence
            if end is not None:
                yield end.group()
                start = end.end()

    return "".join(pieces())
