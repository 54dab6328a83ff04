"""Support: answers from the documentation with a link, and guided tutorials step by step."""

# ruff: noqa: E501 - sentences are read whole
import re
from collections.abc import Mapping
from typing import Final

from uchat_ai_core.domain.planner.asks import Ask
from uchat_ai_core.domain.planner.replies import (
    SEARCH_DOCS,
    Call,
    Reply,
    Result,
    failed,
    unavailable,
)
from uchat_ai_core.domain.planner.skill import Question, Skill, rules

_FIT: Final = 2.5
_FITS_WELL: Final = 6.0
_FIRST_PARAGRAPH: Final = 600
TUTORIALS: Final[dict[str, tuple[str, ...]]] = {
    "first paper trade": (
        "First step: See what you have: ask “show my portfolio”. A new account holds paper money, so nothing real is at stake.",
        "Next step: Look at a price: ask “price of BTC”, or “analyse BTC” for more.",
        "Next step: Ask for the trade: write “buy $100 of BTC”. A card appears with price, fee and what it changes; nothing is ordered yet.",
        "Last step: Press Approve on the card, here or on any other interface. It is executed once and the card shows the result; then “how is my BTC doing?” shows your position. That was it.",
    ),
    "link Telegram": (
        "First step: In the web app open Settings and go to Linked interfaces.",
        "Next step: Press “Link Telegram”. It shows a code that works once, and a button that opens the bot.",
        "Last step: Send the bot “/start CODE” with your code. It greets you, and this conversation goes on there; cards appear on both. That was it.",
    ),
    "set a limit": (
        "First step: See what counts now: ask “what are my limits”.",
        "Next step: In the web app open Settings, Risk limits, and enter a smaller amount for one order, or a smaller share for one coin. You may always tighten; loosening needs an operator.",
        "Last step: Save, and confirm that it is you. From then on a plan above it is refused with the reason; try “buy $5000 of BTC” to see it. That was it.",
    ),
}
_BY_WORDS: Final = (
    ("link Telegram", re.compile(r"\btelegram\b|\blink\w*\b")),
    ("set a limit", re.compile(r"\blimits?\b")),
    (
        "first paper trade",
        re.compile(r"\btrades?\b|\btrading\b|\bfirst\b|\bpaper\b|\bbuy\b|\bstart\b"),
    ),
)
_ON: Final = re.compile(
    r"^(?:(?:ok|okay|yes|and|then|now|please|done|great|got it|alright)[ ,]*)*(?:next|next step|continue|go on|done|what now|what next|and now|then|ready|i did|i have it|thanks?)$"
)


def docs_calls(question: Question) -> tuple[Call, ...]:
    """Ask the documentation."""
    return (Call(SEARCH_DOCS, {"question": question.turn.message.text[:300]}),)


def docs_reply(_: Question, results: Mapping[str, Result]) -> Reply:
    """Answer with the section that fits best, its link, and what is near to it."""
    result = results[SEARCH_DOCS]
    if unavailable(result):
        return failed(result, "look into the documentation")
    sections = result["sections"]
    if not sections or float(sections[0]["score"]) < _FIT:
        return Reply(
            "The documentation says nothing that fits this.",
            f"I can guide you through: {', '.join(TUTORIALS)}. Say “tutorial” and which one, or ask “what can you do”.",
        )
    first = sections[0]
    near = ", ".join(f"“{each['title']}”" for each in sections[1:] if float(each["score"]) >= _FIT)
    more = f" Near to it: {near}." if near else ""
    paragraphs = [each for each in first["text"].split("\n\n") if not each.startswith("|")]
    opening = paragraphs[0] if paragraphs else first["title"]
    if len(opening) > _FIRST_PARAGRAPH:
        opening = opening[:_FIRST_PARAGRAPH].rsplit(". ", 1)[0] + "."
    return Reply(opening, f"From {first['link']}.{more}")


_SAFE: Final = Reply(
    "Prices here are simulated and marked as such; your messages are encrypted at rest; and I can "
    "move no money: I only propose, and what you approve is what is executed.",
    "A mandate that you sign beforehand is the one exception, it has an amount a day and an end. Each answer with figures carries its sources with their time. Only you can read your "
    "conversations.",
)


def safety_reply(question: Question, results: Mapping[str, Result]) -> Reply:
    """Answer from the documentation what it plainly tells; else say what holds for everybody."""
    sections = results[SEARCH_DOCS].get("sections") or ()
    told = bool(sections) and float(sections[0]["score"]) >= _FITS_WELL
    return docs_reply(question, results) if told else _SAFE


def tutorial_reply(question: Question, results: Mapping[str, Result]) -> Reply:
    """Give the first step of the tutorial that is asked for, or the step after the last one."""
    del results
    running = _running(question)
    if running is not None and _ON.search(question.plain):
        return _step(*running)
    name = next((name for name, words in _BY_WORDS if words.search(question.plain)), "")
    if name:
        return _step(name, 0)
    return Reply(
        f"I have three tutorials: {', '.join(TUTORIALS)}. Which one do you want?",
        "Say for example “tutorial: first paper trade”.",
    )


def _step(name: str, place: int) -> Reply:
    steps = TUTORIALS[name]
    if place >= len(steps):
        return Reply(
            "That was the last step.",
            f"Other tutorials: {', '.join(each for each in TUTORIALS if each != name)}.",
        )
    then = (
        "Say “next” when it is done."
        if place + 1 < len(steps)
        else "Other tutorials: " + ", ".join(each for each in TUTORIALS if each != name) + "."
    )
    return Reply(steps[place], then, brief=steps[place], more=then)


def _running(question: Question) -> tuple[str, int] | None:
    """The tutorial that the last answer was a step of, and the step that comes next."""
    answers = (each.text for each in reversed(question.turn.history) if each.role == "assistant")
    last = next(answers, "")
    steps = (
        (name, place + 1)
        for name, texts in TUTORIALS.items()
        for place, text in enumerate(texts)
        if text in last
    )
    return next(steps, None)


def goes_on(question: Question) -> bool:
    """Tell whether a message goes on with a tutorial that is under way."""
    return _running(question) is not None and _ON.search(question.plain) is not None


_PRODUCT: Final = r"(?:telegram|cards?|decisions?|approv\w+|limits?|settings?|mandates?|kill ?switch|four[ -]eyes|two people|tutorials?|account|phone|mobile|widget|api|paper (?:money|trade|trading)|password|interface|notifications?|conversation|web app|autopilot|modes?)"
SKILLS: Final = (
    Skill(
        Ask.TUTORIAL,
        rules(
            (
                r"\btutorials?\b|\bwalk me through\b|\bguide me\b|\bstep by step\b|\bshow me how\b|\bteach me (?:how )?to\b",
                0.93,
            ),
            (r"\b(?:my )?first (?:paper )?trade\b(?!.*\b(?:was|did i)\b)", 0.88),
        ),
        tutorial_reply,
    ),
    Skill(
        Ask.DOCS,
        rules(
            (
                rf"^(?!.*\bmy (?:\w+ )?(?:mandates?|mode|account|limits)\b(?!.*\b(?:change|set|revoke|raise|end|work)))(?!.*\b(?:am i|price|worth|will i|i pay)\b).*\b(?:how (?:do|can|does|would|to)|where (?:do|can|is|are)|what (?:do i do|happens)|can (?:i|two|several|more|we)|what is|what are|explain|does this)\b.*\b{_PRODUCT}\b",
                0.88,
            ),
            (
                r"\bwhere (?:do|can) i (?:change|set|find|see)\b.*\b(?:limits?|settings?|mode|mandate)\b",
                0.92,
            ),
            (
                r"\b(?:how|where) (?:do|can|could) i (?:see|find|delete|remove|erase|clear)\b.*\b(?:you (?:remember|know|keep|noted)|your memory|remembered)\b",
                0.95,
            ),
            (r"\bhow (?:do|can) i (?:link|connect|pair|approve|reject|unlink)\b", 0.92),
            (
                r"\bwhat (?:do i do|happens) (?:if|when)\b.*\b(?:order|card|approval|decision|trade)\b.*\b(?:fails?|failed|expires?|expired|refused|rejected)\b",
                0.92,
            ),
            (
                r"\bhow much paper money\b|\bcan i use (?:this|it|you) on\b|\bhow (?:do|are) (?:you|my messages|messages)\b.*\b(?:protect\w*|encrypt\w*|stored)\b",
                0.9,
            ),
        ),
        docs_reply,
        docs_calls,
    ),
    Skill(
        # What a trade of one coin would cost is a preview, and what was paid is in the books.
        Ask.DOCS,
        rules(
            (
                r"^(?!.*\b(?:paid|spent|so far|did i|have i|my|total|eaten?|(?:this|last) (?:week|month|year))\b).*\b(?:fees?|commissions?)\b",
                0.97,
            ),
        ),
        docs_reply,
        docs_calls,
        asset=False,
    ),
    Skill(
        Ask.SAFETY,
        rules(
            (
                r"\b(?:is|are) (?:this|it|that|the money|these) (?:all )?(?:for )?(?:real|fake|play|paper|pretend)(?: money)?\b|\breal money or\b",
                0.95,
            )
        ),
        safety_reply,
        docs_calls,
        asset=False,
    ),
)
