"""What a person told about themselves: facts, each with the message that it is from."""

# ruff: noqa: E501 - a pattern is read as one line
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from uchat_ai_core.domain.planner.amounts import Amount, find_amounts
from uchat_ai_core.domain.planner.lexicon import NO_NAMES
from uchat_ai_core.domain.planner.normalise import Phrase, normalise, plain_quotes
from uchat_ai_core.domain.planner.plain import plainly
from uchat_ai_core.domain.turn import FORWARDED, Said

NAME: Final = "name"
CAPITAL: Final = "amount"
HOLDING: Final = "holding"
GOAL: Final = "goal"
INTEREST: Final = "interest"
RISK: Final = "risk"
NOTE: Final = "note"
ABOUT: Final = "about"

_QUESTION: Final = re.compile(
    r"^(what|who|how|where|when|which|why|do|does|did|can|could|would|should|is|are|am|will|have you|"
    r"has|remind|tell me|show)\b"
)
_NAME: Final = re.compile(
    r"\b(?:my name\s*(?:is|'s)|(?:please )?call me|i am called|i'm called|this is)\s+"
    r"(?P<name>[^\W\d_][\w'-]*(?:\s+(?-i:[A-Z][a-z-]+)){0,2})",
    re.IGNORECASE,
)
_I_AM: Final = re.compile(r"\b(?:[Ii]'?m|[Ii] am)\s+(?P<name>[A-Z][a-zà-ÿ'-]+)\s*(?:[.,!]|$)")
_MONEY_VERB: Final = re.compile(
    r"\b(i|we|my|me)\b.*\b(have|got|own|hold|invest|investing|put|budget|saved|save|capital|spend|spare|"
    r"set aside|start with|starting with|deposit|inherited|earn|make|salary|worth)\b|"
    r"^(i )?(have|got)\b|\b(budget|capital)\b|\bto invest\b"
)
_BARE: Final = re.compile(
    r"\b(?:budget|capital|invest|to spend|have|got)\b[^\d.,!?]{0,20}?(?P<number>\d[\d,]*(?:\.\d+)?)\s?(?P<scale>k|m|thousand|million)?\b(?! ?(?:years?|months?|days?|weeks?|coins?|questions?|%|kids?|children))",
    re.IGNORECASE,
)
_BARE_MONEY: Final = 7  # words: "I have 5k", "I've got $500"
_TO_INVEST: Final = re.compile(
    r"invest|\b(?:put|spend|use)\b.{0,20}\b(?:in|into|on|for) (?:some )?(?:crypto|coins|trading)|\bto (?:trade|start) (?:with|in)?|\bin crypto\b|\bdo with (?:it|that|this|them)\b"
)
_BUDGET: Final = re.compile(r"\b(budget|capital|invest|investing|spend|money|cash)\b")
_HOLD_VERB: Final = re.compile(r"\bi (\w+ )?(have|own|hold|got|bought|possess|keep)\b")
_GOAL: Final = re.compile(
    r"\b(?:my (?:\w+ )?(?:goal|aim|plan|objective|target)s? (?:is|are) (?:to )?|"
    r"i am (?:saving|investing)(?: up)? (?:for|to) |i (?:want|would like|hope|plan|aim|intend) to "
    r"(?=(?:save|retire|grow|double|buy a|buy an|earn|become|reach|make|build|invest|protect|have) ?)|"
    r"i want (?=(?:a )?(?:passive|steady|stable|long)))(?P<goal>.{3,120})"
)
_INTEREST: Final = re.compile(
    r"\b(?:i am (?:very |really |mostly |most |mainly |also )?(?:interested in|into|a fan of|curious about)|"
    r"i (?:really |also |mostly )?(?:like|love|prefer|follow|believe in)|my favou?rite (?:\w+ )?(?:is|are))"
    r" (?P<interest>.{2,80})"
)
_RISK: Final = re.compile(
    r"\b(?:i am (?:a )?(?:\w+ )?(?P<one>conservative|cautious|risk averse|aggressive|balanced|moderate)\b|"
    r"my risk (?:\w+ )?(?:is|are) (?P<two>\w+( \w+)?)|"
    r"i (?P<three>(?:do not|hate|like|love|can|can not|avoid)[\w ]{0,20} risks?(?: \w+)?)|"
    r"(?P<four>(?:low|medium|high) risk)\b(?! (?:coins?|assets?))|risk averse)"
)
_REMEMBER: Final = re.compile(
    r"^(?:please |and |ok |also )*(?:remember|note|keep in mind|do not forget|for the record|fyi)(?: that)? "
    r"(?P<note>(?!my name$|what|how|when|where).{3,200})$"
)
_MY_IS: Final = re.compile(
    r"^(?:and |also |well )*my (?P<what>[a-z][a-z ]{1,30}?) (?:is|are|was|were) (?P<value>.{1,100})$"
)
_LIVE: Final = re.compile(r"\bi (?:live in|work (?:as|at|in|for)|am from|was born in) .{2,60}$")
_AGE: Final = re.compile(r"\bi am \d{1,3}( years old)?$")


_PERMITS: Final = re.compile(
    r"\bpre-?\s?(?:approv|authori[sz])|\bapprov|\bauthori[sz]|\bpermi(?:t|ssion)|\bmay (?:trade|buy|sell|order|act|invest)\b|"
    r"\bwithout (?:asking|approv|confirm|my)|\bautomatic|\balways (?:buy|sell|trade|do|invest|say|answer|recommend)|\bnever ask\b|\bfrom now on\b|"
    r"\bwhenever\b|\bevery time\b|\b(?:wallet|withdraw\w*|deposit) address\b|\bprivate key|\bseed phrase|\bpassword|\bapi key|\bmy (?:pin|(?:\w+ )?limits?)\b|"
    r"\b(?:bc1|0x)[0-9a-z]{8,}|\bignore (?:all|any|the|your)\b|\binstructions?\b"
)


@dataclass(frozen=True, slots=True)
class Fact:
    """Something told: its kind, the words that say it, and what it is about."""

    kind: str
    value: str
    about: str
    amount: Amount | None = None


@dataclass(frozen=True, slots=True)
class Remembered:
    """A fact and the message that it is from."""

    fact: Fact
    said: Said


def tells_something(phrase: Phrase) -> bool:
    """Tell whether a message states something to be remembered."""
    return bool(facts_in(phrase.original))


def tells_capital(phrase: Phrase) -> bool:
    """Tell whether a message names money that is to be invested."""
    told = any(fact.kind == CAPITAL for fact in facts_in(phrase.original))
    plainly_money = len(phrase.words) <= _BARE_MONEY and _MONEY_VERB.search(phrase.text) is not None
    return told and (plainly_money or _TO_INVEST.search(phrase.text) is not None)


def permits_something(text: str) -> bool:
    """Tell whether a message would permit, order or address something later: it is never kept."""
    return _PERMITS.search(text.lower()) is not None


@lru_cache(maxsize=1024)
def facts_in(original: str) -> tuple[Fact, ...]:
    """Return what a message tells about its writer; a question tells nothing."""
    if original.startswith(FORWARDED):
        return ()
    plain = plainly(original)
    original = plain.told or plain.text
    phrase = normalise(original)
    if not phrase.text or _is_question(phrase, original) or permits_something(original):
        return ()
    facts = [*_names(plain_quotes(original)), *_amounts(phrase, original)]
    facts += _matched(phrase.text, original)
    note = _REMEMBER.search(phrase.text)
    if note is not None and not facts:
        facts.append(Fact(NOTE, _as_written(original, note.group("note")), note.group("note")))
    if not facts and (_LIVE.search(phrase.text) or _AGE.search(phrase.text)):
        facts.append(Fact(ABOUT, original.strip(" ."), phrase.text))
    return tuple(facts)


def _is_question(phrase: Phrase, original: str) -> bool:
    return original.rstrip().endswith("?") or _QUESTION.search(phrase.text) is not None


def _names(original: str) -> list[Fact]:
    match = _NAME.search(original) or (
        _I_AM.search(original) if len(original.split()) <= 6 else None  # noqa: PLR2004 - "Hi, I'm Ada"
    )
    if match is None:
        return []
    name = match.group("name")
    first = name.split()[0].lower()
    if first in NO_NAMES or (
        first.islower() and "this is" in match.group().lower() and name.islower()
    ):
        return []
    shown = name if name != name.lower() else name.title()
    return [Fact(NAME, shown, "name")]


def _amounts(phrase: Phrase, original: str) -> list[Fact]:
    facts: list[Fact] = []
    for amount in find_amounts(original):
        if amount.is_money and _MONEY_VERB.search(phrase.text):
            facts.append(
                Fact(CAPITAL, amount.written, "money amount budget capital invest", amount)
            )
        elif not amount.is_money and _HOLD_VERB.search(phrase.text):
            facts.append(Fact(HOLDING, amount.written, f"holding {amount.unit}", amount))
    bare = None if facts else _BARE.search(original)
    if bare is not None and _BUDGET.search(phrase.text):
        written = original[bare.start("number") : bare.end()].strip()
        # Who names no currency is understood to mean US dollars, as everything here is priced.
        named = find_amounts(f"${written}")
        amount = named[0] if named else None
        facts.append(Fact(CAPITAL, written, "money amount budget capital invest", amount))
    return facts


def _matched(text: str, original: str) -> list[Fact]:
    facts: list[Fact] = []
    goal = _GOAL.search(text)
    if goal is not None:
        facts.append(
            Fact(GOAL, _as_written(original, goal.group("goal")), "goal " + goal.group("goal"))
        )
    interest = _INTEREST.search(text)
    if interest is not None and "risk" not in interest.group("interest"):
        value = interest.group("interest").strip()
        facts.append(
            Fact(INTEREST, _as_written(original, value), f"interested in favourite {value}")
        )
    risk = _RISK.search(text)
    if risk is not None:
        value = next((group for group in risk.groups() if group), risk.group()).strip()
        facts.append(Fact(RISK, value, f"risk tolerance {value}"))
    mine = _MY_IS.search(text)
    if mine is not None and not facts and mine.group("what") != "name":
        what, value = mine.group("what"), _as_written(original, mine.group("value"))
        facts.append(Fact(ABOUT, f"your {what} is {value}", f"{what} {value}"))
    return facts


def _as_written(original: str, plain: str) -> str:
    """The words of the plain form as the person typed them."""
    words = plain.split()
    pattern = r"\W+".join(re.escape(word) for word in words)
    match = re.search(pattern, plain_quotes(original), re.IGNORECASE) if words else None
    return match.group() if match is not None else plain.strip()
