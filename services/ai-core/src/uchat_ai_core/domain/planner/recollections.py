"""Answers on what was said before, each with where and when it was said."""

from datetime import datetime
from typing import Any, Final

from uchat_ai_core.domain.planner import memory
from uchat_ai_core.domain.planner.asks import Ask, Understanding
from uchat_ai_core.domain.planner.memory import Fact
from uchat_ai_core.domain.planner.replies import Reply, Result
from uchat_ai_core.domain.planner.words import listed, moment, place, quoted

_SAYS: Final = {
    memory.NAME: "your name is {value}",
    memory.CAPITAL: "you have {value}",
    memory.HOLDING: "you hold {value}",
    memory.GOAL: "your goal is {value}",
    memory.INTEREST: "you are interested in {value}",
    memory.RISK: "on risk: {value}",
    memory.NOTE: "“{value}”",
    memory.ABOUT: "{value}",
}
_NOTHING_KEPT: Final = Reply(
    "Thank you for telling me. I found nothing in it that I keep.",
    "I keep a name, an amount, a goal, what you are interested in and how much risk you want: say "
    "“my goal is …”, or “remember that …”.",
)
_NOTHING: Final = {
    Ask.RECALL_NAME: ("You have not told me your name in this conversation.", "Say “my name is …”"),
    Ask.RECALL_AMOUNT: (
        "You have not named an amount in this conversation.",
        "Say for example “I have $5000 to invest”",
    ),
    Ask.RECALL_GOAL: ("You have not told me a goal yet.", "Say “my goal is …”"),
    Ask.RECALL_FIRST: ("This is your first message here.", "Tell me anything"),
    Ask.RECALL_LAST: ("This is your first message here.", "Tell me anything"),
    Ask.RECALL_ALL: (
        "You have told me nothing about yourself yet.",
        "Tell me your name, your budget or your goal",
    ),
}


def recall_reply(understood: Understanding, result: Result) -> Reply:
    """Answer a question on what was said, from what the tool found."""
    facts: list[dict[str, Any]] = result["facts"]
    messages: list[dict[str, Any]] = result["messages"]
    if not facts and not messages:
        return _nothing(understood)
    if understood.ask is Ask.RECALL_ALL:
        return _everything(facts, messages)
    if understood.ask is Ask.RECALL_WHERE:
        said = (facts or messages)[0]
        return Reply(f"You said that {_where(said)}: {quoted(said['text'])}.")
    if facts:
        return _facts(facts, messages)
    if understood.ask in (Ask.RECALL_FIRST, Ask.RECALL_LAST):
        return _one(understood.ask, messages[0], begins_later=result.get("begins_later", False))
    return _messages(messages, understood.topic)


def _one(ask: Ask, said: dict[str, Any], *, begins_later: bool) -> Reply:
    if ask is Ask.RECALL_LAST:
        return Reply(f"You said {quoted(said['text'])} {_where(said)}.")
    words = f"{quoted(said['text'])} ({_where(said)})"
    if not begins_later:
        return Reply(f"The first thing you said here was {words}.")
    return Reply(
        f"The earliest of your messages that I still see is {words}; "
        "the conversation may begin before it.",
        "I look through the latest messages of this conversation, over all interfaces.",
    )


def noted(facts: tuple[Fact, ...]) -> str:
    """Return that what a message tells was noted, to stand before an answer."""
    told = listed([fact_in_words(fact.kind, fact.value) for fact in facts])
    return f"Noted: {told}. " if told else ""


def acknowledged(facts: tuple[Fact, ...], interface: str) -> Reply:
    """Answer a message that tells something to be remembered."""
    if not facts:
        return _NOTHING_KEPT
    name = next((fact.value for fact in facts if fact.kind == memory.NAME), "")
    greeting = f"Nice to meet you, {name}. " if name else ""
    return Reply(
        f"{greeting}{noted(facts).strip()}",
        f"You said so {place(interface)}; I will know it on every interface of this conversation. "
        + _next_step(facts),
    )


def _next_step(facts: tuple[Fact, ...]) -> str:
    if any(fact.kind == memory.CAPITAL for fact in facts):
        return "Ask “how should I invest it?” and I show how it could be spread."
    if any(fact.kind == memory.HOLDING for fact in facts):
        return "That is from your words; for what your account here holds ask “show my portfolio”."
    return "Ask “what do you know about me?” to see all of it."


def _facts(facts: list[dict[str, Any]], messages: list[dict[str, Any]]) -> Reply:
    first = facts[0]
    summary = f"You said {_that(first)} ({_where(first)})."
    lines = [f"Your words: {quoted(first['text'])}."]
    if len(facts) > 1:
        others = [
            f"{fact_in_words(fact['kind'], fact['value'])} ({_where(fact)})" for fact in facts[1:]
        ]
        differ = {fact["value"] for fact in facts[1:] if fact["kind"] == first["kind"]} - {
            first["value"]
        }
        lead = "Earlier you said otherwise" if differ else "You also said"
        lines.append(f"{lead}: {'; '.join(others)}.")
    if messages:
        quotes = [f"{quoted(said['text'])} ({_where(said)})" for said in messages]
        lines.append(f"On the same subject: {'; '.join(quotes)}.")
    return Reply(summary, " ".join(lines))


def _messages(messages: list[dict[str, Any]], topic: str) -> Reply:
    first = messages[0]
    named = topic and topic.removeprefix("the ") not in place(first["interface"]).lower()
    about = f" about {_turned(topic)}" if named else ""
    summary = f"You said{about}: {quoted(first['text'])} ({_where(first)})."
    rest = [f"{quoted(said['text'])} ({_where(said)})" for said in messages[1:]]
    return Reply(summary, f"Also: {'; '.join(rest)}." if rest else "")


def _everything(facts: list[dict[str, Any]], messages: list[dict[str, Any]]) -> Reply:
    if not facts:
        said = [f"{quoted(each['text'])} ({_where(each)})" for each in messages]
        return Reply(
            "You have told me nothing about yourself that I would keep as a fact.",
            f"Your latest messages: {'; '.join(said)}.",
        )
    summary = f"You told me: {'; '.join(fact_in_words(f['kind'], f['value']) for f in facts)}."
    detail = "; ".join(f"{quoted(fact['text'])} ({_where(fact)})" for fact in facts)
    return Reply(summary, f"In your words: {detail}.")


def _nothing(understood: Understanding) -> Reply:
    if understood.ask in _NOTHING:
        summary, way = _NOTHING[understood.ask]
        return Reply(summary, f"{way}, on any interface, and I will remember it here.")
    about = f" about {_turned(understood.topic)}" if understood.topic else " like that"
    return Reply(
        f"I find nothing{about} in what you said in this conversation.",
        "I look through the latest messages of this conversation, over all interfaces.",
    )


def _that(fact: dict[str, Any]) -> str:
    said = fact_in_words(fact["kind"], fact["value"])
    return said if fact["kind"] in (memory.NOTE, memory.RISK, memory.ABOUT) else f"that {said}"


def fact_in_words(kind: str, value: str) -> str:
    """Return a fact as a part of a sentence to the person who told it."""
    return _SAYS.get(kind, "{value}").format(value=value)


def _where(said: dict[str, Any]) -> str:
    return f"{place(said['interface'])}, {moment(datetime.fromisoformat(said['at']))}"


def _turned(topic: str) -> str:
    words = {"my": "your", "i": "you", "me": "you", "am": "are", "mine": "yours"}
    return " ".join(words.get(word, word) for word in topic.split())
